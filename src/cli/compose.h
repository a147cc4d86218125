// The composition root: builds every object of a server bottom-up, and is the only place that names
// concrete backends.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/data_folder.h"
#include "cli/program_settings.h"
#include "core/result.h"
#include "http/server.h"

namespace pacs::cli {

enum class Doors {
  network_and_socket,
  socket_only,  // for one command of an operator, while no server runs
};

class Composition {
 public:
  // Success: the server listens, and waits for run(). Nothing answers before that. The objects that
  // a part of the program uses outlive it. Errors: `invalid_argument` where a setting is wrong,
  // `unavailable` (reasons "data_folder_in_use", "address_in_use"), those of archive_identity.h,
  // and those of the parts.
  [[nodiscard]] static Result<std::unique_ptr<Composition>> create(const ProgramSettings& program,
                                                                   Doors doors);
  ~Composition();
  Composition(const Composition&) = delete;
  Composition& operator=(const Composition&) = delete;

  [[nodiscard]] http::Server& server();
  // Where it listens, with the ports that it got: "https://127.0.0.1:8443".
  [[nodiscard]] const std::vector<std::string>& urls() const;
  [[nodiscard]] const std::string& archive_id() const;
  [[nodiscard]] const DataPaths& paths() const;

  // The administrator's first token, when this start has made one.
  [[nodiscard]] Result<std::optional<std::string>> make_first_token();

  // After a failed fsync neither the store nor the index writes any more; only a new process knows
  // again what the disk holds.
  [[nodiscard]] bool must_restart() const;

 private:
  struct Parts;
  explicit Composition(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace pacs::cli
