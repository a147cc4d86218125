#include "storage/s3_answers.h"

#include <utility>

#include <pugixml.hpp>

#include "core/bytes.h"
#include "core/text.h"

namespace pacs::storage {
namespace {

constexpr unsigned kParseXml = pugi::parse_minimal | pugi::parse_escapes;

Error unreadable() {
  return unavailable("store_unavailable", "the object store gave an answer that cannot be read");
}

// The root of an answer, which must have that name.
Result<pugi::xml_node> parse_root(pugi::xml_document& document, std::string_view xml,
                                  const char* name) {
  if (!document.load_buffer(xml.data(), xml.size(), kParseXml)) return unreadable();
  const pugi::xml_node root = document.child(name);
  if (!root) return unreadable();
  return root;
}

// A key as a list gives it with encoding-type=url, where "+" is a space.
std::string decode_key(std::string_view encoded) {
  std::string key;
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%' && i + 2 < encoded.size()) {
      if (const auto byte = from_hex(encoded.substr(i + 1, 2))) {
        key.push_back(std::to_integer<char>(byte->front()));
        i += 2;
        continue;
      }
    }
    key.push_back(encoded[i] == '+' ? ' ' : encoded[i]);
  }
  return key;
}

}  // namespace

Result<S3ListPage> parse_s3_list(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = PACS_TRY(parse_root(document, xml, "ListBucketResult"));
  S3ListPage page;
  for (const pugi::xml_node entry : root.children("Contents")) {
    S3Listed& listed = page.objects.emplace_back();
    listed.key = decode_key(entry.child_value("Key"));
    listed.size_bytes = parse_unsigned(entry.child_value("Size")).value_or(0);
    listed.modified_at = from_rfc3339(entry.child_value("LastModified")).value_or(0);
  }
  if (std::string_view(root.child_value("IsTruncated")) != "true") return page;
  page.next = root.child_value("NextContinuationToken");
  if (page.next.empty()) return unreadable();
  return page;
}

Result<S3UploadPage> parse_s3_uploads(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root = PACS_TRY(parse_root(document, xml, "ListMultipartUploadsResult"));
  S3UploadPage page;
  page.is_truncated = std::string_view(root.child_value("IsTruncated")) == "true";
  for (const pugi::xml_node upload : root.children("Upload")) {
    const auto begun_at = from_rfc3339(upload.child_value("Initiated"));
    if (!begun_at) continue;
    page.uploads.push_back({.key = decode_key(upload.child_value("Key")),
                            .id = upload.child_value("UploadId"),
                            .begun_at = *begun_at});
  }
  return page;
}

Result<void> parse_s3_copy(std::string_view xml) {
  pugi::xml_document document;
  PACS_TRY(parse_root(document, xml, "CopyObjectResult"));
  return {};
}

}  // namespace pacs::storage
