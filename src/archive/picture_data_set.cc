#include "archive/picture_data_set.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "dicom/data_set_builder.h"
#include "dicom/picture_info.h"
#include "dicom/transfer_syntax.h"
#include "pixel/png_rows.h"

namespace pacs::archive {
namespace {

namespace tags = dicom::tags;
using dicom::Tag;
using dicom::Vr;

constexpr std::string_view kOtherModality = "OT";
constexpr std::string_view kWorkstation = "WSD";  // Conversion Type (PS3.3 C.8.6.1)

std::string digits_only(std::string_view iso) {
  std::string digits(iso);
  std::erase_if(digits, [](char c) { return c == '-' || c == ':'; });
  return digits;
}

// Elements in ascending order.
class ElementList {
 public:
  ElementList& text(Tag tag, Vr vr, std::string_view value) {
    builder_.add_text(tag, vr, value);
    return *this;
  }
  ElementList& number(Tag tag, uint16_t value) {
    builder_.add_number(tag, Vr::US, value);
    return *this;
  }
  ElementList& empty_sequence(Tag tag) {
    builder_.close(builder_.add_element({.tag = tag, .vr = Vr::SQ, .length = 0}));
    return *this;
  }
  // Bytes that stand elsewhere.
  ElementList& place(const dicom::DataSetBuilder::Element& element) {
    builder_.add_element(element);
    return *this;
  }
  [[nodiscard]] dicom::DataSet take() { return builder_.take(); }

 private:
  dicom::DataSetBuilder builder_;
};

// Patient, General Study, General Series, General Equipment and SOP Common, as far as they stand in
// group 0008 and below 0020,0010; `conversion` is between them.
void add_common(ElementList& list, const PictureSource& source, std::string_view sop_class) {
  const index::StudyAttributes& study = source.study.attributes;
  const index::SeriesAttributes& series = source.series.attributes;
  const std::string modality =
      series.modality.empty() ? std::string(kOtherModality) : series.modality;
  list.text(tags::kSpecificCharacterSet, Vr::CS, "ISO_IR 192")
      .text(tags::kSopClassUid, Vr::UI, sop_class)
      .text(tags::kSopInstanceUid, Vr::UI, source.image.image_uid.to_dicom())
      .text(tags::kStudyDate, Vr::DA, digits_only(study.study_date));
  if (sop_class == kEncapsulatedPdfUid) {
    list.text({0x0008, 0x0023}, Vr::DA, "")   // Content Date
        .text({0x0008, 0x002A}, Vr::DT, "");  // Acquisition DateTime
  }
  list.text(tags::kStudyTime, Vr::TM, digits_only(study.study_time));
  if (sop_class == kEncapsulatedPdfUid) list.text({0x0008, 0x0033}, Vr::TM, "");  // Content Time
  list.text(tags::kAccessionNumber, Vr::SH, study.accession_number)
      .text(tags::kModality, Vr::CS, modality)
      .text({0x0008, 0x0064}, Vr::CS, kWorkstation)  // Conversion Type
      .text({0x0008, 0x0070}, Vr::LO, "")            // Manufacturer
      .text(tags::kReferringPhysicianName, Vr::PN, study.referring_physician);
  if (!study.description.empty()) {
    list.text(tags::kStudyDescription, Vr::LO, study.description);
  }
  if (!series.description.empty()) {
    list.text(tags::kSeriesDescription, Vr::LO, series.description);
  }
  list.text(tags::kPatientName, Vr::PN, study.patient_name)
      .text(tags::kPatientId, Vr::LO, study.patient_id)
      .text(tags::kPatientBirthDate, Vr::DA, digits_only(study.patient_birth_date))
      .text(tags::kPatientSex, Vr::CS, study.patient_sex);
  if (!series.body_part.empty()) list.text(tags::kBodyPartExamined, Vr::CS, series.body_part);
  list.text(tags::kStudyInstanceUid, Vr::UI, source.study.study_uid.to_dicom())
      .text(tags::kSeriesInstanceUid, Vr::UI, source.series.series_uid.to_dicom())
      .text(tags::kStudyId, Vr::SH, "")
      .text(tags::kSeriesNumber, Vr::IS, std::to_string(series.number.value_or(1)))
      .text(tags::kInstanceNumber, Vr::IS,
            std::to_string(source.image.attributes.instance_number.value_or(1)));
}

PictureDataSet describe_pdf(const PictureSource& source, uint64_t size_bytes) {
  ElementList list;
  add_common(list, source, kEncapsulatedPdfUid);
  constexpr size_t kTitleBytesMax = 1024;     // ST
  list.text({0x0028, 0x0301}, Vr::CS, "YES")  // Burned In Annotation: nobody has looked
      .empty_sequence({0x0040, 0xA043})       // Concept Name Code Sequence
      .text({0x0042, 0x0010}, Vr::ST,
            std::string_view(source.image.attributes.filename).substr(0, kTitleBytesMax))
      .place({.tag = {0x0042, 0x0011}, .vr = Vr::OB, .length = size_bytes, .file_offset = 0})
      .text({0x0042, 0x0012}, Vr::LO, "application/pdf");
  PictureDataSet described;
  described.form = PictureForm::document;
  described.data_set = list.take();
  described.transfer_syntax = dicom::kExplicitVrLittleEndian;
  return described;
}

struct PixelFormat {
  std::string_view photometric;
  uint16_t samples = 1;
  uint16_t bits_allocated = 8;
  uint16_t bits_stored = 8;
};

void add_image_pixel(ElementList& list, const PictureSource& source, const PixelFormat& format,
                     uint32_t width, uint32_t height) {
  add_common(list, source, kSecondaryCaptureUid);
  list.text({0x0020, 0x0020}, Vr::CS, "")  // Patient Orientation
      .text(tags::kLaterality, Vr::CS, "")
      .number(tags::kSamplesPerPixel, format.samples)
      .text(tags::kPhotometricInterpretation, Vr::CS, format.photometric);
  if (format.samples > 1) list.number({0x0028, 0x0006}, 0);  // Planar Configuration
  list.number(tags::kRows, static_cast<uint16_t>(height))
      .number(tags::kColumns, static_cast<uint16_t>(width))
      .number(tags::kBitsAllocated, format.bits_allocated)
      .number(tags::kBitsStored, format.bits_stored)
      .number({0x0028, 0x0102}, static_cast<uint16_t>(format.bits_stored - 1))  // High Bit
      .number(tags::kPixelRepresentation, 0);
}

// PS3.5 A.4.1 and, for progressive ones, its editions to 1998.
std::optional<std::string_view> transfer_syntax_of(const dicom::PictureInfo& jpeg) {
  switch (jpeg.jpeg_process) {
    case 0:
      return "1.2.840.10008.1.2.4.50";
    case 1:
      return "1.2.840.10008.1.2.4.51";
    case 2:
      return "1.2.840.10008.1.2.4.55";
    case 3:
      return "1.2.840.10008.1.2.4.57";
    default:
      return std::nullopt;
  }
}

// PS3.5 8.2.1: how many samples of colour there are is told by the JPEG, not by the attribute.
std::string_view photometric_of(const dicom::PictureInfo& jpeg) {
  if (jpeg.components == 1) return "MONOCHROME2";
  return jpeg.is_rgb ? "RGB" : "YBR_FULL_422";
}

Result<PictureDataSet> describe_jpeg(const PictureSource& source, const dicom::PictureInfo& jpeg,
                                     uint64_t size_bytes) {
  const auto syntax = transfer_syntax_of(jpeg);
  const bool has_known_samples = jpeg.components == 1 || jpeg.components == 3;
  if (!syntax || !has_known_samples || jpeg.bits < 2 || jpeg.bits > 16) {
    return unsupported("no_dicom_object", "no DICOM image can be made of this kind of JPEG");
  }
  const auto allocated = static_cast<uint16_t>(jpeg.bits > 8 ? 16 : 8);
  ElementList list;
  add_image_pixel(list, source,
                  {photometric_of(jpeg), static_cast<uint16_t>(jpeg.components), allocated,
                   static_cast<uint16_t>(jpeg.bits)},
                  jpeg.width, jpeg.height);
  constexpr unsigned kLosslessProcess = 3;
  if (jpeg.jpeg_process != kLosslessProcess) {
    const double native = double(jpeg.width) * jpeg.height * jpeg.components * (allocated / 8);
    list.text({0x0028, 0x2110}, Vr::CS, "01")  // Lossy Image Compression (PS3.3 C.7.6.1.1.5)
        .text({0x0028, 0x2112}, Vr::DS, std::to_string(native / double(size_bytes)))
        .text({0x0028, 0x2114}, Vr::CS, "ISO_10918_1");
  }
  list.place({.tag = tags::kPixelData, .vr = Vr::OB});
  PictureDataSet described;
  described.form = PictureForm::jpeg;
  described.data_set = list.take();
  described.transfer_syntax = *syntax;
  described.frame_bytes = size_bytes;
  return described;
}

Result<PictureDataSet> describe_png(const PictureSource& source, const dicom::RandomAccess& file) {
  const pixel::PngFormat png = PACS_TRY(pixel::read_png_format(file));
  ElementList list;
  const auto bits = static_cast<uint16_t>(png.bits);
  add_image_pixel(
      list, source,
      {png.samples == 1 ? "MONOCHROME2" : "RGB", static_cast<uint16_t>(png.samples), bits, bits},
      png.width, png.height);
  list.place({.tag = tags::kPixelData,
              .vr = png.bits == 16 ? Vr::OW : Vr::OB,
              .length = png.size_bytes() + png.size_bytes() % 2});
  PictureDataSet described;
  described.form = PictureForm::png;
  described.data_set = list.take();
  described.transfer_syntax = dicom::kExplicitVrLittleEndian;
  described.frame_bytes = png.size_bytes();
  return described;
}

}  // namespace

Result<PictureDataSet> describe_as_dicom(const PictureSource& source,
                                         const dicom::RandomAccess& file) {
  if (source.image.attributes.mime_type == "application/pdf") {
    return describe_pdf(source, file.size());
  }
  const dicom::PictureInfo picture = PACS_TRY(dicom::read_picture_info(file));
  if (picture.kind == dicom::MediaKind::png) return describe_png(source, file);
  return describe_jpeg(source, picture, file.size());
}

}  // namespace pacs::archive
