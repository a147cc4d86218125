// MD5 (RFC 1321), for the Content-MD5 that every object store verifies: it tells
// a damaged piece from a whole one and is trusted with nothing else. One thread at a time.
#pragma once

#include <array>
#include <memory>

#include "core/bytes.h"

namespace pacs {

using Md5Digest = std::array<std::byte, 16>;

class Md5 {
 public:
  Md5();
  ~Md5();
  Md5(Md5&&) noexcept;
  Md5& operator=(Md5&&) noexcept;

  void update(Bytes bytes);
  // The digest of all bytes so far; begins anew.
  [[nodiscard]] Md5Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs
