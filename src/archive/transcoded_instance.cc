#include "archive/transcoded_instance.h"

#include <array>
#include <cstdio>
#include <numeric>
#include <utility>

#include "dicom/data_set_builder.h"
#include "dicom/transfer_syntax.h"

namespace pacs::archive {
namespace {

constexpr dicom::Tag kPlanarConfiguration{0x0028, 0x0006};
constexpr dicom::Tag kHighBit{0x0028, 0x0102};
constexpr dicom::Tag kLossyImageCompression{0x0028, 0x2110};
constexpr dicom::Tag kLossyImageCompressionRatio{0x0028, 0x2112};
constexpr dicom::Tag kLossyImageCompressionMethod{0x0028, 0x2114};

struct LossyMethod {
  std::string_view transfer_syntax;
  std::string_view method;
};
// PS3.3 C.7.6.1.1.5.1, for what is encoded here.
constexpr std::array kLossyMethods = {LossyMethod{"1.2.840.10008.1.2.4.50", "ISO_10918_1"},
                                      LossyMethod{"1.2.840.10008.1.2.4.81", "ISO_14495_1"},
                                      LossyMethod{"1.2.840.10008.1.2.4.91", "ISO_15444_1"},
                                      LossyMethod{"1.2.840.10008.1.2.4.203", "ISO_15444_15"}};

std::string_view lossy_method_of(std::string_view transfer_syntax) {
  for (const LossyMethod& lossy : kLossyMethods) {
    if (lossy.transfer_syntax == transfer_syntax) return lossy.method;
  }
  return {};
}

bool is_alike(const pixel::PixelFormat& left, const pixel::PixelFormat& right) {
  return left.photometric_interpretation == right.photometric_interpretation &&
         left.bits_allocated == right.bits_allocated && left.bits_stored == right.bits_stored &&
         left.is_planar == right.is_planar;
}

// One more value behind those that are there: each step that lost something stays told.
std::string with_value(const dicom::DataSet& data_set, dicom::Tag tag, std::string_view value) {
  const auto element = data_set.find(tag);
  if (!element || element->text().empty()) return std::string(value);
  return std::string(element->text()) + "\\" + std::string(value);
}

std::string ratio_text(double ratio) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.3g", ratio);
  return {text.data(), static_cast<size_t>(length)};
}

}  // namespace

Result<std::unique_ptr<TranscodedInstance>> TranscodedInstance::open(
    TranscodingService& transcoding, std::unique_ptr<StoredFrames> frames,
    std::string transfer_syntax) {
  std::unique_ptr<TranscodedInstance> made(
      new TranscodedInstance(transcoding, std::move(frames), std::move(transfer_syntax)));
  PACS_TRY(made->measure_frames());
  PACS_TRY(made->describe());
  return made;
}

// Of native frames the size is known too, but not that each can be decoded.
Result<void> TranscodedInstance::measure_frames() {
  uint64_t kept_bytes = 0;
  for (size_t index = 0; index < frames_->count(); ++index) {
    auto encoded = PACS_TRY(transcoding_.frame(*frames_, index, transfer_syntax_));
    if (index == 0) format_ = encoded.format;
    if (!is_alike(format_, encoded.format)) {
      return unsupported("encoding", "the frames of the instance decode to different formats");
    }
    to_write_.frame_sizes.push_back(encoded.bytes.size());
    kept_bytes += encoded.bytes.size();
    kept_.push_back(kept_bytes <= kEncodedBytesKept ? std::move(encoded.bytes) : ByteVector());
  }
  return {};
}

Result<void> TranscodedInstance::describe() {
  const dicom::DataSet& stored = frames_->header().data_set;
  const bool is_native = transfer_syntax_ == dicom::kExplicitVrLittleEndian;
  const uint64_t pixels = uint64_t{format_.rows} * format_.columns;
  if (is_native && format_.bits_allocated == 1 && pixels % 8 != 0 && frames_->count() > 1) {
    return unsupported("encoding", "frames of one bit a pixel that end within a byte");
  }
  dicom::DataSetBuilder changed;
  changed.add_text(dicom::tags::kPhotometricInterpretation, dicom::Vr::CS,
                   format_.photometric_interpretation);
  if (format_.samples_per_pixel > 1) {
    changed.add_number(kPlanarConfiguration, dicom::Vr::US, uint16_t{format_.is_planar});
  }
  changed.add_number(dicom::tags::kBitsAllocated, dicom::Vr::US, format_.bits_allocated);
  changed.add_number(dicom::tags::kBitsStored, dicom::Vr::US, format_.bits_stored);
  changed.add_number(kHighBit, dicom::Vr::US, format_.high_bit);
  if (const std::string_view method = lossy_method_of(transfer_syntax_); !method.empty()) {
    const uint64_t size =
        std::accumulate(to_write_.frame_sizes.begin(), to_write_.frame_sizes.end(), uint64_t{0});
    const double ratio = static_cast<double>(frames_->format().frame_bytes() * frames_->count()) /
                         static_cast<double>(std::max<uint64_t>(size, 1));
    changed.add_text(kLossyImageCompression, dicom::Vr::CS, "01");
    changed.add_text(kLossyImageCompressionRatio, dicom::Vr::DS,
                     with_value(stored, kLossyImageCompressionRatio, ratio_text(ratio)));
    changed.add_text(kLossyImageCompressionMethod, dicom::Vr::CS,
                     with_value(stored, kLossyImageCompressionMethod, method));
  }
  replacements_ = changed.take();
  to_write_.is_encapsulated = !is_native;
  to_write_.vr = format_.bits_allocated > 8 ? dicom::Vr::OW : dicom::Vr::OB;
  to_write_.write_frame = [this](size_t index, ByteSink& sink) { return write_frame(index, sink); };
  dicom::FileContent content = dicom::content_of(frames_->header(), frames_->bytes());
  content.pixel_data = nullptr;
  content.transfer_syntax_uid = transfer_syntax_;
  content.replacements = &replacements_;
  content.frames = &to_write_;
  writer_ = PACS_TRY(dicom::FileWriter::create(std::move(content)));
  return {};
}

Result<void> TranscodedInstance::write_frame(size_t index, ByteSink& sink) {
  if (!kept_[index].empty()) return sink.write(kept_[index]);
  const auto encoded = PACS_TRY(transcoding_.frame(*frames_, index, transfer_syntax_));
  return sink.write(encoded.bytes);
}

}  // namespace pacs::archive
