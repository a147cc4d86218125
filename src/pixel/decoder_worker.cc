#include "pixel/decoder_worker.h"

#include <cerrno>
#include <new>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/file.h"
#include "pixel/decoder_messages.h"

namespace pacs::pixel {
namespace {

// The sanitizers keep shadows of memory that reach over terabytes of address space.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasShadowMemory = true;
#else
constexpr bool kHasShadowMemory = false;
#endif

// The server ends a slow decoder first, and knows why.
constexpr uint32_t kSecondsLonger = 2;

bool take_limits(const DecoderLimits& limits) {
  const rlimit none{0, 0};
  const rlimit memory{limits.memory_bytes, limits.memory_bytes};
  return ::setrlimit(RLIMIT_CORE, &none) == 0 &&
         (kHasShadowMemory || ::setrlimit(RLIMIT_AS, &memory) == 0) &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_DUMPABLE, 0) == 0;
}

// A message is shorter than what a pipe takes and gives at once (pipe(7)).
bool read_request(DecodeRequest& request) {
  ssize_t count = 0;
  do {
    count = ::read(kRequestDescriptor, &request, sizeof(request));
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(sizeof(request));
}

Result<Frame> decode_request(FrameDecoder& decoder, const DecodeRequest& request) {
  const auto stated = format_of(request.stated);
  if (!stated) return unsupported("pixel_format", "the image is none that can be decoded");
  ByteVector stored(static_cast<size_t>(request.stored_bytes));
  const size_t count = PACS_TRY(read_at(kStoredBytesDescriptor, 0, stored));
  if (count != stored.size()) return internal_error("decoding", "bytes of a frame are missing");
  const std::string_view syntax = text_in(request.transfer_syntax_uid);
  Frame frame = PACS_TRY(syntax.empty() ? decoder.convert_colours(*stated, stored)
                                        : decoder.decode(syntax, *stated, stored));
  if (::lseek(kFrameBytesDescriptor, 0, SEEK_SET) != 0) {
    return system_error(errno, "seek in a decoder's answer");
  }
  PACS_TRY(write_all(kFrameBytesDescriptor, frame.bytes));
  return frame;
}

DecodeAnswer answer_to(FrameDecoder& decoder, const DecodeRequest& request) {
  try {
    const auto frame = decode_request(decoder, request);
    if (!frame) return answer_of(frame.error());
    DecodeAnswer answer{};
    answer.is_frame = 1;
    answer.format = message_of(frame->format);
    answer.frame_bytes = frame->bytes.size();
    return answer;
  } catch (const std::bad_alloc&) {
    return answer_of(
        resource_exhausted("decoding", "the frame needs more memory than it may take"));
  }
}

}  // namespace

int serve_decoder(FrameDecoder& decoder, const DecoderLimits& limits) {
  if (!take_limits(limits)) return 1;
  DecodeRequest request{};
  while (read_request(request)) {
    ::alarm(limits.seconds + kSecondsLonger);
    const DecodeAnswer answer = answer_to(decoder, request);
    ::alarm(0);
    const Bytes message(reinterpret_cast<const std::byte*>(&answer), sizeof(answer));
    if (!write_all(kAnswerDescriptor, message)) return 1;
  }
  return 0;
}

}  // namespace pacs::pixel
