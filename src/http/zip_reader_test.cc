#include "http/zip_reader.h"

#include <gtest/gtest.h>

#include "http/zip_stream.h"

namespace pacs::http {
namespace {

std::string zipped(const std::vector<std::pair<std::string, std::string>>& files) {
  StringSink sink;
  ZipStream zip(sink);
  for (const auto& [name, content] : files) {
    EXPECT_TRUE(zip.begin({name, content.size()}));
    EXPECT_TRUE(zip.write(as_bytes(content)));
    EXPECT_TRUE(zip.end());
  }
  EXPECT_TRUE(zip.finish());
  return sink.take();
}

TEST(ZipReaderTest, GivesBackWhatTheStreamWrote) {
  const std::string text =
      zipped({{"a/b.dcm", "first"}, {"\xC3\xA9.dcm", std::string(100'000, 'x')}});
  MemorySource source(as_bytes(text));
  auto reader = ZipReader::of_stream(source);
  ASSERT_TRUE(reader);
  auto member = reader->next_member();
  ASSERT_TRUE(member && *member);
  EXPECT_EQ((*member)->name, "a/b.dcm");
  EXPECT_TRUE((*member)->is_file && (*member)->is_usual_method && !(*member)->is_encrypted);
  EXPECT_EQ(*read_all(reader->body(), 1000), "first");
  member = reader->next_member();
  ASSERT_TRUE(member && *member);
  EXPECT_EQ((*member)->name, "\xC3\xA9.dcm");
  EXPECT_EQ(*read_all(reader->body(), 1'000'000), std::string(100'000, 'x'));
  member = reader->next_member();
  ASSERT_TRUE(member);
  EXPECT_FALSE(*member);
}

TEST(ZipReaderTest, CountsAlsoWhatNobodyReads) {
  const std::string text = zipped({{"a", std::string(200'000, 'x')}, {"b", "second"}});
  MemorySource source(as_bytes(text));
  auto reader = ZipReader::of_stream(source, {.growth_max = 0, .output_bytes_always = 100'000});
  ASSERT_TRUE(reader && reader->next_member());
  const auto next = reader->next_member();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().reason, "zip_bomb");
  EXPECT_EQ(reader->next_member().error().reason, "zip_bomb") << "and stays so";
}

// Whatever is missing at its end.
TEST(ZipReaderTest, AFileThatEndsEarlyIsNeverWhole) {
  const std::string text = zipped({{"a", "first"}, {"b", "second"}});
  for (size_t size = 0; size < text.size() - 18; ++size) {
    MemorySource source(as_bytes(text).first(size));
    auto reader = ZipReader::of_stream(source);
    bool is_whole = reader.has_value();
    while (is_whole) {
      const auto member = reader->next_member();
      if (!member) is_whole = false;
      if (!member || !*member) break;
    }
    EXPECT_FALSE(is_whole) << size;
  }
}

}  // namespace
}  // namespace pacs::http
