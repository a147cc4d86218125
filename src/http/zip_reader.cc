#include "http/zip_reader.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

namespace pacs::http {
namespace {

constexpr size_t kZipReadBytes = size_t{64} << 10;
// The end record and the longest comment behind it (APPNOTE 4.3.16).
constexpr size_t kZipTailBytes = 22 + 65'535;
constexpr std::string_view kZipEndRecord("PK\x05\x06", 4);

struct CloseZip {
  void operator()(struct archive* zip) const { ::archive_read_free(zip); }
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

std::string zip_name_of(struct archive_entry* entry) {
  if (const char* name = ::archive_entry_pathname_utf8(entry)) return name;
  if (const char* name = ::archive_entry_pathname(entry)) return name;
  return "(unnamed)";
}

Error bad_zip(std::string detail) { return invalid_argument("bad_zip", std::move(detail)); }

}  // namespace

struct ZipReader::State final : public ByteSource {
  explicit State(const ZipReaderLimits& the_limits) : limits(the_limits) {}

  // Called by libarchive: no exception, and nothing but the bytes or -1.
  static la_ssize_t read_source(struct archive*, void* client, const void** buffer) {
    State& state = *static_cast<State*>(client);
    auto count = state.source->read_some(state.buffer);
    if (!count) {
      state.source_failure = std::move(count).error();
      return -1;
    }
    *buffer = state.buffer.data();
    state.packed_bytes += *count;
    state.note_tail(Bytes(state.buffer).first(*count));
    return static_cast<la_ssize_t>(*count);
  }

  void note_tail(Bytes bytes) {
    tail.append(as_text(bytes));
    if (tail.size() > 2 * kZipTailBytes) tail.erase(0, tail.size() - kZipTailBytes);
  }

  Result<size_t> read_some(MutableBytes into) override {
    if (failure) return *failure;
    const la_ssize_t count = ::archive_read_data(zip.get(), into.data(), into.size());
    if (count < 0) return fail_member();
    output_bytes += static_cast<uint64_t>(count);
    const bool is_beyond = packed_bytes > UINT64_MAX / std::max<uint64_t>(limits.growth_max, 1);
    const uint64_t growth = is_beyond ? UINT64_MAX : packed_bytes * limits.growth_max;
    if (output_bytes > std::max(limits.output_bytes_always, growth)) {
      failure = resource_exhausted(
          "zip_bomb", "the ZIP file unpacks to far more than an exam could; the rest was not read");
      return *failure;
    }
    if (count == 0) is_member_open = false;
    return static_cast<size_t>(count);
  }

  // Of the source it is the end of all; a member can be damaged alone.
  Error fail_member() {
    is_member_open = false;
    if (source_failure) {
      failure = source_failure;
      return *failure;
    }
    const char* why = ::archive_error_string(zip.get());
    return invalid_argument("bad_zip_member", why != nullptr ? why : "cannot be unpacked");
  }

  // What nobody has read of a stream counts too; in a file libarchive goes over it.
  Result<void> drop_rest() {
    while (is_member_open && source != nullptr) {
      auto count = read_some(buffer_of_rest);
      if (!count && failure) return *failure;
    }
    return {};
  }

  // The directory at the end has been left to whom it may concern; that it is there says that the
  // file is whole.
  Result<void> check_end() {
    if (source == nullptr) return {};
    while (true) {
      const void* unused = nullptr;
      const la_ssize_t count = read_source(zip.get(), this, &unused);
      if (count < 0) return *source_failure;
      if (count == 0) break;
    }
    if (tail.rfind(kZipEndRecord) != std::string::npos) return {};
    return bad_zip("the ZIP file ends before its directory does");
  }

  const ZipReaderLimits limits;
  std::unique_ptr<struct archive, CloseZip> zip;
  ByteSource* source = nullptr;  // of a stream
  ByteVector buffer{};
  ByteVector buffer_of_rest = ByteVector(kZipReadBytes);
  std::string tail{};
  uint64_t packed_bytes = 0;
  uint64_t output_bytes = 0;
  bool is_member_open = false;
  std::optional<Error> source_failure{};
  std::optional<Error> failure{};  // of all
};

ZipReader::ZipReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader::~ZipReader() = default;

Result<ZipReader> ZipReader::of_stream(ByteSource& source, const ZipReaderLimits& limits) {
  auto state = std::make_unique<State>(limits);
  state->source = &source;
  state->buffer.resize(kZipReadBytes);
  state->zip.reset(::archive_read_new());
  ::archive_read_support_format_zip_streamable(state->zip.get());
  const int code =
      ::archive_read_open(state->zip.get(), state.get(), nullptr, State::read_source, nullptr);
  if (code == ARCHIVE_OK) return ZipReader(std::move(state));
  if (state->source_failure) return *state->source_failure;
  return bad_zip("the bytes are no ZIP file");
}

Result<ZipReader> ZipReader::of_file(const std::string& path, const ZipReaderLimits& limits) {
  auto state = std::make_unique<State>(limits);
  std::error_code error;
  const uint64_t packed = std::filesystem::file_size(path, error);
  state->packed_bytes = error ? 0 : packed;
  state->zip.reset(::archive_read_new());
  ::archive_read_support_format_zip_seekable(state->zip.get());
  const int code = ::archive_read_open_filename(state->zip.get(), path.c_str(), kZipReadBytes);
  if (code == ARCHIVE_OK) return ZipReader(std::move(state));
  return bad_zip("cannot be read as a ZIP file");
}

Result<std::optional<ZipMember>> ZipReader::next_member() {
  if (state_->failure) return *state_->failure;
  PACS_TRY(state_->drop_rest());
  const Utf8Locale locale;
  struct archive_entry* entry = nullptr;
  const int code = ::archive_read_next_header(state_->zip.get(), &entry);
  if (code == ARCHIVE_EOF) {
    PACS_TRY(state_->check_end());
    return std::optional<ZipMember>();
  }
  if (code < ARCHIVE_WARN) {
    state_->failure = state_->source_failure
                          ? *state_->source_failure
                          : bad_zip("is damaged; what was before this point was looked at");
    return *state_->failure;
  }
  ZipMember member;
  member.name = zip_name_of(entry);
  member.is_file = ::archive_entry_filetype(entry) == AE_IFREG;
  member.is_encrypted = ::archive_entry_is_encrypted(entry) != 0;
  const char* format = ::archive_format_name(state_->zip.get());
  const std::string_view method = format != nullptr ? format : "";
  member.is_usual_method = method.ends_with("(uncompressed)") || method.ends_with("(deflation)");
  state_->is_member_open = member.is_file && !member.is_encrypted && member.is_usual_method;
  return std::optional(std::move(member));
}

ByteSource& ZipReader::body() {
  // Also of a method that next_member() would not unpack by itself.
  state_->is_member_open = true;
  return *state_;
}

}  // namespace pacs::http
