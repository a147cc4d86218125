#include "dicom/file_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dicom/element_writer.h"
#include "dicom/file_meta.h"
#include "dicom/little_endian.h"

namespace pacs::dicom {
namespace {

constexpr uint64_t kBehindAllTags = uint64_t{UINT32_MAX} + 1;
constexpr uint32_t kItemHeaderBytes = 8;

std::string uid_of(const FileContent& content, Tag tag, Tag meta_tag) {
  if (content.replacements != nullptr) {
    if (const auto replaced = content.replacements->find(tag)) return std::string(replaced->text());
  }
  const auto own = content.data_set->find(tag);
  if (own && !own->text().empty()) return std::string(own->text());
  if (content.meta == nullptr) return {};
  const auto named = content.meta->find(meta_tag);
  return named ? std::string(named->text()) : std::string();
}

// Writes exactly as many bytes as were promised, or tells.
class FrameSink final : public ByteSink {
 public:
  FrameSink(ValueOutput& output, uint64_t size_bytes) : output_(output), left_(size_bytes) {}
  Result<void> write(Bytes bytes) override {
    if (bytes.size() > left_) return wrong_size();
    left_ -= bytes.size();
    return output_.write(bytes);
  }
  Result<void> finish() const { return left_ == 0 ? Result<void>() : Result<void>(wrong_size()); }

 private:
  static Error wrong_size() {
    return internal_error("frame_size", "a frame has another size than was said of it");
  }
  ValueOutput& output_;
  uint64_t left_;
};

class FramesWriter {
 public:
  FramesWriter(ValueOutput& output, const FramesToWrite& frames)
      : output_(output), writer_(output, nullptr), frames_(frames) {}

  Result<void> write() { return frames_.is_encapsulated ? encapsulated() : native(); }

 private:
  Result<void> one_frame(size_t index) {
    const uint64_t size = frames_.frame_sizes[index];
    if (output_.is_counting()) {
      output_.count(size);
      return {};
    }
    FrameSink sink(output_, size);
    PACS_TRY(frames_.write_frame(index, sink));
    return sink.finish();
  }

  Result<void> native() {
    uint64_t size = 0;
    for (const uint64_t one : frames_.frame_sizes) size += one;
    if (size + size % 2 > kValueBytesMax) return too_large();
    PACS_TRY(writer_.header(tags::kPixelData, frames_.vr, static_cast<uint32_t>(size + size % 2)));
    for (size_t index = 0; index < frames_.frame_sizes.size(); ++index) {
      PACS_TRY(one_frame(index));
    }
    return writer_.padding(size, frames_.vr);
  }

  Result<void> encapsulated() {
    std::vector<uint64_t> offsets;
    uint64_t next = 0;
    for (const uint64_t size : frames_.frame_sizes) {
      if (size + size % 2 > kValueBytesMax) return too_large();
      offsets.push_back(next);
      next += size + size % 2 + kItemHeaderBytes;
    }
    const bool is_basic = offsets.empty() || offsets.back() <= UINT32_MAX;
    if (!is_basic) {
      PACS_TRY(numbers_of_64_bits(tags::kExtendedOffsetTable, offsets));
      PACS_TRY(numbers_of_64_bits(tags::kExtendedOffsetTableLengths, frames_.frame_sizes));
    }
    PACS_TRY(writer_.header(tags::kPixelData, Vr::OB, kLengthUndefined));
    std::string table;
    if (is_basic) {
      for (const uint64_t offset : offsets) append_little_endian(table, uint32_t(offset));
    }
    PACS_TRY(writer_.item(tags::kItem, static_cast<uint32_t>(table.size())));
    PACS_TRY(output_.put(table));
    for (size_t index = 0; index < frames_.frame_sizes.size(); ++index) {
      const uint64_t size = frames_.frame_sizes[index];
      PACS_TRY(writer_.item(tags::kItem, static_cast<uint32_t>(size + size % 2)));
      PACS_TRY(one_frame(index));
      PACS_TRY(writer_.padding(size, Vr::OB));
    }
    return writer_.item(tags::kSequenceDelimitation, 0);
  }

  Result<void> numbers_of_64_bits(Tag tag, const std::vector<uint64_t>& numbers) {
    std::string table;
    for (const uint64_t number : numbers) append_little_endian(table, number);
    PACS_TRY(writer_.header(tag, Vr::OV, static_cast<uint32_t>(table.size())));
    return output_.put(table);
  }

  static Error too_large() {
    return unsupported("value_too_large", "the pixel data are larger than a data element can be");
  }

  ValueOutput& output_;
  ElementWriter writer_;
  const FramesToWrite& frames_;
};

// The elements of the data set with what stands in their place, in one order.
class RootWriter {
 public:
  RootWriter(ValueOutput& output, const FileContent& content)
      : output_(output), writer_(output, content.file), content_(content) {
    if (content.replacements != nullptr) {
      for (const ElementView one : *content.replacements) replacements_.push_back(one);
    }
  }

  Result<void> write() {
    for (const ElementView element : *content_.data_set) {
      PACS_TRY(write_before(element.tag().number()));
      if (!is_left_out(element.tag())) PACS_TRY(write_own(element));
    }
    return write_before(kBehindAllTags);
  }

 private:
  // What comes from elsewhere and belongs before the tag.
  Result<void> write_before(uint64_t tag_number) {
    while (true) {
      const uint64_t replacement =
          next_ < replacements_.size() ? replacements_[next_].tag().number() : kBehindAllTags;
      const bool has_frames = content_.frames != nullptr && !frames_are_written_;
      const uint64_t frames = has_frames ? tags::kExtendedOffsetTable.number() : kBehindAllTags;
      if (std::min(replacement, frames) >= tag_number) return {};
      if (frames <= replacement) {
        frames_are_written_ = true;
        PACS_TRY(FramesWriter(output_, *content_.frames).write());
      } else {
        PACS_TRY(writer_.element(replacements_[next_++]));
      }
    }
  }

  [[nodiscard]] bool is_left_out(Tag tag) const {
    // File Meta Information within a data set (PS3.10 7.1) would be taken for that of the file.
    if (tag.group == tags::kTransferSyntaxUid.group) return true;
    if (content_.frames != nullptr && tag.group == tags::kPixelData.group) return true;
    if (std::find(content_.left_out.begin(), content_.left_out.end(), tag) !=
        content_.left_out.end()) {
      return true;
    }
    return content_.replacements != nullptr && content_.replacements->find(tag).has_value();
  }

  Result<void> write_own(const ElementView& element) {
    const bool is_known = content_.pixel_data != nullptr && content_.pixel_data->is_encapsulated &&
                          content_.pixel_data->tag == element.tag() && !element.length() &&
                          content_.pixel_data->offset == element.file_offset();
    return is_known ? writer_.fragments(*content_.pixel_data) : writer_.element(element);
  }

  ValueOutput& output_;
  ElementWriter writer_;
  const FileContent& content_;
  std::vector<ElementView> replacements_;
  size_t next_ = 0;
  bool frames_are_written_ = false;
};

// Nothing when there are no pixels.
std::optional<bool> are_pixels_encapsulated(const FileContent& content) {
  if (content.frames != nullptr) return content.frames->is_encapsulated;
  const auto pixels = content.data_set->find(tags::kPixelData);
  if (!pixels) return std::nullopt;
  return !pixels->length().has_value();
}

Result<void> check_pixel_form(const FileContent& content) {
  const auto are_encapsulated = are_pixels_encapsulated(content);
  const TransferSyntax* syntax = find_transfer_syntax(content.transfer_syntax_uid);
  if (!are_encapsulated || syntax == nullptr || *are_encapsulated == syntax->is_encapsulated) {
    return {};
  }
  return *are_encapsulated
             ? unsupported("pixels_encapsulated", "the pixel data are compressed")
             : unsupported("pixels_native", "the pixel data of the instance are not compressed");
}

}  // namespace

FileContent content_of(const Header& header, const RandomAccess& file) {
  FileContent content;
  content.data_set = &header.data_set;
  content.file = &file;
  content.pixel_data = header.pixel_data ? &*header.pixel_data : nullptr;
  content.meta = &header.meta;
  if (header.transfer_syntax.is_encapsulated) {
    content.transfer_syntax_uid = header.transfer_syntax_uid;
  }
  return content;
}

Result<FileWriter> FileWriter::create(FileContent content) {
  PACS_TRY(check_pixel_form(content));
  FileWriter writer(std::move(content));
  const FileContent& of = writer.content_;
  const std::string sop_class = uid_of(of, tags::kSopClassUid, tags::kMediaStorageSopClassUid);
  const std::string instance = uid_of(of, tags::kSopInstanceUid, tags::kMediaStorageSopInstanceUid);
  constexpr size_t kUidBytesMax = 1024;  // devices write longer ones than 64
  if (sop_class.size() > kUidBytesMax || instance.size() > kUidBytesMax) {
    return unsupported("value_too_large", "a UID of the instance is far too long");
  }
  writer.start_ = make_file_start({sop_class, instance, of.transfer_syntax_uid});
  ValueOutput counter(nullptr);
  PACS_TRY(writer.write_to(counter));
  writer.size_bytes_ = counter.size_bytes();
  return writer;
}

Result<void> FileWriter::write(ByteSink& sink) const {
  ValueOutput output(&sink);
  PACS_TRY(write_to(output));
  PACS_TRY(output.flush());
  if (output.size_bytes() != size_bytes_) {
    return corrupt("file_too_short", "a stored file has changed while it was read");
  }
  return {};
}

Result<void> FileWriter::write_to(ValueOutput& output) const {
  PACS_TRY(output.put(start_));
  return RootWriter(output, content_).write();
}

}  // namespace pacs::dicom
