#include "http/uri.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/text.h"
#include "http/address.h"

namespace pacs::http {
namespace {

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string encode(std::string_view text, std::string_view kept) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

void split_path_and_query(std::string_view text, RequestTarget& target) {
  const size_t mark = text.find('?');
  target.path = text.substr(0, mark);
  if (mark != std::string_view::npos) target.query = text.substr(mark + 1);
}

std::optional<std::string> decode_form_word(std::string_view text) {
  std::string word(text);
  std::replace(word.begin(), word.end(), '+', ' ');
  return percent_decode(word);
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  const size_t first = std::min(text.find('%'), text.size());
  std::string out(text.substr(0, first));
  out.reserve(text.size());
  for (size_t at = first; at < text.size(); ++at) {
    if (text[at] != '%') {
      out.push_back(text[at]);
      continue;
    }
    if (text.size() - at < 3) return std::nullopt;
    const int high = digit(text[at + 1]);
    const int low = digit(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    at += 2;
  }
  if (has_control_character(out) || !is_utf8(out)) return std::nullopt;
  return out;
}

std::string percent_encode(std::string_view text) { return encode(text, ""); }

std::string percent_encode_path(std::string_view path) { return encode(path, "/"); }

Result<QueryParameters> parse_query(std::string_view raw_query) {
  QueryParameters parameters;
  if (raw_query.empty()) return parameters;
  for (const std::string_view piece : split(raw_query, '&')) {
    if (piece.empty()) continue;
    if (parameters.size() == kQueryParametersMax) {
      return invalid_argument("bad_query", "the query has too many parameters");
    }
    const size_t equals = piece.find('=');
    auto name = decode_form_word(piece.substr(0, equals));
    auto value = decode_form_word(equals == std::string_view::npos ? std::string_view()
                                                                   : piece.substr(equals + 1));
    if (!name || !value) {
      return invalid_argument("bad_query",
                              "the query cannot be decoded: write % as %25, and text in UTF-8");
    }
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::string encode_query(const QueryParameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out.push_back('&');
    out.append(percent_encode(name)).append("=").append(percent_encode(value));
  }
  return out;
}

std::optional<RequestTarget> parse_request_target(std::string_view target) {
  const bool visible = std::all_of(target.begin(), target.end(),
                                   [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  if (target.empty() || !visible) return std::nullopt;
  RequestTarget parsed;
  if (target == "*") {
    parsed.path = "*";
    return parsed;
  }
  if (target.front() != '/') {
    const size_t mark = target.find("://");
    if (mark == std::string_view::npos) return std::nullopt;
    parsed.scheme = to_lower(target.substr(0, mark));
    if (*parsed.scheme != "http" && *parsed.scheme != "https") return std::nullopt;
    target.remove_prefix(mark + 3);
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    parsed.authority = target.substr(0, end);
    if (!is_host(*parsed.authority)) return std::nullopt;
    target.remove_prefix(end);
    if (target.empty() || target.front() == '?') {
      split_path_and_query(target, parsed);
      parsed.path = "/";
      return parsed;
    }
  }
  split_path_and_query(target, parsed);
  return parsed;
}

bool is_host(std::string_view host) {
  std::string_view name = host;
  std::string_view port;
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    if (end == std::string_view::npos || !IpAddress::parse(host.substr(0, end + 1))) return false;
    name = host.substr(0, end + 1);
    if (end + 1 < host.size()) {
      if (host[end + 1] != ':') return false;
      port = host.substr(end + 2);
    }
  } else {
    const size_t colon = host.find(':');
    name = host.substr(0, colon);
    if (colon != std::string_view::npos) port = host.substr(colon + 1);
    if (!std::all_of(name.begin(), name.end(), is_unreserved)) return false;
  }
  if (name.empty()) return false;
  if (port.empty()) return true;
  const auto number = parse_unsigned(port);
  return number && *number <= 65535;
}

std::optional<Url> parse_url(std::string_view url) {
  const auto target = parse_request_target(url);
  if (!target || !target->scheme) return std::nullopt;
  Url parsed;
  parsed.scheme = *target->scheme;
  parsed.port = parsed.scheme == "https" ? 443 : 80;
  parsed.target = target->path;
  if (!target->query.empty()) parsed.target.append("?").append(target->query);
  const std::string& authority = *target->authority;
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  parsed.host = authority.substr(0, has_port ? colon : std::string::npos);
  if (has_port && colon + 1 < authority.size()) {
    const auto port = parse_unsigned(std::string_view(authority).substr(colon + 1));
    if (!port) return std::nullopt;
    parsed.port = static_cast<uint16_t>(*port);
  }
  return parsed;
}

}  // namespace pacs::http
