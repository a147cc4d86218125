// The order that images were taken for. The application has two kinds with numbers of their own:
// 12 of the one is not 12 of the other.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace pacs::index {

enum class OrderKind : uint8_t { radiology_order = 1, radiology_request = 2 };  // stored: keep

struct OrderReference {
  OrderKind kind = OrderKind::radiology_order;
  int64_t value = 0;
  friend bool operator==(const OrderReference&, const OrderReference&) = default;
};

// "radiology_order:12", "radiology_request:12".
[[nodiscard]] inline std::string to_string(const OrderReference& order) {
  const char* kind =
      order.kind == OrderKind::radiology_order ? "radiology_order:" : "radiology_request:";
  return kind + std::to_string(order.value);
}

// The inverse.
[[nodiscard]] inline std::optional<OrderReference> parse_order(std::string_view text) {
  for (const OrderKind kind : {OrderKind::radiology_order, OrderKind::radiology_request}) {
    OrderReference order{.kind = kind, .value = 0};
    const std::string prefix = to_string(order).substr(0, to_string(order).size() - 1);
    if (!text.starts_with(prefix)) continue;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + prefix.size(), end, order.value);
    if (parsed.ec == std::errc() && parsed.ptr == end) return order;
  }
  return std::nullopt;
}

}  // namespace pacs::index
