// Any part of an instance that is made while it is sent: what is before and behind the part is made
// and thrown away.
#pragma once

#include "archive/made_instance.h"
#include "http/ranged_body.h"

namespace pacs::dicomweb {

class MadeBody final : public http::RangedBody {
 public:
  // The instance outlives this.
  explicit MadeBody(archive::MadeInstance& instance) : instance_(instance) {}
  [[nodiscard]] uint64_t size() const override { return instance_.size_bytes(); }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override;

 private:
  archive::MadeInstance& instance_;
};

}  // namespace pacs::dicomweb
