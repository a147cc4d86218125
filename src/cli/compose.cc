#include "cli/compose.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "access/authenticator.h"
#include "access/background_work.h"
#include "access/gathered_audit.h"
#include "access/jwt_verifier.h"
#include "access/link_keys.h"
#include "access/receipts.h"
#include "access/scope_maker.h"
#include "access/share_links.h"
#include "access/token_issuer.h"
#include "access/token_verifier.h"
#include "archive/claims.h"
#include "archive/frame_gate.h"
#include "archive/guarded_clock.h"
#include "archive/ingest_transcoding.h"
#include "archive/offline_uploads.h"
#include "archive/remove.h"
#include "archive/rendering.h"
#include "archive/resumable_uploads.h"
#include "archive/retrieve.h"
#include "archive/store.h"
#include "archive/transcoded_copies.h"
#include "archive/transcoding.h"
#include "archive/verification.h"
#include "cli/archive_identity.h"
#include "cli/decode_frames.h"
#include "cli/ground.h"
#include "cli/object_store.h"
#include "cli/version.h"
#include "cli/viewer_folder.h"
#include "core/log.h"
#include "dicomweb/dicomweb_services.h"
#include "dicomweb/routes.h"
#include "edge/edge_services.h"
#include "http/router.h"
#include "index/archive_state.h"
#include "pixel/decoder_pool.h"
#include "rest/links.h"
#include "rest/rest_services.h"
#include "rest/routes.h"
#include "storage/media_url.h"
#include "storage/signing_keys.h"

namespace pacs::cli {
namespace {

// What a request may hold beside the image: the other parts of a form, and its boundaries.
constexpr uint64_t kBodyBytesBesideImage = 1024 * 1024;
// A step deletes a few dozen files, so that readers do not notice it.
constexpr std::chrono::milliseconds kPurgeInterval{1000};

index::PatientMismatch patient_mismatch(const Settings& settings) {
  return settings.patient_mismatch == PatientMismatch::accept ? index::PatientMismatch::accept
                                                              : index::PatientMismatch::refuse;
}

archive::StoreOptions store_options(const Settings& settings) {
  archive::StoreOptions options;
  options.image_bytes_max = settings.image_bytes_max;
  options.patient_mismatch = patient_mismatch(settings);
  options.refused_bytes = settings.refused_bytes == RefusedBytes::quarantine
                              ? archive::StoreOptions::RefusedBytes::quarantine
                              : archive::StoreOptions::RefusedBytes::drop;
  return options;
}

// A command's own server does what it was asked, and nothing on a schedule.
archive::VerificationOptions verification_options(const Settings& settings, Doors doors) {
  archive::VerificationOptions options;
  options.patient_mismatch = patient_mismatch(settings);
  if (doors == Doors::socket_only) return options;
  options.presence_interval = settings.verify.presence_interval;
  options.hashes_interval = settings.verify.hashes_interval;
  options.bytes_per_second_max = settings.verify.bytes_per_second_max;
  return options;
}

archive::RemoveOptions remove_options(const Settings& settings) {
  archive::RemoveOptions options;
  options.retention = settings.trash_retention;
  return options;
}

pixel::DecoderPoolOptions decoder_options(const DecoderSettings& settings) {
  pixel::DecoderPoolOptions options;
  options.processes_max = static_cast<size_t>(settings.processes_max);
  options.limits.memory_bytes = settings.memory_bytes;
  options.limits.seconds = static_cast<uint32_t>(settings.frame_time.count());
  options.command = decode_frames_command();
  return options;
}

std::string_view transfer_syntax_of(TranscodeTo to) {
  switch (to) {
    case TranscodeTo::htj2k:
      return "1.2.840.10008.1.2.4.202";  // lossless, RPCL
    case TranscodeTo::jpeg_2000:
      return "1.2.840.10008.1.2.4.90";
    case TranscodeTo::jpeg_ls:
      return "1.2.840.10008.1.2.4.80";
    case TranscodeTo::off:
      break;
  }
  return {};
}

using Copies = std::unique_ptr<archive::TranscodedCopies>;

// None when the rule is off: copies of a time when it was on are patients' images too, and go.
Result<Copies> open_copies(const Settings& settings, const std::string& folder, Doors doors) {
  if (doors == Doors::socket_only) return Copies();
  const TranscodeSettings& rule = settings.transcode;
  if (rule.to != TranscodeTo::off) {
    return archive::TranscodedCopies::open(folder, std::string(transfer_syntax_of(rule.to)),
                                           rule.size_bytes_max);
  }
  std::error_code problem;
  std::filesystem::remove_all(folder, problem);
  if (problem) log_warning("transcoded_copies_stay", {{"error", problem.message()}});
  return Copies();
}

archive::TranscodeFrom transcode_from(const Settings& settings) {
  return settings.transcode.what == TranscodeWhat::lossless ? archive::TranscodeFrom::lossless
                                                            : archive::TranscodeFrom::uncompressed;
}

rest::RestSettings rest_settings(const Settings& settings) {
  rest::RestSettings rest;
  rest.media_url = settings.media.url;
  rest.signed_urls = settings.media.signed_urls;
  rest.url_life = settings.media.url_life;
  rest.ohif_url = settings.viewer.ohif_url;
  rest.viewer_folder = viewer_folder(settings);
  rest.frame_ancestors = settings.viewer.frame_ancestors;
  rest.image_bytes_max = settings.image_bytes_max;
  rest.version = kVersion;
  return rest;
}

http::ServerOptions server_options(const ProgramSettings& program, const std::string& socket,
                                   Doors doors) {
  http::ServerOptions options = program.server_options();
  if (doors == Doors::socket_only) options.listen.clear();
  options.unix_socket_path = socket;
  // Each route has a limit of its own; the largest is that of a store of many images.
  options.limits.body_bytes_max = std::max(
      program.as_read().image_bytes_max + kBodyBytesBesideImage, dicomweb::kStoreRequestBytesMax);
  return options;
}

std::vector<std::string> urls_of(const Settings& settings, const http::Server& server) {
  std::vector<std::string> urls;
  for (size_t i = 0; i < server.ports().size(); ++i) {
    const std::string& host = settings.network.listen[i].host;
    const bool is_ipv6 = host.find(':') != std::string::npos;
    urls.push_back(std::string(settings.network.tls ? "https://" : "http://") +
                   (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(server.ports()[i]));
  }
  return urls;
}

archive::ResumableOptions resumable_options(const Settings& settings) {
  archive::ResumableOptions options;
  options.upload_bytes_max = settings.image_bytes_max;
  options.checkpoints.life = settings.upload_life;
  return options;
}

// What a crash left in staging goes, but for the bytes of uploads that can be resumed.
Result<void> clean_staging(archive::ResumableUploadService& uploads) {
  const uint64_t removed = PACS_TRY(uploads.settle_staging());
  if (removed > 0) log_info("staging_cleaned", {{"files", removed}});
  return {};
}

// Few are ever over, and none is in a hurry to go.
constexpr std::chrono::milliseconds kExpiryInterval{10'000};

void expire(archive::ResumableUploadService& uploads) {
  const auto expired = uploads.expire();
  if (!expired) {
    log_warning("upload_expiry_failed", {{"error", to_string(expired.error())}});
  } else if (*expired > 0) {
    log_info("uploads_expired", {{"uploads", *expired}});
  }
}

// The secrets and keys that are read from files.
struct Keys {
  std::unique_ptr<storage::SigningKeys> signing_keys;
  storage::MediaUrl media_url;
  storage::MediaUrl thumbnail_url;
  access::ReceiptSigner receipts;
  std::vector<access::JwtKey> jwt_keys;
};

Result<Keys> open_keys(const Settings& settings, const std::string& archive_id, Ground& ground) {
  const DataPaths& paths = ground.folder.paths();
  auto signing_keys =
      PACS_TRY(storage::SigningKeys::open(paths.signing_keys, ground.clock, ground.random));
  auto media_url =
      PACS_TRY(storage::MediaUrl::create(settings.media.url, *signing_keys, ground.clock));
  auto thumbnail_url = PACS_TRY(
      storage::MediaUrl::create(std::string(rest::kThumbnails), *signing_keys, ground.clock));
  auto receipts = PACS_TRY(access::ReceiptSigner::open(paths.folder, archive_id, ground.random));
  auto jwt_keys = PACS_TRY(access::JwtKey::load_all(settings.jwt_keys));
  return Keys{std::move(signing_keys), std::move(media_url), std::move(thumbnail_url),
              std::move(receipts), std::move(jwt_keys)};
}

// Share links are signed with the keys of media URLs, and end with them.
access::LinkKeys link_keys(const storage::SigningKeys& keys) {
  using Key = access::LinkKeys::Key;
  return {[&keys] {
            storage::SigningKey key = keys.current();
            return Key{std::move(key.id), std::move(key.secret)};
          },
          [&keys](std::string_view id) -> std::optional<Key> {
            auto key = keys.find_valid(id);
            if (!key) return std::nullopt;
            return Key{std::move(key->id), std::move(key->secret)};
          }};
}

struct Access {
  access::TokenVerifier verifier;
  access::TokenIssuer issuer;
  access::ShareLinks share_links;
  access::JwtVerifier jwts;
  access::GatheredAudit audit;
  access::Authenticator authenticator;
  access::BackgroundWork background;  // the last, so that it ends before what it works on

  Access(Ground& ground, std::vector<access::JwtKey> jwt_keys, access::LinkKeys keys)
      : verifier(*ground.database, ground.clock),
        issuer(*ground.database, verifier, ground.clock, ground.random),
        share_links(*ground.database, verifier, ground.clock, ground.random, std::move(keys)),
        jwts(std::move(jwt_keys), ground.clock),
        audit(*ground.database, ground.clock),
        authenticator({verifier, share_links, jwts, audit, ground.clock}, ::geteuid()),
        background([this] {
          if (const Result<void> flushed = audit.flush(); !flushed) {
            log_error("audit_flush_failed", {{"error", to_string(flushed.error())}});
          }
          verifier.write_uses();
        }) {}
};

std::string write_receipt(const access::ReceiptSigner& signer,
                          const archive::ReceiptFields& fields) {
  return signer.to_json({fields.image_uuid, fields.image_uid, fields.sha256, fields.file_size,
                         fields.file_key, signer.archive_id(), fields.stored_at});
}

struct UseCases {
  archive::Claims claims;
  archive::GuardedClock clock;
  archive::Room room;
  archive::StoreService store;
  archive::RetrieveService retrieve;
  archive::RemoveService remove;
  pixel::DecoderPool decoder;
  archive::FrameGate frame_gate;
  archive::RenderingService rendering;
  Copies copies;
  archive::TranscodingService transcoding;
  archive::OfflineUploadService offline_uploads;
  archive::ResumableUploadService resumable_uploads;
  // The last two, so that they end before what they work on.
  archive::Verification verification;
  std::optional<archive::IngestTranscoding> ingest_transcoding;

  UseCases(Ground& ground, const access::ReceiptSigner& signer, Copies the_copies,
           const Settings& settings, Doors doors)
      : clock(ground.clock, *ground.database, ground.metrics),
        room(*ground.stores, ground.folder.paths().folder, settings.free_bytes_min, ground.clock,
             ground.metrics),
        store(*ground.stores, *ground.database, claims, room, access::ScopeMaker::of_server(),
              ground.clock, ground.metrics, store_options(settings)),
        retrieve(*ground.stores, *ground.database, ground.clock, ground.metrics),
        remove(*ground.stores, *ground.database, claims, access::ScopeMaker::of_server(), clock,
               remove_options(settings)),
        decoder(decoder_options(settings.decoder), ground.metrics),
        rendering(retrieve, *ground.database, decoder, frame_gate),
        copies(std::move(the_copies)),
        transcoding(retrieve, decoder, frame_gate, copies.get()),
        offline_uploads(
            store, *ground.database, room, access::ScopeMaker::of_server(), ground.clock,
            [&signer](const archive::ReceiptFields& fields) {
              return write_receipt(signer, fields);
            },
            patient_mismatch(settings)),
        resumable_uploads(store, offline_uploads, *ground.stores, *ground.database, room,
                          access::ScopeMaker::of_server(), clock, ground.random, ground.metrics,
                          resumable_options(settings)),
        verification({*ground.stores, *ground.database, claims, retrieve.readings(), ground.clock,
                      ground.metrics},
                     access::ScopeMaker::of_server(), verification_options(settings, doors)) {
    if (!copies) return;
    ingest_transcoding.emplace(
        archive::IngestTranscodingParts{transcoding, *copies, *ground.database, ground.clock,
                                        ground.metrics},
        access::ScopeMaker::of_server(), transcode_from(settings), settings.free_bytes_min);
  }
};

void remember_time(archive::GuardedClock& clock) {
  if (const Result<void> written = clock.remember(); !written) {
    log_warning("clock_not_remembered", {{"error", to_string(written.error())}});
  }
}

// One step of the purge in the background, and what a cut removal or a full disk has left over.
void tend_trash(archive::RemoveService& remove) {
  if (const Result<void> settled = remove.settle(); !settled) {
    log_error("tombstones_unsettled", {{"error", to_string(settled.error())}});
  }
  const Result<archive::PurgeOutcome> purged = remove.purge_some();
  if (!purged) {
    log_error("purge_failed", {{"error", to_string(purged.error())}});
  } else if (purged->images > 0) {
    log_info("purged", {{"images", purged->images}, {"size_bytes", purged->size_bytes}});
  }
}

}  // namespace

struct Composition::Parts {
  std::unique_ptr<Ground> ground;
  Keys keys;
  Access access;
  UseCases use_cases;
  std::unique_ptr<storage::UrlSigner> object_url_signer;  // none on the filesystem
  edge::EdgeServices edge_services;
  rest::RestServices services;
  dicomweb::DicomwebServices dicomweb_services;
  http::Router router;
  std::optional<SocketPath> socket;
  std::unique_ptr<http::Server> server;
  std::vector<std::string> urls;
  std::optional<access::BackgroundWork> trash;  // the last two end before all they use
  std::optional<access::BackgroundWork> expiry;

  Parts(std::unique_ptr<Ground> the_ground, Keys the_keys,
        std::unique_ptr<storage::UrlSigner> the_object_url_signer, Copies copies,
        const Settings& settings, Doors doors)
      : ground(std::move(the_ground)),
        keys(std::move(the_keys)),
        access(*ground, std::move(keys.jwt_keys), link_keys(*keys.signing_keys)),
        use_cases(*ground, keys.receipts, std::move(copies), settings, doors),
        object_url_signer(std::move(the_object_url_signer)),
        edge_services{access.authenticator,
                      access.audit,
                      ground->clock,
                      *keys.signing_keys,
                      settings.network.public_url,
                      settings.network.proxy_user_header,
                      settings.network.proxy_roles_header},
        services{edge_services,
                 use_cases.store,
                 use_cases.offline_uploads,
                 use_cases.resumable_uploads,
                 use_cases.retrieve,
                 use_cases.remove,
                 use_cases.rendering,
                 use_cases.verification,
                 *ground->stores,
                 use_cases.room,
                 *ground->database,
                 access.issuer,
                 access.share_links,
                 keys.receipts,
                 *keys.signing_keys,
                 object_url_signer ? *object_url_signer : keys.media_url,
                 keys.media_url,
                 keys.thumbnail_url,
                 access::ScopeMaker::of_server(),
                 ground->metrics,
                 ground->clock,
                 rest_settings(settings)},
        dicomweb_services{edge_services,
                          use_cases.store,
                          use_cases.retrieve,
                          use_cases.remove,
                          use_cases.rendering,
                          use_cases.transcoding,
                          *ground->database,
                          ground->metrics,
                          {.image_bytes_max = settings.image_bytes_max,
                           .pseudonym_secret = keys.receipts.secret_for("pseudonyms")}},
        router(ground->metrics, ground->clock) {
    rest::register_routes(router, services);
    dicomweb::register_routes(router, dicomweb_services);
    router.mount(dicomweb::kRoot, rest::kShareRoot);
  }

  // A command that works without a server purges nothing that it was not asked to.
  void tend_trash_from_now_on(Doors doors) {
    if (const Result<void> settled = use_cases.remove.settle(); !settled) {
      log_error("tombstones_unsettled", {{"error", to_string(settled.error())}});
    }
    if (doors == Doors::socket_only) return;
    remember_time(use_cases.clock);
    trash.emplace(
        [this] {
          remember_time(use_cases.clock);
          tend_trash(use_cases.remove);
        },
        kPurgeInterval);
  }

  Result<void> listen(const ProgramSettings& program, Doors doors) {
    socket = PACS_TRY(SocketPath::of(ground->folder.paths().socket));
    server = PACS_TRY(http::Server::create(
        server_options(program, socket->text(), doors),
        [this](http::Request& request, http::ResponseWriter& writer) {
          router.handle(request, writer);
        },
        ground->clock, ground->random, ground->metrics));
    if (doors == Doors::socket_only) return {};
    expiry.emplace([this] { expire(use_cases.resumable_uploads); }, kExpiryInterval);
    urls = urls_of(program.as_read(), *server);
    return ground->folder.announce(urls.front());
  }
};

Composition::Composition(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Composition::~Composition() = default;

Result<std::unique_ptr<Composition>> Composition::create(const ProgramSettings& program,
                                                         Doors doors) {
  const Settings& settings = program.as_read();
  std::unique_ptr<Ground> ground = PACS_TRY(Ground::open(program));
  storage::BlobStore& store = ground->stores->primary();
  index::ArchiveState state(*ground->database);
  const std::string archive_id =
      PACS_TRY(settle_archive_id(store, state, ground->clock, ground->random));
  Keys keys = PACS_TRY(open_keys(settings, archive_id, *ground));
  std::unique_ptr<storage::UrlSigner> signer;
  if (uses_object_store(settings)) {
    signer = PACS_TRY(
        make_object_url_signer(settings, *ground->credentials, ground->clock, ground->random));
  }
  Copies copies = PACS_TRY(open_copies(settings, ground->folder.paths().transcoded, doors));
  auto parts = std::make_unique<Parts>(std::move(ground), std::move(keys), std::move(signer),
                                       std::move(copies), settings, doors);
  PACS_TRY(parts->use_cases.clock.begin());
  PACS_TRY(clean_staging(parts->use_cases.resumable_uploads));
  parts->tend_trash_from_now_on(doors);
  PACS_TRY(parts->listen(program, doors));
  return std::unique_ptr<Composition>(new Composition(std::move(parts)));
}

http::Server& Composition::server() { return *parts_->server; }

const std::vector<std::string>& Composition::urls() const { return parts_->urls; }

const std::string& Composition::archive_id() const { return parts_->keys.receipts.archive_id(); }

const DataPaths& Composition::paths() const { return parts_->ground->folder.paths(); }

Result<std::optional<std::string>> Composition::make_first_token() {
  return parts_->access.issuer.make_first(paths().folder);
}

bool Composition::must_restart() const {
  return parts_->ground->stores->primary().is_poisoned() ||
         parts_->ground->database->must_restart();
}

}  // namespace pacs::cli
