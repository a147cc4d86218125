#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "access/jwt_key.h"
#include "cli/checks.h"
#include "cli/data_folder.h"
#include "core/crypto.h"
#include "core/setting_grammar.h"
#include "storage/signing_keys.h"

namespace pacs::cli {
namespace {

// False when the file is missing or somebody else's to read, which is said then.
bool is_closed_secret(const std::string& subject, const std::string& path, Findings& findings) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    findings.ok(subject, "not there yet; the first start makes it");
    return false;
  }
  const unsigned mode = status.st_mode & 07777;
  if ((mode & 0077) != 0) {
    findings.error(subject, path + " can be read by others, mode " + octal_mode_text(mode),
                   "run: chmod 600 " + path + "; if others may have read it, make a new one");
    return false;
  }
  if (::access(path.c_str(), R_OK) != 0) {
    findings.skipped(subject, path + " belongs to another user",
                     "run this check as the user of the server");
    return false;
  }
  return true;
}

void check_signing_keys(const DataPaths& paths, const Clock& clock, Findings& findings) {
  constexpr const char* kSubject = "URL signing keys";
  if (!is_closed_secret(kSubject, paths.signing_keys, findings)) return;
  SystemRandom random;
  const auto keys = storage::SigningKeys::open(paths.signing_keys, clock, random);
  if (!keys) {
    findings.error(kSubject, keys.error().detail,
                   "restore the file from a backup; without one move it away: a new key is made "
                   "and every link that was handed out stops working");
  } else {
    findings.ok(kSubject, std::to_string((*keys)->count()) + " in use, closed to others");
  }
}

// The private half makes receipts; whether it is whole is checked by every start.
void check_receipt_key(const DataPaths& paths, Findings& findings) {
  if (!is_closed_secret("receipt key", paths.receipt_key, findings)) return;
  findings.ok("receipt key", "closed to others; keep a copy, clients know its public half");
}

void check_admin_token(const DataPaths& paths, Findings& findings) {
  struct stat status = {};
  if (::stat(paths.admin_token.c_str(), &status) != 0) return;
  if (!is_closed_secret("administrator's token", paths.admin_token, findings)) return;
  findings.ok("administrator's token",
              "in " + paths.admin_token + "; delete that file once you have kept the token");
}

void check_jwt_keys(const Settings& settings, Findings& findings) {
  for (const JwtKeySetting& setting : settings.jwt_keys) {
    const auto key = access::JwtKey::load(setting);
    if (key) {
      findings.ok("JWT key", setting.algorithm + " of " + setting.issuer);
    } else {
      findings.error("JWT key", key.error().detail, "mend " + setting.key_file);
    }
  }
}

void check_tls(const Settings& settings, Findings& findings) {
  if (!settings.network.tls) return;
  const TlsSetting& tls = *settings.network.tls;
  for (const std::string& path : {tls.certificate_path, tls.key_path}) {
    if (::access(path.c_str(), R_OK) != 0) {
      findings.error("TLS", path + " cannot be read by this user",
                     "mend the path or the rights, or run this check as the user of the server");
      return;
    }
  }
  if (is_closed_secret("TLS key", tls.key_path, findings)) {
    findings.ok("TLS", tls.certificate_path);
  }
}

}  // namespace

void check_keys(const Settings& settings, const Clock& clock, Findings& findings) {
  const DataPaths paths(settings.data_folder);
  check_signing_keys(paths, clock, findings);
  check_receipt_key(paths, findings);
  check_admin_token(paths, findings);
  check_jwt_keys(settings, findings);
  check_tls(settings, findings);
}

}  // namespace pacs::cli
