// SHA-1 (FIPS 180-4), for the checksums that upload clients may send with a piece: it tells a
// damaged piece from a whole one and is trusted with nothing else. One thread at a time.
#pragma once

#include <array>
#include <memory>

#include "core/bytes.h"

namespace pacs {

using Sha1Digest = std::array<std::byte, 20>;

class Sha1 {
 public:
  Sha1();
  ~Sha1();
  Sha1(Sha1&&) noexcept;
  Sha1& operator=(Sha1&&) noexcept;

  void update(Bytes bytes);
  // The digest of all bytes so far; begins anew.
  [[nodiscard]] Sha1Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs
