#include "cli/import_sink.h"

#include <array>
#include <utility>

#include "core/json_writer.h"
#include "core/text.h"
#include "dicom/media_kind.h"

namespace pacs::cli {
namespace {

bool is_called_dicom(const std::string& filename) {
  const std::string name = to_lower(filename);
  return name.ends_with(".dcm") || name.ends_with(".dicom") || name.ends_with(".ima");
}

std::string record_of(const std::string& filename) {
  JsonWriter json;
  json.begin_object();
  json.member("filename", filename);
  json.end_object();
  return json.take();
}

}  // namespace

std::optional<Exclusion> exclusion_of(Bytes first_bytes, const std::string& filename,
                                      ImportKinds kinds) {
  // The table of contents of a medium is DICOM and no image.
  if (equals_ignoring_case(filename, "DICOMDIR")) {
    return Exclusion{"table_of_contents", "the medium's table of contents"};
  }
  const dicom::MediaKind kind = dicom::sniff_media_kind(first_bytes);
  if (kind == dicom::MediaKind::dicom || is_called_dicom(filename)) return std::nullopt;
  if (kind == dicom::MediaKind::other) return Exclusion{"no_image", "no image"};
  if (kinds == ImportKinds::all) return std::nullopt;
  return Exclusion{"not_dicom", "a picture or document; --all-kinds takes these too"};
}

bool offer(std::unique_ptr<ImportContent> content, const std::string& place,
           const std::string& filename, const ImportFindings& wanted, const ImportSink& sink) {
  std::array<std::byte, dicom::kSniffedSizeMax> first{};
  const Result<size_t> count = content->read_at(0, first);
  const uint64_t size = content->size();
  if (!count) {
    sink.leave_out(
        {place, ImportOutcome::failed, size, count.error().reason, count.error().detail});
    return true;
  }
  if (auto exclusion = exclusion_of(Bytes(first).first(*count), filename, wanted.kinds)) {
    sink.leave_out({place, ImportOutcome::skipped, size, std::move(exclusion->code),
                    std::move(exclusion->detail)});
    return true;
  }
  return sink.take({place, record_of(filename), std::move(content)});
}

}  // namespace pacs::cli
