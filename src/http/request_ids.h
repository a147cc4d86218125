// Ids of requests: 32 hexadecimal digits, no two alike within a process, by chance alone across
// processes. They name a request in answers and logs and open nothing, so a counter after one
// random draw serves, where a draw for each would be the dearest line of a small request.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/crypto.h"

namespace pacs::http {

class RequestIds {
 public:
  explicit RequestIds(Random& random);

  // From any thread.
  [[nodiscard]] std::string next();

 private:
  const uint64_t process_;
  std::atomic<uint64_t> request_;
};

}  // namespace pacs::http
