// multipart/form-data with fields and one file, of which only the fields are held in memory.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/stream.h"
#include "http/multipart_reader.h"
#include "http/request.h"
#include "rest/body_fields.h"

namespace pacs::rest {

// The fields must stand before the file, as browsers send them when they are appended so: the bytes
// flow straight into the archive, and what becomes of them depends on the fields.
class UploadForm final : public ByteSource {
 public:
  static constexpr size_t kFieldsMax = 64;                // the API knows about twenty
  static constexpr size_t kFieldBytesMax = 512 * 1024;    // image_metadata is the largest
  static constexpr size_t kFieldsBytesMax = 1024 * 1024;  // all together, as a JSON body
  static constexpr uint64_t kOverheadBytesMax = 1024 * 1024 + 64 * 1024;  // beside the file

  // Reads up to the beginning of the part "file". `awaited` are the names that the route asks for,
  // which may not come later. Errors: `unsupported` (reason "unsupported_media_type") unless it is
  // multipart/form-data; `invalid_argument` ("missing_field" without a file, "repeated_field",
  // "bad_multipart", "bad_field"); those of reading.
  [[nodiscard]] static Result<UploadForm> open(http::Request& request,
                                               std::set<std::string, std::less<>> awaited);

  [[nodiscard]] BodyFields& fields() { return fields_; }
  // As the client names it; may be empty.
  [[nodiscard]] const std::string& filename() const { return filename_; }

  // The bytes of the file. Its end is told only when the form has ended as it should: no second
  // file, no awaited field behind it, the closing boundary there.
  Result<size_t> read_some(MutableBytes buffer) override;

 private:
  UploadForm(http::MultipartReader reader, BodyFields fields, std::string filename,
             std::set<std::string, std::less<>> awaited)
      : reader_(std::move(reader)),
        fields_(std::move(fields)),
        filename_(std::move(filename)),
        awaited_(std::move(awaited)) {}

  Result<void> read_rest();

  http::MultipartReader reader_;
  BodyFields fields_;
  std::string filename_;
  std::set<std::string, std::less<>> awaited_;
  bool ended_ = false;
};

[[nodiscard]] bool is_form(const http::Request& request);

}  // namespace pacs::rest
