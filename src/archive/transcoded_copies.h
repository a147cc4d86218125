// Frames of stored images in another transfer syntax, made beforehand: so that who asks for them
// need not wait for an encoder. Each image's are one file in a folder beside the index. They are
// worth nothing: any of them may be deleted at any time, and is made again from the stored image.
//
// A file: the frames; for each its offset and length (64 bits, little endian) and SHA-256; 256
// bytes of text that say what they are. Nothing is synced; what a power cut has torn is found by
// its hashes, and goes.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/crypto.h"
#include "core/file.h"
#include "core/result.h"
#include "index/image_record.h"
#include "pixel/frame_encoder.h"

namespace pacs::archive {

// Any thread.
class TranscodedCopies {
 public:
  // Makes the folder with mode 0700 where it is missing, and takes what is there: copies in another
  // transfer syntax than `transfer_syntax` go, and so does what was cut while it was written.
  // `size_bytes_max`: of all copies; the ones not asked for longest go first. Errors: of the disk.
  [[nodiscard]] static Result<std::unique_ptr<TranscodedCopies>> open(std::string folder,
                                                                      std::string transfer_syntax,
                                                                      uint64_t size_bytes_max);

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const std::string& transfer_syntax() const { return transfer_syntax_; }
  // Of images whose copy was being written when the process before this one was killed.
  [[nodiscard]] const std::vector<int64_t>& cut_images() const { return cut_images_; }

  [[nodiscard]] bool has(const index::ImageRecord& record) const;

  // `index` counts from 0. Nothing where there is no copy, or not in that transfer syntax; where
  // there is one that serves `wanted_syntax` but is missing, the image is wanted from now on. A
  // damaged copy goes.
  [[nodiscard]] std::optional<pixel::EncodedFrame> find_frame(const index::ImageRecord& record,
                                                              std::string_view wanted_syntax,
                                                              size_t index);

  // Images that were asked for in vain since the last call.
  [[nodiscard]] std::vector<int64_t> take_wanted();

  // Nothing is there under its name before finish(); what is not finished goes. One thread.
  class Writer {
   public:
    Writer(Writer&& other) noexcept = default;
    Writer& operator=(Writer&&) = delete;
    ~Writer();

    // In their order; of one format, else unsupported/encoding. resource_exhausted (reason
    // "copy_too_large") beyond the room for all copies.
    [[nodiscard]] Result<void> add(const pixel::EncodedFrame& frame);
    [[nodiscard]] Result<void> finish();

   private:
    friend class TranscodedCopies;
    Writer(TranscodedCopies& owner, const index::ImageRecord& record, std::string path, UniqueFd fd)
        : owner_(owner), record_(record), path_(std::move(path)), fd_(std::move(fd)) {}

    TranscodedCopies& owner_;
    const index::ImageRecord& record_;
    std::string path_;
    UniqueFd fd_;
    std::optional<pixel::PixelFormat> format_;
    std::string table_;
    uint64_t size_bytes_ = 0;
    size_t count_ = 0;
  };
  // `record` outlives the writer. Errors: of the disk.
  [[nodiscard]] Result<Writer> write(const index::ImageRecord& record);

  void remove(int64_t image_id);
  // By id, those behind `after_id`.
  [[nodiscard]] std::vector<int64_t> images_after(int64_t after_id, size_t limit) const;
  [[nodiscard]] uint64_t size_bytes() const;

 private:
  struct Copy {
    int64_t image_id = 0;
    Sha256Digest sha256{};  // of the stored image
    uint64_t size_bytes = 0;
  };

  TranscodedCopies(std::string folder, std::string transfer_syntax, uint64_t size_bytes_max)
      : folder_(std::move(folder)),
        transfer_syntax_(std::move(transfer_syntax)),
        size_bytes_max_(size_bytes_max) {}
  [[nodiscard]] Result<void> take_over();
  [[nodiscard]] std::string path_of(int64_t image_id, const Sha256Digest& sha256) const;
  [[nodiscard]] bool serves(std::string_view wanted_syntax) const;
  [[nodiscard]] bool touch(const index::ImageRecord& record);
  void want(int64_t image_id);
  void put(const Copy& copy);
  void drop(std::list<Copy>::iterator copy);  // with mutex_ held

  const std::string folder_;
  const std::string transfer_syntax_;
  const uint64_t size_bytes_max_;
  std::vector<int64_t> cut_images_;

  mutable std::mutex mutex_;
  // All guarded by mutex_. The last one asked for is first.
  std::list<Copy> copies_;
  std::unordered_map<int64_t, std::list<Copy>::iterator> by_image_;
  std::set<int64_t> ids_;
  uint64_t size_bytes_ = 0;
  std::set<int64_t> wanted_;
};

}  // namespace pacs::archive
