// The one table by which an error becomes a status of HTTP, for every protocol spoken over it.
#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"
#include "http/status.h"

namespace pacs::http {

// By the reason where the table names it, else by the code.
[[nodiscard]] Status status_of(const Error& error);

// What a Retry-After field should say with this status; nothing where a retry does not help.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after_of(Status status);

}  // namespace pacs::http
