// A small program around the filesystem blob store, for tests that watch or disturb its system
// calls from outside (blob_store_faults.py).
//
//   blob_store_driver ROOT publish KEY SIZE ATTRIBUTE_BYTES …   a line for each: published KEY, or
//                                                               failed KEY CODE REASON
//   blob_store_driver ROOT remove KEY …                         removed KEY, or failed …
//   blob_store_driver ROOT check                                whole KEY, or torn KEY
//
// The last line is "poisoned 0" or "poisoned 1". Exit code 3 when the store does not open.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

#include "storage/filesystem_blob_store.h"

namespace pacs::storage {
namespace {

// Says so in one write, which a trace shows at its place among the other calls.
void say(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) std::abort();
}

void say_failed(std::string_view key, const Error& error) {
  say("failed " + std::string(key) + " " + std::string(to_string(error.code)) + " " + error.reason);
}

std::string content_of(std::string_view key, size_t size_bytes) {
  std::string bytes(size_bytes, '\0');
  for (size_t i = 0; i < size_bytes; ++i) bytes[i] = static_cast<char>(key[i % key.size()] + i / 7);
  return bytes;
}

Result<void> publish(BlobStore& store, const ObjectKey& key, size_t size_bytes,
                     size_t attribute_bytes) {
  BlobAttributes attributes;
  PACS_TRY(attributes.set("size", std::to_string(size_bytes)));
  PACS_TRY(attributes.set("filler", std::string(attribute_bytes, 'x')));
  std::unique_ptr<StagedBlob> staged = PACS_TRY(store.stage());
  const std::string bytes = content_of(key.str(), size_bytes);
  constexpr size_t kPieceBytes = 64 * 1024;
  for (size_t i = 0; i < bytes.size(); i += kPieceBytes) {
    PACS_TRY(staged->append(as_bytes(std::string_view(bytes).substr(i, kPieceBytes))));
  }
  PACS_TRY(store.publish(std::move(staged), key, attributes));
  return {};
}

class Checker final : public BlobVisitor {
 public:
  explicit Checker(BlobStore& store) : store_(store) {}
  Visit blob(const ListedBlob& blob) override {
    const auto is_whole = [&]() -> Result<bool> {
      const std::unique_ptr<BlobReader> reader = PACS_TRY(store_.get(blob.key));
      const std::string bytes = PACS_TRY(read_all(*reader, UINT64_MAX));
      const BlobInfo info = PACS_TRY(reader->info());
      const std::string* size = info.attributes.find("size");
      return size != nullptr && *size == std::to_string(bytes.size()) &&
             bytes == content_of(blob.key.str(), bytes.size());
    };
    say((is_whole().value_or(false) ? "whole " : "torn ") + blob.key.str());
    return Visit::go_on;
  }

 private:
  BlobStore& store_;
};

int run(const std::vector<std::string>& arguments) {
  FilesystemOptions options;
  options.root = arguments[0];
  Result<std::unique_ptr<BlobStore>> opened = open_filesystem_blob_store(options);
  if (!opened) {
    say_failed("-", opened.error());
    return 3;
  }
  BlobStore& store = **opened;
  const std::string& command = arguments[1];
  const size_t step = command == "publish" ? 3 : 1;
  for (size_t i = 2; i + step <= arguments.size(); i += step) {
    const ObjectKey key = ObjectKey::parse(arguments[i]).value();
    const Result<void> result =
        command == "publish"
            ? publish(store, key, std::stoul(arguments[i + 1]), std::stoul(arguments[i + 2]))
            : store.remove(key);
    if (result) {
      say((command == "publish" ? "published " : "removed ") + key.str());
    } else {
      say_failed(key.str(), result.error());
    }
  }
  if (command == "check") {
    Checker checker(store);
    if (const Result<void> listed = store.list({}, checker); !listed) {
      say_failed("-", listed.error());
    }
  }
  say(std::string("poisoned ") + (store.is_poisoned() ? "1" : "0"));
  return 0;
}

}  // namespace
}  // namespace pacs::storage

int main(int count, char** arguments) {
  if (count < 3) return 2;
  return pacs::storage::run({arguments + 1, arguments + count});
}
