// Everything that the DICOMweb edge uses, as the composition root hands it over.
#pragma once

#include <cstdint>

#include "archive/search.h"
#include "core/crypto.h"
#include "core/metrics.h"
#include "edge/edge_services.h"
#include "index/images.h"
#include "index/studies.h"

namespace pacs::archive {
class RemoveService;
class RenderingService;
class RetrieveService;
class StoreService;
class TranscodingService;
}  // namespace pacs::archive

namespace pacs::dicomweb {

struct DicomwebSettings {
  uint64_t image_bytes_max = uint64_t{4} << 30;
  Sha256Digest pseudonym_secret{};  // of the names of what is de-identified
};

// All that is named by reference outlives the routes. Any thread may use any of it.
struct DicomwebServices {
  const edge::EdgeServices& edge;
  archive::StoreService& store;
  archive::RetrieveService& retrieve;
  archive::RemoveService& remove;
  archive::RenderingService& rendering;
  archive::TranscodingService& transcoding;
  index::Database& database;
  Metrics& metrics;
  DicomwebSettings settings;

  index::Studies studies{database};
  index::Images images{database};
  archive::SearchService search{database};
};

}  // namespace pacs::dicomweb
