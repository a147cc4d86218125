#include "archive/shown_image.h"

#include <algorithm>
#include <utility>

#include "archive/made_instance.h"
#include "archive/staged_access.h"
#include "core/text.h"
#include "dicom/decimal_text.h"
#include "dicom/image_description.h"
#include "pixel/frame.h"

namespace pacs::archive {
namespace {

constexpr dicom::Tag kEncapsulatedPdf{0x0042, 0x0011};
constexpr dicom::Tag kEncapsulatedMimeType{0x0042, 0x0012};
constexpr dicom::Tag kRepresentativeFrameNumber{0x0028, 0x6010};
// An overlay of a large radiograph has four megabytes, more than what an ingest keeps.
constexpr size_t kShownValueSizeMax = size_t{8} << 20;
constexpr size_t kTypeLabelMax = 8;

dicom::MediaKind media_of(const std::string& mime_type) {
  for (const auto kind : {dicom::MediaKind::dicom, dicom::MediaKind::jpeg, dicom::MediaKind::png,
                          dicom::MediaKind::pdf}) {
    if (mime_type == dicom::mime_type(kind)) return kind;
  }
  return dicom::MediaKind::other;
}

size_t representative_frame(const dicom::Header& header, size_t frame_count) {
  const auto element = header.data_set.find(kRepresentativeFrameNumber);
  if (!element || !element->is_in_memory()) return 0;
  const auto number = dicom::integer_of(element->text());
  if (!number || *number < 1 || static_cast<uint64_t>(*number) > frame_count) return 0;
  return static_cast<size_t>(*number) - 1;
}

// An encapsulated document that stands in the file as it is.
bool find_document(ShownImage& image) {
  const dicom::DataSet& data_set = image.header.data_set;
  const auto document = data_set.find(kEncapsulatedPdf);
  const auto type = data_set.find(kEncapsulatedMimeType);
  if (!document || !document->length() || !document->file_offset() || !type) return false;
  if (to_lower(type->text()) != dicom::mime_type(dicom::MediaKind::pdf)) return false;
  image.document_offset = *document->file_offset();
  image.document_length = *document->length();
  return true;
}

void look_at_data_set(ShownImage& image) {
  if (image.frames.layout() == dicom::FrameTable::Layout::video) {
    image.shown_as = ShownAs::video;
  } else if (image.frames.frame_count() > 0) {
    image.shown_as = ShownAs::frames;
    image.representative = representative_frame(image.header, image.frames.frame_count());
  } else if (image.header.transfer_syntax.is_deflated && image.header.pixel_data) {
    image.shown_as = ShownAs::frames;
    image.deflated_frames = dicom::describe(image.header).number_of_frames.value_or(1);
    image.deflated_frames = std::max<size_t>(image.deflated_frames, 1);
    image.representative = representative_frame(image.header, image.deflated_frames);
  } else if (find_document(image)) {
    image.shown_as = ShownAs::document;
  }
}

class FrameSink final : public ByteSink {
 public:
  explicit FrameSink(uint64_t size) { bytes_.reserve(size); }
  Result<void> write(Bytes bytes) override {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
  }
  [[nodiscard]] ByteVector take() { return std::move(bytes_); }

 private:
  ByteVector bytes_;
};

void move_bits(ByteVector& bytes, unsigned first_bit) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const unsigned next = i + 1 < bytes.size() ? std::to_integer<unsigned>(bytes[i + 1]) : 0;
    bytes[i] =
        static_cast<std::byte>((std::to_integer<unsigned>(bytes[i]) | next << 8U) >> first_bit);
  }
}

// Out of the whole, inflated: the only way to a frame of it.
Result<ByteVector> inflated_frame(RetrieveService& retrieve, const index::ImageRecord& record,
                                  size_t frame) {
  const auto made = PACS_TRY(make_explicit(retrieve, record));
  if (made->size_bytes() > pixel::kFrameBytesMax) {
    return resource_exhausted("decoding", "the deflated data set is larger than what is decoded");
  }
  StringSink sink(made->size_bytes());
  PACS_TRY(made->write(sink));
  const Bytes file = as_bytes(sink.text());
  const dicom::MemoryAccess access(file);
  const auto header = PACS_TRY(dicom::read_header(access));
  const auto table = PACS_TRY(dicom::FrameTable::build(access, header));
  if (frame >= table.frame_count()) return unsupported("no_frame", "it has no such frame");
  const dicom::FrameTable::Frame place = table.frame(frame);
  const auto& piece = place.pieces.front();  // native: one piece
  const Bytes bytes = file.subspan(piece.offset, piece.length);
  ByteVector found(bytes.begin(), bytes.end());
  if (place.first_bit != 0) move_bits(found, place.first_bit);
  return found;
}

}  // namespace

std::string ShownImage::type_label() const {
  if (shown_as == ShownAs::document) return "PDF";
  if (shown_as == ShownAs::video) return "VIDEO";
  const auto modality = header.data_set.find(dicom::tags::kModality);
  const std::string label =
      modality && modality->is_in_memory() ? std::string(modality->text()) : std::string();
  return label.empty() ? "DICOM" : label.substr(0, kTypeLabelMax);
}

Result<ShownImage> open_to_show(RetrieveService& retrieve, const index::ImageRecord& record,
                                const std::optional<ByteVector>& frame_table) {
  ShownImage image(PACS_TRY(retrieve.open(record)));
  image.media = media_of(record.attributes.mime_type);
  if (image.media == dicom::MediaKind::jpeg || image.media == dicom::MediaKind::png) {
    image.shown_as = ShownAs::picture;
  } else if (image.media == dicom::MediaKind::pdf) {
    image.shown_as = ShownAs::document;
    image.document_length = image.opened.blob->size_bytes();
  } else {
    dicom::HeaderLimits limits;
    limits.value_size_kept_max = kShownValueSizeMax;
    PACS_TRY(retrieve.confirm(image.opened));
    image.header = PACS_TRY(dicom::read_header(BlobAccess(*image.opened.blob), limits));
    if (frame_table) image.frames = PACS_TRY(dicom::FrameTable::parse(*frame_table));
    look_at_data_set(image);
  }
  return image;
}

Result<ByteVector> read_frame(RetrieveService& retrieve, ShownImage& image, size_t frame) {
  if (image.deflated_frames > 0) return inflated_frame(retrieve, image.opened.record, frame);
  const dicom::FrameTable::Frame place = image.frames.frame(frame);
  if (place.length() > pixel::kFrameBytesMax) {
    return resource_exhausted("decoding", "the frame is larger than what is decoded");
  }
  FrameSink sink(place.length());
  for (const dicom::FrameTable::Piece& piece : place.pieces) {
    PACS_TRY(retrieve.send(image.opened, sink, piece.offset, piece.length));
  }
  ByteVector bytes = sink.take();
  if (place.first_bit != 0) move_bits(bytes, place.first_bit);
  return bytes;
}

}  // namespace pacs::archive
