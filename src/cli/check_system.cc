#include <algorithm>
#include <string>

#include <sys/resource.h>
#include <sys/timex.h>

#include "cli/checks.h"
#include "cli/console.h"

namespace pacs::cli {
namespace {

// 2026-01-01T00:00:00Z: this program is younger, so a clock before it is wrong.
constexpr UnixMillis kNotBefore = 1'767'225'600'000;
constexpr UnixMillis kNotAfter = 4'102'444'800'000;  // 2100-01-01T00:00:00Z
// Files, the index, the workers' own: beside the connections.
constexpr uint64_t kDescriptorsBeside = 1024;

}  // namespace

void check_settings(const SettingProblems& problems, Findings& findings) {
  for (const SettingProblem& problem : problems.all()) {
    const std::string remedy = "mend it; `pacs-lite config` shows where each setting comes from";
    if (problem.severity == SettingProblem::Severity::error) {
      findings.error(problem.name, problem.text, remedy);
    } else {
      findings.warning(problem.name, problem.text, remedy);
    }
  }
  if (problems.all().empty()) findings.ok("settings", "nothing misspelt, nothing contradictory");
}

void check_clock(const Clock& clock, Findings& findings) {
  const UnixMillis now = clock.now();
  const std::string remedy =
      "run an NTP client (systemd-timesyncd or chrony): links and tokens expire by this clock";
  if (now < kNotBefore || now > kNotAfter) {
    findings.error("clock", "says " + to_rfc3339(now) + ", which cannot be", remedy);
    return;
  }
  struct timex kernel = {};  // modes 0: asks and sets nothing
  const int state = ::adjtimex(&kernel);
  if (state < 0 || (kernel.status & STA_UNSYNC) != 0) {
    findings.warning("clock", "says " + to_rfc3339(now) + "; the kernel calls it unsynchronised",
                     remedy);
  } else {
    findings.ok("clock", to_rfc3339(now) + ", synchronised");
  }
}

void check_limits(const Settings& settings, Findings& findings) {
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const uint64_t needed = settings.network.connections_max + kDescriptorsBeside;
  // The server raises its own soft limit up to the hard one.
  const std::string text = "up to " + std::to_string(limit.rlim_max) + " open files for " +
                           std::to_string(settings.network.connections_max) + " connections";
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed) {
    findings.warning("open files", text,
                     "set LimitNOFILE=" + std::to_string(needed) +
                         " in the service, or lower PACS_LITE_MAX_CONNECTIONS");
  } else {
    findings.ok("open files", text);
  }
}

}  // namespace pacs::cli
