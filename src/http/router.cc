#include "http/router.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "core/assert.h"
#include "core/text.h"
#include "http/body_limit.h"
#include "http/problem.h"

namespace pacs::http {
namespace {

constexpr size_t kStatusClasses = 6;  // 0 is "no answer"

// "/a/{b}/c/" as its segments; a slash at the end makes none.
std::vector<std::string_view> segments_of(std::string_view path) {
  auto segments = split(path.substr(std::min<size_t>(path.size(), 1)), '/');
  if (!segments.empty() && segments.back().empty()) segments.pop_back();
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string allow_field(const std::array<bool, kMethodCount>& methods) {
  std::string field;
  for (size_t index = 0; index < kMethodCount; ++index) {
    if (!methods[index]) continue;
    if (!field.empty()) field.append(", ");
    field.append(to_string(static_cast<Method>(index)));
  }
  return field;
}

}  // namespace

struct Router::State {
  struct Entry {
    Method method;
    Handler handler;
    RouteOptions options;
    // Made when first used, since most routes never answer most classes.
    std::array<std::atomic<Histogram*>, kStatusClasses> latencies{};
  };
  struct Pattern {
    std::string text;
    bool is_prefix = false;
    std::vector<std::string> segments;
    std::array<std::unique_ptr<Entry>, kMethodCount> entries;
  };
  struct Match {
    const Pattern* pattern = nullptr;
    std::vector<std::pair<std::string, std::string>> parameters;
  };

  State(Metrics& the_metrics, const Clock& the_clock) : metrics(the_metrics), clock(the_clock) {}

  Pattern& pattern_of(std::string_view text, bool is_prefix);
  void add(Pattern& pattern, Method method, Handler handler, RouteOptions options);
  // Error: 400 for what cannot be decoded.
  Result<Match> find(std::string_view raw_path) const;
  void answer_without_route(const Match& match, const Request& request,
                            ResponseWriter& writer) const;
  void run(Entry& entry, Request& request, ResponseWriter& writer) const;
  void observe(Entry& entry, const std::string& route, const ResponseWriter& writer,
               std::chrono::steady_clock::time_point start) const;

  Metrics& metrics;
  const Clock& clock;
  std::vector<std::unique_ptr<Pattern>> patterns;
  std::vector<Route> routes;
};

Router::State::Pattern& Router::State::pattern_of(std::string_view text, bool is_prefix) {
  for (const auto& pattern : patterns) {
    if (pattern->text == text && pattern->is_prefix == is_prefix) return *pattern;
  }
  auto pattern = std::make_unique<Pattern>();
  pattern->text = text;
  pattern->is_prefix = is_prefix;
  for (const std::string_view segment : segments_of(text)) pattern->segments.emplace_back(segment);
  patterns.push_back(std::move(pattern));
  return *patterns.back();
}

void Router::State::add(Pattern& pattern, Method method, Handler handler, RouteOptions options) {
  auto& slot = pattern.entries[static_cast<size_t>(method)];
  PACS_ASSERT(slot == nullptr);
  slot = std::make_unique<Entry>();
  slot->method = method;
  slot->handler = std::move(handler);
  slot->options = options;
  routes.push_back({method, pattern.text, pattern.is_prefix});
}

Result<Router::State::Match> Router::State::find(std::string_view raw_path) const {
  std::vector<std::string> decoded;
  const auto raw_segments = segments_of(raw_path);
  for (const std::string_view raw : raw_segments) {
    auto segment = percent_decode(raw);
    if (!segment || *segment == "." || *segment == "..") {
      return invalid_argument("bad_path", "the path of the URL cannot be decoded, or has . or ..");
    }
    decoded.push_back(std::move(*segment));
  }
  // Of two that fit, the one whose literal segments come first: "/studies/recent" before
  // "/studies/{id}".
  Match best;
  std::string best_rank;
  for (const auto& pattern : patterns) {
    if (pattern->is_prefix || pattern->segments.size() != decoded.size()) continue;
    std::string rank;
    Match match;
    match.pattern = pattern.get();
    for (size_t index = 0; index < decoded.size(); ++index) {
      const std::string& expected = pattern->segments[index];
      if (is_parameter(expected) && !decoded[index].empty()) {
        rank.push_back('0');
        match.parameters.emplace_back(expected.substr(1, expected.size() - 2), decoded[index]);
      } else if (!is_parameter(expected) && expected == decoded[index]) {
        rank.push_back('1');
      } else {
        match.pattern = nullptr;
        break;
      }
    }
    if (match.pattern != nullptr && (best.pattern == nullptr || rank > best_rank)) {
      best = std::move(match);
      best_rank = std::move(rank);
    }
  }
  if (best.pattern != nullptr) return best;
  size_t longest = 0;
  for (const auto& pattern : patterns) {
    if (pattern->is_prefix && raw_path.starts_with(pattern->text) &&
        pattern->text.size() > longest) {
      longest = pattern->text.size();
      best.pattern = pattern.get();
    }
  }
  return best;
}

// What no handler was written for: 404, 405, and OPTIONS with what there is.
void Router::State::answer_without_route(const Match& match, const Request& request,
                                         ResponseWriter& writer) const {
  std::array<bool, kMethodCount> allowed{};
  const bool everything = request.raw_path == "*";
  for (size_t index = 0; index < kMethodCount; ++index) {
    allowed[index] =
        everything || (match.pattern != nullptr && match.pattern->entries[index] != nullptr);
  }
  allowed[static_cast<size_t>(Method::options)] = true;
  if (allowed[static_cast<size_t>(Method::get)]) allowed[static_cast<size_t>(Method::head)] = true;
  if (match.pattern == nullptr && !everything) {
    writer.send(problem(not_found("no_such_route", "nothing is served under this path"),
                        request.request_id));
    return;
  }
  if (request.method == Method::options) {
    Response response = empty(Status::no_content);
    response.headers.add("Allow", allow_field(allowed));
    writer.send(std::move(response));
    return;
  }
  Response response = problem(Status::method_not_allowed, "method_not_allowed",
                              "this path does not know that method", request.request_id);
  response.headers.add("Allow", allow_field(allowed));
  writer.send(std::move(response));
}

void Router::State::run(Entry& entry, Request& request, ResponseWriter& writer) const {
  const uint64_t limit = entry.options.body_bytes_max.value_or(kBodyBytesMaxDefault);
  if (request.content_length && *request.content_length > limit) {
    writer.send(problem(resource_exhausted("too_large", "the body is larger than this path allows"),
                        request.request_id));
    return;
  }
  BodyLimit limited(request.body(), limit);
  ByteSource& unlimited = request.body();
  request.replace_body(limited);
  entry.handler(request, writer);
  request.replace_body(unlimited);
}

void Router::State::observe(Entry& entry, const std::string& route, const ResponseWriter& writer,
                            std::chrono::steady_clock::time_point start) const {
  const size_t status_class =
      writer.started() ? static_cast<size_t>(number_of(writer.status())) / 100 % kStatusClasses : 0;
  Histogram* latency = entry.latencies[status_class].load(std::memory_order_acquire);
  if (latency == nullptr) {
    latency = &metrics.latency("pacs_lite_http_request_seconds",
                               "Time from a request's head to the end of its answer",
                               {{"route", route},
                                {"method", std::string(to_string(entry.method))},
                                {"status", std::to_string(status_class) + "xx"}});
    entry.latencies[status_class].store(latency, std::memory_order_release);
  }
  latency->observe(std::chrono::duration<double>(clock.monotonic() - start).count());
}

Router::Router(Metrics& metrics, const Clock& clock)
    : state_(std::make_unique<State>(metrics, clock)) {}

Router::~Router() = default;

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  PACS_ASSERT(pattern.starts_with('/'));
  state_->add(state_->pattern_of(pattern, false), method, std::move(handler), options);
}

void Router::add_prefix(Method method, std::string_view prefix, Handler handler,
                        RouteOptions options) {
  PACS_ASSERT(prefix.starts_with('/') && prefix.ends_with('/'));
  state_->add(state_->pattern_of(prefix, true), method, std::move(handler), options);
}

void Router::mount(std::string_view root, std::string_view place) {
  PACS_ASSERT(root.starts_with('/') && !root.ends_with('/'));
  const std::string below = std::string(root) + "/";
  const size_t count = state_->patterns.size();
  for (size_t i = 0; i < count; ++i) {
    const State::Pattern& pattern = *state_->patterns[i];
    const auto& entry = pattern.entries[static_cast<size_t>(Method::get)];
    if (entry == nullptr || pattern.is_prefix || !pattern.text.starts_with(below)) continue;
    const Handler handler = entry->handler;
    const RouteOptions options = entry->options;
    add(Method::get, std::string(place) + pattern.text, handler, options);
  }
}

void Router::handle(Request& request, ResponseWriter& writer) const {
  const auto start = state_->clock.monotonic();
  State::Match match;
  if (request.raw_path != "*") {
    auto found = state_->find(request.raw_path);
    if (!found) {
      writer.send(problem(found.error(), request.request_id));
      return;
    }
    match = std::move(*found);
  }
  State::Entry* entry = nullptr;
  if (match.pattern != nullptr) {
    request.route = match.pattern->text;
    entry = match.pattern->entries[static_cast<size_t>(request.method)].get();
    if (entry == nullptr && request.method == Method::head) {
      entry = match.pattern->entries[static_cast<size_t>(Method::get)].get();
    }
  }
  if (entry == nullptr) {
    state_->answer_without_route(match, request, writer);
    return;
  }
  request.path_parameters = std::move(match.parameters);
  if (!match.pattern->is_prefix) {
    auto query = parse_query(request.raw_query);
    if (!query) {
      writer.send(problem(query.error(), request.request_id));
      return;
    }
    request.query = std::move(*query);
  }
  state_->run(*entry, request, writer);
  state_->observe(*entry, request.route, writer, start);
}

std::vector<Router::Route> Router::routes() const { return state_->routes; }

}  // namespace pacs::http
