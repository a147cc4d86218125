// What the reader may know of. It is the first parameter of every read, without a default, and a
// record that it does not cover is absent from the answer as if it did not exist. Only `access`
// makes one that covers anything.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

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
    // Studies: that one, also by its former id. Series, images, uploads: those of it.
    one_study,
    // The upload records and sessions that the owner made, and the images that it stored or that
    // its records are attached to. No study and no series: others may have put images there.
    uploads_of_owner,
    everything,
  };

  [[nodiscard]] static Scope nothing() { return {Kind::nothing, 0, {}}; }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool covers_everything() const { return kind_ == Kind::everything; }
  [[nodiscard]] int64_t study_id() const { return study_id_; }       // of one_study
  [[nodiscard]] const std::string& owner() const { return owner_; }  // of uploads_of_owner

 private:
  friend class access::ScopeMaker;
  friend class tests::Scopes;

  Scope(Kind kind, int64_t study_id, std::string owner)
      : kind_(kind), study_id_(study_id), owner_(std::move(owner)) {}

  [[nodiscard]] static Scope everything() { return {Kind::everything, 0, {}}; }
  [[nodiscard]] static Scope one_study(int64_t study_id) { return {Kind::one_study, study_id, {}}; }
  [[nodiscard]] static Scope uploads_of(std::string owner) {
    return {Kind::uploads_of_owner, 0, std::move(owner)};
  }

  Kind kind_;
  int64_t study_id_;
  std::string owner_;
};

}  // namespace pacs::index
