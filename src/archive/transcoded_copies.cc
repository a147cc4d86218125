#include "archive/transcoded_copies.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"
#include "dicom/little_endian.h"

namespace pacs::archive {
namespace {

constexpr std::string_view kCopyMagic = "pacs-lite-frames-1";
constexpr std::string_view kMakingPrefix = "making-";
constexpr std::string_view kHighThroughput = "1.2.840.10008.1.2.4.201";
constexpr std::string_view kHighThroughputRpcl = "1.2.840.10008.1.2.4.202";
constexpr size_t kTailBytes = 256;
constexpr size_t kTableEntryBytes = 8 + 8 + 32;
constexpr size_t kWantedMax = 1'000;

std::string padded(std::string text) {
  text.resize(kTailBytes - 1, ' ');
  return text + "\n";
}

std::string tail_of(const index::ImageRecord& record, std::string_view transfer_syntax,
                    size_t count, const pixel::PixelFormat& format) {
  std::string text(kCopyMagic);
  text += " " + record.attributes.sha256.hex() + " " + std::string(transfer_syntax);
  for (const uint64_t number :
       {uint64_t{count}, uint64_t{format.rows}, uint64_t{format.columns},
        uint64_t{format.samples_per_pixel}, uint64_t{format.bits_allocated},
        uint64_t{format.bits_stored}, uint64_t{format.high_bit}, uint64_t{format.is_signed}}) {
    text += " " + std::to_string(number);
  }
  return padded(text + " " + format.photometric_interpretation);
}

std::optional<uint64_t> number_of(std::string_view text, uint64_t most) {
  uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number > most) return {};
  return number;
}

struct CopyTail {
  uint64_t count = 0;
  pixel::PixelFormat format;
};

std::optional<CopyTail> parse_tail(std::string_view text, const index::ImageRecord& record,
                                   std::string_view transfer_syntax) {
  if (text.size() != kTailBytes) return std::nullopt;
  text = text.substr(0, text.find_last_not_of(" \n") + 1);
  const std::string begin = std::string(kCopyMagic) + " " + record.attributes.sha256.hex() + " " +
                            std::string(transfer_syntax) + " ";
  if (!text.starts_with(begin)) return std::nullopt;
  text.remove_prefix(begin.size());
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 8; ++i) {
    const size_t space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto number = number_of(text.substr(0, space), i < 3 ? UINT32_MAX : UINT16_MAX);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    text.remove_prefix(space + 1);
  }
  CopyTail tail;
  tail.count = numbers[0];
  tail.format.rows = static_cast<uint32_t>(numbers[1]);
  tail.format.columns = static_cast<uint32_t>(numbers[2]);
  tail.format.samples_per_pixel = static_cast<uint16_t>(numbers[3]);
  tail.format.bits_allocated = static_cast<uint16_t>(numbers[4]);
  tail.format.bits_stored = static_cast<uint16_t>(numbers[5]);
  tail.format.high_bit = static_cast<uint16_t>(numbers[6]);
  tail.format.is_signed = numbers[7] != 0;
  tail.format.photometric_interpretation = text;
  return tail;
}

std::optional<std::string> read_text_at(int fd, uint64_t offset, size_t size) {
  std::string text(size, '\0');
  const auto count =
      read_at(fd, offset, MutableBytes(reinterpret_cast<std::byte*>(text.data()), text.size()));
  if (!count || *count != size) return std::nullopt;
  return text;
}

// Nothing when it is not what was written.
std::optional<pixel::EncodedFrame> read_copied_frame(int fd, const index::ImageRecord& record,
                                                     std::string_view transfer_syntax,
                                                     size_t index) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size < kTailBytes) return std::nullopt;
  const auto text = read_text_at(fd, size - kTailBytes, kTailBytes);
  const auto tail = text ? parse_tail(*text, record, transfer_syntax) : std::nullopt;
  if (!tail || index >= tail->count || tail->count > (size - kTailBytes) / kTableEntryBytes) {
    return std::nullopt;
  }
  const uint64_t table_at = size - kTailBytes - tail->count * kTableEntryBytes;
  const auto entry = read_text_at(fd, table_at + index * kTableEntryBytes, kTableEntryBytes);
  if (!entry) return std::nullopt;
  const Bytes bytes = as_bytes(*entry);
  const auto offset = dicom::load_little_endian<uint64_t>(bytes.data());
  const auto length = dicom::load_little_endian<uint64_t>(bytes.data() + 8);
  if (offset > table_at || length > table_at - offset || length > pixel::kFrameBytesMax) {
    return std::nullopt;
  }
  pixel::EncodedFrame frame{tail->format, ByteVector(static_cast<size_t>(length))};
  const auto count = read_at(fd, offset, frame.bytes);
  if (!count || *count != length) return std::nullopt;
  const Sha256Digest found = sha256(frame.bytes);
  const Bytes stated = bytes.subspan(16);
  const Bytes computed = std::as_bytes(std::span(found.bytes));
  if (!std::equal(stated.begin(), stated.end(), computed.begin(), computed.end())) {
    return std::nullopt;
  }
  return frame;
}

struct FoundCopy {
  int64_t image_id = 0;
  Sha256Digest sha256{};
  uint64_t size_bytes = 0;
  std::filesystem::file_time_type written_at;
};

// "{image id}-{SHA-256 of the stored image}.{transfer syntax}".
std::optional<FoundCopy> parse_copy_name(std::string_view name, std::string_view transfer_syntax) {
  const size_t dash = name.find('-');
  const size_t dot = name.find('.');
  if (dash == std::string_view::npos || dot == std::string_view::npos || dot < dash) return {};
  if (name.substr(dot + 1) != transfer_syntax) return {};
  const auto id = number_of(name.substr(0, dash), INT64_MAX);
  const auto digest = Sha256Digest::from_hex(name.substr(dash + 1, dot - dash - 1));
  if (!id || !digest) return {};
  FoundCopy found;
  found.image_id = static_cast<int64_t>(*id);
  found.sha256 = *digest;
  return found;
}

}  // namespace

Result<std::unique_ptr<TranscodedCopies>> TranscodedCopies::open(std::string folder,
                                                                 std::string transfer_syntax,
                                                                 uint64_t size_bytes_max) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error(errno, "making the folder of transcoded copies");
  }
  std::unique_ptr<TranscodedCopies> copies(
      new TranscodedCopies(std::move(folder), std::move(transfer_syntax), size_bytes_max));
  PACS_TRY(copies->take_over());
  return copies;
}

Result<void> TranscodedCopies::take_over() {
  std::error_code problem;
  std::vector<FoundCopy> found;
  std::filesystem::directory_iterator files(folder_, problem);
  for (; !problem && files != std::filesystem::directory_iterator(); files.increment(problem)) {
    const std::string name = files->path().filename().string();
    auto copy = parse_copy_name(name, transfer_syntax_);
    if (copy) {
      std::error_code unreadable;
      copy->size_bytes = files->file_size(unreadable);
      copy->written_at = files->last_write_time(unreadable);
      if (!unreadable) found.push_back(*copy);
      continue;
    }
    if (name.starts_with(kMakingPrefix)) {
      const auto id = number_of(name.substr(kMakingPrefix.size()), INT64_MAX);
      if (id) cut_images_.push_back(static_cast<int64_t>(*id));
    }
    ::unlink((folder_ + "/" + name).c_str());
  }
  if (problem) return system_error(problem.value(), "reading the folder of transcoded copies");
  std::sort(found.begin(), found.end(), [](const FoundCopy& left, const FoundCopy& right) {
    return left.written_at < right.written_at;
  });
  for (const FoundCopy& copy : found) put({copy.image_id, copy.sha256, copy.size_bytes});
  return {};
}

std::string TranscodedCopies::path_of(int64_t image_id, const Sha256Digest& digest) const {
  return folder_ + "/" + std::to_string(image_id) + "-" + digest.hex() + "." + transfer_syntax_;
}

// What is made in RPCL order is lossless HTJ2K in an order of its own choice, too (PS3.5 A.4.11).
bool TranscodedCopies::serves(std::string_view wanted_syntax) const {
  return wanted_syntax == transfer_syntax_ ||
         (wanted_syntax == kHighThroughput && transfer_syntax_ == kHighThroughputRpcl);
}

bool TranscodedCopies::has(const index::ImageRecord& record) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_image_.find(record.id);
  return found != by_image_.end() && found->second->sha256 == record.attributes.sha256;
}

// The copy is the one that was asked for last.
bool TranscodedCopies::touch(const index::ImageRecord& record) {
  const std::lock_guard lock(mutex_);
  const auto found = by_image_.find(record.id);
  if (found == by_image_.end() || found->second->sha256 != record.attributes.sha256) return false;
  copies_.splice(copies_.begin(), copies_, found->second);
  return true;
}

std::optional<pixel::EncodedFrame> TranscodedCopies::find_frame(const index::ImageRecord& record,
                                                                std::string_view wanted_syntax,
                                                                size_t index) {
  if (!serves(wanted_syntax)) return std::nullopt;
  if (!touch(record)) {
    want(record.id);
    return std::nullopt;
  }
  const auto fd = open_file(path_of(record.id, record.attributes.sha256), O_RDONLY | O_NOFOLLOW, 0,
                            "opening a transcoded copy");
  if (fd) {
    auto frame = read_copied_frame(fd->get(), record, transfer_syntax_, index);
    if (frame) return frame;
    log_warning("transcoded_copy_damaged", {{"image_id", record.id}});
  }
  remove(record.id);
  want(record.id);
  return std::nullopt;
}

void TranscodedCopies::want(int64_t image_id) {
  const std::lock_guard lock(mutex_);
  if (wanted_.size() < kWantedMax) wanted_.insert(image_id);
}

std::vector<int64_t> TranscodedCopies::take_wanted() {
  const std::lock_guard lock(mutex_);
  const std::set<int64_t> taken = std::exchange(wanted_, {});
  return {taken.begin(), taken.end()};
}

Result<TranscodedCopies::Writer> TranscodedCopies::write(const index::ImageRecord& record) {
  std::string path = folder_ + "/" + std::string(kMakingPrefix) + std::to_string(record.id);
  UniqueFd fd = PACS_TRY(
      open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, "making a transcoded copy"));
  return Writer(*this, record, std::move(path), std::move(fd));
}

TranscodedCopies::Writer::~Writer() {
  if (fd_) ::unlink(path_.c_str());
}

Result<void> TranscodedCopies::Writer::add(const pixel::EncodedFrame& frame) {
  if (!format_) format_ = frame.format;
  const pixel::PixelFormat& first = *format_;
  if (frame.format.photometric_interpretation != first.photometric_interpretation ||
      frame.format.bits_allocated != first.bits_allocated ||
      frame.format.bits_stored != first.bits_stored || frame.format.high_bit != first.high_bit) {
    return unsupported("encoding", "the frames of the instance decode to different formats");
  }
  if (size_bytes_ + frame.bytes.size() > owner_.size_bytes_max_) {
    return resource_exhausted("copy_too_large", "it is larger than the room for all copies");
  }
  PACS_TRY(write_all(fd_.get(), frame.bytes));
  dicom::append_little_endian(table_, size_bytes_);
  dicom::append_little_endian(table_, uint64_t{frame.bytes.size()});
  const Sha256Digest digest = sha256(frame.bytes);
  table_ += as_text(std::as_bytes(std::span(digest.bytes)));
  size_bytes_ += frame.bytes.size();
  ++count_;
  return {};
}

Result<void> TranscodedCopies::Writer::finish() {
  const std::string tail = tail_of(record_, owner_.transfer_syntax_, count_, format_.value());
  PACS_TRY(write_all(fd_.get(), as_bytes(table_ + tail)));
  const Sha256Digest& digest = record_.attributes.sha256;
  if (::rename(path_.c_str(), owner_.path_of(record_.id, digest).c_str()) != 0) {
    return system_error(errno, "naming a transcoded copy");
  }
  fd_ = UniqueFd();
  owner_.put({record_.id, digest, size_bytes_ + table_.size() + tail.size()});
  return {};
}

void TranscodedCopies::put(const Copy& copy) {
  const std::lock_guard lock(mutex_);
  const auto former = by_image_.find(copy.image_id);
  if (former != by_image_.end()) {
    const bool is_same_file = former->second->sha256 == copy.sha256;
    if (is_same_file) {
      size_bytes_ -= former->second->size_bytes;
      copies_.erase(former->second);
      by_image_.erase(former);
    } else {
      drop(former->second);
    }
  }
  copies_.push_front(copy);
  by_image_[copy.image_id] = copies_.begin();
  ids_.insert(copy.image_id);
  size_bytes_ += copy.size_bytes;
  while (size_bytes_ > size_bytes_max_) drop(std::prev(copies_.end()));
}

void TranscodedCopies::drop(std::list<Copy>::iterator copy) {
  ::unlink(path_of(copy->image_id, copy->sha256).c_str());
  size_bytes_ -= copy->size_bytes;
  by_image_.erase(copy->image_id);
  ids_.erase(copy->image_id);
  copies_.erase(copy);
}

void TranscodedCopies::remove(int64_t image_id) {
  const std::lock_guard lock(mutex_);
  const auto found = by_image_.find(image_id);
  if (found != by_image_.end()) drop(found->second);
}

std::vector<int64_t> TranscodedCopies::images_after(int64_t after_id, size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<int64_t> ids;
  for (auto id = ids_.upper_bound(after_id); id != ids_.end() && ids.size() < limit; ++id) {
    ids.push_back(*id);
  }
  return ids;
}

uint64_t TranscodedCopies::size_bytes() const {
  const std::lock_guard lock(mutex_);
  return size_bytes_;
}

}  // namespace pacs::archive
