#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/checks.h"
#include "cli/object_store.h"
#include "core/object_key.h"
#include "http/uri.h"
#include "storage/s3_address.h"
#include "storage/s3_objects.h"
#include "storage/s3_writer.h"

namespace pacs::cli {
namespace {

// Beyond 15 minutes stores refuse; long before that links live shorter than they say.
constexpr std::chrono::seconds kClockOffMax{60};
constexpr UnixMillis kLinkLifeMillis = 60'000;

std::string remedy_of(const Error& error) {
  if (error.reason == "no_such_bucket") {
    return "make it (`pacs-lite check --create-bucket`), or mend AWS_STORAGE_BUCKET_NAME and the "
           "endpoint";
  }
  if (error.code == ErrorCode::permission_denied) {
    return "mend the credentials, or the policy of the bucket: s3:ListBucket and "
           "s3:ListBucketMultipartUploads on it, s3:GetObject, s3:PutObject, s3:DeleteObject and "
           "s3:AbortMultipartUpload on what is in it";
  }
  if (error.reason == "not_encrypted") {
    return "take a store that encrypts, or take ServerSideEncryption out of "
           "AWS_S3_OBJECT_PARAMETERS";
  }
  if (error.reason == "no_credentials") return "set the credentials of the store";
  return "is the store running, and does the endpoint name it?";
}

class ObjectStoreCheck {
 public:
  ObjectStoreCheck(const Settings& settings, const Clock& clock, Findings& findings)
      : settings_(settings),
        clock_(clock),
        findings_(findings),
        credentials_(make_credentials(settings, clock)),
        client_(settings.s3, {}, *credentials_, clock, random_),
        objects_(client_),
        writer_(client_, objects_, settings.s3.object_parameters, {}, random_) {}

  void run(MissingBucket missing_bucket) {
    if (!check_bucket(missing_bucket)) return;
    check_list();
    check_write();
    check_clocks();
    check_links();
    check_cors();
  }

 private:
  void report(const std::string& subject, const Error& error) {
    findings_.error(subject, error.detail, remedy_of(error));
  }

  bool check_bucket(MissingBucket missing_bucket) {
    Result<void> found = objects_.find_bucket();
    const std::string name = settings_.s3.bucket + " at " +
                             storage::address_of_bucket(settings_.s3, settings_.s3.region).origin();
    if (!found && found.error().reason == "no_such_bucket" &&
        missing_bucket == MissingBucket::create) {
      found = objects_.create_bucket();
      if (found) {
        findings_.ok("bucket", name + " was made");
        return true;
      }
    }
    if (!found) {
      findings_.error("bucket", name + ": " + found.error().detail, remedy_of(found.error()));
      return false;
    }
    if (client_.region() != settings_.s3.region) {
      findings_.warning("bucket", name + " is in the region " + client_.region(),
                        "set AWS_S3_REGION_NAME to it: every start asks the wrong one first");
    } else {
      findings_.ok("bucket", name);
    }
    return true;
  }

  void check_list() {
    const Result<void> listed =
        objects_.list("radiology/", "", [](const storage::S3Listed&) { return false; });
    if (!listed) return report("bucket list", listed.error());
    findings_.ok("bucket list", "can be listed");
  }

  // A store that cannot encrypt refuses what asks for it; the credentials are not to blame.
  void report_refused_write(const std::string& subject, const Error& error) {
    storage::S3Writer plain(client_, objects_, {}, {}, random_);
    const bool has_parameters = settings_.s3.object_parameters != S3ObjectParameters();
    if (!has_parameters || !plain.put_text(".pacs-lite/check", "check", "text/plain",
                                           storage::S3Writer::Condition::none)) {
      return report(subject, error);
    }
    static_cast<void>(objects_.remove(".pacs-lite/check"));
    findings_.error(subject, error.detail,
                    "the store takes the same without AWS_S3_OBJECT_PARAMETERS: take one that "
                    "knows what they ask for, or take it out of them");
  }

  // Large images go up in parts, and what a crash leaves of these is found and ended.
  void check_parts() {
    constexpr const char* kSubject = "uploads in parts";
    storage::S3Request begin;
    begin.method = "POST";
    begin.key = ".pacs-lite/check-parts";
    begin.query = {{"uploads", ""}};
    const auto begun = storage::expect_success(client_.send(begin));
    if (!begun) return report(kSubject, begun.error());
    // By the store's clock, which may be ahead.
    const UnixMillis later =
        clock_.now() + std::chrono::milliseconds(storage::kUploadAgeMin).count();
    const auto aborted = objects_.abort_uploads(begin.key, later);
    if (!aborted) return report(kSubject, aborted.error());
    if (*aborted == 0) {
      return findings_.warning(kSubject, "the store does not list those that were not ended",
                               "let a rule of the bucket end them after a few days "
                               "(AbortIncompleteMultipartUpload)");
    }
    findings_.ok(kSubject, "can be begun, listed and ended");
  }

  void check_write() {
    constexpr const char* kSubject = "bucket rights";
    const Result<std::string> written = writer_.put_text(".pacs-lite/check", "check", "text/plain",
                                                         storage::S3Writer::Condition::none);
    if (!written) return report_refused_write(kSubject, written.error());
    const auto read = objects_.read_text(".pacs-lite/check");
    if (!read) return report(kSubject, read.error());
    if (*read != "check") {
      return findings_.error(kSubject, "what was written is not what is read",
                             "is there a cache between this server and the store?");
    }
    if (const Result<void> removed = objects_.remove(".pacs-lite/check"); !removed) {
      return report(kSubject, removed.error());
    }
    if (const Result<void> probed = writer_.probe(); !probed)
      return report(kSubject, probed.error());
    findings_.ok(kSubject, "objects can be written, read and removed");
    check_parts();
    if (!settings_.s3.object_parameters.server_side_encryption.empty()) {
      findings_.ok("encryption", "confirmed by the store");
    }
    if (writer_.creates_conditionally()) {
      findings_.ok("conditional create", "the store refuses to overwrite (If-None-Match)");
    } else {
      findings_.warning("conditional create",
                        "the store has no If-None-Match: only this server keeps images from being "
                        "overwritten",
                        "let nothing else write below radiology/ in this bucket");
    }
  }

  void check_clocks() {
    const auto ahead = client_.clock_ahead();
    if (!ahead) return findings_.skipped("clock of the store", "it does not tell the time");
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*ahead).count();
    const std::string off = std::to_string(seconds) + " s ahead of this machine";
    if (std::chrono::abs(*ahead) > kClockOffMax) {
      findings_.error("clock of the store", off,
                      "let both machines keep time (NTP): links end by the store's clock");
    } else {
      findings_.ok("clock of the store", off);
    }
  }

  [[nodiscard]] std::string remedy_of_links() const {
    if (!settings_.s3.cloudfront_key_id.empty()) {
      return "the distribution of AWS_S3_CUSTOM_DOMAIN must have the bucket as its origin and "
             "trust "
             "a key group with the public key of AWS_CLOUDFRONT_KEY_ID";
    }
    if (!settings_.s3.custom_domain.empty()) {
      return "AWS_S3_CUSTOM_DOMAIN must reach the bucket with Host and path unchanged; for "
             "CloudFront set AWS_CLOUDFRONT_KEY_ID and AWS_CLOUDFRONT_KEY";
    }
    return "the endpoint, or the public one, must reach the store with Host and path unchanged, "
           "also from where the browsers are";
  }

  [[nodiscard]] std::optional<ObjectKey> find_stored_key() const {
    std::optional<ObjectKey> found;
    const auto look = [&](const storage::S3Listed& listed) {
      if (const auto key = ObjectKey::parse(listed.key)) found = *key;
      return !found;
    };
    if (!objects_.list("radiology/", "", look)) return std::nullopt;
    return found;
  }

  // With a link of a stored image, as browsers have it; then without its signature, as anybody has.
  void check_links() {
    constexpr const char* kSubject = "links to the bucket";
    const std::optional<ObjectKey> key = find_stored_key();
    if (!key) {
      return findings_.skipped(kSubject,
                               "no image is stored yet: `pacs-lite test-storage` has one");
    }
    const auto signer = make_object_url_signer(settings_, *credentials_, clock_, random_);
    if (!signer) return report(kSubject, signer.error());
    const auto url = (*signer)->sign(*key, clock_.now() + kLinkLifeMillis);
    if (!url) return report(kSubject, url.error());
    const std::string bare = url->substr(0, url->find('?'));
    const std::string origin = bare.substr(0, bare.find('/', bare.find("://") + 3));
    http::Headers first_byte;
    first_byte.set("Range", "bytes=0-0");
    if (settings_.media.signed_urls == SignedUrls::token_required) {
      findings_.skipped(kSubject, "RADIOLOGY_SIGNED_URLS is false: none is given out");
    } else if (const auto opened = follow_link(settings_, *url, first_byte); !opened) {
      findings_.error(kSubject, "a link on " + origin + " does not open: " + opened.error().detail,
                      remedy_of_links());
    } else {
      findings_.ok(kSubject, "open at " + origin);
    }
    check_privacy(bare, first_byte);
    const storage::S3Address own = storage::address_of_bucket(settings_.s3, client_.region());
    const std::string behind = own.origin() + http::percent_encode_path(own.path_of(key->str()));
    if (behind != bare) check_privacy(behind, first_byte);
  }

  // What stands before a bucket may ask for signatures, and the bucket itself may not.
  void check_privacy(const std::string& bare, const http::Headers& first_byte) {
    constexpr const char* kSubject = "privacy of the bucket";
    const std::string origin = bare.substr(0, bare.find('/', bare.find("://") + 3));
    const auto given = follow_link(settings_, bare, first_byte);
    if (given) {
      findings_.error(kSubject, "anybody can fetch images at " + origin + " without a signature",
                      "take public access away from the bucket and what stands before it");
    } else if (is_refusal(given.error())) {
      findings_.ok(kSubject, "nothing is given out without a signature at " + origin);
    } else {
      findings_.skipped(kSubject, origin + ": " + given.error().detail);
    }
  }

  // Where pages come from that fetch images from the store by their links.
  [[nodiscard]] std::vector<std::string> foreign_origins() const {
    std::vector<std::string> origins = settings_.network.cors_allowed_origins;
    const std::string& viewer = settings_.viewer.ohif_url;
    if (!viewer.empty())
      origins.push_back(viewer.substr(0, viewer.find('/', viewer.find("://") + 3)));
    return origins;
  }

  // Asks as a browser does before it fetches a range of an image (a preflight), and not for the
  // rules: some stores have none and allow it, and of others only one rule counts.
  void check_cors() {
    constexpr const char* kSubject = "CORS of the bucket";
    const std::vector<std::string> origins = foreign_origins();
    if (origins.empty()) {
      return findings_.skipped(kSubject, "no viewer of another origin is configured");
    }
    const storage::S3Address address =
        storage::public_address_of_bucket(settings_.s3, client_.region());
    const std::string url =
        address.origin() +
        http::percent_encode_path(address.path_of("radiology/1/1/1/preflight.dcm"));
    for (const std::string& origin : origins) {
      const auto allowed = ask_for_leave(settings_, url, origin);
      if (!allowed)
        return findings_.skipped(kSubject, "the store does not tell: " + allowed.error().detail);
      if (!*allowed) {
        return findings_.warning(kSubject,
                                 "pages of " + origin + " cannot fetch images from the store",
                                 "allow GET and HEAD for this origin, with the header Range");
      }
    }
    findings_.ok(kSubject, "pages of the configured origins may fetch images");
  }

  const Settings& settings_;
  const Clock& clock_;
  Findings& findings_;
  SystemRandom random_;
  std::unique_ptr<storage::AwsCredentialSource> credentials_;
  storage::S3Client client_;
  storage::S3Objects objects_;
  storage::S3Writer writer_;
};

}  // namespace

void check_object_store(const Settings& settings, MissingBucket missing_bucket, const Clock& clock,
                        Findings& findings) {
  ObjectStoreCheck(settings, clock, findings).run(missing_bucket);
}

}  // namespace pacs::cli
