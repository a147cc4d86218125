#include "core/md5.h"

#include "core/openssl_hash.h"

namespace pacs {
namespace {

const evp_md_st* md5_algorithm() {
  static const evp_md_st* const algorithm = OpensslHash::find("MD5");
  return algorithm;
}

}  // namespace

struct Md5::State {
  OpensslHash hash{md5_algorithm()};
};

Md5::Md5() : state_(std::make_unique<State>()) {}
Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;

void Md5::update(Bytes bytes) { state_->hash.update(bytes); }

Md5Digest Md5::finish() {
  Md5Digest digest{};
  state_->hash.finish(digest);
  return digest;
}

}  // namespace pacs
