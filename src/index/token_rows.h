// The rows of tokens, for the nouns of this module that are made of them.
#pragma once

#include <optional>

#include "core/result.h"
#include "index/sqlite_connection.h"
#include "index/tokens.h"

namespace pacs::index {

class WriteTransaction;

// With its studies, where it is a share link's.
[[nodiscard]] Result<std::optional<TokenRecord>> find_token(Connection& connection, int64_t id);
// As Tokens::create().
[[nodiscard]] Result<TokenRecord> create_token(WriteTransaction& transaction,
                                               const TokenRequest& request, const AuditLine& line);

}  // namespace pacs::index
