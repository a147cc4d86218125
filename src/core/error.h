// What went wrong, in the ten words that the whole program shares. A library's own errors are
// translated into one of these in the module that uses the library; one of these becomes a status
// of a protocol in exactly one table for each protocol.
#pragma once

#include <string>
#include <string_view>

namespace pacs {

enum class ErrorCode {
  invalid_argument,
  not_found,
  already_exists,
  unsupported,
  conflict,
  permission_denied,
  resource_exhausted,  // no space, no quota, over a limit
  unavailable,         // the only one that is worth a retry
  corrupt,             // stored bytes are not what was stored
  internal,
};

[[nodiscard]] std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  // A stable snake_case word that programs may depend on ("checksum_mismatch").
  std::string reason;
  // A sentence for people: what happened and what to do. Never patient data, secrets or paths.
  std::string detail;

  Error() = default;
  Error(ErrorCode the_code, std::string_view the_reason, std::string_view the_detail);
  // Out of line, like what makes an error: each PACS_TRY would have these instructions in it.
  Error(const Error& other);
  Error(Error&& other) noexcept;
  Error& operator=(const Error& other);
  Error& operator=(Error&& other) noexcept;
  ~Error();
};

// "corrupt/checksum_mismatch: …", for logs.
[[nodiscard]] std::string to_string(const Error& error);

[[nodiscard]] Error invalid_argument(std::string_view reason, std::string_view detail);
[[nodiscard]] Error not_found(std::string_view reason, std::string_view detail);
[[nodiscard]] Error already_exists(std::string_view reason, std::string_view detail);
[[nodiscard]] Error unsupported(std::string_view reason, std::string_view detail);
[[nodiscard]] Error conflict(std::string_view reason, std::string_view detail);
[[nodiscard]] Error permission_denied(std::string_view reason, std::string_view detail);
[[nodiscard]] Error resource_exhausted(std::string_view reason, std::string_view detail);
[[nodiscard]] Error unavailable(std::string_view reason, std::string_view detail);
[[nodiscard]] Error corrupt(std::string_view reason, std::string_view detail);
[[nodiscard]] Error internal_error(std::string_view reason, std::string_view detail);

// The error of a system call that has just failed: ENOSPC, EDQUOT, EMFILE, ENFILE and ENOMEM are
// resource_exhausted, ENOENT is not_found, EEXIST already_exists, EACCES, EPERM and EROFS
// permission_denied, EAGAIN, EINTR and ETIMEDOUT unavailable, everything else internal.
// `what` names the call and its object in words ("fsync of a staged file").
[[nodiscard]] Error system_error(int error_number, std::string_view what);

}  // namespace pacs
