// JPEG (ITU-T T.81) by libjpeg.
#include <algorithm>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it before itself
#include <cstdlib>
#include <string>
#include <string_view>

#include <jpeglib.h>

#include "pixel/picture_file.h"

namespace pacs::pixel {
namespace {

constexpr size_t kJpegBytesLeast = 4'096;
constexpr uint32_t kJpegSideMax = 65'500;  // JPEG_MAX_DIMENSION
// An APP2 segment has room for so much behind "ICC_PROFILE" and two numbers (ICC.1:2010 B.4).
constexpr size_t kIccChunkBytes = 65'519;

// libjpeg ends the program on an error, unless it is led back.
struct JpegFileErrors {
  jpeg_error_mgr manager;  // first: libjpeg hands out its address
  std::jmp_buf back;
};

void leave_libjpeg(j_common_ptr info) {
  std::longjmp(reinterpret_cast<JpegFileErrors*>(info->err)->back, 1);
}

void say_nothing(j_common_ptr /*info*/) {}

void write_profile(jpeg_compress_struct& info, Bytes profile) {
  const size_t chunks = (profile.size() + kIccChunkBytes - 1) / kIccChunkBytes;
  for (size_t chunk = 0; chunk < chunks; ++chunk) {
    const Bytes part =
        profile.subspan(chunk * kIccChunkBytes)
            .first(std::min(kIccChunkBytes, profile.size() - chunk * kIccChunkBytes));
    jpeg_write_m_header(&info, JPEG_APP0 + 2, static_cast<unsigned>(14 + part.size()));
    for (const char letter : std::string_view("ICC_PROFILE\0", 12))
      jpeg_write_m_byte(&info, letter);
    jpeg_write_m_byte(&info, static_cast<int>(chunk + 1));
    jpeg_write_m_byte(&info, static_cast<int>(chunks));
    for (const std::byte one : part) jpeg_write_m_byte(&info, std::to_integer<int>(one));
  }
}

// No object with a destructor lives here: an error jumps out.
bool write_jpeg(const Picture& picture, int quality, Bytes profile, unsigned char** file,
                unsigned long* size) {
  jpeg_compress_struct info;
  JpegFileErrors errors;
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = leave_libjpeg;
  errors.manager.output_message = say_nothing;
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, file, size);
  info.image_width = picture.width;
  info.image_height = picture.height;
  info.input_components = static_cast<int>(picture.channels());
  info.in_color_space = picture.colour == Picture::Colour::rgb ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  write_profile(info, profile);
  while (info.next_scanline < info.image_height) {
    // libjpeg does not write to what it compresses.
    auto* row = const_cast<JSAMPLE*>(  // NOLINT
        picture.samples.data() + size_t{info.next_scanline} * picture.width * picture.channels());
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

}  // namespace

Result<std::string> to_jpeg(const Picture& picture, int quality, Bytes profile) {
  if (std::max(picture.width, picture.height) > kJpegSideMax) {
    return unsupported("too_wide", "a JPEG has at most 65500 pixels a side");
  }
  // Most pictures fit into half a byte for each sample; for others libjpeg takes room of its own.
  std::string bytes(kJpegBytesLeast + picture.samples.size() / 2, '\0');
  auto* const room = reinterpret_cast<unsigned char*>(bytes.data());
  unsigned char* file = room;
  unsigned long size = bytes.size();
  const bool is_written = write_jpeg(picture, quality, profile, &file, &size);
  if (is_written && file != room) bytes.assign(reinterpret_cast<const char*>(file), size);
  if (file != room) std::free(file);  // NOLINT: libjpeg took it by malloc
  if (!is_written) return internal_error("jpeg_encoder", "the picture could not be encoded");
  bytes.resize(size);
  return bytes;
}

}  // namespace pacs::pixel
