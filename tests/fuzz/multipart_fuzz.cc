// Multipart bodies: the parts do not depend on how the bytes arrive, and no part holds its own
// boundary.
#include <optional>
#include <string>
#include <vector>

#include "core/text.h"
#include "http/multipart_reader.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

constexpr MultipartLimits kLimits = {
    .parts_max = 16, .part_header_bytes_max = 512, .preamble_bytes_max = 512};

struct ReadPart {
  std::string name;
  std::optional<std::string> filename;
  std::string content_type;
  std::string body;
  friend bool operator==(const ReadPart&, const ReadPart&) = default;
};

struct Outcome {
  std::vector<ReadPart> parts;  // those that were read to their end
  std::string reason;           // of the error
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

enum class Bodies { read, skipped };

Outcome read(std::string_view content_type, std::string_view text, size_t piece, Bodies bodies) {
  pacs::fuzz::PiecewiseSource source(text, piece);
  Outcome outcome;
  auto reader = MultipartReader::create(source, content_type, kLimits);
  if (!reader) {
    outcome.reason = reader.error().reason;
    return outcome;
  }
  for (;;) {
    auto part = reader->next_part();
    if (!part) {
      outcome.reason = part.error().reason;
      return outcome;
    }
    if (!*part) return outcome;
    ReadPart& got = outcome.parts.emplace_back(
        ReadPart{(**part).name, (**part).filename, (**part).content_type, {}});
    FUZZ_CHECK(outcome.parts.size() <= kLimits.parts_max);
    FUZZ_CHECK(pacs::is_utf8(got.name) && pacs::is_utf8(got.filename.value_or("")));
    if (bodies == Bodies::skipped) continue;
    auto body = pacs::read_all(reader->body(), text.size());
    if (!body) {
      outcome.parts.pop_back();
      outcome.reason = body.error().reason;
      return outcome;
    }
    got.body = std::move(*body);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  const std::string_view content_type = input.take_line();
  const size_t piece = size_t{input.take_byte()} + 1;
  const std::string_view text = input.rest();
  const Outcome at_once = read(content_type, text, SIZE_MAX, Bodies::read);
  FUZZ_CHECK(read(content_type, text, piece, Bodies::read) == at_once);
  const Outcome skipped = read(content_type, text, piece, Bodies::skipped);
  FUZZ_CHECK(skipped.reason == at_once.reason);
  const size_t boundary_at = content_type.find("boundary=");
  if (boundary_at == std::string_view::npos) return 0;
  const std::string delimiter = "\r\n--" + std::string(content_type.substr(boundary_at + 9));
  for (const ReadPart& part : at_once.parts) {
    FUZZ_CHECK(part.body.size() < text.size());
    FUZZ_CHECK(part.body.find(delimiter) == std::string::npos ||
               content_type.find_first_of("\"; \t", boundary_at) != std::string_view::npos);
  }
  return 0;
}
