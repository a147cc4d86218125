#include "dicom/data_set_match.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/text.h"

namespace pacs::dicom {
namespace {

using Matches = std::vector<const AttributeMatch*>;

std::map<Tag, Matches> by_tag(const Matches& matches, size_t depth) {
  std::map<Tag, Matches> groups;
  for (const AttributeMatch* match : matches) groups[match->path().tags[depth]].push_back(match);
  return groups;
}

bool element_matches(const JsonValue* element, const Matches& matches, size_t depth);

// An item of a sequence. As deep as a path is long.
bool item_matches(const JsonValue& item, const Matches& matches, size_t depth) {
  const auto groups = by_tag(matches, depth);
  return std::all_of(groups.begin(), groups.end(), [&](const auto& group) {
    return element_matches(item.find(to_string(group.first)), group.second, depth);
  });
}

// Is there no item, then what asks for no value at all is met.
bool no_item_matches(const Matches& inside) {
  return std::all_of(inside.begin(), inside.end(),
                     [](const AttributeMatch* match) { return match->matches({}); });
}

bool element_matches(const JsonValue* element, const Matches& matches, size_t depth) {
  Matches inside;
  const AttributeValues values = element == nullptr ? AttributeValues{} : values_of(*element);
  for (const AttributeMatch* match : matches) {
    if (match->path().tags.size() > depth + 1) {
      inside.push_back(match);
    } else if (!match->matches(values)) {
      return false;
    }
  }
  if (inside.empty()) return true;
  const JsonValue* value = element == nullptr ? nullptr : element->find("Value");
  const JsonValue::Array* items = value == nullptr ? nullptr : value->as_array();
  if (items == nullptr || items->empty()) return no_item_matches(inside);
  return std::any_of(items->begin(), items->end(),
                     [&](const JsonValue& item) { return item_matches(item, inside, depth + 1); });
}

}  // namespace

Result<AttributeMatch> AttributeMatch::create(AttributePath path, std::string question,
                                              const MatchOptions& options) {
  const Vr vr = path.vr();
  const bool is_private = path.tags.back().is_private();
  if (vr != Vr::UI && question.size() > kQuestionSizeMax) {
    return invalid_argument("bad_value", "a value to match is too long");
  }
  AttributeMatch match(std::move(path), std::move(question), options);
  if (is_private) return match;
  match.match_ = PACS_TRY(ValueMatch::create(vr, match.question_, options));
  if ((vr == Vr::SQ || is_bulk(vr)) && !match.match_->is_universal() && !options.empty_values) {
    return invalid_argument("bad_value", "sequences and bytes are not compared with a value");
  }
  return match;
}

bool AttributeMatch::is_universal() const {
  return match_ ? match_->is_universal() : trim(question_).empty() || trim(question_) == "*";
}

bool AttributeMatch::matches(const AttributeValues& values) const {
  if (match_) return match_->matches(values.texts);
  const auto match = ValueMatch::create(values.vr, question_, options_);
  return match && match->matches(values.texts);
}

bool matches_all(std::string_view data_set_json,
                 const std::vector<const AttributeMatch*>& matches) {
  const auto groups = by_tag(matches, 0);
  return std::all_of(groups.begin(), groups.end(), [&](const auto& group) {
    const auto json = find_json_element(data_set_json, group.first);
    const auto element = json ? parse_json_element(*json) : std::nullopt;
    return element_matches(element ? &*element : nullptr, group.second, 0);
  });
}

}  // namespace pacs::dicom
