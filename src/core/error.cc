#include "core/error.h"

#include <cerrno>
#include <system_error>
#include <utility>

namespace pacs {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::already_exists:
      return "already_exists";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::permission_denied:
      return "permission_denied";
    case ErrorCode::resource_exhausted:
      return "resource_exhausted";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

std::string to_string(const Error& error) {
  std::string text(to_string(error.code));
  text.append("/").append(error.reason).append(": ").append(error.detail);
  return text;
}

namespace {
Error make(ErrorCode code, std::string reason, std::string detail) {
  return Error{code, std::move(reason), std::move(detail)};
}
}  // namespace

Error invalid_argument(std::string reason, std::string detail) {
  return make(ErrorCode::invalid_argument, std::move(reason), std::move(detail));
}
Error not_found(std::string reason, std::string detail) {
  return make(ErrorCode::not_found, std::move(reason), std::move(detail));
}
Error already_exists(std::string reason, std::string detail) {
  return make(ErrorCode::already_exists, std::move(reason), std::move(detail));
}
Error unsupported(std::string reason, std::string detail) {
  return make(ErrorCode::unsupported, std::move(reason), std::move(detail));
}
Error conflict(std::string reason, std::string detail) {
  return make(ErrorCode::conflict, std::move(reason), std::move(detail));
}
Error permission_denied(std::string reason, std::string detail) {
  return make(ErrorCode::permission_denied, std::move(reason), std::move(detail));
}
Error resource_exhausted(std::string reason, std::string detail) {
  return make(ErrorCode::resource_exhausted, std::move(reason), std::move(detail));
}
Error unavailable(std::string reason, std::string detail) {
  return make(ErrorCode::unavailable, std::move(reason), std::move(detail));
}
Error corrupt(std::string reason, std::string detail) {
  return make(ErrorCode::corrupt, std::move(reason), std::move(detail));
}
Error internal_error(std::string reason, std::string detail) {
  return make(ErrorCode::internal, std::move(reason), std::move(detail));
}

Error system_error(int error_number, std::string_view what) {
  std::string detail(what);
  detail.append(": ").append(std::generic_category().message(error_number));
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return make(ErrorCode::resource_exhausted, "no_space", std::move(detail));
    case EMFILE:
    case ENFILE:
      return make(ErrorCode::resource_exhausted, "no_descriptors", std::move(detail));
    case ENOMEM:
      return make(ErrorCode::resource_exhausted, "no_memory", std::move(detail));
    case ENOENT:
    case ENOTDIR:
      return make(ErrorCode::not_found, "no_such_file", std::move(detail));
    case EEXIST:
      return make(ErrorCode::already_exists, "file_exists", std::move(detail));
    case EACCES:
    case EPERM:
    case EROFS:
      return make(ErrorCode::permission_denied, "no_permission", std::move(detail));
    case EAGAIN:
    case EINTR:
    case ETIMEDOUT:
      return make(ErrorCode::unavailable, "try_again", std::move(detail));
    default:
      return make(ErrorCode::internal, "io_error", std::move(detail));
  }
}

}  // namespace pacs
