// The order that images were taken for. The application has two kinds with numbers of their own:
// 12 of the one is not 12 of the other.
#pragma once

#include <cstdint>
#include <string>

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

}  // namespace pacs::index
