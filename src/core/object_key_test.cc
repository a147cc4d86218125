#include "core/object_key.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(ObjectKey, TakesTheLayout) {
  for (const char* text :
       {"radiology/8f06e605-e810-4418-85cb-6304772f152e/d98553c6-4595-45ff-8adf-666daf4ad91a/"
        "f23b2e7a-f916-4865-95ab-290eb39a296f/chest_pa_test.dcm",
        "radiology/1.2.3/1.2.3.1/1.2.3.1.7/IM-0001-0007.dcm", "radiology/a/b/c/Röntgen bild.dcm"}) {
    const auto key = ObjectKey::parse(text);
    ASSERT_TRUE(key) << text;
    EXPECT_EQ(key->str(), text);
    EXPECT_EQ(key->parts().size(), 5U);
  }
}

TEST(ObjectKey, RefusesEveryWayOut) {
  const std::string long_part(256, 'a');
  for (const std::string& text :
       {std::string(""), std::string("radiology/1/2/3"), std::string("radiology/1/2/3/4/5"),
        std::string("/radiology/1/2/3/x"), std::string("radiology/../2/3/x"),
        std::string("radiology/1/2/./x"), std::string("radiology/1/2//x"),
        std::string("radiology/1/2/3/.hidden"), std::string("radiology/1/2/3/a\\b"),
        std::string("radiology/1/2/3/a\nb"), std::string("radiology/1/2/3/a\0b", 19),
        std::string("radiology/1/2/3/\xff"), std::string("photos/1/2/3/x"),
        "radiology/1/2/3/" + long_part}) {
    EXPECT_FALSE(ObjectKey::parse(text)) << text;
  }
}

TEST(SafeFilename, ReplacesWhatIsUnsafe) {
  EXPECT_EQ(safe_filename("chest pa.dcm"), "chest_pa.dcm");
  EXPECT_EQ(safe_filename("../../etc/passwd"), "_.._etc_passwd");
  EXPECT_EQ(safe_filename("..."), "");
  EXPECT_EQ(safe_filename("a:b*c?d\"e<f>g|h\\i\x01j"), "a_b_c_d_e_f_g_h_i_j");
  EXPECT_EQ(safe_filename("e\xcc\x81.dcm"), "\xc3\xa9.dcm") << "NFC";
  EXPECT_EQ(safe_filename("\xff.dcm"), "\xef\xbf\xbd.dcm");
  EXPECT_EQ(safe_filename("report\u202emcd.exe"), "report_mcd.exe") << "reads reportexe.dcm";
  EXPECT_EQ(safe_filename("\ufeffa\u2066b\u2069\u200fc\u00ad.dcm"), "_a_b__c_.dcm");
  EXPECT_EQ(safe_filename("a\u0085b\u2028c\U000e0041.dcm"), "a_b_c_.dcm");
  EXPECT_EQ(safe_filename("می\u200cرود.dcm"), "می\u200cرود.dcm") << "written so in Persian";
}

TEST(SafeFilename, KeepsTheExtensionOfALongName) {
  std::string name;
  for (int i = 0; i < 150; ++i) name += "\xc3\xa9";
  const std::string safe = safe_filename(name + ".dcm");
  EXPECT_LE(safe.size(), 200U);
  EXPECT_TRUE(safe.ends_with("\xc3\xa9.dcm"));
}

}  // namespace
}  // namespace pacs
