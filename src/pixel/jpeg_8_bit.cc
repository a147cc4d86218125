#include "pixel/jpeg_8_bit.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <vector>

// It wants size_t and FILE before it.
#include <jerror.h>
#include <jpeglib.h>

namespace pacs::pixel {
namespace {

// libjpeg reports an error by a call that must not return; what lies between here and there has no
// destructors.
struct JpegComplaints {
  jpeg_error_mgr manager;  // first: the library knows it alone
  std::jmp_buf back;
  bool is_out_of_memory;
  bool is_cut_off;
};

[[noreturn]] void leave_library(j_common_ptr common) {
  auto* errors = reinterpret_cast<JpegComplaints*>(common->err);
  errors->is_out_of_memory = common->err->msg_code == JERR_OUT_OF_MEMORY;
  std::longjmp(errors->back, 1);
}

// Warnings come of damaged data: what the library makes up for it is no finding.
void note_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  auto* errors = reinterpret_cast<JpegComplaints*>(common->err);
  if (common->err->msg_code == JWRN_HIT_MARKER) errors->is_cut_off = true;
}

void be_silent(j_common_ptr) {}

jpeg_error_mgr* prepare(JpegComplaints& errors) {
  jpeg_error_mgr* const manager = jpeg_std_error(&errors.manager);
  manager->error_exit = leave_library;
  manager->emit_message = note_message;
  manager->output_message = be_silent;
  errors.is_out_of_memory = errors.is_cut_off = false;
  return manager;
}

// To `to`, `rows` of `row_bytes`; false when the library gave up, or has read another size than the
// header was read to say.
bool decompress(JpegComplaints& errors, Bytes stored, std::byte* to, uint32_t rows,
                size_t row_bytes) {
  jpeg_decompress_struct codec;
  codec.err = prepare(errors);
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_decompress(&codec);
    return false;
  }
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(stored.data()),
               static_cast<unsigned long>(stored.size()));
  jpeg_read_header(&codec, TRUE);
  codec.out_color_space = codec.jpeg_color_space;
  jpeg_start_decompress(&codec);
  const size_t bytes_a_row =
      size_t{codec.output_width} * static_cast<size_t>(codec.output_components);
  if (codec.output_height != rows || bytes_a_row != row_bytes) {
    jpeg_destroy_decompress(&codec);
    return false;
  }
  while (codec.output_scanline < codec.output_height) {
    auto* row = reinterpret_cast<JSAMPROW>(to + codec.output_scanline * row_bytes);
    jpeg_read_scanlines(&codec, &row, 1);
  }
  jpeg_finish_decompress(&codec);
  jpeg_destroy_decompress(&codec);
  return true;
}

// What three components are. Adobe's marker says it, ids that are letters do; else the data set is
// believed, but JFIF knows no RGB.
std::string_view colours_of(const PixelFormat& stated, const JpegHeader& header) {
  const auto& ids = header.component_ids;
  if (header.adobe_transform) return *header.adobe_transform == 0 ? "RGB" : "YBR_FULL";
  if (ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B') return "RGB";
  if (stated.photometric_interpretation == "RGB" && !header.has_jfif) return "RGB";
  return "YBR_FULL";
}

struct PictureToWrite {
  uint32_t rows;
  uint32_t columns;
  int components;
  J_COLOR_SPACE colours;
  int quality;
  const std::byte* from;
};

bool compress(JpegComplaints& errors, const PictureToWrite& picture, unsigned char** memory,
              unsigned long* size) {
  jpeg_compress_struct codec;
  codec.err = prepare(errors);
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_compress(&codec);
    return false;
  }
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, memory, size);
  codec.image_width = picture.columns;
  codec.image_height = picture.rows;
  codec.input_components = picture.components;
  codec.in_color_space = picture.colours;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, picture.quality, TRUE);
  codec.write_JFIF_header = FALSE;
  if (picture.components == 3) {
    codec.comp_info[0].h_samp_factor = 2;
    codec.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&codec, TRUE);
  const size_t row_bytes = size_t{picture.columns} * static_cast<size_t>(picture.components);
  while (codec.next_scanline < codec.image_height) {
    auto* row = reinterpret_cast<JSAMPROW>(
        const_cast<std::byte*>(picture.from + codec.next_scanline * row_bytes));
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  return true;
}

}  // namespace

Result<Frame> decode_jpeg_8_bit(const PixelFormat& stated, const JpegHeader& header, Bytes stored) {
  PixelFormat format = PACS_TRY(decoded_format(stated, header.picture));
  if (header.picture.precision != 8 || format.samples_per_pixel == 2) {
    return broken_frame("no JPEG of 8 bits has such samples");
  }
  if (format.samples_per_pixel == 3) format.photometric_interpretation = colours_of(stated, header);
  const size_t row_bytes = size_t{format.columns} * format.samples_per_pixel;
  ByteVector pixels(row_bytes * format.rows);
  JpegComplaints errors;
  if (!decompress(errors, stored, pixels.data(), format.rows, row_bytes)) {
    if (errors.is_out_of_memory) {
      return resource_exhausted("decoding", "the JPEG decoder wanted more memory than there is");
    }
    return broken_frame("the JPEG stream is damaged");
  }
  if (errors.is_cut_off) return broken_frame("the JPEG stream is damaged or ends too early");
  if (format.bits_allocated == 8 && !format.is_signed) {
    return Frame{std::move(format), std::move(pixels)};
  }
  FrameWriter writer(format, header.picture, format.bits_stored);
  for (size_t i = 0; i < pixels.size(); ++i) writer.put(i, static_cast<int32_t>(pixels[i]));
  return std::move(writer).finish();
}

Result<ByteVector> encode_jpeg_8_bit(const Frame& frame, int quality) {
  const PixelFormat& format = frame.format;
  const bool is_colour = format.samples_per_pixel == 3;
  const J_COLOR_SPACE colours = !is_colour                                   ? JCS_GRAYSCALE
                                : format.photometric_interpretation == "RGB" ? JCS_RGB
                                                                             : JCS_YCbCr;
  JpegComplaints errors;
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  const PictureToWrite picture{format.rows, format.columns, format.samples_per_pixel,
                               colours,     quality,        frame.bytes.data()};
  const bool is_written = compress(errors, picture, &memory, &size);
  ByteVector encoded;
  if (is_written) {
    const Bytes all(reinterpret_cast<const std::byte*>(memory), size);
    encoded.assign(all.begin(), all.end());
  }
  std::free(memory);
  if (!is_written) return internal_error("encoding", "the JPEG encoder gave up");
  return encoded;
}

}  // namespace pacs::pixel
