// A value or an Error, with the member names of std::expected, and the one way to pass an error on.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/assert.h"
#include "core/error.h"

namespace pacs {

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit, so that a function returns its value or its error as it is.
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  template <typename U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)  // NOLINT
      : content_(std::in_place_index<0>, std::forward<U>(value)) {}

  [[nodiscard]] bool has_value() const { return content_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() & { return *checked(); }
  [[nodiscard]] const T& value() const& { return *const_cast<Result*>(this)->checked(); }
  [[nodiscard]] T&& value() && { return std::move(*checked()); }
  [[nodiscard]] T value_or(T fallback) && {
    return has_value() ? std::move(*checked()) : std::move(fallback);
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return checked(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const& {
    PACS_ASSERT(!has_value());
    return *std::get_if<1>(&content_);
  }
  [[nodiscard]] Error&& error() && {
    PACS_ASSERT(!has_value());
    return std::move(*std::get_if<1>(&content_));
  }

 private:
  T* checked() {
    PACS_ASSERT(has_value());
    return std::get_if<0>(&content_);
  }

  std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const { PACS_ASSERT(has_value()); }

  [[nodiscard]] const Error& error() const& {
    PACS_ASSERT(!has_value());
    return *error_;
  }
  [[nodiscard]] Error&& error() && {
    PACS_ASSERT(!has_value());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace pacs

// The value of an expression of type Result, or return its error from the function around:
//   const uint64_t size = PACS_TRY(file.size());
// Not inside a braced list, whose first members GCC forgets to destroy (tools/check_try.py looks).
#define PACS_TRY(...) PACS_TRY_EXPANDED(__COUNTER__, __VA_ARGS__)
// Each use has a name of its own, so that one may stand inside another.
#define PACS_TRY_EXPANDED(number, ...) PACS_TRY_NUMBERED(number, __VA_ARGS__)
#define PACS_TRY_NUMBERED(number, ...) PACS_TRY_NAMED(pacs_try_result_##number, __VA_ARGS__)
#define PACS_TRY_NAMED(name, ...)              \
  __extension__({                              \
    auto name = (__VA_ARGS__);                 \
    if (!name) return std::move(name).error(); \
    std::move(name).value();                   \
  })
