#include "core/log.h"

#include <algorithm>
#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/clock.h"
#include "core/json_writer.h"

namespace pacs {
namespace {

struct Log {
  std::shared_ptr<spdlog::logger> logger;  // spdlog hands loggers out this way alone
  LogFormat format = LogFormat::text;
};

Log& shared_log() {
  static Log log = [] {
    Log made{std::make_shared<spdlog::logger>("pacs-lite",
                                              std::make_shared<spdlog::sinks::stderr_sink_mt>())};
    made.logger->set_pattern("%v");
    return made;
  }();
  return log;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      return "off";
  }
  return "info";
}

// A value that came from outside must not be able to forge a second line or a field.
std::string quoted(std::string_view text) {
  JsonWriter json;
  json.string(text);
  return json.take();
}

bool needs_no_quotes(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.:/+%@,").find(c) != std::string_view::npos;
}

std::string text_of(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const bool plain = !text->empty() && std::all_of(text->begin(), text->end(), needs_no_quotes);
    return plain ? std::string(*text) : quoted(*text);
  }
  if (const auto* number = std::get_if<int64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<uint64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{:.6g}", *number);
  return std::get<bool>(field.value) ? "true" : "false";
}

std::string as_text_line(LogLevel level, std::string_view event,
                         std::initializer_list<LogField> fields) {
  std::string line = to_rfc3339(SystemClock().now());
  line.append(" ").append(name_of(level)).append(" ").append(event);
  for (const LogField& field : fields) {
    line.append(" ").append(field.name).append("=").append(text_of(field));
  }
  return line;
}

std::string as_json_line(LogLevel level, std::string_view event,
                         std::initializer_list<LogField> fields) {
  JsonWriter json;
  json.begin_object();
  json.member("time", to_rfc3339(SystemClock().now()));
  json.member("level", name_of(level));
  json.member("event", event);
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { json.member(field.name, value); }, field.value);
  }
  json.end_object();
  return json.take();
}

}  // namespace

void configure_log(LogLevel level, LogFormat format) {
  shared_log().logger->set_level(to_spdlog(level));
  shared_log().format = format;
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const Log& shared = shared_log();
  const auto spdlog_level = to_spdlog(level);
  if (!shared.logger->should_log(spdlog_level)) return;
  shared.logger->log(spdlog_level, shared.format == LogFormat::json
                                       ? as_json_line(level, event, fields)
                                       : as_text_line(level, event, fields));
}

}  // namespace pacs
