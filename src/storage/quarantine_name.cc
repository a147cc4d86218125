#include "storage/quarantine_name.h"

#include "core/bytes.h"
#include "core/json_writer.h"

namespace pacs::storage {
namespace {
constexpr size_t kNameDigits = 32;
}  // namespace

std::string quarantine_name(std::string_view origin, const Sha256Digest& sha256, unsigned attempt) {
  std::string what(origin);
  what += "\n" + sha256.hex();
  if (attempt > 0) what += "\n" + std::to_string(attempt);
  return pacs::sha256(as_bytes(what)).hex().substr(0, kNameDigits);
}

std::string_view quarantine_origin(const BlobAttributes& attributes) {
  const std::string* uid = attributes.find("image-uid");
  return uid != nullptr ? std::string_view(*uid) : std::string_view();
}

std::string quarantine_description(std::string_view key, std::string_view attributes_json) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("key", key);
  writer.key("attributes");
  writer.raw(attributes_json);
  writer.end_object();
  return writer.take() + "\n";
}

}  // namespace pacs::storage
