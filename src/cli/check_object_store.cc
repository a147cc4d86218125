#include <chrono>
#include <string>

#include "cli/checks.h"
#include "cli/object_store.h"
#include "storage/s3_address.h"
#include "storage/s3_objects.h"
#include "storage/s3_writer.h"

namespace pacs::cli {
namespace {

// Beyond 15 minutes stores refuse; long before that links live shorter than they say.
constexpr std::chrono::seconds kClockOffMax{60};

std::string remedy_of(const Error& error) {
  if (error.reason == "no_such_bucket") {
    return "make it (`pacs-lite check --create-bucket`), or mend AWS_STORAGE_BUCKET_NAME and the "
           "endpoint";
  }
  if (error.code == ErrorCode::permission_denied) {
    return "mend the credentials, or the policy of the bucket: s3:ListBucket on it, s3:GetObject, "
           "s3:PutObject and s3:DeleteObject on what is in it";
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
    findings_.ok("bucket", name);
    return true;
  }

  void check_list() {
    const Result<void> listed =
        objects_.list("radiology/", "", [](const storage::S3Listed&) { return false; });
    if (!listed) return report("bucket list", listed.error());
    findings_.ok("bucket list", "can be listed");
  }

  void check_write() {
    constexpr const char* kSubject = "bucket rights";
    const Result<std::string> written = writer_.put_text(".pacs-lite/check", "check", "text/plain",
                                                         storage::S3Writer::Condition::none);
    if (!written) return report(kSubject, written.error());
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

  // Pages of another origin that fetch images from the store by their links need its leave.
  void check_cors() {
    constexpr const char* kSubject = "CORS of the bucket";
    if (settings_.viewer.ohif_url.empty() && settings_.network.cors_allowed_origins.empty()) {
      return findings_.skipped(kSubject, "no viewer of another origin is configured");
    }
    storage::S3Request request;
    request.query = {{"cors", ""}};
    const auto answer = client_.send(request);
    if (answer && answer->is_success()) {
      return findings_.ok(kSubject, "the bucket has a rule");
    }
    if (answer && answer->status() == 404) {
      return findings_.warning(kSubject, "the bucket has none: viewers cannot fetch images from it",
                               "allow GET and HEAD for the viewer's origin, with the header Range");
    }
    findings_.skipped(kSubject, "the store does not tell");
  }

  const Settings& settings_;
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
