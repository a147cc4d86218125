// One file on its way into the archive, from whatever it came out of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "core/bytes.h"
#include "core/file.h"
#include "core/result.h"
#include "dicom/random_access.h"

namespace pacs::cli {

// The bytes: an open file, or what was unpacked. Any thread may read.
class ImportContent final : public dicom::RandomAccess {
 public:
  // `not_found`, `permission_denied`, and `invalid_argument` for what is no plain file.
  [[nodiscard]] static Result<std::unique_ptr<ImportContent>> of_file(const std::string& path);
  [[nodiscard]] static std::unique_ptr<ImportContent> of_bytes(ByteVector bytes);
  // The whole of an open file, such as an unnamed one that was unpacked into.
  [[nodiscard]] static Result<std::unique_ptr<ImportContent>> of_descriptor(UniqueFd file);

  [[nodiscard]] uint64_t size() const override { return size_; }
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes buffer) const override;

 private:
  ImportContent(UniqueFd file, ByteVector bytes, uint64_t size)
      : file_(std::move(file)), bytes_(std::move(bytes)), size_(size) {}
  UniqueFd file_;     // where there is one
  ByteVector bytes_;  // else
  uint64_t size_;
};

struct ImportItem {
  std::string place;                       // for people: "/mnt/cd/A/IM1", "exam.zip: A/IM1"
  std::string record;                      // JSON: what is told about it beside its bytes
  std::unique_ptr<ImportContent> content;  // nullptr: adopted where it lies, by the record's key
};

enum class ImportOutcome {
  stored,
  known,    // the same bytes were stored before
  refused,  // the archive does not take it, and says why
  failed,   // could not be read or sent; worth another try
  skipped,  // no image at all
};
[[nodiscard]] std::string_view to_string(ImportOutcome outcome);

struct ImportResult {
  std::string place;
  ImportOutcome outcome = ImportOutcome::stored;
  uint64_t size_bytes = 0;
  std::string code;    // a stable word; empty for stored and known
  std::string detail;  // a sentence
};

}  // namespace pacs::cli
