#include "cli/import_zip.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>

#include "core/stream.h"
#include "dicom/media_kind.h"
#include "http/zip_reader.h"

namespace pacs::cli {
namespace {

constexpr size_t kEntryReadBytes = 256 * 1024;
constexpr std::array<std::byte, 4> kLocalHeader = {std::byte{'P'}, std::byte{'K'}, std::byte{3},
                                                   std::byte{4}};

// An entry's bytes: in memory, and from a size on in a file without a name.
class Unpacked {
 public:
  explicit Unpacked(const ZipLimits& limits) : memory_bytes_max_(limits.memory_bytes_max) {}

  Result<void> append(Bytes bytes) {
    if (!file_ && memory_.size() + bytes.size() > memory_bytes_max_) PACS_TRY(move_to_file());
    size_ += bytes.size();
    if (file_) return write_all(file_.get(), bytes);
    memory_.insert(memory_.end(), bytes.begin(), bytes.end());
    return {};
  }
  [[nodiscard]] uint64_t size() const { return size_; }
  [[nodiscard]] Result<std::unique_ptr<ImportContent>> take() {
    if (file_) return ImportContent::of_descriptor(std::move(file_));
    return ImportContent::of_bytes(std::move(memory_));
  }

 private:
  Result<void> move_to_file() {
    std::error_code error;
    const std::string folder = std::filesystem::temp_directory_path(error).string();
    file_ = PACS_TRY(open_file(folder, O_RDWR | O_TMPFILE, 0600, "making a temporary file"));
    PACS_TRY(write_all(file_.get(), memory_));
    memory_.clear();
    return {};
  }

  uint64_t memory_bytes_max_;
  uint64_t size_ = 0;
  ByteVector memory_;
  UniqueFd file_;
};

class ZipSearch {
 public:
  ZipSearch(std::string path, const ImportFindings& wanted, const ImportSink& sink,
            const ZipLimits& limits)
      : path_(std::move(path)), wanted_(wanted), sink_(sink), limits_(limits) {}

  bool read() {
    auto zip = http::ZipReader::of_file(
        path_,
        {.growth_max = limits_.growth_max, .output_bytes_always = limits_.output_bytes_always});
    if (!zip) {
      give_up(zip.error());
      return true;
    }
    bool go_on = true;
    for (size_t entries = 0; go_on && !over_limit_; ++entries) {
      const auto member = zip->next_member();
      if (!member) {
        give_up(member.error());
        break;
      }
      if (!*member) break;
      if (entries == limits_.entries_max) {
        give_up(resource_exhausted(
            "too_many_entries",
            "has more than " + std::to_string(limits_.entries_max) + " entries"));
        break;
      }
      if ((*member)->is_file) go_on = read_entry(*zip, (*member)->name);
    }
    return go_on;
  }

 private:
  void give_up(const Error& error) {
    sink_.leave_out({path_, ImportOutcome::failed, 0, error.reason, error.detail});
  }

  bool read_entry(http::ZipReader& zip, const std::string& name) {
    const std::string place = path_ + ": " + name;
    const std::string filename = std::filesystem::path(name).filename().string();
    Unpacked unpacked(limits_);
    const Result<std::optional<Exclusion>> excluded = unpack(zip.body(), filename, unpacked);
    if (!excluded) {
      over_limit_ = excluded.error().reason == "zip_bomb";
      leave_out(place, unpacked.size(), excluded.error());
    } else if (*excluded) {
      sink_.leave_out({place, ImportOutcome::skipped, 0, (*excluded)->code, (*excluded)->detail});
    } else if (auto content = unpacked.take()) {
      return offer(std::move(*content), place, filename, wanted_, sink_);
    } else {
      leave_out(place, unpacked.size(), content.error());
    }
    return true;
  }

  void leave_out(const std::string& place, uint64_t size, const Error& error) {
    sink_.leave_out({place, ImportOutcome::failed, size, error.reason, error.detail});
  }

  // Stops at once where the first bytes are no image's: films and programs need not be unpacked.
  Result<std::optional<Exclusion>> unpack(ByteSource& body, const std::string& filename,
                                          Unpacked& unpacked) {
    ByteVector buffer(kEntryReadBytes);
    for (;;) {
      const size_t count = PACS_TRY(body.read_some(buffer));
      if (count == 0) return std::optional<Exclusion>();
      const Bytes bytes = Bytes(buffer).first(count);
      if (unpacked.size() == 0 && bytes.size() >= dicom::kSniffedSizeMax) {
        auto excluded = exclusion_of(bytes.first(dicom::kSniffedSizeMax), filename, wanted_.kinds);
        if (excluded) return excluded;
      }
      if (unpacked.size() + count > wanted_.image_bytes_max) {
        return resource_exhausted("too_large", "is larger than PACS_LITE_MAX_IMAGE_BYTES");
      }
      PACS_TRY(unpacked.append(bytes));
    }
  }

  const std::string path_;
  const ImportFindings& wanted_;
  const ImportSink& sink_;
  const ZipLimits limits_;
  bool over_limit_ = false;
};

}  // namespace

bool is_zip(const ImportContent& content) {
  std::array<std::byte, kLocalHeader.size()> first{};
  const Result<size_t> count = content.read_at(0, first);
  return count && *count == first.size() && first == kLocalHeader;
}

bool find_images_in_zip(const std::string& path, const ImportFindings& wanted,
                        const ImportSink& sink, const ZipLimits& limits) {
  return ZipSearch(path, wanted, sink, limits).read();
}

}  // namespace pacs::cli
