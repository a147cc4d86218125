// The way of one test image through the archive, step by step: what `test-storage` runs.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/api_client.h"
#include "cli/test_image.h"
#include "core/clock.h"
#include "core/settings.h"

namespace pacs::cli {

struct TrialStep {
  std::string name;
  std::chrono::milliseconds took{0};
  std::optional<Error> error;  // nothing: it went well
  bool was_skipped = false;
  std::string remark;
};

class StorageTrial {
 public:
  // All outlive the object.
  StorageTrial(ServerConnection& connection, const Settings& settings, Random& random);

  // Runs the steps in order and tells each as it ends; the first that fails ends the trial, but for
  // the removal, which is tried in any case. True when all went well.
  bool run(const std::function<void(const TrialStep&)>& tell);

 private:
  // A remark for who reads along, or why the step failed.
  using Outcome = Result<std::string>;
  struct Step;
  [[nodiscard]] static const std::vector<Step>& steps();

  Outcome make_image();
  Outcome upload_metadata();
  Outcome upload_bytes();
  Outcome acknowledge();
  Outcome verify_stored_bytes();
  Outcome make_urls();
  Outcome fetch_by_url();
  Outcome see_expired_refused();
  Outcome see_forged_refused();
  Outcome remove();

  [[nodiscard]] Result<http::ClientResponse> fetch(const std::string& url);
  [[nodiscard]] Result<std::string> make_url(std::chrono::seconds life);
  [[nodiscard]] Result<void> expect_refusal(const std::string& url);
  [[nodiscard]] Result<std::string> read_stored_bytes();
  [[nodiscard]] std::string path_of_link(const std::string& url) const;

  const Settings& settings_;
  Random& random_;
  ApiClient api_;
  SystemClock clock_;

  TestImage image_;
  std::string image_uuid_;
  std::string record_;  // the announcement, as JSON
  std::string image_id_;
  std::string file_key_;
  std::string url_;
  std::string short_url_;  // of one second
  UnixMillis short_url_ends_at_ = 0;
};

}  // namespace pacs::cli
