// Retrieving bulk data (PS3.18 10.4.1.1.5): the value of one attribute, by its path in the data
// set.
#include <bit>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "archive/retrieve.h"
#include "core/text.h"
#include "dicom/dicom_json.h"
#include "dicom/header_reader.h"
#include "dicom/inflated_file.h"
#include "dicom/value_output.h"
#include "dicomweb/accepted.h"
#include "dicomweb/frame_answer.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/picture.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/validators.h"
#include "dicomweb/window_sink.h"
#include "edge/stored_file.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

constexpr dicom::Tag kEncapsulatedDocument{0x0042, 0x0011};
constexpr dicom::Tag kMimeTypeOfEncapsulatedDocument{0x0042, 0x0012};
constexpr std::string_view kOctetStream = "application/octet-stream";

class BlobAccess final : public dicom::RandomAccess {
 public:
  explicit BlobAccess(const archive::OpenedImage& image) : image_(image) {}
  [[nodiscard]] uint64_t size() const override { return image_.blob->size_bytes(); }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override {
    return image_.blob->read_at(offset, buffer);
  }

 private:
  const archive::OpenedImage& image_;
};

// A value that lies in the file as it is sent, one that the reader has kept, or one of a deflated
// or big endian file, which is inflated and turned while it is sent.
class ValueBody final : public http::RangedBody {
 public:
  // `inflated` is null unless the file is deflated and the value was not kept.
  ValueBody(archive::RetrieveService& retrieve, archive::OpenedImage& image,
            const dicom::RandomAccess* inflated, const dicom::ElementView& element)
      : retrieve_(retrieve), image_(image), inflated_(inflated), element_(element) {}
  [[nodiscard]] uint64_t size() const override { return element_.length().value_or(0); }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    if (element_.is_in_memory()) return sink.write(element_.value().subspan(offset, length));
    const unsigned number_size = dicom::number_size(element_.vr());
    const bool is_turned = element_.file_byte_order() == std::endian::big && number_size > 1;
    if (inflated_ == nullptr && !is_turned) {
      return retrieve_.send(image_, sink, *element_.file_offset() + offset, length);
    }
    const BlobAccess stored(image_);
    WindowSink window(sink, offset, length);
    dicom::ValueOutput output(&window);
    Result<void> written =
        output.copy(inflated_ == nullptr ? stored : *inflated_, *element_.file_offset(), size(),
                    number_size, element_.file_byte_order());
    if (written) written = output.flush();
    return window.finish(std::move(written));
  }

 private:
  archive::RetrieveService& retrieve_;
  archive::OpenedImage& image_;
  const dicom::RandomAccess* inflated_;
  const dicom::ElementView element_;
};

// An encapsulated document is what it says it is, where a media type can be (PS3.3 C.24.2).
std::string media_type_of(const dicom::Header& header, const dicom::ElementView& element) {
  if (element.tag() != kEncapsulatedDocument) return std::string(kOctetStream);
  const auto named = header.data_set.find(kMimeTypeOfEncapsulatedDocument);
  const std::string type = named ? to_lower(named->text()) : std::string();
  return type == "application/pdf" || type == "text/xml" || type == "model/stl"
             ? type
             : std::string(kOctetStream);
}

enum class BulkForm { multipart, single };

// One value is sent as it is unless a multipart answer is what the client prefers (PS3.18 8.7.3.1).
Result<BulkForm> choose_bulk_form(const http::Request& request, const std::string& media_type) {
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (!accepted.covers(media_type) && !accepted.covers(kOctetStream)) continue;
    return accepted.is_multipart ? BulkForm::multipart : BulkForm::single;
  }
  return not_acceptable(media_type);
}

Result<dicom::ElementView> get_value(const dicom::Header& header, const std::string& path) {
  const auto element = dicom::find_by_path(header.data_set, path);
  if (!element) return not_found("no_such_value", "the instance has no such attribute");
  return *element;
}

Result<void> send_value(const http::Request& request, http::ResponseWriter& writer, ValueBody& body,
                        const std::string& media_type, BulkForm form, const std::string& url,
                        http::Headers fields) {
  if (form == BulkForm::multipart) {
    const AnswerPart part{
        .content_type = media_type,
        .content_location = url,
        .size_bytes = body.size(),
        .write = [&body](ByteSink& sink) { return body.write_to(sink, 0, body.size()); }};
    return send_multipart(writer, std::move(fields), media_type, {part});
  }
  http::RangedResponse response;
  response.content_type = media_type;
  response.validators.etag = fields.find("ETag").value_or("");
  fields.remove("ETag");
  response.extra = std::move(fields);
  response.extra.set("X-Content-Type-Options", "nosniff");
  response.extra.set("Content-Security-Policy", "default-src 'none'; sandbox");
  return http::send_ranged(request, writer, body, response);
}

Result<void> retrieve_bulk_data(DicomwebServices& services, http::Request& request,
                                http::ResponseWriter& writer, const std::string& path) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  const index::ImageRecord& instance = *opened.resource.instance;
  if (archive::is_picture(instance)) {
    return send_picture_bulk_data(services, request, writer, opened, path);
  }
  auto image = PACS_TRY(services.retrieve.open(instance));
  PACS_TRY(services.retrieve.confirm(image));  // its header is read before anything is sent
  const BlobAccess file(image);
  dicom::Header header = PACS_TRY(dicom::read_header(file));
  dicom::ElementView element = PACS_TRY(get_value(header, path));
  if (element.tag() == dicom::tags::kPixelData && !element.length()) {
    return send_frames(services, request, writer, opened, std::nullopt);
  }
  if (element.is_sequence() || !element.length()) {
    return not_found("no_such_value", "this attribute has no value of bytes");
  }
  std::unique_ptr<dicom::InflatedFile> inflated;
  if (!element.is_in_memory() && !element.file_offset()) {
    inflated = PACS_TRY(dicom::InflatedFile::open(file, header));
    header = PACS_TRY(dicom::read_header(*inflated));
    element = PACS_TRY(get_value(header, path));
  }
  const std::string media_type = media_type_of(header, element);
  const BulkForm form = PACS_TRY(choose_bulk_form(request, media_type));
  ValueBody body(services.retrieve, image, inflated.get(), element);
  return send_value(request, writer, body, media_type, form,
                    url_of(services, request, instance) + "/bulkdata/" + path,
                    fields_of(request, {instance}));
}

}  // namespace

void add_bulk_data_routes(http::Router& router, DicomwebServices& services) {
  const std::string instance =
      std::string(kRoot) + "/studies/{study}/series/{series}/instances/{instance}";
  // "54000100/1/54001010" has as many segments as sequences around it; deeper ones are not named.
  const std::string levels[] = {"/{a}", "/{a}/{b}/{c}", "/{a}/{b}/{c}/{d}/{e}"};
  for (const std::string& level : levels) {
    router.add(http::Method::get, instance + "/bulkdata" + level,
               [&services](http::Request& request, http::ResponseWriter& writer) {
                 std::string path;
                 for (const auto& [name, value] : request.path_parameters) {
                   if (name.size() > 1) continue;
                   path += (path.empty() ? "" : "/") + value;
                 }
                 edge::finish_stream(request, writer,
                                     retrieve_bulk_data(services, request, writer, path));
               });
  }
}

}  // namespace pacs::dicomweb
