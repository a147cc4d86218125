#include "http/zip_stream.h"

#include <string>

#include <gtest/gtest.h>

namespace pacs::http {
namespace {

class SizeSink final : public ByteSink {
 public:
  Result<void> write(Bytes bytes) override {
    size_bytes += bytes.size();
    return {};
  }
  uint64_t size_bytes = 0;
};

Result<void> write_archive(const std::vector<ZipFile>& files, ByteSink& sink) {
  ZipStream zip(sink);
  const std::string piece(size_t{1} << 20, 'z');
  for (const ZipFile& file : files) {
    PACS_TRY(zip.begin(file));
    for (uint64_t left = file.size_bytes; left > 0;) {
      const auto count = static_cast<size_t>(std::min<uint64_t>(left, piece.size()));
      PACS_TRY(zip.write(as_bytes(piece).first(count)));
      left -= count;
    }
    PACS_TRY(zip.end());
  }
  return zip.finish();
}

TEST(ZipStreamTest, IsAsLongAsWasSaid) {
  const std::vector<ZipFile> cases[] = {
      {},
      {{"a", 0}},
      {{"a", 1}, {"folder/b", 65'535}, {"c", 65'536}, {"d", 1 << 20}},
      std::vector<ZipFile>(65'600, ZipFile{"many", 1}),
  };
  for (const auto& files : cases) {
    SizeSink sink;
    ASSERT_TRUE(write_archive(files, sink));
    EXPECT_EQ(sink.size_bytes, zip_size_bytes(files)) << files.size();
  }
}

TEST(ZipStreamTest, HasLargeNumbersForLargeFiles) {
  const uint64_t large = uint64_t{5} << 30;
  const uint64_t small = zip_size_bytes({{"a", 1}});
  // Both sizes of 64 bits in the local header, the descriptor and the directory, and the place of
  // the directory in the two records behind it.
  EXPECT_EQ(zip_size_bytes({{"a", large}}),
            small - 1 - 5 + large + 5 * ((large + 65'534) / 65'535) + 20 + 8 + 20 + 56 + 20);
}

TEST(ZipStreamTest, RefusesAnotherSizeThanWasSaid) {
  StringSink sink;
  ZipStream zip(sink);
  ASSERT_TRUE(zip.begin({"a", 3}));
  EXPECT_EQ(zip.write(as_bytes("four")).error().reason, "zip_size");
  ASSERT_TRUE(zip.write(as_bytes("ab")));
  EXPECT_EQ(zip.end().error().reason, "zip_size");
}

}  // namespace
}  // namespace pacs::http
