#include "core/openssl_hash.h"

#include <new>

#include <openssl/evp.h>

#include "core/assert.h"

namespace pacs {

OpensslHash::OpensslHash(const evp_md_st* algorithm)
    : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
  // OpenSSL does not look whether it was given one. Without memory this is as any allocation of
  // ours.
  if (!context_) throw std::bad_alloc();
  PACS_ASSERT(EVP_DigestInit_ex2(context_.get(), algorithm_, nullptr) == 1);
}

const evp_md_st* OpensslHash::find(const char* algorithm) {
  const EVP_MD* const found = EVP_MD_fetch(nullptr, algorithm, nullptr);
  PACS_ASSERT(found != nullptr);
  return found;
}

void OpensslHash::update(Bytes bytes) {
  PACS_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

void OpensslHash::finish(MutableBytes digest) {
  unsigned int size = 0;
  PACS_ASSERT(static_cast<size_t>(EVP_MD_get_size(algorithm_)) == digest.size());
  PACS_ASSERT(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()),
                                 &size) == 1);
  PACS_ASSERT(EVP_DigestInit_ex2(context_.get(), algorithm_, nullptr) == 1);
}

}  // namespace pacs
