// A value or an Error, with the member names of std::expected, and the one way to pass an error on.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/assert.h"
#include "core/error.h"

namespace pacs {

// A union of our own: std::variant costs the compiler twice as much for each T, and there are
// hundreds. Moved, never copied.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit, so that a function returns its value or its error as it is.
  Result(T value) : value_(std::move(value)), has_value_(true) {}       // NOLINT
  Result(Error error) : error_(std::move(error)), has_value_(false) {}  // NOLINT
  template <typename U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)  // NOLINT
      : value_(std::forward<U>(value)), has_value_(true) {}

  Result(Result&& other) noexcept : has_value_(other.has_value_) { take(other); }
  Result& operator=(Result&& other) noexcept {
    if (this == &other) return *this;
    destroy();
    has_value_ = other.has_value_;
    take(other);
    return *this;
  }
  ~Result() { destroy(); }

  [[nodiscard]] bool has_value() const { return has_value_; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() & {
    PACS_ASSERT(has_value_);
    return value_;
  }
  [[nodiscard]] const T& value() const& {
    PACS_ASSERT(has_value_);
    return value_;
  }
  [[nodiscard]] T&& value() && {
    PACS_ASSERT(has_value_);
    return std::move(value_);
  }
  [[nodiscard]] T value_or(T fallback) && {
    return has_value_ ? std::move(value_) : std::move(fallback);
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const& {
    PACS_ASSERT(!has_value_);
    return error_;
  }
  [[nodiscard]] Error&& error() && {
    PACS_ASSERT(!has_value_);
    return std::move(error_);
  }

 private:
  void take(Result& other) {
    static_assert(std::is_nothrow_move_constructible_v<T>);
    if (has_value_) {
      std::construct_at(&value_, std::move(other.value_));
    } else {
      std::construct_at(&error_, std::move(other.error_));
    }
  }
  void destroy() { has_value_ ? std::destroy_at(&value_) : std::destroy_at(&error_); }

  union {
    T value_;
    Error error_;
  };
  bool has_value_;
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
