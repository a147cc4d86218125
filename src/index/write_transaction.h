// What a write work sees: the writer's connection inside an open transaction, the audit chain, and
// the compressor with the archive's dictionary.
#pragma once

#include "core/result.h"
#include "index/audit_chain.h"
#include "index/metadata_codec.h"
#include "index/sqlite_connection.h"

namespace pacs::index {

class WriteTransaction {
 public:
  WriteTransaction(Connection& connection, AuditChain& chain, MetadataCodec& codec)
      : connection_(connection), chain_(chain), codec_(codec) {}

  [[nodiscard]] Connection& connection() { return connection_; }
  [[nodiscard]] MetadataCodec& codec() { return codec_; }
  [[nodiscard]] Result<void> audit(const AuditLine& line) {
    return chain_.append(connection_, line);
  }

 private:
  Connection& connection_;
  AuditChain& chain_;
  MetadataCodec& codec_;
};

}  // namespace pacs::index
