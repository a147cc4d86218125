#include "cli/import_zip.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>

#include "dicom/media_kind.h"

namespace pacs::cli {
namespace {

constexpr size_t kEntryReadBytes = 256 * 1024;
constexpr std::array<std::byte, 4> kLocalHeader = {std::byte{'P'}, std::byte{'K'}, std::byte{3},
                                                   std::byte{4}};

struct CloseArchive {
  void operator()(struct archive* archive) const { ::archive_read_free(archive); }
};
using Archive = std::unique_ptr<struct archive, CloseArchive>;

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

// libarchive gives names in the encoding of the locale, and drops those that it cannot write: on
// this thread that is UTF-8 as long as this lives, whatever LC_ALL says.
class Utf8Locale {
 public:
  Utf8Locale()
      : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        before_(locale_ != nullptr ? ::uselocale(locale_) : nullptr) {}
  ~Utf8Locale() {
    if (locale_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_;
  locale_t before_;
};

// Names are UTF-8 where the file says so, else whatever its maker's machine used.
std::string name_of(struct archive_entry* entry) {
  if (const char* name = ::archive_entry_pathname_utf8(entry)) return name;
  if (const char* name = ::archive_entry_pathname(entry)) return name;
  return "(unnamed)";
}

class ZipReader {
 public:
  ZipReader(std::string path, const ImportFindings& wanted, const ImportSink& sink,
            const ZipLimits& limits)
      : path_(std::move(path)), wanted_(wanted), sink_(sink), limits_(limits) {}

  bool read() {
    const Utf8Locale locale;
    archive_.reset(::archive_read_new());
    ::archive_read_support_format_zip_seekable(archive_.get());
    if (::archive_read_open_filename(archive_.get(), path_.c_str(), kEntryReadBytes) !=
        ARCHIVE_OK) {
      give_up("bad_zip", "cannot be read as a ZIP file");
      return true;
    }
    std::error_code error;
    const uint64_t packed = std::filesystem::file_size(path_, error);
    output_bytes_max_ =
        std::max(limits_.output_bytes_always, error ? 0 : packed * limits_.growth_max);
    bool go_on = true;
    for (size_t entries = 0; go_on; ++entries) {
      struct archive_entry* entry = nullptr;
      const int code = ::archive_read_next_header(archive_.get(), &entry);
      if (code == ARCHIVE_EOF) break;
      if (code < ARCHIVE_WARN) {
        give_up("bad_zip", "is damaged; what was before this point was looked at");
        break;
      }
      if (entries == limits_.entries_max) {
        give_up("too_many_entries",
                "has more than " + std::to_string(limits_.entries_max) + " entries");
        break;
      }
      if (::archive_entry_filetype(entry) == AE_IFREG) go_on = read_entry(entry);
      if (over_limit_) break;
    }
    return go_on;
  }

 private:
  void give_up(std::string code, std::string detail) {
    sink_.leave_out({path_, ImportOutcome::failed, 0, std::move(code), std::move(detail)});
  }

  bool read_entry(struct archive_entry* entry) {
    const std::string name = name_of(entry);
    const std::string place = path_ + ": " + name;
    const std::string filename = std::filesystem::path(name).filename().string();
    Unpacked unpacked(limits_);
    const Result<std::optional<Exclusion>> excluded = unpack(filename, unpacked);
    if (!excluded) {
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
  Result<std::optional<Exclusion>> unpack(const std::string& filename, Unpacked& unpacked) {
    ByteVector buffer(kEntryReadBytes);
    for (;;) {
      const la_ssize_t count = ::archive_read_data(archive_.get(), buffer.data(), buffer.size());
      if (count == 0) return std::optional<Exclusion>();
      if (count < 0) {
        const char* why = ::archive_error_string(archive_.get());
        return corrupt("bad_zip_entry", why != nullptr ? why : "cannot be unpacked");
      }
      const Bytes bytes = Bytes(buffer).first(static_cast<size_t>(count));
      if (unpacked.size() == 0 && bytes.size() >= dicom::kSniffedSizeMax) {
        auto excluded = exclusion_of(bytes.first(dicom::kSniffedSizeMax), filename, wanted_.kinds);
        if (excluded) return excluded;
      }
      PACS_TRY(count_output(bytes.size(), unpacked.size()));
      PACS_TRY(unpacked.append(bytes));
    }
  }

  Result<void> count_output(uint64_t size, uint64_t size_before) {
    output_bytes_ += size;
    if (output_bytes_ > output_bytes_max_) {
      over_limit_ = true;
      return resource_exhausted("zip_bomb",
                                "unpacks to far more than an exam could; the rest of the file was "
                                "not looked at");
    }
    if (size_before + size > wanted_.image_bytes_max) {
      return resource_exhausted("too_large", "is larger than PACS_LITE_MAX_IMAGE_BYTES");
    }
    return {};
  }

  const std::string path_;
  const ImportFindings& wanted_;
  const ImportSink& sink_;
  const ZipLimits limits_;
  Archive archive_;
  uint64_t output_bytes_ = 0;
  uint64_t output_bytes_max_ = 0;
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
  return ZipReader(path, wanted, sink, limits).read();
}

}  // namespace pacs::cli
