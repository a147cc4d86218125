// The folder that holds what is not an image: the index, secrets, the lock and the socket. Exactly
// one process owns it at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/file.h"
#include "core/result.h"

namespace pacs::cli {

// What lies where.
struct DataPaths {
  explicit DataPaths(const std::string& folder);

  std::string folder;
  std::string index;           // index.db
  std::string lock;            // holds the owner's process id
  std::string socket;          // pacs-lite.sock
  std::string signing_keys;    // of URLs
  std::string receipt_key;     // Ed25519 seed
  std::string admin_token;     // of the first start
  std::string restore_marker;  // while a restore from a backup is under way
  std::string transcoded;      // copies of frames in another transfer syntax
  std::string staging;         // of images on their way to an object store
};

// Owns the folder until it is destroyed, or the process ends however it does: the kernel lets go of
// the lock.
class DataFolder {
 public:
  // Makes the folder where it is missing (its parent must be there), with mode 0700, and takes the
  // lock. A folder of ours that others may enter is closed to them. Errors: `unavailable` (reason
  // "data_folder_in_use") naming the owner's process id, `permission_denied`, `invalid_argument`
  // ("bad_data_folder") when there is something that is no folder.
  [[nodiscard]] static Result<DataFolder> open(const std::string& folder);

  [[nodiscard]] const DataPaths& paths() const { return paths_; }

  // Tells the other commands where this process listens: "https://127.0.0.1:8443".
  [[nodiscard]] Result<void> announce(const std::string& url);

 private:
  DataFolder(DataPaths paths, UniqueFd lock) : paths_(std::move(paths)), lock_(std::move(lock)) {}
  DataPaths paths_;
  UniqueFd lock_;
};

struct DataFolderOwner {
  std::string process_id;  // as far as it has written one
  std::string url;         // empty: it listens on no network, or not yet
};

// Nothing when nobody owns the folder. Takes no lock, so that looking never keeps a server from
// starting.
[[nodiscard]] Result<std::optional<DataFolderOwner>> find_owner(const DataPaths& paths);

// `conflict` (reason "restore_unfinished") in a folder that a restore from a backup has begun to
// fill: what is there is a part of an archive, and may not be taken for one.
[[nodiscard]] Result<void> check_no_restore(const DataPaths& paths);

// `path` as it can be given to bind(2) and connect(2), which take at most 107 bytes: a longer one
// is reached through a descriptor of its folder. Keep the object as long as the text is used.
class SocketPath {
 public:
  [[nodiscard]] static Result<SocketPath> of(const std::string& path);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  SocketPath(UniqueFd folder, std::string text)
      : folder_(std::move(folder)), text_(std::move(text)) {}
  UniqueFd folder_;
  std::string text_;
};

}  // namespace pacs::cli
