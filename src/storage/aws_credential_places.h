// Where AWS's own tools look for credentials when no setting names them: the shared profile, a web
// identity, the container, the instance, in this order.
//   https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "storage/aws_credentials.h"

namespace pacs::storage {

// A variable of the environment; empty where it is not set.
using EnvironmentLookup = std::function<std::string(const char* name)>;

// Each tells nothing where its place is not in use on this machine, and an error where it is and
// gives none. They take at most a few seconds.

// AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials; the section AWS_PROFILE, else "default".
[[nodiscard]] Result<std::optional<AwsCredentials>> find_shared_profile(
    const EnvironmentLookup& environment);
// AWS_WEB_IDENTITY_TOKEN_FILE, read anew each time, and AWS_ROLE_ARN, by STS in `region`.
[[nodiscard]] Result<std::optional<AwsCredentials>> find_web_identity(
    const EnvironmentLookup& environment, const std::string& region);
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI.
[[nodiscard]] Result<std::optional<AwsCredentials>> find_container_credentials(
    const EnvironmentLookup& environment);
// The instance's metadata, version 2 (with a token of its own).
[[nodiscard]] Result<std::optional<AwsCredentials>> find_instance_credentials(
    const EnvironmentLookup& environment);

// --- what they answer, read ----------------------------------------------------------------------

// {"AccessKeyId": …, "SecretAccessKey": …, "Token": …, "Expiration": …}, of containers and
// instances. Errors: those of JsonValue::parse, `unavailable` (reason "no_credentials").
[[nodiscard]] Result<std::optional<AwsCredentials>> parse_lent_credentials(
    const std::string& json_text);
// What AssumeRoleWithWebIdentity answers. `unavailable` (reason "no_credentials").
[[nodiscard]] Result<std::optional<AwsCredentials>> parse_web_identity_answer(std::string_view xml);
// A section of an INI file; nothing where it has no whole credentials.
[[nodiscard]] std::optional<AwsCredentials> parse_shared_profile(std::string_view text,
                                                                 std::string_view profile);

// The first of them that has any. `unavailable` (reason "no_credentials") where none has.
[[nodiscard]] Result<AwsCredentials> find_credentials(const EnvironmentLookup& environment,
                                                      const std::string& region);

}  // namespace pacs::storage
