// Every route of the edge, in the order of docs/api.md.
#include <array>

#include "rest/openapi.h"

namespace pacs::rest {
namespace {

using http::Method;

#define RADIOLOGY "/api/v1/radiology/"
#define ARCHIVE "/api/v1/archive/"

constexpr auto kOperations = std::to_array<OperationDocument>({
    // The offline upload.
    {Method::post, RADIOLOGY "offline-images/upload-metadata/", "announceImage",
     "Announce an image before its bytes", "uploader", "", "json=Announcement",
     "200=Upload 201=Upload 409 507"},
    {Method::post, RADIOLOGY "offline-images/upload-binary/", "sendImage",
     "Send the bytes of an announced image", "uploader", "image_uuid", "form=BinaryForm",
     "200=StoredImage 201=StoredImage 409 422 507"},
    {Method::post, RADIOLOGY "offline-images/acknowledge/", "acknowledgeImage",
     "Get the signed receipt by which the local copy may be deleted", "uploader", "",
     "json=Acknowledgement", "200=Upload 409 507"},
    {Method::get, RADIOLOGY "offline-images/", "listUploads", "List uploads, newest first",
     "uploader", "radiology_order_id radiology_request_id limit after_id", "", "200=[Upload]"},
    {Method::get, RADIOLOGY "offline-images/pending/", "listPendingUploads",
     "List uploads that wait for their bytes or their acknowledgement, oldest first", "uploader",
     "radiology_order_id radiology_request_id limit after_id", "", "200=[Upload]"},
    {Method::get, RADIOLOGY "offline-images/failed/", "listFailedUploads",
     "List uploads that were refused, newest first", "uploader",
     "radiology_order_id radiology_request_id limit after_id", "", "200=[Upload]"},
    {Method::get, RADIOLOGY "offline-images/{id}/", "getUpload",
     "Show an upload by its number or image_uuid", "uploader", "", "", "200=Upload"},

    // Upload sessions.
    {Method::post, RADIOLOGY "sessions/", "createSession",
     "Begin the upload of an exam's images, or find it again", "uploader", "",
     "json=SessionRequest", "200=Session 201=Session 409 507"},
    {Method::get, RADIOLOGY "sessions/", "listSessions", "List upload sessions, newest first",
     "uploader", "radiology_order_id radiology_request_id limit before_id", "", "200=[Session]"},
    {Method::get, RADIOLOGY "sessions/{id}/", "getSession", "Show an upload session", "uploader",
     "", "", "200=Session"},
    {Method::get, RADIOLOGY "sessions/{id}/status/", "getSessionStatus", "Show an upload session",
     "uploader", "", "", "200=Session"},
    {Method::post, RADIOLOGY "sessions/{id}/upload-metadata/", "announceSessionImage",
     "Announce an image of a session", "uploader", "", "json=SessionAnnouncement",
     "200=SessionUpload 201=SessionUpload 409 507"},
    {Method::post, RADIOLOGY "sessions/{id}/upload-binary/", "sendSessionImage",
     "Send the bytes of an announced image of a session", "uploader", "image_uuid",
     "form=BinaryForm", "200=SessionImage 201=SessionImage 409 422 507"},
    {Method::post, RADIOLOGY "sessions/{id}/acknowledge/", "acknowledgeSessionImage",
     "Get the signed receipt of an image of a session", "uploader", "", "json=Acknowledgement",
     "200=SessionReceipt 409 507"},
    {Method::get, RADIOLOGY "upload-sessions/pending/", "listPendingEntries",
     "The status page's entries that are not done, oldest first", "uploader",
     "radiology_order_id radiology_request_id limit after_id", "", "200=[UploadEntry]"},
    {Method::get, RADIOLOGY "upload-sessions/failed/", "listFailedEntries",
     "The status page's entries that failed, newest first", "uploader",
     "radiology_order_id radiology_request_id limit after_id", "", "200=[UploadEntry]"},
    {Method::get, RADIOLOGY "upload-sessions/{image_uuid}/", "getEntry",
     "One entry of the status page", "uploader", "", "", "200=UploadEntry"},
    {Method::post, RADIOLOGY "upload-sessions/{image_uuid}/retry/", "retryUpload",
     "Let a failed upload wait for its bytes again", "uploader", "", "", "200=UploadEntry 507"},

    // The same in pieces (tus 1.0).
    {Method::options, RADIOLOGY "uploads/", "getUploadAbilities",
     "What the server knows of the tus protocol; the header fields Tus-* say the same", "", "", "",
     "200=UploadAbilities"},
    {Method::post, RADIOLOGY "uploads/", "beginUpload",
     "Begin an upload in pieces (tus 1.0): Upload-Length, Upload-Metadata; its first bytes may be "
     "the body",
     "uploader", "", "", "201=ResumableUpload 408 412 413 415 422 423 460 507"},
    {Method::options, RADIOLOGY "uploads/{id}/", "getUploadAbilitiesThere",
     "What the server knows of the tus protocol", "", "", "", "200=UploadAbilities"},
    {Method::get, RADIOLOGY "uploads/{id}/", "getResumableUpload",
     "How far an upload has come and what became of it; HEAD tells Upload-Offset, 410 for a failed "
     "one",
     "uploader", "", "", "200=ResumableUpload 410 412"},
    {Method::patch, RADIOLOGY "uploads/{id}/", "sendPiece",
     "Send a piece from Upload-Offset on; 204 with the new offset once it is on stable storage, "
     "and with the last piece once the image is stored",
     "uploader", "", "piece", "204 409 412 422 423 460 507"},
    {Method::post, RADIOLOGY "uploads/{id}/", "overrideMethod",
     "PATCH or DELETE by X-HTTP-Method-Override", "uploader", "", "piece",
     "204 405 409 412 422 423 460 507"},
    {Method::delete_, RADIOLOGY "uploads/{id}/", "endUpload",
     "End an upload and drop its bytes; an image that was stored stays", "uploader", "", "",
     "204 412 423 507"},

    // Reading.
    {Method::get, RADIOLOGY "studies/", "listStudies",
     "List studies, newest first; with an order given, a bare array of its studies", "reader",
     "radiology_order_id radiology_request_id patient_id patient_name modality study_date search "
     "ordering page_size cursor",
     "", "200=StudyList|[Study]"},
    {Method::get, RADIOLOGY "studies/{id}/", "getStudy", "Show a study by its number or UID",
     "reader", "", "", "200=Study"},
    {Method::get, RADIOLOGY "studies/{id}/images/", "listStudyImages",
     "List the images of a study by series, with links", "reader", "expires_in", "",
     "200=StudyImages"},
    {Method::get, RADIOLOGY "studies/{id}/viewer-url/", "makeViewerUrl",
     "Make a link that opens this one study in the viewer until it expires", "reader", "expires_in",
     "", "200=ViewerUrl 507"},
    {Method::get, RADIOLOGY "series/{id}/images/", "listSeriesImages",
     "List the images of a series, with links", "reader", "expires_in", "", "200=Series"},
    {Method::get, RADIOLOGY "images/", "listImages",
     "List the images of a study or a series in pages", "reader",
     "study_uid series_uid study_id series_id expires_in page_size cursor", "", "200=ImageList"},
    {Method::get, RADIOLOGY "images/{id}/", "getImage", "Show an image by its number or UID",
     "reader", "expires_in", "", "200=Image"},
    {Method::get, RADIOLOGY "images/{id}/url/", "makeImageUrl",
     "Make a link to the bytes of an image", "reader", "expires_in", "", "200=ImageUrl"},
    {Method::post, RADIOLOGY "images/", "storeImage",
     "Store an image in one step; with a bare body, the fields of the form stand in the query",
     "uploader", "", "image form=ImageForm", "200=ImageReceipt 201=ImageReceipt 409 422 507"},
    {Method::delete_, RADIOLOGY "studies/{id}/", "removeStudy", "Remove a study", "admin", "", "",
     "200=Removal 507"},
    {Method::delete_, RADIOLOGY "series/{id}/", "removeSeries", "Remove a series", "admin", "", "",
     "200=Removal 507"},
    {Method::delete_, RADIOLOGY "images/{id}/", "removeImage", "Remove an image", "admin", "", "",
     "200=Removal 507"},
    {Method::get, "{media}{key}", "getStoredFile",
     "The bytes of an image by its key; the URL carries its own signature", "signature",
     "expires kid signature", "", "200=file 206=file 304 410 412 416"},

    // The archive.
    {Method::get, ARCHIVE, "getArchive", "Who this archive is, and the key that signs receipts",
     "optional", "", "", "200=Archive"},
    {Method::post, ARCHIVE "keys/rotate/", "rotateKeys", "Make a new key that signs links", "admin",
     "", "json=KeyRotation", "200=SigningKey 507"},
    {Method::get, ARCHIVE "tokens/", "listTokens", "List tokens and share links, newest first",
     "admin", "", "", "200=[Token]"},
    {Method::post, ARCHIVE "tokens/", "createToken",
     "Make a token; its secret is in this answer alone", "admin", "", "json=TokenOrder",
     "201=NewToken 507"},
    {Method::delete_, ARCHIVE "tokens/{id}/", "revokeToken", "Revoke a token or a share link",
     "admin", "", "", "200=Token 507"},
    {Method::get, ARCHIVE "audit/", "listAuditLines", "List the audit log, newest first", "admin",
     "actor action study_uid from before before_id limit", "", "200=[AuditLine]"},
    {Method::post, ARCHIVE "import/", "importImage",
     "Take over an image with the ids that another application gave it: its bytes in a form, or by "
     "the key under which they lie already",
     "admin", "", "json=ImportRecord form=ImportForm",
     "200=ImportedImage 201=ImportedImage 404 409 422 507"},

    // Around it.
    {Method::get, "/healthz", "getHealth", "Does the process live?", "", "", "", "200=Health"},
    {Method::get, "/readyz", "getReadiness", "Do the index and the store answer?", "", "", "",
     "200=Health"},
    {Method::get, "/metrics", "getMetrics", "Metrics in the Prometheus text format", "metrics", "",
     "", "200=text"},
    {Method::get, "/api/openapi.json", "getOpenApi", "This document", "", "", "", "200=document"},
    {Method::get, "/ui/studies/{id}/", "showStudy", "The built-in page of one study", "link",
     "token after", "", "200=html"},
    {Method::get, "/ui/studies/{id}/images/{image_id}/", "showAttributes",
     "The attributes of a DICOM image as a page", "link", "token", "", "200=html"},
    {Method::get, "/ui/studies/{id}/images/{image_id}/file/", "getSharedFile",
     "The bytes of an image for the page", "link", "token download", "",
     "200=file 206=file 304 410 412 416"},
    {Method::get, "/ui/viewer.css", "getStyleSheet", "The style sheet of the page", "", "", "",
     "200=css"},
    {Method::get, "/ui/icons/dicom.svg", "getDicomIcon", "Stands for a DICOM image", "", "", "",
     "200=svg"},
    {Method::get, "/ui/icons/document.svg", "getDocumentIcon", "Stands for a document", "", "", "",
     "200=svg"},
    {Method::get, "/ui/icons/picture.svg", "getPictureIcon", "Stands for a picture", "", "", "",
     "200=svg"},
    {Method::get, "/ui/icons/pending.svg", "getPendingIcon", "Stands for an image on its way", "",
     "", "", "200=svg"},
});

#undef RADIOLOGY
#undef ARCHIVE

}  // namespace

std::span<const OperationDocument> operation_documents() { return kOperations; }

}  // namespace pacs::rest
