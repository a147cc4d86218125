// Audit lines of what a principal does. Names of actions are stable words, noun first.
#pragma once

#include <string>
#include <string_view>

#include "access/principal.h"
#include "core/clock.h"
#include "index/audit_line.h"

namespace pacs::access {

namespace audit_action {
inline constexpr std::string_view kAuthenticate = "authenticate";  // refused ones alone
inline constexpr std::string_view kStudyRead = "study.read";
inline constexpr std::string_view kStudySearch = "study.search";
inline constexpr std::string_view kUrlMake = "url.make";
inline constexpr std::string_view kLinkCreate = "link.create";
inline constexpr std::string_view kLinkOpen = "link.open";
inline constexpr std::string_view kLinkPin = "link.pin";  // wrong ones alone
inline constexpr std::string_view kLinkRevoke = "link.revoke";
inline constexpr std::string_view kTokenCreate = "token.create";
inline constexpr std::string_view kTokenRevoke = "token.revoke";
}  // namespace audit_action

// Who acts when the server itself does.
inline constexpr std::string_view kSystemActor = "system";

[[nodiscard]] index::AuditLine audit_line(const Principal& principal, std::string_view action,
                                          std::string_view request_id, const Clock& clock);
[[nodiscard]] index::AuditLine system_audit_line(std::string_view action, const Clock& clock);

}  // namespace pacs::access
