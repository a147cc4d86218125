// What the fuzzers share: the input in parts, a reader that gives bytes away as slowly as it likes,
// and the check that stops with the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/bytes.h"
#include "core/stream.h"

// libFuzzer calls it for each input, and so does replay.cc. Whatever the input is, it must return.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace pacs::fuzz {

// An input of several parts: lines of text are easier to read, to write by hand and to mutate than
// lengths.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  // The first byte; 0 when there is none.
  [[nodiscard]] uint8_t take_byte();
  // The text before the next LF, which is dropped; all of it when there is none.
  [[nodiscard]] std::string_view take_line();
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// Gives at most `piece_size` bytes at a time: what a reader makes of a text may not depend on how
// it arrives.
class PiecewiseSource final : public ByteSource {
 public:
  PiecewiseSource(std::string_view text, size_t piece_size)
      : rest_(text), piece_size_(piece_size) {}
  Result<size_t> read_some(MutableBytes buffer) override;

 private:
  std::string_view rest_;
  size_t piece_size_;
};

[[noreturn]] void fail(const char* file, int line, const char* what);

}  // namespace pacs::fuzz

// Stops the program, in every build, with the invariant that did not hold.
#define FUZZ_CHECK(invariant) \
  ((invariant) ? void() : ::pacs::fuzz::fail(__FILE__, __LINE__, #invariant))
