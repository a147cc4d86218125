#include "dicomweb/window_sink.h"

#include <algorithm>
#include <string_view>

namespace pacs::dicomweb {
namespace {
constexpr std::string_view kWindowIsWritten = "window_is_written";
}

Result<void> WindowSink::write(Bytes bytes) {
  const auto skipped = static_cast<size_t>(std::min<uint64_t>(before_, bytes.size()));
  before_ -= skipped;
  bytes = bytes.subspan(skipped);
  const bool is_more = bytes.size() > left_;
  bytes = bytes.first(static_cast<size_t>(std::min<uint64_t>(left_, bytes.size())));
  left_ -= bytes.size();
  if (!bytes.empty()) PACS_TRY(sink_.write(bytes));
  if (is_more) return internal_error(kWindowIsWritten, "nobody wants what is behind");
  return {};
}

Result<void> WindowSink::finish(Result<void> written) const {
  if (written && left_ > 0) return internal_error("too_short", "a body ended before its size");
  if (!written && left_ == 0 && written.error().reason == kWindowIsWritten) return {};
  return written;
}

}  // namespace pacs::dicomweb
