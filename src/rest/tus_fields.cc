#include "rest/tus_fields.h"

#include <set>
#include <utility>

#include "core/json_writer.h"
#include "core/text.h"
#include "http/media_type.h"

namespace pacs::rest {
namespace {

Error bad_header(std::string_view name, std::string_view what) {
  return invalid_argument("bad_header", std::string(name) + ": " + std::string(what));
}

Error bad_metadata() {
  return bad_header("Upload-Metadata",
                    "must be pairs of a key and a value in Base64, separated by commas; no key "
                    "twice, values in UTF-8");
}

}  // namespace

Result<void> check_tus_version(const http::Request& request) {
  if (request.headers.find("Tus-Resumable") == kTusVersion) return {};
  return invalid_argument("unknown_tus_version",
                          "this server speaks version 1.0.0 of the tus protocol; the request must "
                          "have the field Tus-Resumable: 1.0.0");
}

Result<uint64_t> read_number_header(const http::Request& request, std::string_view name) {
  const auto fields = request.headers.all(name);
  if (fields.empty()) return bad_header(name, "is missing");
  const auto number = parse_unsigned(fields.front());
  if (fields.size() > 1 || !number || *number > static_cast<uint64_t>(kIntegerMax)) {
    return bad_header(name, "must be one whole number");
  }
  return *number;
}

Result<void> check_piece_type(const http::Request& request) {
  const auto field = request.headers.find("Content-Type");
  const auto type = field ? http::parse_media_type(*field) : std::nullopt;
  if (type && type->essence() == kTusPieceType) return {};
  return unsupported("unsupported_media_type",
                     "the bytes of an upload are sent as " + std::string(kTusPieceType));
}

Result<std::optional<archive::PieceDigest>> read_piece_digest(const http::Request& request) {
  const auto field = request.headers.find("Upload-Checksum");
  if (!field) return std::optional<archive::PieceDigest>();
  const size_t space = field->find(' ');
  const std::string_view algorithm = field->substr(0, space);
  auto expected =
      space == std::string_view::npos ? std::nullopt : from_base64(field->substr(space + 1));
  auto digest =
      expected ? archive::PieceDigest::create(algorithm, std::move(*expected)) : std::nullopt;
  if (!digest) {
    return bad_header("Upload-Checksum", "must be sha256 or sha1, a space, the hash in Base64");
  }
  return digest;
}

Result<BodyFields> parse_upload_metadata(std::string_view text) {
  JsonWriter writer;
  writer.begin_object();
  std::set<std::string_view> keys;
  for (const std::string_view untrimmed : split(text, ',')) {
    const std::string_view pair = trim(untrimmed);
    if (pair.empty() && trim(text).empty()) break;
    const size_t space = pair.find(' ');
    const std::string_view key = pair.substr(0, space);
    const auto value =
        from_base64(space == std::string_view::npos ? std::string_view() : pair.substr(space + 1));
    if (key.empty() || !is_utf8(key) || !value || !is_utf8(as_text(*value)) ||
        !keys.insert(key).second) {
      return bad_metadata();
    }
    writer.member(key, as_text(*value));
  }
  writer.end_object();
  return BodyFields(PACS_TRY(JsonValue::parse(writer.take())), BodyFields::Source::form);
}

}  // namespace pacs::rest
