#include "dicomweb/stored_values.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "core/text.h"
#include "dicom/dicom_json.h"
#include "dicom/little_endian.h"
#include "dicom/value_output.h"
#include "dicomweb/stored_encoding.h"
#include "dicomweb/window_sink.h"

namespace pacs::dicomweb {
namespace {

constexpr dicom::Tag kMimeTypeOfEncapsulatedDocument{0x0042, 0x0012};
constexpr std::string_view kEncapsulatedDocumentPath = "00420011";
constexpr std::string_view kMainPixelsPath = "7FE00010";
constexpr std::string_view kBytesType = "application/octet-stream";

// An icon has one frame (PS3.3 F.7), of few fragments.
constexpr size_t kIconFragmentsMax = 1'000;

struct IconPiece {
  uint64_t offset = 0;
  uint64_t length = 0;
};

// The fragments of encapsulated pixels from their first item on, without the offset table (PS3.5
// A.4).
Result<std::vector<IconPiece>> find_fragments(const dicom::RandomAccess& file, uint64_t offset) {
  std::vector<IconPiece> pieces;
  for (size_t count = 0; count <= kIconFragmentsMax; ++count) {
    std::array<std::byte, 8> header{};
    const size_t size = PACS_TRY(file.read_at(offset, header));
    if (size < header.size()) break;
    const dicom::Tag tag{dicom::load_little_endian<uint16_t>(header.data()),
                         dicom::load_little_endian<uint16_t>(header.data() + 2)};
    const auto length = dicom::load_little_endian<uint32_t>(header.data() + 4);
    offset += header.size();
    if (tag == dicom::tags::kSequenceDelimitation) return pieces;
    if (tag != dicom::tags::kItem || length > file.size() - offset) break;
    if (count > 0) pieces.push_back({offset, length});
    offset += length;
  }
  return not_found("no_such_value", "the fragments of these pixels cannot be told");
}

}  // namespace

// The one frame of an icon, as it is stored.
class StoredIconBody final : public http::RangedBody {
 public:
  StoredIconBody(std::shared_ptr<StoredValues> values, std::vector<IconPiece> pieces)
      : values_(std::move(values)), pieces_(std::move(pieces)) {
    for (const IconPiece& piece : pieces_) size_ += piece.length;
  }
  [[nodiscard]] uint64_t size() const override { return size_; }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    for (const IconPiece& piece : pieces_) {
      const uint64_t before = std::min(offset, piece.length);
      const uint64_t part = std::min(piece.length - before, length);
      if (part > 0) {
        PACS_TRY(values_->retrieve_.send(*values_->image_, sink, piece.offset + before, part));
      }
      offset -= before;
      length -= part;
    }
    return {};
  }

 private:
  const std::shared_ptr<StoredValues> values_;
  const std::vector<IconPiece> pieces_;
  uint64_t size_ = 0;
};

// A value that lies in the file as it is sent, one that the reader has kept, or one of a deflated
// or big endian file, which is inflated and turned while it is sent.
class StoredValueBody final : public http::RangedBody {
 public:
  // `inflated` is null where the value stands in the file as it is stored.
  StoredValueBody(std::shared_ptr<StoredValues> values, const dicom::ElementView& element,
                  const dicom::RandomAccess* inflated)
      : values_(std::move(values)), element_(element), inflated_(inflated) {}
  [[nodiscard]] uint64_t size() const override { return element_.length().value_or(0); }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    if (element_.is_in_memory()) return sink.write(element_.value().subspan(offset, length));
    const unsigned number_size = dicom::number_size(element_.vr());
    const bool is_turned = element_.file_byte_order() == std::endian::big && number_size > 1;
    if (inflated_ == nullptr && !is_turned) {
      return values_->retrieve_.send(*values_->image_, sink, *element_.file_offset() + offset,
                                     length);
    }
    WindowSink window(sink, offset, length);
    dicom::ValueOutput output(&window);
    Result<void> written =
        output.copy(inflated_ == nullptr ? values_->file_ : *inflated_, *element_.file_offset(),
                    size(), number_size, element_.file_byte_order());
    if (written) written = output.flush();
    return window.finish(std::move(written));
  }

 private:
  const std::shared_ptr<StoredValues> values_;
  const dicom::ElementView element_;
  const dicom::RandomAccess* const inflated_;
};

Result<std::shared_ptr<StoredValues>> StoredValues::open(archive::RetrieveService& retrieve,
                                                         index::ImageRecord instance) {
  auto image = PACS_TRY(retrieve.open(std::move(instance)));
  PACS_TRY(retrieve.confirm(image));  // its header is read before anything is sent
  std::shared_ptr<StoredValues> values(new StoredValues(retrieve, std::move(image)));
  values->header_ = PACS_TRY(dicom::read_header(values->file_));
  return values;
}

bool StoredValues::has_encapsulated_pixels() const {
  const auto element = header_.data_set.find(dicom::tags::kPixelData);
  return element && !element->length();
}

Result<std::shared_ptr<http::RangedBody>> StoredValues::value(const std::string& path) {
  auto element = dicom::find_by_path(header_.data_set, path);
  if (!element) return not_found("no_such_value", "the instance has no such attribute");
  const bool is_icon = !element->is_sequence() && !element->length() && element->file_offset();
  if (is_icon && path != kMainPixelsPath) {
    auto pieces = PACS_TRY(find_fragments(file_, *element->file_offset()));
    return std::shared_ptr<http::RangedBody>(
        std::make_shared<StoredIconBody>(shared_from_this(), std::move(pieces)));
  }
  if (element->is_sequence() || !element->length()) {
    return not_found("no_such_value", "this attribute has no value of bytes");
  }
  const dicom::RandomAccess* inflated = nullptr;
  if (!element->is_in_memory() && !element->file_offset()) {
    if (inflated_ == nullptr) {
      inflated_ = PACS_TRY(dicom::InflatedFile::open(file_, header_));
      inflated_header_ = PACS_TRY(dicom::read_header(*inflated_));
    }
    inflated = inflated_.get();
    element = dicom::find_by_path(inflated_header_.data_set, path);
    if (!element) return not_found("no_such_value", "the instance has no such attribute");
  }
  return std::shared_ptr<http::RangedBody>(
      std::make_shared<StoredValueBody>(shared_from_this(), *element, inflated));
}

std::string StoredValues::media_type_of(std::string_view path) const {
  const auto element = dicom::find_by_path(header_.data_set, path);
  const bool is_encapsulated = element && !element->is_sequence() && !element->length();
  if (is_encapsulated) {
    const auto encoding = frame_encoding_of(image_->record.attributes.transfer_syntax);
    if (encoding) return encoding->media_type;
  }
  if (path != kEncapsulatedDocumentPath) return std::string(kBytesType);
  const auto named = header_.data_set.find(kMimeTypeOfEncapsulatedDocument);
  const std::string type = named ? to_lower(named->text()) : std::string();
  return type == "application/pdf" || type == "text/xml" || type == "model/stl"
             ? type
             : std::string(kBytesType);
}

}  // namespace pacs::dicomweb
