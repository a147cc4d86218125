// A body in chunks: its bytes and where it ends do not depend on how it arrives or is read, and
// what comes out is within the limit.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "http/request_body.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

constexpr uint64_t kBytesMax = 1 << 20;

// Gives the text in pieces, then says that the client is gone.
class TextTransport final : public Transport {
 public:
  TextTransport(std::string_view text, size_t piece) : rest_(text), piece_(piece) {}

  Transfer receive(pacs::MutableBytes buffer) override {
    const size_t count = std::min({buffer.size(), piece_, rest_.size()});
    if (count == 0) return {Transfer::Outcome::ended, 0, 0};
    std::copy_n(pacs::as_bytes(rest_).begin(), count, buffer.begin());
    rest_.remove_prefix(count);
    return {Transfer::Outcome::moved, count, 0};
  }
  Transfer send(pacs::Bytes, More) override { return {}; }
  Transfer send_file(int, uint64_t, uint64_t) override { return {}; }
  void end_sending() override {}
  [[nodiscard]] int descriptor() const override { return -1; }
  [[nodiscard]] bool can_speak_first() const override { return true; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  size_t piece_;
};

struct Outcome {
  std::string body;
  std::string reason;  // of the error; empty when the body ended
  std::string behind;  // the bytes of the next request
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view text, size_t piece, size_t buffer_size) {
  auto transport = std::make_unique<TextTransport>(text, piece);
  const TextTransport& wire = *transport;
  Connection connection(std::move(transport), Peer(), "http");
  const pacs::ManualClock clock;
  RequestHead head;
  head.chunked = true;
  RequestBody body(connection, head, {.pace = {}, .bytes_max = kBytesMax, .send_continue = {}},
                   clock);
  Outcome outcome;
  std::string buffer(buffer_size, '\0');
  for (;;) {
    const auto count = body.read_some(std::as_writable_bytes(std::span(buffer)));
    if (!count) {
      outcome.reason = count.error().reason;
      return outcome;
    }
    if (*count == 0) break;
    outcome.body.append(buffer, 0, *count);
    FUZZ_CHECK(outcome.body.size() <= kBytesMax);
  }
  FUZZ_CHECK(body.complete());
  outcome.behind = std::string(connection.input()) + std::string(wire.rest());
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  const size_t piece = size_t{input.take_byte()} + 1;
  const std::string_view text = input.rest();
  const Outcome at_once = read(text, SIZE_MAX, 64 * 1024);
  const Outcome slowly = read(text, piece, 7);
  // What was read before an error may differ, the error may not.
  FUZZ_CHECK(at_once.reason == slowly.reason);
  if (!at_once.reason.empty()) return 0;
  FUZZ_CHECK(at_once == slowly);
  FUZZ_CHECK(text.ends_with(at_once.behind));
  FUZZ_CHECK(at_once.body.size() + at_once.behind.size() < text.size());
  return 0;
}
