#include "storage/s3_metadata.h"

#include <array>
#include <cstdint>

namespace pacs::storage {
namespace {

constexpr std::string_view kJson = "x-amz-meta-pacs-lite";
constexpr std::string_view kAttributesId = "x-amz-meta-pacs-lite-attributes";
constexpr std::string_view kWriteId = "x-amz-meta-pacs-lite-write";

// OpenStack Swift refuses a longer value (max_meta_value_length).
constexpr size_t kValueBytesMax = 256;

// The JSON's pieces: x-amz-meta-pacs-lite, x-amz-meta-pacs-lite-2, …
std::string piece_name(size_t number) {
  return number == 1 ? std::string(kJson) : std::string(kJson) + "-" + std::to_string(number);
}

constexpr uint32_t kSurrogatesFrom = 0x10000;

void append_unit(std::string& text, uint32_t unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) text.push_back(kDigits[(unit >> shift) & 15U]);
}

// RFC 8259 7: beyond the basic plane a pair of surrogates.
void append_escaped(std::string& text, uint32_t code_point) {
  if (code_point < kSurrogatesFrom) return append_unit(text, code_point);
  const uint32_t rest = code_point - kSurrogatesFrom;
  append_unit(text, 0xD800U + (rest >> 10U));
  append_unit(text, 0xDC00U + (rest & 0x3FFU));
}

}  // namespace

// Outside its strings the JSON of attributes is ASCII without spaces.
std::string to_ascii_json(const BlobAttributes& attributes) {
  const std::string json = attributes.to_json();
  std::string ascii;
  for (size_t i = 0; i < json.size();) {
    const auto first = static_cast<unsigned char>(json[i]);
    if (first > ' ' && first < 0x7F) {
      ascii.push_back(json[i++]);
      continue;
    }
    const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    constexpr std::array<uint32_t, 5> kFirstBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code_point = first & kFirstBits[length];
    for (size_t k = 1; k < length && i + k < json.size(); ++k) {
      code_point = code_point << 6U | (static_cast<unsigned char>(json[i + k]) & 0x3FU);
    }
    append_escaped(ascii, code_point);
    i += length;
  }
  return ascii;
}

S3Metadata S3Metadata::from_headers(const http::Headers& headers) {
  S3Metadata metadata;
  for (size_t number = 1;; ++number) {
    const auto piece = headers.find(piece_name(number));
    if (!piece) break;
    metadata.json = metadata.json.value_or("").append(*piece);
  }
  metadata.attributes_id = headers.find(kAttributesId).value_or("");
  metadata.write_id = headers.find(kWriteId).value_or("");
  return metadata;
}

void S3Metadata::add_to(http::Headers& headers) const {
  for (size_t offset = 0; json && offset < json->size(); offset += kValueBytesMax) {
    headers.set(piece_name(offset / kValueBytesMax + 1), json->substr(offset, kValueBytesMax));
  }
  if (!attributes_id.empty()) headers.set(kAttributesId, attributes_id);
  if (!write_id.empty()) headers.set(kWriteId, write_id);
}

}  // namespace pacs::storage
