#include "dicom/image_description.h"

#include <gtest/gtest.h>

#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;

ImageDescription describe_file(const std::string& file) {
  const auto header = read_header(MemoryAccess(as_bytes(file)));
  EXPECT_TRUE(header);
  return header ? describe(*header) : ImageDescription();
}

DicomBuilder described_slice() { return DicomBuilder::ct_slice("1.2.3", "1.2.3.4", "1.2.3.4.5"); }

TEST(ImageDescriptionTest, TellsWhatTheIndexWants) {
  const ImageDescription image = describe_file(described_slice()
                                                   .text(tags::kIssuerOfPatientId, Vr::LO, "CLINIC")
                                                   .text(tags::kInstitutionName, Vr::LO, "Spital")
                                                   .text(tags::kSeriesDate, Vr::DA, "20260201")
                                                   .text(tags::kImageLaterality, Vr::CS, "L")
                                                   .text(tags::kNumberOfFrames, Vr::IS, "1")
                                                   .build());
  EXPECT_EQ(image.study_instance_uid, "1.2.3");
  EXPECT_EQ(image.series_instance_uid, "1.2.3.4");
  EXPECT_EQ(image.sop_instance_uid, "1.2.3.4.5");
  EXPECT_EQ(image.sop_class_uid, "1.2.840.10008.5.1.4.1.1.2");
  EXPECT_EQ(image.transfer_syntax_uid, kExplicitVrLittleEndian);
  EXPECT_EQ(image.patient_id, "PHANTOM-1");
  EXPECT_EQ(image.issuer_of_patient_id, "CLINIC");
  EXPECT_EQ(image.patient_name, "Phantom^Head");
  EXPECT_EQ(image.patient_birth_date, "1970-01-01");
  EXPECT_EQ(image.patient_sex, "O");
  EXPECT_EQ(image.study_date, "2026-01-31");
  EXPECT_EQ(image.study_time, "09:30:15");
  EXPECT_EQ(image.study_id, "1");
  EXPECT_EQ(image.study_description, "Head");
  EXPECT_EQ(image.accession_number, "ACC-1");
  EXPECT_EQ(image.referring_physician_name, "Example^Doctor");
  EXPECT_EQ(image.institution_name, "Spital");
  EXPECT_EQ(image.modality, "CT");
  EXPECT_EQ(image.series_number, 2);
  EXPECT_EQ(image.series_description, "Axial");
  EXPECT_EQ(image.series_date, "2026-02-01");
  EXPECT_EQ(image.body_part_examined, "HEAD");
  EXPECT_EQ(image.laterality, "L");
  EXPECT_EQ(image.instance_number, 3);
  EXPECT_EQ(image.rows, 4U);
  EXPECT_EQ(image.columns, 4U);
  EXPECT_EQ(image.number_of_frames, 1U);
  EXPECT_EQ(image.samples_per_pixel, 1U);
  EXPECT_EQ(image.bits_allocated, 16U);
  EXPECT_EQ(image.bits_stored, 12U);
  EXPECT_EQ(image.photometric_interpretation, "MONOCHROME2");
  EXPECT_TRUE(image.missing_identifiers().empty());
}

TEST(ImageDescriptionTest, NamesTheIdentifiersThatAreMissing) {
  const ImageDescription image = describe_file(described_slice()
                                                   .remove(tags::kStudyInstanceUid)
                                                   .text(tags::kSeriesInstanceUid, Vr::UI, "")
                                                   .remove(tags::kSopInstanceUid)
                                                   .without_meta()
                                                   .build());
  EXPECT_EQ(
      image.missing_identifiers(),
      (std::vector<std::string_view>{"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"}));
}

TEST(ImageDescriptionTest, DoesNotLookIntoItems) {
  DicomBuilder item;
  item.text(tags::kPatientId, Vr::LO, "SOMEBODY ELSE").text(tags::kStudyInstanceUid, Vr::UI, "9.9");
  const ImageDescription image =
      describe_file(described_slice().sequence({0x0008, 0x1115}, {item}).build());
  EXPECT_EQ(image.patient_id, "PHANTOM-1");
  EXPECT_EQ(image.study_instance_uid, "1.2.3");
}

TEST(ImageDescriptionTest, TakesUidsFromTheMetaInformationWhereTheDataSetHasNone) {
  std::string file = described_slice().build();
  const size_t meta_size = file.size() - described_slice().build_data_set().size();
  file.resize(meta_size);
  file +=
      described_slice().remove(tags::kSopInstanceUid).remove(tags::kSopClassUid).build_data_set();
  const ImageDescription image = describe_file(file);
  EXPECT_EQ(image.sop_instance_uid, "1.2.3.4.5");
  EXPECT_EQ(image.sop_class_uid, "1.2.840.10008.5.1.4.1.1.2");
}

TEST(ImageDescriptionTest, ReadsAttributesThatCameAsUnknown) {
  const ImageDescription image =
      describe_file(described_slice()
                        .bytes(tags::kRows, Vr::UN, std::string_view("\x00\x02", 2))
                        .bytes(tags::kPatientId, Vr::UN, "P-9 ")
                        .build());
  EXPECT_EQ(image.rows, 512U);
  EXPECT_EQ(image.patient_id, "P-9");
}

TEST(ImageDescriptionTest, LeavesOutWhatCannotBeRead) {
  const ImageDescription image = describe_file(described_slice()
                                                   .text(tags::kInstanceNumber, Vr::IS, "3A")
                                                   .text(tags::kSeriesNumber, Vr::IS, " 12 ")
                                                   .text(tags::kNumberOfFrames, Vr::IS, "-1")
                                                   .text(tags::kStudyDate, Vr::DA, "20260231")
                                                   .text(tags::kStudyTime, Vr::TM, "250000")
                                                   .build());
  EXPECT_FALSE(image.instance_number);
  EXPECT_EQ(image.series_number, 12);
  EXPECT_FALSE(image.number_of_frames);
  EXPECT_EQ(image.study_date, "");
  EXPECT_EQ(image.study_time, "");
}

TEST(ImageDescriptionTest, CutsTextThatNobodyWouldWrite) {
  std::string name;
  for (int i = 0; i < 2000; ++i) name += "é";
  const ImageDescription image =
      describe_file(described_slice().text(tags::kStudyDescription, Vr::LO, name).build());
  EXPECT_EQ(image.study_description.size(), 1024U);
  EXPECT_EQ(image.study_description, name.substr(0, 1024));
}

TEST(ImageDescriptionTest, ReadsOldAndNewDatesAndTimes) {
  EXPECT_EQ(iso_date("20260131"), "2026-01-31");
  EXPECT_EQ(iso_date("2026.01.31"), "2026-01-31");
  EXPECT_EQ(iso_date("20240229 "), "2024-02-29");
  for (const std::string_view text :
       {"", "2026", "20261301", "20260100", "20230229", "2026-01-31", "2026013A", "00000101"}) {
    EXPECT_EQ(iso_date(text), "") << text;
  }
  EXPECT_EQ(iso_time("09"), "09:00:00");
  EXPECT_EQ(iso_time("0930"), "09:30:00");
  EXPECT_EQ(iso_time("093015.123456"), "09:30:15");
  EXPECT_EQ(iso_time("09:30:15"), "09:30:15");
  for (const std::string_view text : {"", "9", "2400", "0960", "093061", "09:30", "ab"}) {
    EXPECT_EQ(iso_time(text), "") << text;
  }
}

}  // namespace
}  // namespace pacs::dicom
