// Sends one item to the archive and says what became of it.
#pragma once

#include <array>
#include <chrono>

#include "cli/api_client.h"
#include "cli/import_item.h"
#include "core/crypto.h"

namespace pacs::cli {

// One connection's worth. One thread at a time.
class ImportUploader {
 public:
  // An archive that is busy is asked again after these pauses, then the item has failed.
  static constexpr std::chrono::milliseconds kPauses[] = {std::chrono::milliseconds(200),
                                                          std::chrono::milliseconds(1000),
                                                          std::chrono::milliseconds(5000)};

  // The connection outlives it.
  explicit ImportUploader(ServerConnection& connection) : client_(connection) {}

  [[nodiscard]] ImportResult upload(const ImportItem& item);
  // The last item found no server, however often it tried: no other will.
  [[nodiscard]] bool server_is_gone() const { return server_is_gone_; }

 private:
  Result<http::ClientResponse> send_once(const ImportItem& item);

  ApiClient client_;
  SystemRandom random_;
  bool server_is_gone_ = false;
};

}  // namespace pacs::cli
