#include "dicomweb/receive_instances.h"

#include <string>
#include <string_view>
#include <utility>

#include "core/text.h"
#include "http/zip_reader.h"

namespace pacs::dicomweb {
namespace {

bool is_dicomdir(std::string_view name) {
  return equals_ignoring_case(name.substr(name.find_last_of('/') + 1), "DICOMDIR");
}

// What speaks against a member before a byte of it is read.
std::optional<Error> find_refusal(const http::ZipMember& member) {
  if (member.is_encrypted) {
    return unsupported("encrypted_member", "a member of the ZIP file is encrypted");
  }
  if (!member.is_usual_method) {
    return unsupported("unknown_compression",
                       "a member of the ZIP file is neither stored nor deflated");
  }
  return std::nullopt;
}

}  // namespace

Result<void> receive_instance(archive::StoreService& store, const archive::StoreRequest& request,
                              ByteSource& body, StoreLine& line) {
  WatchedSource watched(body);
  auto received = store.receive(request, watched);
  if (received) {
    line.add(std::move(*received));
    return {};
  }
  const auto& failure = watched.failure();
  if (failure && failure->reason != "bad_zip_member") return *failure;
  line.add_failure(failure ? *failure : received.error());
  return {};
}

Result<void> receive_zip(archive::StoreService& store, const archive::StoreRequest& request,
                         ByteSource& body, StoreLine& line) {
  http::ZipReader zip = PACS_TRY(http::ZipReader::of_stream(body));
  size_t members = 0;
  while (const auto member = PACS_TRY(zip.next_member())) {
    if (++members > kStoreInstancesMax) {
      return resource_exhausted("too_many_parts", "the ZIP file has too many members");
    }
    if (!member->is_file || is_dicomdir(member->name)) continue;
    if (const auto refusal = find_refusal(*member)) {
      line.add_failure(*refusal);
    } else {
      PACS_TRY(receive_instance(store, request, zip.body(), line));
    }
    if (auto reason = line.find_reason_to_stop()) return std::move(*reason);
  }
  return {};
}

}  // namespace pacs::dicomweb
