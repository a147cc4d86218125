// What the capabilities say of each route besides its path and method: PS3.18 annex H. That every
// route has its line here, and every line its route, is tested.
#pragma once

#include <span>
#include <string_view>

#include "http/method.h"

namespace pacs::dicomweb {

struct TransactionParameter {
  std::string_view name;
  std::string_view meaning;
};

struct Transaction {
  http::Method method;
  std::string_view path;  // behind the root: "/studies/{study}", empty for the root itself
  std::string_view id;    // unique
  std::span<const std::string_view> request_types;  // empty: no body
  std::span<const std::string_view> answer_types;   // empty: no body
  std::string_view answer_statuses;                 // those that have these types
  std::string_view problem_statuses;                // those of application/problem+json
  std::span<const TransactionParameter> query_parameters{};
};

[[nodiscard]] std::span<const Transaction> transactions();

// Nothing for a route that is not described.
[[nodiscard]] const Transaction* find_transaction(http::Method method, std::string_view path);

}  // namespace pacs::dicomweb
