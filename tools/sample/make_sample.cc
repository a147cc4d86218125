// Writes one CT slice of a head that never lived: 512 x 512 pixels of 16 bits, about 526 kB, the
// size of what a scanner sends. Skull, brain, ventricles and a bleeding are ellipses, the noise is
// counted out by a generator with a fixed seed, and the UIDs are fixed: two builds make the same
// bytes.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

namespace {

constexpr int kSize = 512;
constexpr double kFieldOfViewMm = 240.0;
constexpr int kRescaleIntercept = -1024;
constexpr double kNoiseHounsfield = 6.0;  // what a routine head protocol shows

// A UUID under 2.25 is a UID that nobody else has (PS3.5 B.2). tools/run.sh names the instance.
constexpr const char* kStudyUid = "2.25.239669147476304336675176119081385822021";
constexpr const char* kSeriesUid = "2.25.23359141580703633086929560648883897133";
constexpr const char* kSopInstanceUid = "2.25.124498946921347765306027528506181820825";
constexpr const char* kFrameOfReferenceUid = "2.25.336582551784529578062756325162657132981";

// An ellipse in millimetres from the centre of the picture, filled with one density. Later ones
// cover earlier ones.
struct Ellipse {
  double centre_x_mm;
  double centre_y_mm;
  double half_width_mm;
  double half_height_mm;
  double hounsfield;
};

constexpr double kAirHounsfield = -1000.0;
constexpr std::array<Ellipse, 9> kHead = {{
    {0, 4, 84, 106, 40},    // scalp
    {0, 4, 78, 100, 1100},  // skull
    {0, 4, 71, 93, 37},     // grey matter
    {0, 4, 62, 84, 29},     // white matter
    {-14, -8, 9, 30, 6},    // left ventricle
    {14, -8, 9, 30, 6},     // right ventricle
    {-22, 14, 8, 12, 38},   // thalami
    {22, 14, 8, 12, 38},
    {40, 30, 11, 8, 68},  // a fresh bleeding: what there is to see
}};

bool contains(const Ellipse& ellipse, double x_mm, double y_mm) {
  const double x = (x_mm - ellipse.centre_x_mm) / ellipse.half_width_mm;
  const double y = (y_mm - ellipse.centre_y_mm) / ellipse.half_height_mm;
  return x * x + y * y <= 1.0;
}

double density_at(double x_mm, double y_mm) {
  double hounsfield = kAirHounsfield;
  for (const Ellipse& ellipse : kHead) {
    if (contains(ellipse, x_mm, y_mm)) hounsfield = ellipse.hounsfield;
  }
  return hounsfield;
}

// Twelve uniform values add up to a variance of one. std::normal_distribution would do, but two
// standard libraries make two different pictures with it.
double normal(std::mt19937& generator) {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(generator()) / 4294967296.0;
  return sum - 6.0;
}

std::vector<Uint16> pixels() {
  std::mt19937 generator(20260101);
  std::vector<Uint16> values(static_cast<std::size_t>(kSize) * kSize);
  const double spacing_mm = kFieldOfViewMm / kSize;
  for (int row = 0; row < kSize; ++row) {
    for (int column = 0; column < kSize; ++column) {
      const double hounsfield =
          density_at((column - kSize / 2) * spacing_mm, (row - kSize / 2) * spacing_mm) +
          kNoiseHounsfield * normal(generator);
      const long stored = std::lround(hounsfield) - kRescaleIntercept;
      values[static_cast<std::size_t>(row) * kSize + column] =
          static_cast<Uint16>(std::clamp(stored, 0L, 4095L));
    }
  }
  return values;
}

struct Attribute {
  DcmTagKey tag;
  const char* value;
};

// PS3.3 A.3: the modules that a CT image must have, and what a list of studies shows.
const std::vector<Attribute>& attributes() {
  static const std::vector<Attribute> kAttributes = {
      {DCM_SpecificCharacterSet, "ISO_IR 192"},
      {DCM_ImageType, "ORIGINAL\\PRIMARY\\AXIAL"},
      {DCM_SOPClassUID, UID_CTImageStorage},
      {DCM_SOPInstanceUID, kSopInstanceUid},
      {DCM_StudyDate, "20260101"},
      {DCM_SeriesDate, "20260101"},
      {DCM_AcquisitionDate, "20260101"},
      {DCM_ContentDate, "20260101"},
      {DCM_StudyTime, "093000"},
      {DCM_SeriesTime, "093015"},
      {DCM_AcquisitionTime, "093020"},
      {DCM_ContentTime, "093021"},
      {DCM_AccessionNumber, "SAMPLE-1"},
      {DCM_Modality, "CT"},
      {DCM_Manufacturer, "pacs-lite"},
      {DCM_ReferringPhysicianName, "Example^Doctor"},
      {DCM_StudyDescription, "Head without contrast (phantom)"},
      {DCM_SeriesDescription, "Axial 5 mm"},
      {DCM_ManufacturerModelName, "Phantom"},
      {DCM_PatientName, "Phantom^Head"},
      {DCM_PatientID, "PHANTOM-1"},
      {DCM_PatientBirthDate, "19700101"},
      {DCM_PatientSex, "O"},
      {DCM_BodyPartExamined, "HEAD"},
      {DCM_SliceThickness, "5"},
      {DCM_KVP, "120"},
      {DCM_PatientPosition, "HFS"},
      {DCM_StudyInstanceUID, kStudyUid},
      {DCM_SeriesInstanceUID, kSeriesUid},
      {DCM_StudyID, "1"},
      {DCM_SeriesNumber, "1"},
      {DCM_AcquisitionNumber, "1"},
      {DCM_InstanceNumber, "1"},
      {DCM_ImagePositionPatient, "-120\\-120\\0"},
      {DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0"},
      {DCM_FrameOfReferenceUID, kFrameOfReferenceUid},
      {DCM_PositionReferenceIndicator, ""},
      {DCM_SliceLocation, "0"},
      {DCM_PhotometricInterpretation, "MONOCHROME2"},
      {DCM_PixelSpacing, "0.46875\\0.46875"},
      {DCM_WindowCenter, "40"},
      {DCM_WindowWidth, "80"},
      {DCM_RescaleIntercept, "-1024"},
      {DCM_RescaleSlope, "1"},
      {DCM_RescaleType, "HU"},
  };
  return kAttributes;
}

struct Count {
  DcmTagKey tag;
  Uint16 value;
};

OFCondition fill(DcmDataset& data_set) {
  for (const Attribute& attribute : attributes()) {
    const OFCondition put = data_set.putAndInsertString(attribute.tag, attribute.value);
    if (put.bad()) return put;
  }
  const std::array<Count, 7> counts = {{
      {DCM_SamplesPerPixel, 1},
      {DCM_Rows, kSize},
      {DCM_Columns, kSize},
      {DCM_BitsAllocated, 16},
      {DCM_BitsStored, 12},
      {DCM_HighBit, 11},
      {DCM_PixelRepresentation, 0},
  }};
  for (const Count& count : counts) {
    const OFCondition put = data_set.putAndInsertUint16(count.tag, count.value);
    if (put.bad()) return put;
  }
  const std::vector<Uint16> values = pixels();
  return data_set.putAndInsertUint16Array(DCM_PixelData, values.data(), values.size());
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: make_sample FILE.dcm\n");
    return 2;
  }
  DcmFileFormat file;
  OFCondition done = fill(*file.getDataset());
  if (done.good()) done = file.saveFile(arguments[1], EXS_LittleEndianExplicit);
  if (done.bad()) {
    std::fprintf(stderr, "make_sample: %s: %s\n", arguments[1], done.text());
    return 1;
  }
  return 0;
}
