// Decodes the frames of the corpus, and holds the pixels against what pydicom and the decoders
// behind it see (make_decoded_digests.py).
#include <cmath>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/text.h"
#include "dicom/frame_table.h"
#include "pixel/frame_encoder.h"
#include "pixel/in_process_decoder.h"
#include "pixel/samples.h"
#include "tests/corpus/dicom_corpus.h"

namespace pacs::testing {
namespace {

constexpr size_t kFramesMax = 2;
constexpr uint32_t kFields = 4;
// Of a mean over a field: the inverse transforms of two right decoders differ by a step at most.
constexpr double kMeanDifferenceMax = 0.75;

using pixel::Frame;

struct DecodedFile {
  std::string colours;
  std::string digest;
  std::vector<double> means;
};

void update_digest(Sha256& digest, const Frame& frame) {
  if (frame.format.bits_allocated >= 32) return digest.update(frame.bytes);
  const uint64_t pixels = uint64_t{frame.format.rows} * frame.format.columns;
  std::vector<int32_t> values;
  values.reserve(pixels * frame.format.samples_per_pixel);
  for (uint64_t at = 0; at < pixels; ++at) {
    for (unsigned sample = 0; sample < frame.format.samples_per_pixel; ++sample) {
      values.push_back(pixel::sample_at(frame, at, sample));
    }
  }
  digest.update(std::as_bytes(std::span(values)));
}

std::vector<double> means_of(const Frame& frame) {
  const uint32_t rows = frame.format.rows;
  const uint32_t columns = frame.format.columns;
  const unsigned samples = frame.format.samples_per_pixel;
  std::vector<double> means;
  for (uint32_t field = 0; field < kFields * kFields; ++field) {
    const uint32_t top = field / kFields * rows / kFields;
    const uint32_t bottom = (field / kFields + 1) * rows / kFields;
    const uint32_t left = field % kFields * columns / kFields;
    const uint32_t right = (field % kFields + 1) * columns / kFields;
    for (unsigned sample = 0; sample < samples; ++sample) {
      double sum = 0;
      for (uint32_t y = top; y < bottom; ++y) {
        for (uint32_t x = left; x < right; ++x) {
          sum += pixel::sample_at(frame, uint64_t{y} * columns + x, sample);
        }
      }
      const auto count = static_cast<double>(uint64_t{bottom - top} * (right - left));
      means.push_back(count > 0 ? sum / count : 0);
    }
  }
  return means;
}

// The bytes of a frame, the first bit of one-bit frames moved to the low end. Behind an odd number
// of bytes stands what pads the value; in big endian words it comes before the last byte.
ByteVector stored_frame(std::string_view file, const dicom::FrameTable::Frame& frame) {
  ByteVector bytes;
  for (const auto& piece : frame.pieces) {
    const bool is_padded = piece.length % 2 != 0 && frame.pieces.size() == 1;
    const Bytes part = as_bytes(file.substr(piece.offset, piece.length + (is_padded ? 1 : 0)));
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  for (size_t i = 0; frame.first_bit != 0 && i < bytes.size(); ++i) {
    const std::byte next = i + 1 < bytes.size() ? bytes[i + 1] : std::byte{0};
    bytes[i] = bytes[i] >> frame.first_bit | next << (8 - frame.first_bit);
  }
  return bytes;
}

Result<DecodedFile> decode_file(const std::string& path) {
  const std::string file = PACS_TRY(read_file(path, uint64_t{1} << 30));
  const dicom::MemoryAccess access(as_bytes(file));
  const dicom::Header header = PACS_TRY(dicom::read_header(access));
  const auto table = PACS_TRY(dicom::FrameTable::build(access, header));
  const auto format = PACS_TRY(pixel::PixelFormat::of(header));
  pixel::InProcessDecoder decoder;
  DecodedFile decoded;
  Sha256 digest;
  for (size_t i = 0; i < std::min(table.frame_count(), kFramesMax); ++i) {
    const ByteVector stored = stored_frame(file, table.frame(i));
    const Frame frame = PACS_TRY(decoder.decode(header.transfer_syntax.uid, format, stored));
    const Frame whole = PACS_TRY(pixel::with_whole_pixels(frame));
    update_digest(digest, whole);
    if (i == 0) decoded.means = means_of(whole);
    decoded.colours = whole.format.photometric_interpretation;
  }
  decoded.digest = digest.finish().hex();
  return decoded;
}

double largest_mean_difference(const DecodedFile& decoded, std::string_view expected) {
  const auto means = split(expected, ',');
  if (means.size() != decoded.means.size()) return INFINITY;
  double largest = 0;
  for (size_t i = 0; i < means.size(); ++i) {
    largest = std::max(largest, std::fabs(std::stod(std::string(means[i])) - decoded.means[i]));
  }
  return largest;
}

TEST(DecodedFramesTest, AreWhatOtherDecodersSee) {
  const auto files = read_corpus();
  if (!files) GTEST_SKIP() << kNoCorpus;
  std::map<std::string, std::string> paths;
  for (const CorpusFile& file : *files) paths[file.name] = file.path;
  std::ifstream digests(PACS_LITE_SOURCE_DIR "/tests/corpus/decoded_digests.tsv");
  ASSERT_TRUE(digests);
  size_t compared = 0;
  for (std::string line; std::getline(digests, line);) {
    const auto columns = split(line, '\t');
    ASSERT_EQ(columns.size(), 4U) << line;
    const auto path = paths.find(std::string(columns[0]));
    if (path == paths.end()) continue;
    const auto decoded = decode_file(path->second);
    EXPECT_TRUE(decoded) << columns[0] << " " << to_string(decoded.error());
    if (!decoded) continue;
    EXPECT_EQ(decoded->colours, columns[1]) << columns[0];
    if (columns[2] == "exact") {
      EXPECT_EQ(decoded->digest, columns[3]) << columns[0];
    } else {
      EXPECT_LE(largest_mean_difference(*decoded, columns[3]), kMeanDifferenceMax) << columns[0];
    }
    ++compared;
  }
  EXPECT_GT(compared, 200U);
}

}  // namespace
}  // namespace pacs::testing
