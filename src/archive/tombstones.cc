#include "archive/tombstones.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/crypto.h"
#include "core/json_value.h"
#include "core/json_writer.h"
#include "core/log.h"

namespace pacs::archive {
namespace {

constexpr int kFormatVersion = 1;
constexpr size_t kNameBytes = 16;                   // as random as a UUID
constexpr std::chrono::seconds kBurialWaitMax{60};  // a removal of thousands takes seconds

std::string random_name() {
  std::array<std::byte, kNameBytes> bytes{};
  SystemRandom().fill(bytes);
  return to_hex(bytes);
}

Error bad_tombstone() {
  return corrupt("bad_tombstone", "a tombstone in the store cannot be read");
}

const std::string* text_member(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  return member == nullptr ? nullptr : member->as_string();
}

Result<index::RemovedImage> parse_image(const JsonValue& object) {
  const std::string* key_text = text_member(object, "key");
  const std::string* uid_text = text_member(object, "image_uid");
  const std::string* sha256_text = text_member(object, "sha256");
  const std::string* owner = text_member(object, "owner");
  const std::string* removed_at_text = text_member(object, "removed_at");
  const JsonValue* image_id = object.find("image_id");
  const JsonValue* study_id = object.find("study_id");
  if (key_text == nullptr || uid_text == nullptr || sha256_text == nullptr || owner == nullptr ||
      removed_at_text == nullptr || image_id == nullptr || study_id == nullptr) {
    return bad_tombstone();
  }
  auto key = ObjectKey::parse(*key_text);
  auto uid = dicom::SopInstanceUid::parse(*uid_text);
  const auto sha256 = Sha256Digest::from_hex(*sha256_text);
  const auto removed_at = from_rfc3339(*removed_at_text);
  if (!key || !uid || !sha256 || !removed_at || !image_id->as_int64() || !study_id->as_int64()) {
    return bad_tombstone();
  }
  index::RemovedImage image{.image_uid = std::move(*uid), .key = std::move(*key)};
  image.image_id = *image_id->as_int64();
  image.study_id = *study_id->as_int64();
  image.sha256 = *sha256;
  image.owner = *owner;
  image.removed_at = *removed_at;
  return image;
}

}  // namespace

std::string tombstone_text(const std::vector<index::RemovedImage>& images) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("version", kFormatVersion);
  writer.key("images");
  writer.begin_array();
  for (const index::RemovedImage& image : images) {
    writer.begin_object();
    writer.member("key", image.key.str());
    writer.member("sha256", image.sha256.hex());
    writer.member("image_uid", image.image_uid.str());
    writer.member("image_id", image.image_id);
    writer.member("study_id", image.study_id);
    writer.member("owner", image.owner);
    writer.member("removed_at", to_rfc3339(image.removed_at));
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return writer.take() + "\n";
}

Result<std::vector<index::RemovedImage>> parse_tombstone(std::string_view text) {
  const auto document = JsonValue::parse(text);
  if (!document) return bad_tombstone();
  const JsonValue* version = document->find("version");
  const JsonValue* list = document->find("images");
  if (version == nullptr || version->as_int64() != kFormatVersion || list == nullptr ||
      list->as_array() == nullptr) {
    return bad_tombstone();
  }
  std::vector<index::RemovedImage> images;
  for (const JsonValue& object : *list->as_array()) {
    auto image = PACS_TRY(parse_image(object));
    images.push_back(std::move(image));
  }
  return images;
}

Result<Claims::Claim> Tombstones::claim() { return claims_.claim_tombstones(kBurialWaitMax); }

Result<std::vector<index::HideOrder::Part>> Tombstones::write(
    const Claims::Claim& /*claim*/, const std::vector<index::RemovedImage>& images) {
  std::map<std::string, std::vector<index::RemovedImage>> by_store;
  for (const index::RemovedImage& image : images) by_store[image.store].push_back(image);

  std::vector<index::Tombstone> tombstones;
  std::vector<std::vector<index::RemovedImage>> contents;
  for (const auto& [store, in_store] : by_store) {
    for (size_t begin = 0; begin < in_store.size(); begin += kImagesPerTombstone) {
      const size_t end = std::min(begin + kImagesPerTombstone, in_store.size());
      tombstones.push_back({.id = 0, .name = random_name(), .store = store});
      contents.emplace_back(in_store.begin() + static_cast<ptrdiff_t>(begin),
                            in_store.begin() + static_cast<ptrdiff_t>(end));
    }
  }
  const std::vector<int64_t> ids = PACS_TRY(trash_.plan(tombstones));
  std::vector<index::HideOrder::Part> parts;
  for (size_t i = 0; i < tombstones.size(); ++i) {
    storage::BlobStore* store = PACS_TRY(stores_.find(tombstones[i].store));
    PACS_TRY(store->write_tombstone(tombstones[i].name, tombstone_text(contents[i])));
    index::HideOrder::Part& part = parts.emplace_back();
    part.tombstone_id = ids[i];
    for (const index::RemovedImage& image : contents[i]) part.image_ids.push_back(image.image_id);
  }
  return parts;
}

Result<void> Tombstones::settle() {
  const Claims::Claim all = PACS_TRY(claim());
  return settle(all);
}

Result<void> Tombstones::settle_if_needed() {
  if (PACS_TRY(trash_.unsettled()).empty()) return {};
  return settle();
}

Result<void> Tombstones::settle(const Claims::Claim& /*claim*/) {
  for (const index::Tombstone& tombstone : PACS_TRY(trash_.unsettled())) {
    PACS_TRY(write_again(tombstone));
    PACS_TRY(trash_.settle(tombstone));
  }
  return {};
}

Result<int64_t> Tombstones::bury(storage::BlobStore& store, UnixMillis purge_at,
                                 const index::AuditLine& line) {
  const Claims::Claim all = PACS_TRY(claim());
  int64_t buried = 0;
  for (const std::string& name : PACS_TRY(store.tombstone_names())) {
    const auto images = PACS_TRY(parse_tombstone(PACS_TRY(store.read_tombstone(name))));
    if (images.empty()) continue;
    const index::Tombstone tombstone{.id = 0, .name = name, .store = std::string(store.name())};
    buried += PACS_TRY(trash_.bury(tombstone, images, purge_at, line));
  }
  PACS_TRY(settle(all));
  return buried;
}

Result<void> Tombstones::write_again(const index::Tombstone& tombstone) {
  storage::BlobStore* store = PACS_TRY(stores_.find(tombstone.store));
  const auto images = PACS_TRY(trash_.images_of(tombstone));
  if (images.empty()) return store->remove_tombstone(tombstone.name);
  return store->write_tombstone(tombstone.name, tombstone_text(images));
}

Result<void> Tombstones::ensure(const std::vector<int64_t>& image_ids) {
  for (const index::Tombstone& tombstone : PACS_TRY(trash_.tombstones_of(image_ids))) {
    storage::BlobStore* store = PACS_TRY(stores_.find(tombstone.store));
    const auto text = store->read_tombstone(tombstone.name);
    if (text && parse_tombstone(*text)) continue;
    log_warning("tombstone_written_again", {{"name", tombstone.name}});
    const Claims::Claim all = PACS_TRY(claim());
    PACS_TRY(write_again(tombstone));
  }
  return {};
}

}  // namespace pacs::archive
