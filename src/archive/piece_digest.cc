#include "archive/piece_digest.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace pacs::archive {

std::optional<PieceDigest> PieceDigest::create(std::string_view algorithm, ByteVector expected) {
  if (algorithm == "sha1" && expected.size() == std::tuple_size_v<Sha1Digest>) {
    return PieceDigest(Sha1(), std::move(expected));
  }
  if (algorithm == "sha256" && expected.size() == sizeof(Sha256Digest::bytes)) {
    return PieceDigest(Sha256(), std::move(expected));
  }
  return std::nullopt;
}

void PieceDigest::update(Bytes bytes) {
  std::visit([bytes](auto& hash) { hash.update(bytes); }, hash_);
}

bool PieceDigest::matches() {
  if (auto* sha1 = std::get_if<Sha1>(&hash_)) {
    return std::ranges::equal(sha1->finish(), expected_);
  }
  return std::ranges::equal(std::get<Sha256>(hash_).finish().bytes, expected_);
}

}  // namespace pacs::archive
