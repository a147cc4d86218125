// A DecoderPool over real processes: this program is also the decoder, with a codec that crashes,
// hangs and takes memory when it is told to, and the real ones for everything else.
#include "pixel/decoder_pool.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "pixel/frame_encoder.h"
#include "pixel/in_process_decoder.h"

namespace pacs::pixel {
namespace {

constexpr const char* kDecodeFrames = "decode-frames";
constexpr std::string_view kJpeg2000 = "1.2.840.10008.1.2.4.90";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsLimited = false;
#else
constexpr bool kMemoryIsLimited = true;
#endif

// What the stored bytes say to do, else what the codecs do.
class FaultyDecoder final : public FrameDecoder {
 public:
  Result<Frame> decode(std::string_view syntax, const PixelFormat& stated, Bytes stored) override {
    const std::string_view order = as_text(stored);
    if (order == "crash") std::abort();
    if (order == "hang") {
      std::this_thread::sleep_for(std::chrono::hours(1));
    }
    if (order == "eat") {
      ByteVector everything(size_t{3} << 30);
      everything.back() = std::byte{1};
      return Frame{stated, std::move(everything)};
    }
    if (order == "lie") return Frame{stated, ByteVector(1)};
    if (order == "descriptors") return answered(stated, count_descriptors());
    if (order == "environment") return answered(stated, environ == nullptr || *environ == nullptr);
    if (order == "process") return answered(stated, ::getpid());
    return InProcessDecoder().decode(syntax, stated, stored);
  }
  Result<Frame> convert_colours(const PixelFormat& format, Bytes request) override {
    return InProcessDecoder().convert_colours(format, request);
  }

 private:
  static int count_descriptors() {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      count += entry.path().empty() ? 0 : 1;
    }
    return count - 1;  // that of the iterator
  }
  static Frame answered(const PixelFormat& stated, int number) {
    Frame frame{stated, ByteVector(static_cast<size_t>(stated.frame_bytes()))};
    std::memcpy(frame.bytes.data(), &number, sizeof(number));
    return frame;
  }
};

PixelFormat sixteen_pixels() {
  PixelFormat format;
  format.rows = format.columns = 4;
  format.photometric_interpretation = "MONOCHROME2";
  return format;
}

class DecoderPoolTest : public ::testing::Test {
 protected:
  static DecoderPoolOptions options() {
    DecoderPoolOptions options;
    options.processes_max = 1;
    options.command = {"/proc/self/exe", kDecodeFrames};
    options.limits.seconds = 1;
    options.limits.memory_bytes = uint64_t{1} << 30;
    return options;
  }
  Result<Frame> ask(std::string_view order) {
    return pool_.decode(kJpeg2000, sixteen_pixels(), as_bytes(order));
  }
  int number(std::string_view order) {
    const auto frame = ask(order);
    EXPECT_TRUE(frame) << to_string(frame.error());
    int number = -1;
    if (frame) std::memcpy(&number, frame->bytes.data(), sizeof(number));
    return number;
  }
  void expect_good_frame() {
    Frame frame{sixteen_pixels(), ByteVector(16, std::byte{7})};
    const auto encoded = encode_frame(kJpeg2000, frame);
    ASSERT_TRUE(encoded);
    const auto back = pool_.decode(kJpeg2000, encoded->format, encoded->bytes);
    ASSERT_TRUE(back) << to_string(back.error());
    EXPECT_EQ(back->bytes, frame.bytes);
  }
  bool counted(const std::string& outcome, int times) {
    return metrics_.text().find("pacs_lite_decoded_frames_total{outcome=\"" + outcome + "\"} " +
                                std::to_string(times)) != std::string::npos;
  }

  Metrics metrics_;
  DecoderPool pool_{options(), metrics_};
};

TEST_F(DecoderPoolTest, DecodesInAnotherProcessThatStays) {
  expect_good_frame();
  const int process = number("process");
  EXPECT_NE(process, ::getpid());
  EXPECT_EQ(number("process"), process);
  EXPECT_TRUE(counted("decoded", 3));
}

TEST_F(DecoderPoolTest, ACrashCostsOneFrame) {
  const auto frame = ask("crash");
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(frame.error().reason, "pixel_data");
  expect_good_frame();
  EXPECT_TRUE(counted("crashed", 1));
}

TEST_F(DecoderPoolTest, AFrameHasATimeAndAMemory) {
  const auto begin = std::chrono::steady_clock::now();
  const auto slow = ask("hang");
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, ErrorCode::resource_exhausted);
  EXPECT_EQ(slow.error().reason, "decoding");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_TRUE(counted("timed_out", 1));
  if (kMemoryIsLimited) {
    const auto large = ask("eat");
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(large.error().reason, "decoding");
  }
  expect_good_frame();
}

TEST_F(DecoderPoolTest, AProcessThatIsKilledIsReplaced) {
  const int process = number("process");
  ASSERT_EQ(::kill(process, SIGKILL), 0);
  // Its end is seen before or while the next frame is decoded: at most that one is lost.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  expect_good_frame();
  EXPECT_NE(number("process"), process);
}

TEST_F(DecoderPoolTest, AFrameIsLostWithTheProcessThatDecodesIt) {
  const int process = number("process");
  std::thread killer([process] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::kill(process, SIGKILL);
  });
  const auto frame = ask("hang");
  killer.join();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().reason, "pixel_data");
  expect_good_frame();
}

// Nothing of the server is open in it: no socket, no database, no secret of the environment.
TEST_F(DecoderPoolTest, InheritsNothing) {
  const UniqueFd leak(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC, as a library may do
  ASSERT_TRUE(leak);
  EXPECT_EQ(number("descriptors"), 5);
  EXPECT_EQ(number("environment"), 1);
}

TEST_F(DecoderPoolTest, BelievesNoFrameOfTheWrongSize) {
  const auto frame = ask("lie");
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().reason, "pixel_data");
  expect_good_frame();
}

TEST_F(DecoderPoolTest, WhoComesWhenAllAreBusyIsToldSo) {
  DecoderPoolOptions few = options();
  few.waiting_max = 0;
  Metrics metrics;
  DecoderPool pool(few, metrics);
  std::thread first([&] {
    const auto frame = pool.decode(kJpeg2000, sixteen_pixels(), as_bytes("hang"));
    EXPECT_FALSE(frame);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto second = pool.decode(kJpeg2000, sixteen_pixels(), as_bytes("process"));
  first.join();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_EQ(second.error().reason, "busy");
}

// Native pixels and RLE need no process.
TEST_F(DecoderPoolTest, OwnCodeStaysHere) {
  const ByteVector stored(16, std::byte{3});
  const auto frame = pool_.decode("1.2.840.10008.1.2.1", sixteen_pixels(), stored);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->bytes, stored);
  EXPECT_TRUE(counted("decoded", 0));
}

}  // namespace

int serve_faulty_decoder(char** arguments) {
  FaultyDecoder decoder;
  DecoderLimits limits;
  limits.memory_bytes = std::stoull(arguments[2]);
  limits.seconds = static_cast<uint32_t>(std::stoul(arguments[3]));
  return serve_decoder(decoder, limits);
}

}  // namespace pacs::pixel

int main(int argument_count, char** arguments) {
  if (argument_count == 4 && std::string_view(arguments[1]) == pacs::pixel::kDecodeFrames) {
    return pacs::pixel::serve_faulty_decoder(arguments);
  }
  ::testing::InitGoogleTest(&argument_count, arguments);
  return RUN_ALL_TESTS();
}
