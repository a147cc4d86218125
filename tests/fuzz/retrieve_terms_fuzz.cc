// What a client asks of a retrieve: the Accept field and the list of frames. Whatever is accepted
// has a media type, and every frame that is found exists.
#include <string>

#include "dicomweb/accepted.h"
#include "dicomweb/frame_list.h"
#include "dicomweb/stored_encoding.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::dicomweb;

void check_accept(std::string_view field) {
  pacs::MemorySource no_body({});
  pacs::http::Request request(no_body);
  request.headers.add("Accept", field);
  const auto accepted = accepted_types(request);
  FUZZ_CHECK(!accepted.empty());
  const auto encoding = frame_encoding_of("1.2.840.10008.1.2.4.80");
  FUZZ_CHECK(encoding.has_value());
  for (const AcceptedType& type : accepted) {
    FUZZ_CHECK(type.essence.find('/') != std::string::npos || type.is_multipart);
    const bool names_another = type.transfer_syntax && *type.transfer_syntax != "*" &&
                               *type.transfer_syntax != encoding->transfer_syntax;
    if (names_another) FUZZ_CHECK(!encoding->is_accepted_by(type));
  }
}

void check_frames(std::string_view list) {
  constexpr size_t kFrameCount = 20;
  const auto frames = parse_frame_list(list, kFrameCount);
  if (!frames) return;
  FUZZ_CHECK(!frames->empty());
  for (const size_t frame : *frames) FUZZ_CHECK(frame < kFrameCount);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  check_accept(input.take_line());
  check_frames(input.take_line());
  return 0;
}
