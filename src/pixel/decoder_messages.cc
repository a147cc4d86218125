#include "pixel/decoder_messages.h"

#include <algorithm>

#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

bool is_plain_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char letter) { return letter >= 0x20 && letter < 0x7F; });
}

}  // namespace

FormatMessage message_of(const PixelFormat& format) {
  FormatMessage message{};
  message.rows = format.rows;
  message.columns = format.columns;
  message.samples_per_pixel = format.samples_per_pixel;
  message.bits_allocated = format.bits_allocated;
  message.bits_stored = format.bits_stored;
  message.high_bit = format.high_bit;
  message.is_signed = format.is_signed ? 1 : 0;
  message.is_floating = format.is_floating ? 1 : 0;
  message.is_planar = format.is_planar ? 1 : 0;
  message.is_in_words = format.is_in_words ? 1 : 0;
  set_text(message.photometric_interpretation, format.photometric_interpretation);
  return message;
}

std::optional<PixelFormat> format_of(const FormatMessage& message) {
  PixelFormat format;
  format.rows = message.rows;
  format.columns = message.columns;
  format.samples_per_pixel = message.samples_per_pixel;
  format.bits_allocated = message.bits_allocated;
  format.bits_stored = message.bits_stored;
  format.high_bit = message.high_bit;
  format.is_signed = message.is_signed != 0;
  format.is_floating = message.is_floating != 0;
  format.is_planar = message.is_planar != 0;
  format.is_in_words = message.is_in_words != 0;
  const std::string_view colours = text_in(message.photometric_interpretation);
  const bool is_text = is_plain_text(colours);
  const uint16_t allocated = format.bits_allocated;
  const bool is_allocated =
      allocated == 1 || allocated == 8 || allocated == 16 || allocated == 32 || allocated == 64;
  if (!is_text || !is_allocated || format.rows == 0 || format.rows > UINT16_MAX ||
      format.columns == 0 || format.columns > UINT16_MAX || format.samples_per_pixel == 0 ||
      format.samples_per_pixel > 4 || format.bits_stored == 0 || format.bits_stored > allocated ||
      format.high_bit >= allocated || format.high_bit + 1 < format.bits_stored) {
    return std::nullopt;
  }
  format.photometric_interpretation = colours;
  if (format.frame_bytes() > kFrameBytesMax) return std::nullopt;
  return format;
}

DecodeAnswer answer_of(const Error& error) {
  DecodeAnswer answer{};
  answer.code = static_cast<uint32_t>(error.code);
  set_text(answer.reason, error.reason);
  set_text(answer.detail, error.detail);
  return answer;
}

Error error_of(const DecodeAnswer& answer) {
  const std::string_view reason = text_in(answer.reason);
  const std::string_view detail = text_in(answer.detail);
  if (answer.code > static_cast<uint32_t>(ErrorCode::internal) || !is_plain_text(reason) ||
      !is_plain_text(detail)) {
    return broken_frame("a decoder lost its way over the bytes of the frame");
  }
  return {static_cast<ErrorCode>(answer.code), reason, detail};
}

}  // namespace pacs::pixel
