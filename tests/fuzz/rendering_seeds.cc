#include "tests/fuzz/seeds.h"
#include "tests/support/dicom_builder.h"

namespace pacs::fuzz {
namespace {

using dicom::Tag;
using dicom::Vr;
using pacs::testing::DicomBuilder;
namespace tags = dicom::tags;

DicomBuilder shown_slice() {
  return DicomBuilder::ct_slice("1.2", "1.2.3", "1.2.3.4")
      .text({0x0028, 0x1052}, Vr::DS, "-1024")
      .text({0x0028, 0x1053}, Vr::DS, "1")
      .text({0x0028, 0x1050}, Vr::DS, "40\\600")
      .text({0x0028, 0x1051}, Vr::DS, "400\\1600");
}

DicomBuilder with_tables() {
  const DicomBuilder table = DicomBuilder()
                                 .numbers({0x0028, 0x3002}, Vr::US, {4, 0, 12})
                                 .numbers({0x0028, 0x3006}, Vr::US, {0, 100, 1000, 4095});
  return shown_slice()
      .remove({0x0028, 0x1050})
      .number({0x0028, 0x0120}, Vr::US, 3)
      .sequence({0x0028, 0x3000}, {table})
      .sequence({0x0028, 0x3010}, {table});
}

DicomBuilder with_palette(bool is_segmented) {
  DicomBuilder builder =
      shown_slice().text(tags::kPhotometricInterpretation, Vr::CS, "PALETTE COLOR");
  for (uint16_t colour = 1; colour <= 3; ++colour) {
    builder.numbers({0x0028, static_cast<uint16_t>(0x1100 + colour)}, Vr::US, {10, 0, 8});
    const auto element = static_cast<uint16_t>((is_segmented ? 0x1220 : 0x1200) + colour);
    builder.bytes({0x0028, element}, Vr::OW,
                  is_segmented ? std::string("\0\3\1\2\3\1\4\x32\2\1\0\0\0\0", 14)
                               : std::string("\1\2\3\4\5\6\7\x8\x9\xA", 10));
  }
  return builder;
}

DicomBuilder with_overlays() {
  return shown_slice()
      .number({0x6000, 0x0010}, Vr::US, 2)
      .number({0x6000, 0x0011}, Vr::US, 3)
      .numbers({0x6000, 0x0050}, Vr::SS, {-1, 2})
      .bytes({0x6000, 0x3000}, Vr::OW, std::string("\x2A\0", 2))
      .number({0x6002, 0x0010}, Vr::US, 4)
      .number({0x6002, 0x0011}, Vr::US, 4)
      .number({0x6002, 0x0102}, Vr::US, 15);
}

DicomBuilder with_groups() {
  const DicomBuilder window =
      DicomBuilder().sequence({0x0028, 0x9132}, {DicomBuilder()
                                                     .text({0x0028, 0x1050}, Vr::DS, "0.5")
                                                     .text({0x0028, 0x1051}, Vr::DS, "0.25")
                                                     .text({0x0028, 0x1056}, Vr::CS, "SIGMOID")});
  return shown_slice()
      .sequence({0x5200, 0x9229},
                {DicomBuilder().sequence({0x0028, 0x9145},
                                         {DicomBuilder().text({0x0028, 0x1053}, Vr::DS, "1e-3")})})
      .sequence({0x5200, 0x9230}, {window, window});
}

// A presentation state over a slice in one data set, which refers to itself.
DicomBuilder state_of_itself() {
  const DicomBuilder table = DicomBuilder()
                                 .numbers({0x0028, 0x3002}, Vr::US, {4, 0, 12})
                                 .numbers({0x0028, 0x3006}, Vr::US, {0, 100, 1000, 4095});
  const DicomBuilder itself = DicomBuilder().text({0x0008, 0x1155}, Vr::UI, "1.2.3.4");
  const DicomBuilder drawn =
      DicomBuilder()
          .text({0x0070, 0x0005}, Vr::CS, "DISPLAY")
          .bytes({0x0070, 0x0022}, Vr::FL,
                 std::string("\0\0\0\x3F\0\0\x80\x3E\0\0\0\0\0\0\x80\x3F", 16))
          .text({0x0070, 0x0023}, Vr::CS, "CIRCLE")
          .text({0x0070, 0x0024}, Vr::CS, "Y");
  const DicomBuilder said = DicomBuilder()
                                .text({0x0070, 0x0006}, Vr::ST, "here\r\nand there")
                                .bytes({0x0070, 0x0014}, Vr::FL, std::string(8, '\0'));
  return shown_slice()
      .sequence(
          {0x0070, 0x0001},
          {DicomBuilder().sequence({0x0070, 0x0008}, {said}).sequence({0x0070, 0x0009}, {drawn})})
      .text(tags::kSopClassUid, Vr::UI, "1.2.840.10008.5.1.4.1.1.11.1")
      .sequence({0x0008, 0x1115}, {DicomBuilder().sequence({0x0008, 0x1140}, {itself})})
      .text({0x0018, 0x1600}, Vr::CS, "CIRCULAR\\POLYGONAL\\RECTANGULAR")
      .text({0x0018, 0x1602}, Vr::IS, "1")
      .text({0x0018, 0x1604}, Vr::IS, "3")
      .text({0x0018, 0x1606}, Vr::IS, "1")
      .text({0x0018, 0x1608}, Vr::IS, "4")
      .text({0x0018, 0x1610}, Vr::IS, "2\\2")
      .text({0x0018, 0x1612}, Vr::IS, "3")
      .text({0x0018, 0x1620}, Vr::IS, "1\\1\\4\\1\\4\\4")
      .sequence({0x0028, 0x3110}, {DicomBuilder().sequence({0x0028, 0x3010}, {table})})
      .text({0x0070, 0x0041}, Vr::CS, "Y")
      .number({0x0070, 0x0042}, Vr::US, 90)
      .sequence({0x0070, 0x005A}, {DicomBuilder()
                                       .numbers({0x0070, 0x0052}, Vr::SL, {-1, -1})
                                       .numbers({0x0070, 0x0053}, Vr::SL, {3, 5})})
      .sequence({0x2050, 0x0010}, {table});
}

DicomBuilder report() {
  const DicomBuilder name = DicomBuilder().text({0x0008, 0x0104}, Vr::LO, "Findings");
  const DicomBuilder item = DicomBuilder()
                                .text({0x0040, 0xA040}, Vr::CS, "TEXT")
                                .text({0x0040, 0xA160}, Vr::UT, "<script>")
                                .sequence({0x0040, 0xA043}, {name});
  return DicomBuilder::ct_slice("1.2", "1.2.3", "1.2.3.5").sequence({0x0040, 0xA730}, {item, item});
}

}  // namespace

void add_rendering_seeds(Seeds& seeds) {
  for (const auto& [name, builder] :
       {std::pair("window", shown_slice()), std::pair("tables", with_tables()),
        std::pair("palette", with_palette(false)), std::pair("segments", with_palette(true)),
        std::pair("overlays", with_overlays()), std::pair("groups", with_groups()),
        std::pair("report", report()), std::pair("state", state_of_itself())}) {
    seeds.push_back({"presentation", name, "\x01" + builder.build()});
  }
  for (const auto& [name, query] :
       {std::pair("all", "annotation=patient,technique&charset=utf-8&iccprofile=srgb&quality=70"),
        std::pair("viewport", "viewport=100,50,1.5,,-4,-2"), std::pair("small", "viewport=64,64"),
        std::pair("window", "window=40,400,linear-exact"),
        std::pair("sigmoid", "window=-1e3,.5,sigmoid"),
        std::pair("uri",
                  "rows=10&columns=20&region=0.1,0,1,0.75&windowCenter=1&windowWidth=2"
                  "&imageQuality=1"),
        std::pair("wrong", "viewport=0,x&window=1,2&quality=101&iccprofile=adobergb")}) {
    seeds.push_back({"rendering_parameters", name, query});
  }
}

}  // namespace pacs::fuzz
