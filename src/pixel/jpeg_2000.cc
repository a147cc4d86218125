#include "pixel/jpeg_2000.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <openjpeg.h>

namespace pacs::pixel {
namespace {

struct ImageDeleter {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};
// Codec and stream are both void to the library.
struct CodecDeleter {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct StreamDeleter {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
using OwnedImage = std::unique_ptr<opj_image_t, ImageDeleter>;
using OwnedCodec = std::unique_ptr<opj_codec_t, CodecDeleter>;
using OwnedStream = std::unique_ptr<opj_stream_t, StreamDeleter>;

constexpr auto kEndOfStream = static_cast<OPJ_SIZE_T>(-1);

struct StreamInMemory {
  Bytes input;
  ByteVector output;
  size_t position = 0;
};

OPJ_SIZE_T read_stream(void* buffer, OPJ_SIZE_T size, void* user) {
  auto& stream = *static_cast<StreamInMemory*>(user);
  const size_t taken = std::min<size_t>(size, stream.input.size() - stream.position);
  if (taken == 0) return kEndOfStream;
  std::memcpy(buffer, stream.input.data() + stream.position, taken);
  stream.position += taken;
  return taken;
}

OPJ_OFF_T skip_input(OPJ_OFF_T size, void* user) {
  auto& stream = *static_cast<StreamInMemory*>(user);
  const auto left = static_cast<OPJ_OFF_T>(stream.input.size() - stream.position);
  if (size < 0 || left == 0) return -1;
  const OPJ_OFF_T taken = std::min(size, left);
  stream.position += static_cast<size_t>(taken);
  return taken;
}

OPJ_BOOL seek_input(OPJ_OFF_T position, void* user) {
  auto& stream = *static_cast<StreamInMemory*>(user);
  if (position < 0 || static_cast<size_t>(position) > stream.input.size()) return OPJ_FALSE;
  stream.position = static_cast<size_t>(position);
  return OPJ_TRUE;
}

OPJ_SIZE_T write_stream(void* buffer, OPJ_SIZE_T size, void* user) {
  auto& stream = *static_cast<StreamInMemory*>(user);
  if (stream.output.size() < stream.position + size) stream.output.resize(stream.position + size);
  std::memcpy(stream.output.data() + stream.position, buffer, size);
  stream.position += size;
  return size;
}

OPJ_OFF_T skip_output(OPJ_OFF_T size, void* user) {
  if (size < 0) return -1;
  static_cast<StreamInMemory*>(user)->position += static_cast<size_t>(size);
  return size;
}

OPJ_BOOL seek_output(OPJ_OFF_T position, void* user) {
  if (position < 0) return OPJ_FALSE;
  static_cast<StreamInMemory*>(user)->position = static_cast<size_t>(position);
  return OPJ_TRUE;
}

// The samples of a component, which may be a half or a quarter of the picture in each direction.
Result<void> put_component(const opj_image_t& image, unsigned sample, const PixelFormat& format,
                           FrameWriter& writer) {
  const opj_image_comp_t& component = image.comps[sample];
  if (component.data == nullptr || component.dx == 0 || component.dy == 0 || component.w == 0 ||
      component.h == 0) {
    return broken_frame("a component of the JPEG 2000 picture is missing");
  }
  for (uint32_t y = 0; y < format.rows; ++y) {
    const uint32_t from_row = std::min(y / component.dy, component.h - 1);
    const OPJ_INT32* const row = component.data + size_t{from_row} * component.w;
    uint64_t index = uint64_t{y} * format.columns * format.samples_per_pixel + sample;
    for (uint32_t x = 0; x < format.columns; ++x) {
      writer.put(index, row[std::min(x / component.dx, component.w - 1)]);
      index += format.samples_per_pixel;
    }
  }
  return {};
}

// So many halvings that the smallest picture is still one.
int resolutions_for(const PixelFormat& format) {
  int resolutions = 1;
  while (resolutions < 6 && (std::min(format.rows, format.columns) >> resolutions) > 0) {
    ++resolutions;
  }
  return resolutions;
}

OwnedImage image_to_encode(const Frame& frame) {
  const PixelFormat& format = frame.format;
  std::array<opj_image_cmptparm_t, 3> components{};
  for (auto& component : components) {
    component.dx = component.dy = 1;
    component.w = format.columns;
    component.h = format.rows;
    component.prec = format.bits_stored;
    component.sgnd = format.is_signed ? 1 : 0;
  }
  OwnedImage image(
      opj_image_create(format.samples_per_pixel, components.data(),
                       format.samples_per_pixel == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY));
  if (!image) return nullptr;
  image->x1 = format.columns;
  image->y1 = format.rows;
  const uint64_t pixels = uint64_t{format.rows} * format.columns;
  for (unsigned sample = 0; sample < format.samples_per_pixel; ++sample) {
    OPJ_INT32* to = image->comps[sample].data;
    for (uint64_t pixel = 0; pixel < pixels; ++pixel) *to++ = sample_at(frame, pixel, sample);
  }
  return image;
}

}  // namespace

Result<Frame> decode_jpeg_2000(const PixelFormat& stated, const Jpeg2000Header& header) {
  PixelFormat format = PACS_TRY(decoded_format(stated, header.picture));
  StreamInMemory source;
  source.input = header.codestream;
  const OwnedStream stream(opj_stream_default_create(OPJ_TRUE));
  const OwnedCodec codec(opj_create_decompress(OPJ_CODEC_J2K));
  if (!stream || !codec) {
    return resource_exhausted("decoding", "no memory for a JPEG 2000 decoder");
  }
  opj_stream_set_read_function(stream.get(), read_stream);
  opj_stream_set_skip_function(stream.get(), skip_input);
  opj_stream_set_seek_function(stream.get(), seek_input);
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), source.input.size());
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* decoded = nullptr;
  if (opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE ||
      opj_read_header(stream.get(), codec.get(), &decoded) == OPJ_FALSE) {
    return broken_frame("the JPEG 2000 header is damaged");
  }
  const OwnedImage image(decoded);
  if (opj_decode(codec.get(), stream.get(), image.get()) == OPJ_FALSE ||
      image->numcomps != format.samples_per_pixel) {
    return broken_frame("the JPEG 2000 stream is damaged or ends too early");
  }
  // Its transforms are undone by the decoder.
  if (format.photometric_interpretation == "YBR_RCT" ||
      format.photometric_interpretation == "YBR_ICT") {
    format.photometric_interpretation = "RGB";
  }
  FrameWriter writer(format, header.picture, header.picture.precision);
  for (unsigned sample = 0; sample < format.samples_per_pixel; ++sample) {
    PACS_TRY(put_component(*image, sample, format, writer));
  }
  return std::move(writer).finish();
}

Result<ByteVector> encode_jpeg_2000(const Frame& frame, float ratio) {
  const auto gave_up = [] { return internal_error("encoding", "the JPEG 2000 encoder gave up"); };
  const OwnedImage image = image_to_encode(frame);
  const OwnedStream stream(opj_stream_default_create(OPJ_FALSE));
  const OwnedCodec codec(opj_create_compress(OPJ_CODEC_J2K));
  if (!image || !stream || !codec) return gave_up();
  StreamInMemory sink;
  opj_stream_set_write_function(stream.get(), write_stream);
  opj_stream_set_skip_function(stream.get(), skip_output);
  opj_stream_set_seek_function(stream.get(), seek_output);
  opj_stream_set_user_data(stream.get(), &sink, nullptr);
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = resolutions_for(frame.format);
  parameters.tcp_numlayers = 1;
  parameters.cp_disto_alloc = 1;
  parameters.tcp_rates[0] = ratio;  // 0: everything
  parameters.irreversible = ratio > 0 ? 1 : 0;
  parameters.tcp_mct = frame.format.photometric_interpretation == "RGB" ? 1 : 0;
  if (opj_setup_encoder(codec.get(), &parameters, image.get()) == OPJ_FALSE ||
      opj_start_compress(codec.get(), image.get(), stream.get()) == OPJ_FALSE ||
      opj_encode(codec.get(), stream.get()) == OPJ_FALSE ||
      opj_end_compress(codec.get(), stream.get()) == OPJ_FALSE) {
    return gave_up();
  }
  return std::move(sink.output);
}

}  // namespace pacs::pixel
