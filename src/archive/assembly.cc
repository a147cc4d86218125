#include "archive/assembly.h"

#include <array>
#include <optional>
#include <utility>

#include "archive/staged_access.h"
#include "core/text.h"
#include "dicom/dicom_xml.h"
#include "dicom/file_writer.h"
#include "dicom/picture_info.h"
#include "dicom/transfer_syntax.h"

namespace pacs::archive {
namespace {

constexpr size_t kSpoolBufferBytes = size_t{256} << 10;

// The default transfer syntaxes of PS3.18 table 8.7.3-5; a JPEG says itself what it is.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kSyntaxOfMedia = {{
    {"image/jls", "1.2.840.10008.1.2.4.80"},
    {"image/jp2", "1.2.840.10008.1.2.4.90"},
    {"image/jpx", "1.2.840.10008.1.2.4.92"},
    {"image/jphc", "1.2.840.10008.1.2.4.201"},
    {"image/jxl", "1.2.840.10008.1.2.4.110"},
    {"image/dicom-rle", "1.2.840.10008.1.2.5"},
    {"image/x-dicom-rle", "1.2.840.10008.1.2.5"},
    {"image/x-jls", "1.2.840.10008.1.2.4.80"},
    {"video/mpeg", "1.2.840.10008.1.2.4.100"},
    {"video/mp4", "1.2.840.10008.1.2.4.102"},
    {"video/h265", "1.2.840.10008.1.2.4.107"},
}};
constexpr std::array<std::string_view, 4> kSyntaxOfJpegProcess = {
    "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.55",
    "1.2.840.10008.1.2.4.70"};

Error wrong_bulk_data(std::string_view detail) { return unsupported("bulk_data", detail); }

// A part of the spool as a file of its own.
class SpoolWindow final : public dicom::RandomAccess {
 public:
  SpoolWindow(const dicom::RandomAccess& spool, dicom::BulkPlace place)
      : spool_(spool), place_(place) {}
  [[nodiscard]] uint64_t size() const override { return place_.length; }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override {
    if (offset >= place_.length) return size_t{0};
    const uint64_t left = place_.length - offset;
    if (buffer.size() > left) buffer = buffer.first(static_cast<size_t>(left));
    return spool_.read_at(place_.offset + offset, buffer);
  }

 private:
  const dicom::RandomAccess& spool_;
  dicom::BulkPlace place_;
};

std::string text_in(const JsonValue& instance, std::string_view tag) {
  const JsonValue* element = instance.find(tag);
  const JsonValue* value = element == nullptr ? nullptr : element->find("Value");
  const JsonValue::Array* values = value == nullptr ? nullptr : value->as_array();
  const std::string* text =
      values == nullptr || values->empty() ? nullptr : values->front().as_string();
  return text == nullptr || text->size() > dicom::kUidSizeMax ? std::string() : *text;
}

// The BulkDataURI of the pixel data of the instance itself.
const std::string* pixel_uri_of(const JsonValue& instance) {
  const JsonValue* pixels = instance.find("7FE00010");
  const JsonValue* uri = pixels == nullptr ? nullptr : pixels->find("BulkDataURI");
  return uri == nullptr ? nullptr : uri->as_string();
}

bool is_one_frame(const dicom::DataSet& data_set) {
  const auto frames = data_set.find(dicom::tags::kNumberOfFrames);
  const std::string_view text = frames ? frames->text() : std::string_view();
  return text.empty() || text == "1";
}

}  // namespace

Result<void> Assembly::count_metadata(uint64_t size_bytes) {
  metadata_bytes_ += size_bytes;
  if (metadata_bytes_ <= kMetadataBytesMax) return {};
  return resource_exhausted("too_large", "the metadata of the request are larger than 32 MiB");
}

Result<void> Assembly::add_json(std::string_view json) {
  PACS_TRY(count_metadata(json.size()));
  JsonValue parsed = PACS_TRY(JsonValue::parse(json, dicom::kJsonModelDepthMax));
  if (parsed.is_object()) {
    instances_.push_back(std::move(parsed));
    return {};
  }
  const JsonValue::Array* array = parsed.as_array();
  if (array == nullptr) {
    return invalid_argument("bad_metadata", "the metadata are neither an object nor an array");
  }
  for (const JsonValue& instance : *array) instances_.push_back(instance);
  return {};
}

Result<void> Assembly::add_xml(std::string_view xml) {
  PACS_TRY(count_metadata(xml.size()));
  const std::string json = PACS_TRY(dicom::native_xml_to_json(xml));
  instances_.push_back(PACS_TRY(JsonValue::parse(json, dicom::kJsonModelDepthMax)));
  return {};
}

Result<void> Assembly::add_bulk(BulkPart part, ByteSource& body) {
  if (bulk_.contains(part.location)) {
    return invalid_argument("bad_metadata", "two parts of bulk data have the same location");
  }
  if (spool_ == nullptr) spool_ = PACS_TRY(store_.stage_piece());
  Bulk bulk{std::move(part), {spool_->size_bytes(), 0}};
  ByteVector buffer(kSpoolBufferBytes);
  while (const size_t count = PACS_TRY(body.read_some(buffer))) {
    PACS_TRY(store_.check_room());
    PACS_TRY(spool_->append(Bytes(buffer).first(count)));
    bulk.place.length += count;
  }
  const std::string location = bulk.part.location;
  bulk_.emplace(location, std::move(bulk));
  return {};
}

// Empty for native pixels.
Result<std::string> Assembly::encapsulated_syntax(const Bulk& bulk) const {
  std::string uid = bulk.part.transfer_syntax;
  if (uid.empty() && bulk.part.media_type == "image/jpeg") {
    const StagedAccess spool(*spool_);
    const auto jpeg = PACS_TRY(dicom::read_picture_info(SpoolWindow(spool, bulk.place)));
    if (jpeg.kind != dicom::MediaKind::jpeg || jpeg.jpeg_process >= kSyntaxOfJpegProcess.size()) {
      return wrong_bulk_data("the pixel data are no JPEG that DICOM knows");
    }
    uid = kSyntaxOfJpegProcess[jpeg.jpeg_process];
  }
  for (const auto& [media, syntax] : kSyntaxOfMedia) {
    if (uid.empty() && media == bulk.part.media_type) uid = syntax;
  }
  if (uid.empty() || uid == dicom::kExplicitVrLittleEndian) return std::string();
  const dicom::TransferSyntax* known = dicom::find_transfer_syntax(uid);
  if (known == nullptr || !known->is_encapsulated) {
    return wrong_bulk_data("the pixel data have a transfer syntax that bulk data cannot have");
  }
  return uid;
}

Result<ReceivedImage> Assembly::assemble(size_t index, ObjectName& name) {
  const JsonValue& instance = instances_[index];
  name = {text_in(instance, "00080016"), text_in(instance, "00080018")};
  const dicom::FindBulk find_bulk = [this](const std::string& uri) -> Result<dicom::BulkPlace> {
    const auto found = bulk_.find(uri);
    if (found == bulk_.end()) {
      return invalid_argument("bulk_data_missing",
                              "no part of the request has the location that a BulkDataURI says");
    }
    return found->second.place;
  };
  const dicom::DataSet data_set = PACS_TRY(dicom::read_json_data_set(instance, find_bulk));

  dicom::FileContent content;
  content.data_set = &data_set;
  std::optional<StagedAccess> spool;
  if (spool_ != nullptr) content.file = &spool.emplace(*spool_);
  std::string syntax;
  dicom::FramesToWrite frames;
  if (const std::string* uri = pixel_uri_of(instance)) {
    const Bulk& bulk = bulk_.at(*uri);  // it was found above
    syntax = PACS_TRY(encapsulated_syntax(bulk));
    if (!syntax.empty()) {
      if (!dicom::find_transfer_syntax(syntax)->is_video() && !is_one_frame(data_set)) {
        return wrong_bulk_data("compressed pixel data of several frames are taken as a file alone");
      }
      frames.is_encapsulated = true;
      frames.frame_sizes = {bulk.place.length};
      frames.write_frame = [&](size_t, ByteSink& sink) -> Result<void> {
        dicom::ValueOutput output(&sink);
        PACS_TRY(output.copy(*spool, bulk.place.offset, bulk.place.length, 1, std::endian::little));
        return output.flush();
      };
      content.frames = &frames;
      content.transfer_syntax_uid = syntax;
    }
  }
  const auto writer = PACS_TRY(dicom::FileWriter::create(std::move(content)));
  return store_.receive_made(writer.size_bytes(),
                             [&](ByteSink& sink) { return writer.write(sink); });
}

}  // namespace pacs::archive
