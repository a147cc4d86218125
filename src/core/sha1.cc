#include "core/sha1.h"

#include <openssl/evp.h>

#include "core/assert.h"
#include "core/openssl_owned.h"

namespace pacs {

struct Sha1::State {
  OpensslOwned<EVP_MD_CTX> digest{EVP_MD_CTX_new()};
};

Sha1::Sha1() : state_(std::make_unique<State>()) {
  PACS_ASSERT(EVP_DigestInit_ex2(state_->digest.get(), EVP_sha1(), nullptr) == 1);
}
Sha1::~Sha1() = default;
Sha1::Sha1(Sha1&&) noexcept = default;
Sha1& Sha1::operator=(Sha1&&) noexcept = default;

void Sha1::update(Bytes bytes) {
  PACS_ASSERT(EVP_DigestUpdate(state_->digest.get(), bytes.data(), bytes.size()) == 1);
}

Sha1Digest Sha1::finish() {
  Sha1Digest digest{};
  unsigned int size = 0;
  PACS_ASSERT(EVP_DigestFinal_ex(state_->digest.get(),
                                 reinterpret_cast<unsigned char*>(digest.data()), &size) == 1);
  PACS_ASSERT(size == digest.size());
  return digest;
}

}  // namespace pacs
