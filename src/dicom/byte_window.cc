#include "dicom/byte_window.h"

#include <algorithm>
#include <cstring>

#include <zlib.h>

namespace pacs::dicom {

bool ByteWindow::fill(size_t count) {
  if (failure_) return false;
  const size_t rest = filled_ - cursor_;
  std::memmove(buffer_.get(), ahead(), rest);
  window_start_ += cursor_;
  cursor_ = 0;
  filled_ = rest;
  while (filled_ < count) {
    const size_t read = read_next({buffer_.get() + filled_, kWindowSize - filled_});
    if (read == 0) return false;
    filled_ += read;
  }
  return true;
}

bool ByteWindow::skip(uint64_t count) {
  const size_t rest = filled_ - cursor_;
  if (count <= rest) {
    cursor_ += static_cast<size_t>(count);
    return true;
  }
  if (failure_ || !skip_next(count - rest)) return false;
  window_start_ += cursor_ + count;
  cursor_ = filled_ = 0;
  return true;
}

bool ByteWindow::read(MutableBytes bytes) {
  const size_t from_window = std::min(bytes.size(), filled_ - cursor_);
  std::copy_n(ahead(), from_window, bytes.begin());
  cursor_ += from_window;
  bytes = bytes.subspan(from_window);
  // A short rest is worth a full window, since more will be asked for; a long one goes straight to
  // where it is wanted.
  if (bytes.size() <= kLookAheadMax) {
    if (bytes.empty()) return true;
    if (!ensure(bytes.size())) return false;
    std::copy_n(ahead(), bytes.size(), bytes.begin());
    advance(bytes.size());
    return true;
  }
  while (!bytes.empty()) {
    const size_t read = failure_ ? 0 : read_next(bytes);
    if (read == 0) return false;
    window_start_ += read;
    bytes = bytes.subspan(read);
  }
  return true;
}

size_t ByteWindow::fail(Error error) {
  failure_ = std::move(error);
  return 0;
}

namespace {

class FileWindow final : public ByteWindow {
 public:
  FileWindow(const RandomAccess& file, uint64_t start)
      : ByteWindow(start), file_(file), next_(start) {}

  [[nodiscard]] uint64_t end() const override { return file_.size(); }
  [[nodiscard]] bool is_file() const override { return true; }

 private:
  size_t read_next(MutableBytes buffer) override {
    Result<size_t> read = file_.read_at(next_, buffer);
    if (!read) return fail(std::move(read).error());
    next_ += *read;
    return *read;
  }

  bool skip_next(uint64_t count) override {
    if (next_ > file_.size() || count > file_.size() - next_) return false;
    next_ += count;
    return true;
  }

  const RandomAccess& file_;
  uint64_t next_;
};

class InflatingWindow final : public ByteWindow {
 public:
  InflatingWindow(const RandomAccess& file, uint64_t start, uint64_t size_max)
      : ByteWindow(0), file_(file), next_(start), size_max_(size_max) {
    constexpr int kRawDeflate = -MAX_WBITS;
    is_open_ = inflateInit2(&stream_, kRawDeflate) == Z_OK;
  }
  ~InflatingWindow() override {
    if (is_open_) inflateEnd(&stream_);
  }

  [[nodiscard]] uint64_t end() const override { return UINT64_MAX; }
  [[nodiscard]] bool is_file() const override { return false; }

 private:
  size_t read_next(MutableBytes buffer) override {
    if (!is_open_) return fail(internal_error("no_memory", "zlib could not be started."));
    if (is_finished_ || buffer.empty()) return 0;
    if (inflated_ >= size_max_) {
      return fail(invalid_argument("inflates_too_far",
                                   "The deflated data set grows beyond what is inflated of it."));
    }
    const auto wanted =
        static_cast<size_t>(std::min<uint64_t>({buffer.size(), size_max_ - inflated_, 1U << 30}));
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(wanted);
    while (stream_.avail_out == wanted && !is_finished_) {
      if (stream_.avail_in == 0 && !refill()) return 0;
      const int state = inflate(&stream_, Z_NO_FLUSH);
      is_finished_ = state == Z_STREAM_END;
      if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
        return fail(invalid_argument("malformed", "The deflated data set cannot be inflated."));
      }
    }
    const size_t made = wanted - stream_.avail_out;
    inflated_ += made;
    return made;
  }

  bool skip_next(uint64_t count) override {
    ByteVector scratch(static_cast<size_t>(std::min<uint64_t>(count, kWindowSize)));
    while (count > 0) {
      const size_t wanted = static_cast<size_t>(std::min<uint64_t>(count, scratch.size()));
      const size_t read = read_next(MutableBytes(scratch).first(wanted));
      if (read == 0) return false;
      count -= read;
    }
    return true;
  }

  bool refill() {
    Result<size_t> read = file_.read_at(next_, compressed_);
    if (!read) {
      fail(std::move(read).error());
      return false;
    }
    if (*read == 0) {
      fail(invalid_argument("truncated", "The file ends within its deflated data set."));
      return false;
    }
    next_ += *read;
    stream_.next_in = reinterpret_cast<Bytef*>(compressed_.data());
    stream_.avail_in = static_cast<uInt>(*read);
    return true;
  }

  const RandomAccess& file_;
  uint64_t next_;
  uint64_t size_max_;
  uint64_t inflated_ = 0;
  bool is_open_ = false;
  bool is_finished_ = false;
  z_stream stream_{};
  ByteVector compressed_ = ByteVector(kWindowSize);
};

}  // namespace

std::unique_ptr<ByteWindow> open_file_window(const RandomAccess& file, uint64_t start) {
  return std::make_unique<FileWindow>(file, start);
}

std::unique_ptr<ByteWindow> open_inflating_window(const RandomAccess& file, uint64_t start,
                                                  uint64_t size_max) {
  return std::make_unique<InflatingWindow>(file, start, size_max);
}

}  // namespace pacs::dicom
