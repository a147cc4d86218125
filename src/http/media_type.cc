#include "http/media_type.h"

#include <algorithm>

#include "core/text.h"
#include "http/headers.h"

namespace pacs::http {
namespace {

// A token, or a media type: viewers write type=application/dicom without the quotes that RFC 2387
// 3.1 and PS3.18 8.7.1 have.
bool is_bare_value(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_token(text);
  return is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

// The value of a parameter: a token or a quoted string (RFC 9110 5.6.4).
std::optional<std::string> parse_value(std::string_view text) {
  if (!text.starts_with('"'))
    return is_bare_value(text) ? std::optional<std::string>(text) : std::nullopt;
  std::string value;
  size_t at = 1;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && ++at == text.size()) return std::nullopt;
    value.push_back(text[at]);
  }
  if (at + 1 != text.size()) return std::nullopt;
  return value;
}

// "0.5" as 500; RFC 9110 12.4.2 allows three decimals.
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int permille = text[0] == '1' ? 1000 : 0;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = 100;
  for (const char c : text.substr(std::min<size_t>(text.size(), 2))) {
    if (c < '0' || c > '9') return std::nullopt;
    permille += (c - '0') * weight;
    weight /= 10;
  }
  if (permille > 1000) return std::nullopt;
  return permille;
}

std::optional<AcceptRange> parse_accept_member(std::string_view text) {
  auto type = parse_media_type(text);
  if (!type || (type->type == "*" && type->subtype != "*")) return std::nullopt;
  AcceptRange range;
  auto& parameters = type->parameters;
  const auto q = std::find_if(parameters.begin(), parameters.end(),
                              [](const auto& parameter) { return parameter.first == "q"; });
  if (q != parameters.end()) {
    const auto quality = parse_quality(q->second);
    if (!quality) return std::nullopt;
    range.quality_permille = *quality;
    parameters.erase(q, parameters.end());
  }
  range.media_type = std::move(*type);
  return range;
}

int specificity(const AcceptRange& range) {
  if (range.media_type.type == "*") return 0;
  if (range.media_type.subtype == "*") return 1;
  return 2 + static_cast<int>(range.media_type.parameters.size());
}

}  // namespace

const std::string* MediaType::parameter(std::string_view name) const {
  for (const auto& [parameter_name, value] : parameters) {
    if (parameter_name == name) return &value;
  }
  return nullptr;
}

std::optional<MediaType> parse_media_type(std::string_view text) {
  const auto pieces = split_outside_quotes(text, ';');
  if (pieces.empty() || trim(text).starts_with(';')) return std::nullopt;
  const size_t slash = pieces[0].find('/');
  if (slash == std::string::npos) return std::nullopt;
  MediaType media_type;
  media_type.type = to_lower(std::string_view(pieces[0]).substr(0, slash));
  media_type.subtype = to_lower(std::string_view(pieces[0]).substr(slash + 1));
  if (!is_token(media_type.type) || !is_token(media_type.subtype)) return std::nullopt;
  for (size_t index = 1; index < pieces.size(); ++index) {
    const std::string_view piece = pieces[index];
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos || !is_token(piece.substr(0, equals))) return std::nullopt;
    auto value = parse_value(piece.substr(equals + 1));
    std::string name = to_lower(piece.substr(0, equals));
    if (!value || media_type.parameter(name) != nullptr) return std::nullopt;
    media_type.parameters.emplace_back(std::move(name), std::move(*value));
  }
  return media_type;
}

bool AcceptRange::covers(std::string_view essence) const {
  if (media_type.type == "*") return true;
  const size_t slash = essence.find('/');
  if (slash == std::string_view::npos) return false;
  if (!equals_ignoring_case(media_type.type, essence.substr(0, slash))) return false;
  return media_type.subtype == "*" ||
         equals_ignoring_case(media_type.subtype, essence.substr(slash + 1));
}

std::vector<AcceptRange> parse_accept(std::string_view text) {
  std::vector<AcceptRange> ranges;
  for (const std::string& member : split_outside_quotes(text, ',')) {
    if (ranges.size() == kAcceptRangesMax) break;
    if (auto range = parse_accept_member(member)) ranges.push_back(std::move(*range));
  }
  std::stable_sort(ranges.begin(), ranges.end(), [](const auto& left, const auto& right) {
    if (left.quality_permille != right.quality_permille) {
      return left.quality_permille > right.quality_permille;
    }
    return specificity(left) > specificity(right);
  });
  return ranges;
}

int accept_quality(const std::optional<std::string>& accept, std::string_view essence) {
  if (!accept) return 1000;
  int best = -1;
  int quality = 0;
  for (const AcceptRange& range : parse_accept(*accept)) {
    // A range with parameters asks for more than the essence can promise.
    const int rank = std::min(specificity(range), 2);
    if (range.covers(essence) && rank > best) {
      best = rank;
      quality = range.quality_permille;
    }
  }
  return quality;
}

bool accepts_gzip(const std::optional<std::string>& accept_encoding) {
  if (!accept_encoding) return false;
  std::optional<int> gzip;
  int any = 0;
  for (const std::string& member : split_outside_quotes(*accept_encoding, ',')) {
    const auto pieces = split_outside_quotes(member, ';');
    if (pieces.empty()) continue;
    int quality = 1000;
    if (pieces.size() > 1 && to_lower(pieces[1]).starts_with("q=")) {
      quality = parse_quality(std::string_view(pieces[1]).substr(2)).value_or(0);
    }
    if (equals_ignoring_case(pieces[0], "gzip") || equals_ignoring_case(pieces[0], "x-gzip")) {
      gzip = quality;
    } else if (pieces[0] == "*") {
      any = quality;
    }
  }
  return gzip.value_or(any) > 0;
}

}  // namespace pacs::http
