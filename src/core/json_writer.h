// Writes JSON (RFC 8259) straight into a string, without a tree in between. Calls must nest as JSON
// does; a wrong order is a bug and asserts. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pacs {

class JsonWriter {
 public:
  JsonWriter();
  ~JsonWriter();
  JsonWriter(JsonWriter&&) noexcept;
  JsonWriter& operator=(JsonWriter&&) noexcept;

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);

  // Bytes that are not UTF-8 are written as U+FFFD, so that what comes out is always valid JSON.
  void string(std::string_view text);
  void number(int64_t value);
  void number(uint64_t value);
  void number(double value);  // null for what JSON cannot say (NaN, infinities)
  void boolean(bool value);
  void null();
  // Text that is JSON already.
  void raw(std::string_view json);

  void member(std::string_view name, std::string_view text) { key(name), string(text); }
  void member(std::string_view name, const std::string& text) { key(name), string(text); }
  void member(std::string_view name, const char* text) { key(name), string(text); }
  void member(std::string_view name, int value) { key(name), number(int64_t{value}); }
  void member(std::string_view name, int64_t value) { key(name), number(value); }
  void member(std::string_view name, uint64_t value) { key(name), number(value); }
  void member(std::string_view name, double value) { key(name), number(value); }
  void member(std::string_view name, bool value) { key(name), boolean(value); }
  template <typename T>
  void member(std::string_view name, const std::optional<T>& value) {
    if (value) {
      member(name, *value);
    } else {
      key(name), null();
    }
  }

  // What has been written so far, which must be one whole value; the writer then starts afresh.
  [[nodiscard]] std::string take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs
