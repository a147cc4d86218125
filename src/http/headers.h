// The header fields of a message (RFC 9110 5): in their order, names compared without case.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pacs::http {

class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // The value of the first field of that name. The view lives until the next change.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return find(name).has_value(); }
  // The values of all fields of that name, in order.
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  // All fields of that name as one, joined by ", " (RFC 9110 5.3); nothing when there is none.
  [[nodiscard]] std::optional<std::string> joined(std::string_view name) const;
  // The non-empty members of a field that is a list at commas; quoted strings are kept whole.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

  void add(std::string_view name, std::string_view value);
  // Replaces all fields of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  // Adds every field of `other` whose name is not here yet.
  void merge(const Headers& other);

  [[nodiscard]] size_t size() const { return fields_.size(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

// Cuts at `separator` outside quoted strings (RFC 9110 5.6.4), trims, leaves the empty ones out.
[[nodiscard]] std::vector<std::string> split_outside_quotes(std::string_view text, char separator);
// A token as RFC 9110 5.6.2 has it: not empty, none of the delimiters.
[[nodiscard]] bool is_token(std::string_view text);

}  // namespace pacs::http
