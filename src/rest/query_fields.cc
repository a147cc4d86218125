#include "rest/query_fields.h"

#include <array>

#include "core/clock.h"
#include "core/text.h"
#include "rest/body_fields.h"

namespace pacs::rest {
namespace {

bool is_day(std::string_view text) {
  return text.size() == 10 && from_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

}  // namespace

Error bad_parameter(std::string_view name, std::string_view what) {
  return invalid_argument("bad_parameter", std::string(name) + " " + std::string(what));
}

Result<std::optional<std::string>> QueryFields::find_text(std::string_view name,
                                                          size_t size_bytes_max) {
  known_.emplace(name);
  auto values = request_.query_parameters(name);
  if (values.empty() || (values.size() == 1 && values.front().empty())) {
    return std::optional<std::string>();
  }
  if (values.size() > 1) return bad_parameter(name, "was sent more than once");
  if (values.front().size() > size_bytes_max) {
    return bad_parameter(name, "is longer than " + std::to_string(size_bytes_max) + " bytes");
  }
  return std::optional(std::move(values.front()));
}

Result<std::optional<int64_t>> QueryFields::find_integer(std::string_view name, int64_t least,
                                                         int64_t most) {
  const auto text = PACS_TRY(find_text(name));
  if (!text) return std::optional<int64_t>();
  const auto value = parse_unsigned(*text);
  if (!value || *value > static_cast<uint64_t>(most) || static_cast<int64_t>(*value) < least) {
    return bad_parameter(name, "must be a whole number from " + std::to_string(least) + " to " +
                                   std::to_string(most));
  }
  return std::optional(static_cast<int64_t>(*value));
}

Result<std::optional<index::OrderReference>> QueryFields::find_order() {
  std::optional<index::OrderReference> order;
  for (const auto& [name, kind] :
       {std::pair{"radiology_order_id", index::OrderKind::radiology_order},
        std::pair{"radiology_request_id", index::OrderKind::radiology_request}}) {
    const auto value = PACS_TRY(find_integer(name, 1, kIntegerMax));
    if (!value) continue;
    if (order) return bad_parameter(name, "and radiology_order_id cannot both be asked for");
    order = index::OrderReference{.kind = kind, .value = *value};
  }
  return order;
}

Result<QueryFields::Days> QueryFields::find_days(std::string_view name) {
  const auto text = PACS_TRY(find_text(name));
  if (!text) return Days{};
  std::string from = *text;
  std::string to = *text;
  if (const size_t dots = text->find(".."); dots != std::string::npos) {
    from = text->substr(0, dots);
    to = text->substr(dots + 2);
  }
  Days days;
  if (!from.empty()) days.from = from;
  if (!to.empty()) days.to = to;
  if ((days.from && !is_day(*days.from)) || (days.to && !is_day(*days.to)) ||
      (!days.from && !days.to)) {
    return bad_parameter(name, "must be a day, YYYY-MM-DD, or two with .. between them");
  }
  if (days.from && days.to && *days.from > *days.to) {
    return bad_parameter(name, "ends before it begins");
  }
  return days;
}

void QueryFields::warn_of_unknown() const {
  std::set<std::string> unknown;
  for (const auto& [name, value] : request_.query) {
    if (!known_.contains(name)) unknown.insert(name);
  }
  log_unknown_fields(request_, unknown);
}

}  // namespace pacs::rest
