// What the reader may know of. It is the first parameter of every read, without a default, and a
// record that it does not cover is absent from the answer as if it did not exist. Only `access`
// makes one that covers anything.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pacs::access {
class ScopeMaker;
}
namespace pacs::tests {
class Scopes;  // tests/support/scopes.h
}

namespace pacs::index {

class Scope {
 public:
  enum class Kind {
    nothing,
    // Studies: these, also by their former ids; there may be none. Series, images, uploads: those
    // of them.
    studies,
    // The upload records and sessions that the owner made, and the images that it stored or that
    // its records are attached to. No study and no series: others may have put images there.
    uploads_of_owner,
    everything,
  };

  [[nodiscard]] static Scope nothing() { return {Kind::nothing, {}, {}}; }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool covers_everything() const { return kind_ == Kind::everything; }
  [[nodiscard]] const std::vector<int64_t>& study_ids() const { return study_ids_; }  // of studies
  [[nodiscard]] const std::string& owner() const { return owner_; }  // of uploads_of_owner

 private:
  friend class access::ScopeMaker;
  friend class tests::Scopes;

  Scope(Kind kind, std::vector<int64_t> study_ids, std::string owner)
      : kind_(kind), study_ids_(std::move(study_ids)), owner_(std::move(owner)) {}

  [[nodiscard]] static Scope everything() { return {Kind::everything, {}, {}}; }
  [[nodiscard]] static Scope studies(std::vector<int64_t> study_ids) {
    return {Kind::studies, std::move(study_ids), {}};
  }
  [[nodiscard]] static Scope uploads_of(std::string owner) {
    return {Kind::uploads_of_owner, {}, std::move(owner)};
  }

  Kind kind_;
  std::vector<int64_t> study_ids_;
  std::string owner_;
};

}  // namespace pacs::index
