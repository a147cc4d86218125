// The objects of the API and the parameters of its queries.
#include <array>

#include "rest/openapi.h"

namespace pacs::rest {
namespace {

#define UPLOAD_STATUS "METADATA_UPLOADED|BINARY_UPLOADED|ACK_RECEIVED|FAILED"
#define STORED_IMAGE                                                                           \
  "id:integer image_uid:uid image_uuid:uuid? study_uid:uid series_uid:uid "                    \
  "radiology_order_id:integer? radiology_request_id:integer? filename:string file_key:string " \
  "file_size:integer mime_type:string checksum:sha256 image_metadata:object "                  \
  "instance_number:integer? uploaded_by_name:string uploaded_at:time validated_at:time"
#define ANNOUNCEMENT                                                                      \
  "image_uuid:uuid filename:string* file_size:integer mime_type:string* checksum:sha256 " \
  "image_metadata:ImageMetadata?*"
#define TOKEN                                                                       \
  "id:integer kind:token|share_link name:string roles:[string] study:integer? "     \
  "status:valid|revoked|expired created_at:time expires_at:time? revoked_at:time? " \
  "last_used_at:time?"
#define TRASHED_STUDY                                                                \
  "id:integer study_uid:uid patient_id:string patient_name:string study_date:date? " \
  "study_description:string series_count:integer image_count:integer "               \
  "size_bytes:integer removed_at:time purge_at:time is_held:boolean"
#define SERIES                                                                    \
  "id:integer? series_uid:uid? series_number:integer? series_description:string " \
  "description:string modality:string body_part:string image_count:integer "      \
  "images:[Image|PendingImage]"

constexpr auto kSchemas = std::to_array<SchemaDocument>({
    {"Problem", "An error (RFC 9457); `code` is stable, `detail` is for people",
     "type:string title:string status:integer detail:string code:string request_id:string"},
    {"ImageMetadata",
     "What is known of an image before its bytes; a DICOM data set's own attributes win",
     "study_uid:uid?* series_uid:uid?* image_uid:uid?* modality:string?* patient_name:string?* "
     "patient_id:string?* study_date:date?* study_description:string?* "
     "series_description:string?* series_number:integer?* instance_number:integer?* "
     "body_part:string?*"},
    {"Announcement", "An image, its order and its SHA-256",
     ANNOUNCEMENT " radiology_order_id:order?* radiology_request_id:order?*"},
    {"SessionAnnouncement", "An image of a session; the order is the session's",
     ANNOUNCEMENT " sequence_number:integer?*"},
    {"BinaryForm", "The fields stand before the file", "image_uuid:uuid* file:file"},
    {"ImageForm", "The fields stand before the file",
     "radiology_order_id:order* radiology_request_id:order* image_uuid:uuid* filename:string* "
     "checksum:sha256* file_size:integer* image_metadata:string* file:file"},
    {"Acknowledgement", "Which image", "image_uuid:uuid"},
    {"Upload", "An image that was announced, and how far it came",
     "id:integer image_uuid:uuid radiology_order_id:integer? radiology_request_id:integer? "
     "filename:string file_size:integer mime_type:string checksum:sha256 image_metadata:object "
     "session:integer? sequence_number:integer? status:" UPLOAD_STATUS
     " retry_count:integer failure_reason:string error_code:string image_id:integer? "
     "created_at:time metadata_uploaded_at:time binary_uploaded_at:time? ack_received_at:time? "
     "receipt:Receipt?"},
    {"Receipt", "Proof that the archive holds the bytes; signed with Ed25519",
     "image_uuid:uuid image_uid:uid sha256:sha256 file_size:integer file_key:string "
     "archive_id:string stored_at:time key_id:string signature:string"},
    {"StoredImage", "An image as who has just stored it is told", STORED_IMAGE},
    {"ImageReceipt", "A stored image with its receipt", STORED_IMAGE " receipt:Receipt"},
    {"ResumableUpload", "An upload in pieces, and the image that it has become",
     "id:string status:UPLOADING|STORED|FAILED offset:integer length:integer image_uuid:uuid? "
     "error_code:string failure_reason:string created_at:time expires_at:time image:StoredImage? "
     "receipt:Receipt?"},
    {"UploadAbilities", "What the server knows of the tus protocol",
     "version:string extensions:string checksum_algorithms:string max_size:integer"},
    {"ImportRecord", "What another application's export says of an image",
     "file_key:string* id:integer?* study_id:integer?* series_id:integer?* image_uuid:uuid?* "
     "radiology_order_id:order?* radiology_request_id:order?* filename:string?* "
     "checksum:sha256?* file_size:integer?* uploaded_by_name:string?* "
     "image_metadata:ImageMetadata?*"},
    {"ImportForm", "`record` is the JSON text of an ImportRecord", "record:string* file:file"},
    {"ImportedImage", "A stored image with the ids of its series and study",
     STORED_IMAGE " study_id:integer series_id:integer outcome:stored|existed"},
    {"SessionRequest", "An exam on a device",
     "session_uuid:uuid radiology_order_id:order?* radiology_request_id:order?* "
     "device_id:string?* device_info:object?* total_images:integer?*"},
    {"Session", "The images of one exam from one device",
     "id:integer session_uuid:uuid radiology_order_id:integer? radiology_request_id:integer? "
     "device_id:string device_info:object status:QUEUED|UPLOADING|SYNCED|PARTIAL|FAILED "
     "total_images:integer images_uploaded:integer images_failed:integer "
     "progress_percentage:number is_complete:boolean error_message:string created_at:time "
     "started_at:time? completed_at:time? created_by_name:string upload_items:[UploadItem]"},
    {"UploadItem", "An image of a session",
     "id:integer sequence_number:integer? upload_status:" UPLOAD_STATUS
     " error_message:string metadata_uuid:uuid metadata_status:" UPLOAD_STATUS
     " server_image_id:integer? created_at:time updated_at:time metadata_uploaded_at:time "
     "binary_uploaded_at:time? ack_received_at:time?"},
    {"SessionUpload", "An announced image of a session", "metadata:Upload upload_item:UploadItem"},
    {"SessionImage", "A stored image of a session", "detail:string image:StoredImage"},
    {"SessionReceipt", "The receipt of an image of a session", "detail:string receipt:Receipt"},
    {"UploadEntry", "An upload as the status page shows it",
     "session_id:uuid radiology_order_id:integer? radiology_request_id:integer? file_name:string "
     "file_size:integer content_type:string status:" UPLOAD_STATUS
     " status_display:string bytes_uploaded:integer upload_progress_percent:number "
     "retry_count:integer max_retries:integer error_message:string error_code:string "
     "server_image_id:integer? metadata_uploaded:boolean metadata_uploaded_at:time "
     "binary_uploaded:boolean binary_uploaded_at:time? server_ack_received:boolean "
     "server_ack_received_at:time? server_ack_at:time? actor_name:string created_at:time "
     "updated_at:time metadata:object"},
    {"Study", "A study; patient_* are a snapshot that came with the images",
     "id:integer study_uid:uid radiology_order_id:integer? radiology_request_id:integer? "
     "study_description:string description:string modality:string study_date:string? "
     "study_time:string? patient_name:string patient_id:string patient_birth_date:string? "
     "patient_sex:string accession_number:string referring_physician:string series_count:integer "
     "image_count:integer pending_count:integer size_bytes:integer "
     "pixels:pending|partial|available created_at:time updated_at:time"},
    {"StudyList", "A page of studies", "count:integer next:url? previous:url? results:[Study]"},
    {"StudyImages", "The images of a study",
     "study_uid:uid study_description:string study:Study series:[Series]"},
    {"Series", "A series and its images; id is null while none of them is there", SERIES},
    {"Image", "A stored image; verified_at is in the record of one image alone",
     "id:integer image_uid:uid series:integer series_uid:uid study:integer study_uid:uid "
     "filename:string file_key:string file_size:integer mime_type:string checksum:sha256 "
     "instance_number:integer? transfer_syntax:string? sop_class_uid:string? rows:integer? "
     "columns:integer? frames:integer pixels:available image_url:url thumbnail_url:url "
     "uploaded_by_name:string uploaded_at:time verified_at:time?*"},
    {"PendingImage", "An image that was announced and whose bytes are not here yet",
     "id:null image_uuid:uuid image_uid:uid? series_uid:uid? study:integer study_uid:uid "
     "filename:string file_size:integer mime_type:string checksum:sha256 "
     "instance_number:integer? pixels:pending image_url:null thumbnail_url:url "
     "uploaded_by_name:string"},
    {"ImageList", "A page of images", "count:integer next:url? previous:url? results:[Image]"},
    {"ImageUrl", "A link to the bytes",
     "image_url:url image_uid:uid filename:string "
     "expires_in:integer"},
    {"ViewerUrl", "A link that opens one study; `token` does the same for a program",
     "viewer_url:url token:string study_uid:uid expires_in:integer"},
    {"ShareOrder",
     "Studies by number or UID, 1 to 100; expires_in in seconds, 1 to 604800; a PIN has 4 to 64 "
     "bytes",
     "studies:[string] expires_in:integer?* label:string?* pin:string?*"},
    {"Share", "A link that opens some studies; url is null when it is over",
     "id:integer url:url? status:valid|expired|revoked studies:[SharedStudy] label:string "
     "has_pin:boolean created_by:string use_count:integer created_at:time expires_at:time "
     "revoked_at:time? last_used_at:time?"},
    {"SharedStudy", "A study that a link opens", "id:integer study_uid:uid"},
    {"Removal", "What was removed, and from when on it may be purged",
     "images_removed:integer size_bytes:integer purge_at:time files_left:integer"},
    {"Restoration", "What came back; what was being deleted for good is lost",
     "images_restored:integer size_bytes:integer images_lost:integer"},
    {"TrashList", "A page of studies", "next:url? results:[TrashedStudy]"},
    {"TrashedStudy", "A study with images in the trash; counts are of these alone", TRASHED_STUDY},
    {"TrashedStudyImages", "A study with images in the trash",
     TRASHED_STUDY " images:[TrashedImage]"},
    {"TrashedImage", "An image in the trash",
     "id:integer image_uid:uid series:integer series_uid:uid filename:string file_key:string "
     "file_size:integer checksum:sha256 removed_at:time removed_by_name:string purge_at:time"},
    {"Hold", "What stops the removal of a study; each of both is enough",
     "study:integer study_uid:uid is_held:boolean reason:string retain_until:date? "
     "set_by_name:string set_at:time?"},
    {"HoldOrder", "Why, for people", "reason:string?*"},
    {"RetentionOrder", "The last day, in UTC", "retain_until:date"},
    {"Archive", "The archive itself; `version` for who is signed in, `totals` for administrators",
     "archive_id:string api:string max_image_bytes:integer receipt_algorithm:string "
     "receipt_key_id:string receipt_public_key:string version:string* totals:Totals*"},
    {"Totals", "How much there is",
     "studies:integer series:integer images:integer size_bytes:integer"},
    {"KeyRotation", "`drop_old`: links that were handed out stop working at once",
     "drop_old:boolean?*"},
    {"SigningKey", "The key that signs from now on", "key_id:string valid_keys:integer"},
    {"TokenOrder",
     "Roles: reader, uploader, admin, metrics; without expires_in it lives until it "
     "is revoked",
     "name:string roles:[string] expires_in:integer?*"},
    {"Token", "A token or a share link, without its secret", TOKEN},
    {"NewToken", "A token with its secret", "token:string " TOKEN},
    {"AuditLine", "Who did what; lines are chained by hash",
     "id:integer time:time actor:string action:string outcome:success|refused|failed "
     "study_uid:string? image_uid:string? request_id:string detail:string chain:integer "
     "sequence:integer hash:sha256"},
    {"AuditVerification",
     "Whether the log is whole, and its newest line as of the beginning, whose hash stands for all "
     "before it",
     "whole:boolean broken:BrokenAuditLine? newest:AuditLine?"},
    {"BrokenAuditLine", "The first line that does not fit; 0: the head of the chain",
     "chain:integer sequence:integer reason:string"},
    {"VerificationOrder",
     "`hashes` false: sizes and presence alone; `repair`: mend what can be mended",
     "hashes:boolean?* repair:boolean?*"},
    {"VerificationStart", "The number that the verification will have", "number:integer"},
    {"Verification",
     "What a verification has seen so far; `counts` by kind of finding, `needing_attention` the "
     "errors that are still there",
     "number:integer hashes:boolean repair:boolean trigger:order|schedule "
     "state:running|finished|stopped|failed started_at:time ended_at:time? images:integer "
     "files:integer read_bytes:integer findings_total:integer needing_attention:integer "
     "counts:object error:string findings:[Finding]"},
    {"Finding", "Something that is not as it should be; docs/operations.md says what to do",
     "kind:string severity:notice|error detail:string store:string path:string image_id:integer? "
     "study_uid:string? image_uid:string? repair:not_asked|repaired|left repair_detail:string"},
    {"Health", "In one word", "status:ok|ready"},
});

#undef UPLOAD_STATUS
#undef STORED_IMAGE
#undef ANNOUNCEMENT
#undef TOKEN
#undef SERIES
#undef TRASHED_STUDY

constexpr auto kParameters = std::to_array<ParameterDocument>({
    {"radiology_order_id", "order", "Of this order"},
    {"radiology_request_id", "order", "Of this request, the application's other kind of order"},
    {"limit", "integer", "At most so many"},
    {"skip", "integer", "Without the first ones"},
    {"after_id", "integer", "Behind this one; the Link field of an answer has it"},
    {"before_id", "integer", "Older than this one; the Link field of an answer has it"},
    {"image_uuid", "uuid", "For a form whose file stands before its fields"},
    {"patient_id", "string", "The whole of it"},
    {"patient_name", "string", "Each word stands somewhere in the name, in any case"},
    {"modality", "string", "One of the study's, such as CT"},
    {"study_date", "string",
     "A day, YYYY-MM-DD, or two with .. between them; either may be left out"},
    {"search", "string", "Each word stands in name, patient id, description or accession number"},
    {"ordering", "string", "created_at, study_date or patient_name; with - in front the reverse"},
    {"page_size", "integer", "1 to 500"},
    {"cursor", "string", "From `next` or `previous` of an answer to the same question"},
    {"expires_in", "integer", "Seconds that links live, 1 to 604800"},
    {"redirect", "string",
     "Whether the bytes may come from the object store itself: auto (the default), always or "
     "never"},
    {"study_uid", "string", "Of this study"},
    {"series_uid", "string", "Of this series"},
    {"study_id", "integer", "Of this study, by its number"},
    {"series_id", "integer", "Of this series, by its number"},
    {"expires", "integer", "When the link expires, in seconds since 1970"},
    {"kid", "string", "Which key signed the link"},
    {"signature", "string", "HMAC-SHA-256 of the link"},
    {"now", "true|false", "For good, past the trash and out of it"},
    {"token", "string", "The secret of a share link"},
    {"after", "string", "Where the next page of images begins"},
    {"next", "string", "A path of the viewer to go on to"},
    {"download", "string", "Anything: as an attachment"},
    {"large", "string", "Anything: up to 1024 by 1024, instead of 256 by 256"},
    {"actor", "string", "Lines of this principal"},
    {"action", "string", "Lines of this action"},
    {"from", "time", "From this time on"},
    {"before", "time", "Before this time"},
});

}  // namespace

std::span<const SchemaDocument> schema_documents() { return kSchemas; }

std::span<const ParameterDocument> parameter_documents() { return kParameters; }

}  // namespace pacs::rest
