// What an object store answers in XML, read: pages of a list, and the uploads in parts that never
// ended.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace pacs::storage {

struct S3Listed {
  std::string key;
  uint64_t size_bytes = 0;
  UnixMillis modified_at = 0;
};

struct S3ListPage {
  std::vector<S3Listed> objects;
  std::string next;  // what the next page is asked for by; empty: this is the last one
};

struct S3OpenUpload {
  std::string key;
  std::string id;
  UnixMillis begun_at = 0;
};

struct S3UploadPage {
  std::vector<S3OpenUpload> uploads;
  bool is_truncated = false;  // more stand behind them
};

// `unavailable` (reason "store_unavailable") for what is none, and for a page that has one behind
// it and does not say which.
[[nodiscard]] Result<S3ListPage> parse_s3_list(std::string_view xml);
// Those without a time are left out. `unavailable` as above.
[[nodiscard]] Result<S3UploadPage> parse_s3_uploads(std::string_view xml);
// The answer to a copy, whose status may have been sent before it was done. `unavailable` as above.
[[nodiscard]] Result<void> parse_s3_copy(std::string_view xml);

}  // namespace pacs::storage
