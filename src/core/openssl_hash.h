// One hash being made by OpenSSL, for the sources of this module that name an algorithm.
#pragma once

#include "core/bytes.h"
#include "core/openssl_owned.h"

struct evp_md_st;

namespace pacs {

class OpensslHash {
 public:
  // The algorithm must outlive it. Throws std::bad_alloc without memory.
  explicit OpensslHash(const evp_md_st* algorithm);

  // Looked up once by who calls, and kept for good: OpenSSL 3 searches its providers for each name.
  static const evp_md_st* find(const char* algorithm);

  void update(Bytes bytes);
  // The digest of all bytes so far, which has as many bytes as the algorithm makes; begins anew.
  void finish(MutableBytes digest);

 private:
  const evp_md_st* algorithm_;
  OpensslOwned<evp_md_ctx_st> context_;
};

}  // namespace pacs
