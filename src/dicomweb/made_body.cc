#include "dicomweb/made_body.h"

#include <algorithm>

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kEnough = "enough";

// Lets a window of what is written through, and stops the writer behind it.
class WindowSink final : public ByteSink {
 public:
  WindowSink(ByteSink& sink, uint64_t offset, uint64_t length)
      : sink_(sink), before_(offset), left_(length) {}

  Result<void> write(Bytes bytes) override {
    const auto skipped = static_cast<size_t>(std::min<uint64_t>(before_, bytes.size()));
    before_ -= skipped;
    bytes = bytes.subspan(skipped);
    bytes = bytes.first(static_cast<size_t>(std::min<uint64_t>(left_, bytes.size())));
    left_ -= bytes.size();
    if (!bytes.empty()) PACS_TRY(sink_.write(bytes));
    return left_ == 0 ? Result<void>(internal_error(kEnough, "the window is written"))
                      : Result<void>();
  }
  [[nodiscard]] bool is_full() const { return left_ == 0; }

 private:
  ByteSink& sink_;
  uint64_t before_;
  uint64_t left_;
};

}  // namespace

Result<void> MadeBody::write_to(ByteSink& sink, uint64_t offset, uint64_t length) {
  if (length == 0) return {};
  if (offset == 0 && length == size()) return instance_.write(sink);
  WindowSink window(sink, offset, length);
  Result<void> written = instance_.write(window);
  const bool is_stopped = !written && written.error().reason == kEnough && window.is_full();
  return is_stopped ? Result<void>() : written;
}

}  // namespace pacs::dicomweb
