#include "archive/verify_walk.h"

#include "core/json_value.h"
#include "core/json_writer.h"

namespace pacs::archive {

std::string VerifyWalk::to_json() const {
  JsonWriter json;
  json.begin_object();
  json.member("started_at", started_at);
  json.member("finished_at", finished_at);
  json.member("needing_attention", needing_attention);
  json.key("position");
  json.raw(position.to_json());
  json.end_object();
  return json.take();
}

std::optional<VerifyWalk> VerifyWalk::from_json(std::string_view json) {
  const auto value = JsonValue::parse(json);
  if (!value) return std::nullopt;
  const auto number = [&](std::string_view name) {
    const JsonValue* member = value->find(name);
    return member != nullptr ? member->as_int64() : std::optional<int64_t>();
  };
  const JsonValue* position_json = value->find("position");
  if (position_json == nullptr || !number("started_at") || !number("finished_at") ||
      !number("needing_attention")) {
    return std::nullopt;
  }
  auto position = VerifyPosition::from_json(position_json->to_json());
  if (!position) return std::nullopt;
  return VerifyWalk{*number("started_at"), *number("finished_at"),
                    static_cast<uint64_t>(*number("needing_attention")), std::move(*position)};
}

}  // namespace pacs::archive
