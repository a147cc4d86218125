#include "dicom/readable_text.h"

#include <string>

#include <gtest/gtest.h>

#include "dicom/header_reader.h"
#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using testing::DicomBuilder;

std::string shown_text(const DicomBuilder& builder, TextForm form) {
  const std::string file = builder.build();
  const auto header = read_header(MemoryAccess(as_bytes(file)));
  EXPECT_TRUE(header);
  return header ? readable_text(header->data_set, form) : std::string();
}

DicomBuilder code(const char* meaning) {
  return DicomBuilder().text({0x0008, 0x0104}, Vr::LO, meaning);
}

DicomBuilder content_item(const char* type, const char* name) {
  return DicomBuilder()
      .text({0x0040, 0xA040}, Vr::CS, type)
      .sequence({0x0040, 0xA043}, {code(name)});
}

TEST(ReadableText, ShowsTheTreeOfAReport) {
  const DicomBuilder size =
      content_item("NUM", "Diameter")
          .sequence({0x0040, 0xA300}, {DicomBuilder()
                                           .text({0x0040, 0xA30A}, Vr::DS, "12.5")
                                           .sequence({0x0040, 0x08EA}, {code("mm")})});
  const DicomBuilder finding = content_item("CODE", "Finding")
                                   .sequence({0x0040, 0xA168}, {code("Nodule <small>")})
                                   .sequence({0x0040, 0xA730}, {size});
  const DicomBuilder report = DicomBuilder::ct_slice("1.2", "1.3", "1.4")
                                  .text(tags::kPatientName, Vr::PN, "Doe^Jane")
                                  .text({0x0040, 0xA040}, Vr::CS, "CONTAINER")
                                  .sequence({0x0040, 0xA043}, {code("Report")})
                                  .sequence({0x0040, 0xA730}, {finding});
  const std::string plain = shown_text(report, TextForm::plain);
  EXPECT_NE(plain.find("Patient: Doe^Jane\n"), std::string::npos) << plain;
  EXPECT_NE(plain.find("Report\n  Finding: Nodule <small>\n    Diameter: 12.5 mm\n"),
            std::string::npos)
      << plain;
  const std::string html = shown_text(report, TextForm::html);
  EXPECT_NE(html.find("<li><b>Finding</b>: Nodule &lt;small&gt;<ul>\n<li><b>Diameter</b>: 12.5 mm"),
            std::string::npos)
      << html;
}

TEST(ReadableText, ShowsAttributesByName) {
  const std::string plain = shown_text(
      DicomBuilder::ct_slice("1.2", "1.3", "1.4")
          .sequence({0x0008, 0x1140}, {DicomBuilder().text({0x0008, 0x1155}, Vr::UI, "1.9")})
          .floats({0x0018, 0x9306}, Vr::FD, {1.25}),
      TextForm::plain);
  EXPECT_NE(plain.find("Rows: 4\n"), std::string::npos) << plain;
  EXPECT_NE(plain.find("ReferencedImageSequence\n  Item 1\n    ReferencedSOPInstanceUID: 1.9\n"),
            std::string::npos)
      << plain;
  EXPECT_NE(plain.find("SingleCollimationWidth: 1.25\n"), std::string::npos) << plain;
}

TEST(ReadableText, EndsWhereNobodyReadsOn) {
  DicomBuilder builder = DicomBuilder::ct_slice("1.2", "1.3", "1.4");
  for (uint16_t i = 0; i < 90; ++i) {
    builder.text({0x0009, static_cast<uint16_t>(0x1000 + i)}, Vr::UT, std::string(100'000, 'x'));
  }
  const std::string plain = shown_text(builder, TextForm::plain);
  EXPECT_LT(plain.size(), kReadableTextSizeMax + 200'000);
  EXPECT_NE(plain.find("The rest is left out"), std::string::npos);
}

}  // namespace
}  // namespace pacs::dicom
