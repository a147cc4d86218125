#include "archive/row_check.h"

#include <memory>
#include <utility>

#include "archive/staged_access.h"
#include "dicom/header_reader.h"
#include "dicom/image_description.h"

namespace pacs::archive {
namespace {

bool is_dicom(const index::ImageRecord& row) {
  return row.attributes.mime_type == "application/dicom";
}

// Whether an error is about this one file, and not about the whole store or about us.
bool is_about_the_file(const Error& error) {
  return error.code != ErrorCode::unavailable && error.code != ErrorCode::resource_exhausted;
}

RowVerdict fault_verdict(FindingKind kind, std::string detail) {
  RowVerdict verdict;
  verdict.fault = Fault{kind, std::move(detail)};
  return verdict;
}

Result<RowVerdict> verdict_of(Error error) {
  if (!is_about_the_file(error)) return error;
  return fault_verdict(FindingKind::unreadable, "the file cannot be read: " + error.detail);
}

RowVerdict wrong_size(uint64_t size_bytes, uint64_t wanted) {
  return fault_verdict(size_bytes < wanted ? FindingKind::truncated : FindingKind::wrong_size,
                       "the file has " + std::to_string(size_bytes) + " bytes, the row says " +
                           std::to_string(wanted));
}

template <typename Uid>
bool is_same_uid(const std::string& text, const Uid& wanted) {
  const std::optional<Uid> uid = Uid::parse(text);
  return uid && uid->to_dicom() == wanted.to_dicom();
}

// The first attribute that is not what the row says; a picture's study and series may have been
// declared by a name that led to another, so they are not compared.
std::optional<std::string> wrong_attribute(const storage::BlobAttributes& attributes,
                                           const index::ImageRecord& row) {
  const auto text = [&](std::string_view name) {
    const std::string* value = attributes.find(name);
    return value != nullptr ? *value : std::string();
  };
  if (text("sha256") != row.attributes.sha256.hex()) return "sha256";
  if (text("size") != std::to_string(row.attributes.size_bytes)) return "size";
  if (text("mime-type") != row.attributes.mime_type) return "mime-type";
  if (!is_same_uid(text("image-uid"), row.image_uid)) return "image-uid";
  if (!is_dicom(row)) return std::nullopt;
  if (!is_same_uid(text("series-uid"), row.series_uid)) return "series-uid";
  if (!is_same_uid(text("study-uid"), row.study_uid)) return "study-uid";
  return std::nullopt;
}

std::optional<Fault> check_attributes(const storage::BlobReader& blob,
                                      const index::ImageRecord& row) {
  const Result<storage::BlobInfo> info = blob.info();
  if (!info) return Fault{FindingKind::wrong_attributes, "the attributes cannot be read"};
  if (info->attributes.empty()) {
    return Fault{FindingKind::wrong_attributes, "the file has lost its attributes"};
  }
  if (const auto name = wrong_attribute(info->attributes, row)) {
    return Fault{FindingKind::wrong_attributes,
                 "the attribute " + *name + " is not what the row says"};
  }
  return std::nullopt;
}

// The bytes are those that were stored, so whatever is wrong here is wrong in the row.
Result<std::optional<Fault>> check_header(const storage::BlobReader& blob,
                                          const index::ImageRecord& row) {
  const Result<dicom::Header> header = dicom::read_header(BlobAccess(blob));
  if (!header) {
    if (!is_about_the_file(header.error())) return header.error();
    return std::optional(
        Fault{FindingKind::wrong_header, "the DICOM header cannot be read any more"});
  }
  const dicom::ImageDescription found = dicom::describe(*header);
  const char* wrong = nullptr;
  if (!is_same_uid(found.study_instance_uid, row.study_uid)) {
    wrong = "StudyInstanceUID";
  } else if (!is_same_uid(found.series_instance_uid, row.series_uid)) {
    wrong = "SeriesInstanceUID";
  } else if (!is_same_uid(found.sop_instance_uid, row.image_uid)) {
    wrong = "SOPInstanceUID";
  }
  if (wrong == nullptr) return std::optional<Fault>();
  return std::optional(
      Fault{FindingKind::wrong_header, std::string(wrong) + " in the file is not that of the row"});
}

// What a row says of the bytes.
struct Wanted {
  std::string_view store;
  const ObjectKey& key;
  uint64_t size_bytes;
  const Sha256Digest& sha256;
};

Result<RowVerdict> check_bytes(storage::BlobReader& blob, const Wanted& wanted, VerifyDepth depth,
                               Pace& pace) {
  if (blob.blob_size_bytes() != wanted.size_bytes) {
    return wrong_size(blob.blob_size_bytes(), wanted.size_bytes);
  }
  if (depth == VerifyDepth::presence) return RowVerdict();
  const Result<Sha256Digest> sha256 = pace.hash_of(blob);
  if (!sha256) return verdict_of(sha256.error());
  if (*sha256 != wanted.sha256) {
    return fault_verdict(FindingKind::wrong_bytes,
                         "the bytes have another SHA-256 than was stored");
  }
  RowVerdict verdict;
  verdict.has_good_bytes = true;
  return verdict;
}

// `check_rest` is asked for a fault when the bytes were read and are good.
template <typename CheckRest>
Result<RowVerdict> check_blob(const Stores& stores, const Wanted& wanted, VerifyDepth depth,
                              Pace& pace, CheckRest&& check_rest) {
  const auto store = stores.find(wanted.store);
  if (!store) return fault_verdict(FindingKind::unreadable, store.error().detail);
  PACS_TRY(pace.spend(Pace::kFileCostBytes));
  // An object store then sends its description alone.
  std::optional<storage::ByteRange> window;
  if (depth == VerifyDepth::presence) window.emplace();
  auto opened = (*store)->get(wanted.key, window);
  if (!opened && opened.error().code == ErrorCode::not_found) {
    return fault_verdict(FindingKind::missing_blob, "no file lies under the key");
  }
  if (!opened) return verdict_of(std::move(opened).error());
  RowVerdict verdict = PACS_TRY(check_bytes(**opened, wanted, depth, pace));
  if (verdict.has_good_bytes) verdict.fault = PACS_TRY(check_rest(**opened));
  verdict.identity = (*opened)->identity();
  return verdict;
}

}  // namespace

std::string_view to_string(VerifyDepth depth) {
  return depth == VerifyDepth::presence ? "presence" : "hashes";
}

Result<RowVerdict> check_row(const Stores& stores, const index::ImageRecord& row, VerifyDepth depth,
                             Pace& pace) {
  const index::ImageAttributes& image = row.attributes;
  const Wanted wanted{image.store, image.key, static_cast<uint64_t>(image.size_bytes),
                      image.sha256};
  return check_blob(stores, wanted, depth, pace,
                    [&](const storage::BlobReader& blob) -> Result<std::optional<Fault>> {
                      std::optional<Fault> fault = check_attributes(blob, row);
                      if (fault || !is_dicom(row)) return fault;
                      return check_header(blob, row);
                    });
}

Result<RowVerdict> check_kept(const Stores& stores, const index::KeptBlob& blob, VerifyDepth depth,
                              Pace& pace) {
  const index::StoredImage& image = blob.image;
  const Wanted wanted{image.store, image.key, image.size_bytes, image.sha256};
  return check_blob(stores, wanted, depth, pace,
                    [&](const storage::BlobReader& found) -> Result<std::optional<Fault>> {
                      const Result<storage::BlobInfo> info = found.info();
                      const std::string* sha256 = info ? info->attributes.find("sha256") : nullptr;
                      if (sha256 != nullptr && *sha256 == image.sha256.hex()) {
                        return std::optional<Fault>();
                      }
                      return std::optional(Fault{FindingKind::wrong_attributes,
                                                 "the attribute sha256 is not what the row says"});
                    });
}

bool still_holds(const RowVerdict& verdict, const Stores& stores, const index::ImageRecord& before,
                 const index::ImageRecord& now) {
  if (now.attributes.key != before.attributes.key ||
      now.attributes.blob_identity != before.attributes.blob_identity) {
    return false;
  }
  const auto store = stores.find(now.attributes.store);
  if (!store) return false;
  const auto opened = (*store)->get(now.attributes.key, storage::ByteRange{});
  if (opened) return (*opened)->identity() == verdict.identity;
  return verdict.identity.empty() && opened.error().code == ErrorCode::not_found;
}

}  // namespace pacs::archive
