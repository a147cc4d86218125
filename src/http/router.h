// Finds the handler of a path and a method, and measures what it does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/metrics.h"
#include "http/handler.h"

namespace pacs::http {

struct RouteOptions {
  // Largest body; the router's default when absent.
  std::optional<uint64_t> body_bytes_max;
};

// Routes are added before the first request; after that any thread may call handle().
class Router {
 public:
  // 1 MB: enough for every JSON request, too little to fill a memory.
  static constexpr uint64_t kBodyBytesMaxDefault = 1024 * 1024;

  Router(Metrics& metrics, const Clock& clock);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // "/api/v1/radiology/studies/{id}/": a `{name}` stands for one segment that is not empty. A
  // slash at the end is optional on both sides; a literal segment wins over a `{name}`. Adding one
  // pattern and method twice is a bug and asserts. GET serves HEAD too.
  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

  // Everything below a prefix that ends in a slash ("/media/"). The handler reads raw_path and
  // raw_query itself: nothing is decoded for it, since a signature covers the exact bytes.
  void add_prefix(Method method, std::string_view prefix, Handler handler,
                  RouteOptions options = {});

  // What answers GET below `root` ("/dicom-web") so far answers it below `place` + `root` as well,
  // with the parameters that `place` has: "/share/{share}".
  void mount(std::string_view root, std::string_view place);

  // Answers in any case: 404, 405 with Allow, OPTIONS, 400 for a path or query that cannot be
  // decoded or has "." and ".." segments, 413 for a declared length above the route's limit.
  void handle(Request& request, ResponseWriter& writer) const;

  struct Route {
    Method method;
    std::string pattern;
    bool is_prefix;
  };
  // In the order in which they were added.
  [[nodiscard]] std::vector<Route> routes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs::http
