// Multipart messages, cut into reads of every size.
#include "http/multipart_reader.h"

#include <algorithm>
#include <chrono>
#include <random>

#include <gtest/gtest.h>

namespace pacs::http {
namespace {

// Gives at most `piece` bytes at a time.
class SlowSource final : public ByteSource {
 public:
  SlowSource(std::string_view text, size_t piece) : rest_(text), piece_(piece) {}
  Result<size_t> read_some(MutableBytes buffer) override {
    const size_t count = std::min({buffer.size(), piece_, rest_.size()});
    std::copy_n(as_bytes(rest_).begin(), count, buffer.begin());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  size_t piece_;
};

struct ReadPart {
  Part part;
  std::string body;
};

Result<std::vector<ReadPart>> read_parts(std::string_view text, size_t piece = SIZE_MAX,
                                         const MultipartLimits& limits = {}) {
  SlowSource source(text, piece);
  MultipartReader reader =
      PACS_TRY(MultipartReader::create(source, "multipart/form-data; boundary=\"xYz\"", limits));
  std::vector<ReadPart> parts;
  while (true) {
    auto part = PACS_TRY(reader.next_part());
    if (!part) return parts;
    std::string body = PACS_TRY(read_all(reader.body(), UINT64_MAX));
    parts.push_back({std::move(*part), std::move(body)});
  }
}

const std::string kForm =
    "a preamble\r\n--xYz\r\nContent-Disposition: form-data; name=\"image_uuid\"\r\n\r\n"
    "1234\r\n--xYz \t\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a "
    "\\\"b\\\".dcm\"\r\n"
    "Content-Type: application/dicom\r\n\r\n"
    "\r\n--xY\r\n--xYy\r\r\n\r\n--xYz\r\n\r\n\r\n--xYz--\r\nan epilogue";

TEST(MultipartReader, ReadsTheSameWhateverTheReads) {
  for (size_t piece = 1; piece <= kForm.size(); ++piece) {
    const auto parts = read_parts(kForm, piece);
    ASSERT_TRUE(parts) << piece << ": " << parts.error().detail;
    ASSERT_EQ(parts->size(), 3u) << piece;
    EXPECT_EQ((*parts)[0].part.name, "image_uuid");
    EXPECT_FALSE((*parts)[0].part.filename);
    EXPECT_EQ((*parts)[0].body, "1234");
    EXPECT_EQ((*parts)[1].part.filename, "a \"b\".dcm");
    EXPECT_EQ((*parts)[1].part.content_type, "application/dicom");
    EXPECT_EQ((*parts)[1].body, "\r\n--xY\r\n--xYy\r\r\n");
    EXPECT_EQ((*parts)[2].part.headers.size(), 0u);
    EXPECT_EQ((*parts)[2].body, "");
  }
}

TEST(MultipartReader, EveryTruncationIsAnError) {
  const size_t whole = kForm.find("--xYz--") + 7;
  for (size_t size = 0; size < whole; ++size) {
    const auto parts = read_parts(std::string_view(kForm).substr(0, size));
    ASSERT_FALSE(parts) << size;
    EXPECT_EQ(parts.error().reason, "bad_multipart") << size;
  }
  EXPECT_TRUE(read_parts(std::string_view(kForm).substr(0, whole)));
}

TEST(MultipartReader, SkipsWhatIsNotRead) {
  SlowSource source(kForm, 7);
  auto reader = MultipartReader::create(source, "multipart/related; boundary=xYz");
  ASSERT_TRUE(reader);
  int parts = 0;
  while (true) {
    auto part = reader->next_part();
    ASSERT_TRUE(part);
    if (!*part) break;
    ++parts;
  }
  EXPECT_EQ(parts, 3);
}

TEST(MultipartReader, ReadsFileNames) {
  const auto name_of = [](const std::string& field) {
    const auto parts = read_parts("--xYz\r\nContent-Disposition: " + field + "\r\n\r\n\r\n--xYz--");
    return parts ? parts->front().part.filename.value_or("(none)") : parts.error().detail;
  };
  EXPECT_EQ(name_of("form-data; name=f; filename=plain.dcm"), "plain.dcm");
  EXPECT_EQ(name_of("form-data; name=\"f\"; filename=\"a.png\"; filename*=UTF-8''na%C3%AFve.png"),
            "naïve.png");
  EXPECT_EQ(name_of("form-data; name=\"f\"; filename*=utf-8'de'%E2%82%AC.png; filename=x"),
            "€.png");
  EXPECT_EQ(name_of("form-data; filename=\"naïve;1.png\""), "naïve;1.png");
  EXPECT_EQ(name_of("form-data; filename=\"C:\\scans\\a.dcm\""), "C:\\scans\\a.dcm");
  EXPECT_EQ(name_of("form-data; filename=\"a%22b\""), "a\"b");
  EXPECT_EQ(name_of("form-data; filename*=UTF-8''%FF; filename=ok"), "ok");
  EXPECT_EQ(name_of("form-data; name=x"), "(none)");
}

TEST(MultipartReader, HasLimits) {
  const std::string part = "\r\n--xYz\r\nA: b\r\n\r\nbody";
  MultipartLimits limits;
  limits.parts_max = 2;
  EXPECT_TRUE(read_parts(part + part + "\r\n--xYz--", SIZE_MAX, limits));
  EXPECT_EQ(read_parts(part + part + part + "\r\n--xYz--", SIZE_MAX, limits).error().reason,
            "too_many_parts");
  const std::string huge_head = "--xYz\r\nA: " + std::string(20'000, 'b') + "\r\n\r\n\r\n--xYz--";
  EXPECT_EQ(read_parts(huge_head).error().reason, "too_large");
  EXPECT_EQ(read_parts(std::string(1 << 20, 'p')).error().reason, "too_large");
}

TEST(MultipartReader, RefusesWhatIsMalformed) {
  for (const char* text :
       {"", "--xYz", "--xYzoops\r\n\r\n\r\n--xYz--", "--xYz\r\nno colon\r\n\r\n\r\n--xYz--",
        "--xYz\r\n folded: x\r\n\r\n\r\n--xYz--", "--xYz\r\nA: \x01\r\n\r\n\r\n--xYz--"}) {
    EXPECT_FALSE(read_parts(text)) << text;
  }
  MemorySource source({});
  EXPECT_EQ(MultipartReader::create(source, "application/json").error().reason, "not_multipart");
  for (const char* type :
       {"multipart/form-data", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a\xC3\""}) {
    EXPECT_EQ(MultipartReader::create(source, type).error().reason, "bad_boundary") << type;
  }
}

TEST(MultipartReader, LargeBodiesComeThroughWholeAndFast) {
  std::string body(64 << 20, '\0');
  std::mt19937_64 random(7);
  for (size_t at = 0; at < body.size(); at += 8) {
    const uint64_t word = random();
    std::copy_n(reinterpret_cast<const char*>(&word), 8,
                body.begin() + static_cast<std::ptrdiff_t>(at));
  }
  const std::string text = "--xYz\r\n\r\n" + body + "\r\n--xYz--";
  SlowSource source(text, SIZE_MAX);
  auto reader = MultipartReader::create(source, "multipart/related; boundary=xYz");
  ASSERT_TRUE(reader && reader->next_part());
  std::vector<std::byte> buffer(256 * 1024);
  const auto start = std::chrono::steady_clock::now();
  size_t total = 0;
  bool same = true;
  while (true) {
    const auto count = reader->body().read_some(buffer);
    ASSERT_TRUE(count);
    if (*count == 0) break;
    same = same && std::equal(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count),
                              as_bytes(body).begin() + static_cast<std::ptrdiff_t>(total));
    total += *count;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_TRUE(same);
  EXPECT_EQ(total, body.size());
  RecordProperty("megabytes_per_second", std::to_string(double(total) / 1e6 / elapsed.count()));
}

}  // namespace
}  // namespace pacs::http
