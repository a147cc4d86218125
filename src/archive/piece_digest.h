// The checksum of one piece of a resumable upload (tus 1.0, checksum extension): fed while the
// piece arrives, compared at its end. One thread at a time.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "core/bytes.h"
#include "core/crypto.h"
#include "core/sha1.h"

namespace pacs::archive {

class PieceDigest {
 public:
  // "sha256" or "sha1", with as many bytes as that hash has; nothing otherwise.
  [[nodiscard]] static std::optional<PieceDigest> create(std::string_view algorithm,
                                                         ByteVector expected);

  void update(Bytes bytes);
  // Once, at the end of the piece.
  [[nodiscard]] bool matches();

 private:
  PieceDigest(std::variant<Sha1, Sha256> hash, ByteVector expected)
      : hash_(std::move(hash)), expected_(std::move(expected)) {}

  std::variant<Sha1, Sha256> hash_;
  ByteVector expected_;
};

}  // namespace pacs::archive
