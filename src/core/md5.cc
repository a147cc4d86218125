#include "core/md5.h"

#include <openssl/evp.h>

#include "core/assert.h"
#include "core/openssl_owned.h"

namespace pacs {

struct Md5::State {
  OpensslOwned<EVP_MD_CTX> digest{EVP_MD_CTX_new()};
};

Md5::Md5() : state_(std::make_unique<State>()) {
  PACS_ASSERT(EVP_DigestInit_ex2(state_->digest.get(), EVP_md5(), nullptr) == 1);
}
Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;

void Md5::update(Bytes bytes) {
  PACS_ASSERT(EVP_DigestUpdate(state_->digest.get(), bytes.data(), bytes.size()) == 1);
}

Md5Digest Md5::finish() {
  Md5Digest digest{};
  unsigned int size = 0;
  PACS_ASSERT(EVP_DigestFinal_ex(state_->digest.get(),
                                 reinterpret_cast<unsigned char*>(digest.data()), &size) == 1);
  PACS_ASSERT(size == digest.size());
  return digest;
}

}  // namespace pacs
