#include "rest/upload_form.h"

#include <utility>

#include "core/json_writer.h"
#include "core/text.h"
#include "http/media_type.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kFileField = "file";

struct FormStart {
  std::string fields_json;
  std::string filename;
};

// Everything before the file, as the JSON object that BodyFields reads.
Result<FormStart> read_start(http::MultipartReader& reader) {
  JsonWriter writer;
  writer.begin_object();
  std::set<std::string, std::less<>> names;
  size_t bytes = 0;
  while (auto part = PACS_TRY(reader.next_part())) {
    if (part->name == kFileField) {
      writer.end_object();
      return FormStart{writer.take(), part->filename.value_or("")};
    }
    if (part->filename) {
      return invalid_argument("missing_field", "the file must stand in the field named file");
    }
    if (part->name.empty()) {
      return invalid_argument("bad_multipart", "a part of the form has no name");
    }
    if (!names.insert(part->name).second) {
      return invalid_argument("repeated_field", "a field of the form was sent more than once");
    }
    if (names.size() > UploadForm::kFieldsMax) {
      return resource_exhausted("too_many_parts", "the form has too many fields");
    }
    const std::string value = PACS_TRY(read_all(reader.body(), UploadForm::kFieldBytesMax));
    bytes += value.size();
    if (bytes > UploadForm::kFieldsBytesMax) {
      return resource_exhausted("too_large", "the fields of the form are too large");
    }
    if (!is_utf8(part->name) || !is_utf8(value)) {
      return bad_field(replace_invalid_utf8(part->name), "is not UTF-8");
    }
    writer.member(part->name, value);
  }
  return missing_field(kFileField);
}

}  // namespace

bool is_form(const http::Request& request) {
  const auto field = request.headers.find("Content-Type");
  const auto type = field ? http::parse_media_type(*field) : std::nullopt;
  return type && type->essence() == "multipart/form-data";
}

Result<UploadForm> UploadForm::open(http::Request& request,
                                    std::set<std::string, std::less<>> awaited) {
  if (!is_form(request)) {
    return unsupported("unsupported_media_type",
                       "this path takes multipart/form-data with fields and a part named file");
  }
  auto reader = PACS_TRY(
      http::MultipartReader::create(request.body(), *request.headers.find("Content-Type")));
  FormStart start = PACS_TRY(read_start(reader));
  BodyFields fields(PACS_TRY(JsonValue::parse(start.fields_json)), BodyFields::Source::form);
  return UploadForm(std::move(reader), std::move(fields), std::move(start.filename),
                    std::move(awaited));
}

Result<size_t> UploadForm::read_some(MutableBytes buffer) {
  if (ended_) return size_t{0};
  const size_t count = PACS_TRY(reader_.body().read_some(buffer));
  if (count == 0) {
    PACS_TRY(read_rest());
    ended_ = true;
  }
  return count;
}

Result<void> UploadForm::read_rest() {
  while (const auto part = PACS_TRY(reader_.next_part())) {
    if (part->name == kFileField) {
      return invalid_argument("repeated_field", "the form has more than one file");
    }
    if (awaited_.contains(part->name)) {
      return bad_field(part->name, "stands behind the file in the form; send it before the file");
    }
  }
  return {};
}

}  // namespace pacs::rest
