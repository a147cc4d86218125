#include "dicomweb/made_body.h"

#include "dicomweb/window_sink.h"

namespace pacs::dicomweb {

Result<void> MadeBody::write_to(ByteSink& sink, uint64_t offset, uint64_t length) {
  WindowSink window(sink, offset, length);
  return window.finish(instance_.write(window));
}

}  // namespace pacs::dicomweb
