#include "core/sha1.h"

#include "core/openssl_hash.h"

namespace pacs {
namespace {

const evp_md_st* sha1_algorithm() {
  static const evp_md_st* const algorithm = OpensslHash::find("SHA1");
  return algorithm;
}

}  // namespace

struct Sha1::State {
  OpensslHash hash{sha1_algorithm()};
};

Sha1::Sha1() : state_(std::make_unique<State>()) {}
Sha1::~Sha1() = default;
Sha1::Sha1(Sha1&&) noexcept = default;
Sha1& Sha1::operator=(Sha1&&) noexcept = default;

void Sha1::update(Bytes bytes) { state_->hash.update(bytes); }

Sha1Digest Sha1::finish() {
  Sha1Digest digest{};
  state_->hash.finish(digest);
  return digest;
}

}  // namespace pacs
