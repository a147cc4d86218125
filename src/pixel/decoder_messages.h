// What the server and a decoder process say to each other: fixed structures over two pipes, the
// bytes of frames in two files in memory. Both sides are the same program.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "core/error.h"
#include "pixel/frame.h"

namespace pacs::pixel {

// The descriptors of a decoder process; it has no others but standard error.
inline constexpr int kRequestDescriptor = 0;
inline constexpr int kAnswerDescriptor = 1;
inline constexpr int kStoredBytesDescriptor = 3;
inline constexpr int kFrameBytesDescriptor = 4;

struct FormatMessage {
  uint32_t rows;
  uint32_t columns;
  uint16_t samples_per_pixel;
  uint16_t bits_allocated;
  uint16_t bits_stored;
  uint16_t high_bit;
  // A bool of another process may be neither true nor false.
  uint8_t is_signed;
  uint8_t is_floating;
  uint8_t is_planar;
  uint8_t is_in_words;
  char photometric_interpretation[17];  // CS has 16 characters; a zero behind them
};

struct DecodeRequest {
  char transfer_syntax_uid[65];  // empty: what is stored is a request to convert colours
  FormatMessage stated;
  uint64_t stored_bytes;
};

struct DecodeAnswer {
  uint8_t is_frame;
  // Of no frame.
  uint32_t code;
  char reason[33];
  char detail[161];
  // Of a frame.
  FormatMessage format;
  uint64_t frame_bytes;
};
static_assert(std::is_trivially_copyable_v<DecodeRequest>);
static_assert(std::is_trivially_copyable_v<DecodeAnswer>);

[[nodiscard]] FormatMessage message_of(const PixelFormat& format);
// Nothing for what no decoder yields: who wrote it may have lost its mind over hostile bytes.
[[nodiscard]] std::optional<PixelFormat> format_of(const FormatMessage& message);

[[nodiscard]] DecodeAnswer answer_of(const Error& error);
// Of an answer without a frame; invalid_argument/pixel_data for what no decoder says.
[[nodiscard]] Error error_of(const DecodeAnswer& answer);

// Cut to what fits, with a zero behind it.
template <size_t Size>
void set_text(char (&to)[Size], std::string_view text) {
  const size_t length = text.copy(to, Size - 1);
  to[length] = '\0';
}
// Up to the first zero, or all.
template <size_t Size>
[[nodiscard]] std::string_view text_in(const char (&from)[Size]) {
  const std::string_view all(from, Size);
  return all.substr(0, all.find('\0'));
}

}  // namespace pacs::pixel
