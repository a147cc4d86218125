#include "core/error.h"

#include <cerrno>
#include <system_error>

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

Error::Error(ErrorCode the_code, std::string_view the_reason, std::string_view the_detail)
    : code(the_code), reason(the_reason), detail(the_detail) {}
Error::Error(const Error& other) = default;
Error::Error(Error&& other) noexcept = default;
Error& Error::operator=(const Error& other) = default;
Error& Error::operator=(Error&& other) noexcept = default;
Error::~Error() = default;

Error invalid_argument(std::string_view reason, std::string_view detail) {
  return {ErrorCode::invalid_argument, reason, detail};
}
Error not_found(std::string_view reason, std::string_view detail) {
  return {ErrorCode::not_found, reason, detail};
}
Error already_exists(std::string_view reason, std::string_view detail) {
  return {ErrorCode::already_exists, reason, detail};
}
Error unsupported(std::string_view reason, std::string_view detail) {
  return {ErrorCode::unsupported, reason, detail};
}
Error conflict(std::string_view reason, std::string_view detail) {
  return {ErrorCode::conflict, reason, detail};
}
Error permission_denied(std::string_view reason, std::string_view detail) {
  return {ErrorCode::permission_denied, reason, detail};
}
Error resource_exhausted(std::string_view reason, std::string_view detail) {
  return {ErrorCode::resource_exhausted, reason, detail};
}
Error unavailable(std::string_view reason, std::string_view detail) {
  return {ErrorCode::unavailable, reason, detail};
}
Error corrupt(std::string_view reason, std::string_view detail) {
  return {ErrorCode::corrupt, reason, detail};
}
Error internal_error(std::string_view reason, std::string_view detail) {
  return {ErrorCode::internal, reason, detail};
}

Error system_error(int error_number, std::string_view what) {
  std::string detail(what);
  detail.append(": ").append(std::generic_category().message(error_number));
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::resource_exhausted, "no_space", detail};
    case EMFILE:
    case ENFILE:
      return {ErrorCode::resource_exhausted, "no_descriptors", detail};
    case ENOMEM:
      return {ErrorCode::resource_exhausted, "no_memory", detail};
    case ENOENT:
    case ENOTDIR:
      return {ErrorCode::not_found, "no_such_file", detail};
    case EEXIST:
      return {ErrorCode::already_exists, "file_exists", detail};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorCode::permission_denied, "no_permission", detail};
    case EAGAIN:
    case EINTR:
    case ETIMEDOUT:
      return {ErrorCode::unavailable, "try_again", detail};
    default:
      return {ErrorCode::internal, "io_error", detail};
  }
}

}  // namespace pacs
