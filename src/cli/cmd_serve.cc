// `pacs-lite serve`: the server, from its settings to its last request.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <sys/resource.h>

#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/program_settings.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "core/log.h"

namespace pacs::cli {
namespace {

// Connections and files each need a descriptor; the soft limit is low for the sake of select(2),
// which nothing here uses.
void raise_descriptor_limit() {
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

void reload(const Settings& settings, Composition& archive) {
  if (!settings.network.tls) return;
  const Result<void> reloaded = archive.server().reload_tls();
  if (reloaded) log_info("tls_reloaded");  // the server has logged why where it could not
}

// A failed fsync: what the kernel holds is not what the disk will have. Whoever started us
// (systemd, a container's restart policy) starts us anew.
void stop_when_poisoned(Composition& archive, bool& is_stopping) {
  if (is_stopping || !archive.must_restart()) return;
  is_stopping = true;
  log_error("restart_required", {{"why", "a write to the disk failed"}});
  archive.server().stop();
}

void print_ready(const Composition& archive, const std::optional<std::string>& first_token) {
  if (first_token) {
    print_line("Administrator's token, shown this once and kept in " + archive.paths().admin_token +
               ":\n  " + *first_token);
  }
  std::string line = std::string("pacs-lite ") + kVersion + " is ready at";
  for (const std::string& url : archive.urls()) line += " " + url;
  print_line(line);
  std::fflush(stdout);
  log_info("ready", {{"version", kVersion}, {"archive_id", archive.archive_id()}});
}

ExitCode serve(const ProgramSettings& program) {
  const Settings* settings = program.checked();
  if (settings == nullptr) return ExitCode::usage;
  configure_log(settings->log_level, settings->log_format);
  raise_descriptor_limit();
  const Result<BlockedSignals> signals = BlockedSignals::block();
  if (!signals) return explain(signals.error());

  const auto archive = Composition::create(program, Doors::network_and_socket);
  if (!archive) return explain(archive.error());
  Composition& composed = **archive;
  const auto first_token = composed.make_first_token();
  if (!first_token) return explain(first_token.error());

  bool is_stopping = false;  // of the signals' thread
  const SignalThread signal_thread(
      *signals, {[&] { composed.server().stop(); }, [&] { reload(*settings, composed); },
                 [&] { stop_when_poisoned(composed, is_stopping); }});
  print_ready(composed, *first_token);
  composed.server().run();
  log_info("stopped");
  return composed.must_restart() ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

Command serve_command() {
  Command command;
  command.name = "serve";
  command.summary = "Run the server";
  command.description =
      "Owns the data folder until it ends. The first start makes the archive and prints an\n"
      "administrator's token. SIGTERM and SIGINT let requests in flight finish; a second one ends\n"
      "at once, and loses nothing that was acknowledged. SIGHUP reads the TLS certificate again.\n"
      "Exit code 2 when a setting is wrong: each is named on a line of its own.";
  command.examples = {
      "pacs-lite serve                                     # 127.0.0.1:8042, ./data",
      "pacs-lite serve --data /srv/pacs --media-root /srv/media",
      "pacs-lite serve --listen 0.0.0.0:8443 --tls-certificate cert.pem --tls-key key.pem",
      "pacs-lite serve --listen 10.0.0.5:8042 --trusted-proxies 10.0.0.2",
  };
  command.run = [](ProgramSettings& program) { return serve(program); };
  return command;
}

}  // namespace pacs::cli
