#include "http/headers.h"

#include <algorithm>

#include "core/text.h"

namespace pacs::http {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field_name, value] : fields_) {
    if (equals_ignoring_case(field_name, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [field_name, value] : fields_) {
    if (equals_ignoring_case(field_name, name)) values.emplace_back(value);
  }
  return values;
}

std::optional<std::string> Headers::joined(std::string_view name) const {
  std::optional<std::string> text;
  for (const std::string_view value : all(name)) {
    if (text) {
      text->append(", ").append(value);
    } else {
      text.emplace(value);
    }
  }
  return text;
}

std::vector<std::string> Headers::list(std::string_view name) const {
  const auto text = joined(name);
  return text ? split_outside_quotes(*text, ',') : std::vector<std::string>();
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(std::string(name), std::string(value));
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_,
                [&](const Field& field) { return equals_ignoring_case(field.first, name); });
}

void Headers::merge(const Headers& other) {
  const size_t own = fields_.size();
  for (const Field& added : other) {
    const bool known = std::any_of(
        fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(own),
        [&](const Field& field) { return equals_ignoring_case(field.first, added.first); });
    if (!known) add(added.first, added.second);
  }
}

std::vector<std::string> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  size_t start = 0;
  bool quoted = false;
  const auto take = [&](size_t end) {
    const std::string_view piece = trim(text.substr(start, end - start));
    if (!piece.empty()) pieces.emplace_back(piece);
    start = end + 1;
  };
  for (size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (text[at] == separator && !quoted) {
      take(at);
    }
  }
  if (start < text.size()) take(text.size());
  return pieces;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace pacs::http
