// What an object store says when it refuses: the code of its XML body, or the status alone where
// there is no body (HEAD).
//   https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
#pragma once

#include <string>

#include "core/error.h"
#include "http/client.h"

namespace pacs::storage {

struct S3Fault {
  int status = 0;
  std::string code;     // "NoSuchKey"; empty where the store gave none
  std::string message;  // of the store, for people
  std::string region;   // where the bucket is, when the request went elsewhere

  [[nodiscard]] bool is(std::string_view expected_code) const { return code == expected_code; }
  // Busy or broken for the moment: the same request may well succeed.
  [[nodiscard]] bool is_passing() const;
  // In one of our words. A 404 is `not_found` ("no_such_blob") unless the bucket itself is missing,
  // which is `unavailable` ("no_such_bucket"): an image must not be taken for lost by that.
  [[nodiscard]] Error to_error() const;
};

// Also of a 200 whose body is an <Error>, which the slow operations may answer.
[[nodiscard]] S3Fault parse_s3_fault(const http::ClientResponse& answer);

}  // namespace pacs::storage
