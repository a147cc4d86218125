// F4, R4: the transfer syntaxes that are made, held against the table of docs/conformance.md.
#include "dicomweb/stored_encoding.h"

#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "archive/transcoding.h"
#include "core/file.h"
#include "core/text.h"
#include "dicom/transfer_syntax.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kSyntaxRoot = "1.2.840.10008.1.2.";

struct MadeSyntaxes {
  std::string default_syntax;
  std::set<std::string> syntaxes;
  friend bool operator==(const MadeSyntaxes&, const MadeSyntaxes&) = default;
};
using MadeByType = std::map<std::string, MadeSyntaxes>;

// "| `image/jls` | **4.80**; 4.81 (by at most 2 steps; unsigned) | both |"
MadeByType stated_syntaxes() {
  const auto text = read_file(PACS_LITE_SOURCE_DIR "/docs/conformance.md", uint64_t{1} << 20);
  EXPECT_TRUE(text);
  MadeByType stated;
  std::istringstream lines(text ? *text : std::string());
  bool is_table = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| media type | transfer syntaxes that are made |")) is_table = true;
    if (line.empty()) is_table = false;
    if (!is_table || !line.starts_with("| `")) continue;
    const auto cells = split(line, '|');
    std::string type(trim(cells.at(1)));
    std::erase(type, '`');
    MadeSyntaxes& made = stated[type];
    for (const std::string_view part : split(cells.at(2), ';')) {
      std::string name(trim(part.substr(0, part.find('('))));
      const bool is_default = name.starts_with("**");
      std::erase(name, '*');
      if (name.empty() || name.find_first_not_of("0123456789.") != std::string::npos) continue;
      made.syntaxes.insert(std::string(kSyntaxRoot) + name);
      if (is_default) made.default_syntax = std::string(kSyntaxRoot) + name;
    }
  }
  return stated;
}

MadeByType made_syntaxes() {
  MadeByType made;
  for (const dicom::TransferSyntax& syntax : dicom::transfer_syntaxes()) {
    // Native pixels are one encoding to frames, in whatever file they are.
    const bool is_other_native =
        !syntax.is_encapsulated && syntax.uid != dicom::kExplicitVrLittleEndian;
    if (is_other_native || !archive::can_transcode(dicom::kExplicitVrBigEndian, syntax.uid))
      continue;
    const FrameEncoding encoding = encoding_in(syntax.uid);
    MadeSyntaxes& of_type = made[encoding.media_type];
    of_type.syntaxes.insert(std::string(syntax.uid));
    const auto by_default =
        made_encoding_for({.essence = encoding.media_type}, dicom::kExplicitVrBigEndian);
    if (by_default) of_type.default_syntax = by_default->transfer_syntax;
  }
  return made;
}

TEST(StoredEncodingTest, F4R4WhatIsMadeStandsInTheConformanceStatement) {
  const MadeByType stated = stated_syntaxes();
  const MadeByType made = made_syntaxes();
  ASSERT_GT(made.size(), 4U);
  for (const auto& [type, syntaxes] : made) {
    ASSERT_TRUE(stated.contains(type)) << type;
    EXPECT_EQ(stated.at(type).default_syntax, syntaxes.default_syntax) << type;
    EXPECT_EQ(stated.at(type).syntaxes, syntaxes.syntaxes) << type;
  }
  EXPECT_EQ(stated.size(), made.size());
}

// The rows of the same table: what is made is decoded too, and its whole family with it.
TEST(StoredEncodingTest, F3WhatIsDecodedIsOfTheStatedFamilies) {
  const MadeByType stated = stated_syntaxes();
  for (const dicom::TransferSyntax& syntax : dicom::transfer_syntaxes()) {
    const std::string type = encoding_in(syntax.uid).media_type;
    const bool is_decoded = archive::can_transcode(syntax.uid, dicom::kExplicitVrLittleEndian);
    if (!stated.contains(type)) {
      EXPECT_FALSE(is_decoded) << syntax.uid;
      continue;
    }
    if (stated.at(type).syntaxes.contains(std::string(syntax.uid))) {
      EXPECT_TRUE(is_decoded || syntax.uid == dicom::kExplicitVrLittleEndian) << syntax.uid;
    }
  }
}

TEST(FrameEncoding, G6AnEmptyTransferSyntaxIsNone) {
  const auto encoding = frame_encoding_of("1.2.840.10008.1.2.4.80");
  ASSERT_TRUE(encoding);
  const auto accepts = [&](const std::optional<std::string>& transfer_syntax) {
    return encoding->is_accepted_by({.essence = "image/jls", .transfer_syntax = transfer_syntax});
  };
  EXPECT_TRUE(accepts(std::nullopt));
  EXPECT_TRUE(accepts("*"));
  EXPECT_TRUE(accepts("1.2.840.10008.1.2.4.80"));
  EXPECT_FALSE(accepts("1.2.840.10008.1.2.4.81"));
  EXPECT_FALSE(accepts(""));
}

}  // namespace
}  // namespace pacs::dicomweb
