#include "pixel/colour_conversion.h"

#include <memory>
#include <string>

#include <lcms2.h>

#include "dicom/little_endian.h"
#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

// It would write to standard error.
void say_nothing_of_profiles(cmsContext /*context*/, cmsUInt32Number /*code*/,
                             const char* /*text*/) {}

struct CloseContext {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct CloseProfile {
  void operator()(cmsHPROFILE profile) const { cmsCloseProfile(profile); }
};
struct CloseTransform {
  void operator()(cmsHTRANSFORM transform) const { cmsDeleteTransform(transform); }
};
using ColourContext = std::unique_ptr<_cmsContext_struct, CloseContext>;
using OpenedProfile = std::unique_ptr<void, CloseProfile>;
using ColourTransform = std::unique_ptr<void, CloseTransform>;

OpenedProfile open_profile(const ColourContext& context, Bytes bytes) {
  if (!looks_like_profile(bytes)) return nullptr;
  return OpenedProfile(cmsOpenProfileFromMemTHR(context.get(), bytes.data(),
                                                static_cast<cmsUInt32Number>(bytes.size())));
}

Error bad_profile() {
  return invalid_argument("icc_profile", "its ICC profile is damaged, or none of RGB colours");
}

}  // namespace

ByteVector conversion_request(Bytes source_profile, Bytes target_profile, Bytes pixels) {
  std::string lengths;
  dicom::append_little_endian(lengths, uint64_t{source_profile.size()});
  dicom::append_little_endian(lengths, uint64_t{target_profile.size()});
  ByteVector request;
  request.reserve(lengths.size() + source_profile.size() + target_profile.size() + pixels.size());
  for (const Bytes part : {as_bytes(lengths), source_profile, target_profile, pixels}) {
    request.insert(request.end(), part.begin(), part.end());
  }
  return request;
}

Result<Frame> convert_pixels(const PixelFormat& format, Bytes request) {
  const uint64_t size = uint64_t{format.rows} * format.columns * 3;
  if (format.samples_per_pixel != 3 || format.bits_allocated != 8 || format.is_planar ||
      request.size() < 16) {
    return broken_frame("only RGB of eight bits is converted");
  }
  const auto source_size = dicom::load_little_endian<uint64_t>(request.data());
  const auto target_size = dicom::load_little_endian<uint64_t>(request.data() + 8);
  const Bytes rest = request.subspan(16);
  if (source_size > kIccProfileBytesMax || target_size > kIccProfileBytesMax ||
      rest.size() != source_size + target_size + size) {
    return broken_frame("the colours to convert are not as many as the picture has");
  }
  const ColourContext context(cmsCreateContext(nullptr, nullptr));
  if (!context) return resource_exhausted("decoding", "no memory to convert colours");
  cmsSetLogErrorHandlerTHR(context.get(), say_nothing_of_profiles);
  const OpenedProfile source = open_profile(context, rest.first(source_size));
  const OpenedProfile target = open_profile(context, rest.subspan(source_size, target_size));
  if (!source || !target || cmsGetColorSpace(source.get()) != cmsSigRgbData) return bad_profile();
  const ColourTransform transform(cmsCreateTransformTHR(context.get(), source.get(), TYPE_RGB_8,
                                                        target.get(), TYPE_RGB_8, INTENT_PERCEPTUAL,
                                                        cmsFLAGS_NOCACHE));
  if (!transform) return bad_profile();
  Frame frame{format, ByteVector(static_cast<size_t>(size))};
  const Bytes pixels = rest.subspan(source_size + target_size);
  for (uint64_t row = 0; row < format.rows; ++row) {
    const size_t at = static_cast<size_t>(row * format.columns * 3);
    cmsDoTransform(transform.get(), pixels.data() + at, frame.bytes.data() + at, format.columns);
  }
  return frame;
}

}  // namespace pacs::pixel
