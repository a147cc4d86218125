#include "tests/fuzz/seeds.h"

namespace pacs::fuzz {
namespace {

void add_s3_answers(Seeds& seeds) {
  const std::string head = "\x04<?xml version=\"1.0\"?>";
  seeds.push_back({"s3_answer", "list",
                   head +
                       "<ListBucketResult><IsTruncated>true</IsTruncated><Contents>"
                       "<Key>radiology/1.2/1.2.3/1.2.3.4/a%20b+c.dcm</Key><Size>1234</Size>"
                       "<LastModified>2026-01-31T09:30:15.000Z</LastModified></Contents><Contents>"
                       "<Key>radiology/x%2</Key></Contents>"
                       "<NextContinuationToken>t1</NextContinuationToken></ListBucketResult>"});
  seeds.push_back({"s3_answer", "list_without_next",
                   head + "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"});
  seeds.push_back({"s3_answer", "uploads",
                   head + "<ListMultipartUploadsResult><Upload><Key>radiology/1/2/3/a.dcm</Key>"
                          "<UploadId>u1</UploadId><Initiated>2026-01-31T09:30:15.000Z</Initiated>"
                          "</Upload><Upload><Key>b</Key></Upload></ListMultipartUploadsResult>"});
  seeds.push_back({"s3_answer", "fault",
                   head + "<Error><Code>NoSuchBucket</Code><Message>it&#10;is &amp;gone</Message>"
                          "<Region>eu-central-1</Region></Error>"});
  seeds.push_back(
      {"s3_answer", "copy", head + "<CopyObjectResult><ETag>1</ETag></CopyObjectResult>"});
  seeds.push_back({"s3_answer", "cut", head + "<ListBucketResult><Contents><Key>a"});
}

void add_s3_headers(Seeds& seeds) {
  seeds.push_back({"s3_headers", "object",
                   "bytes 0-9/1234\nx-amz-meta-pacs-lite: {\"image-uid\":\"1.2\",\"owner\":\n"
                   "X-Amz-Meta-Pacs-Lite-2: \"J\\u00e4ger\"}\nx-amz-meta-pacs-lite-write: w1\n"});
  seeds.push_back(
      {"s3_headers", "elsewhere", "bytes 5-5/*\nx-amz-meta-pacs-lite-attributes: a1\n"});
  seeds.push_back({"s3_headers", "odd", "bytes 9-/18446744073709551616\nx-amz-meta-pacs-lite:\n"});
  seeds.push_back({"s3_headers", "reversed", "bytes 12/3-4\n"});
}

void add_aws_credentials(Seeds& seeds) {
  seeds.push_back({"aws_credentials", "profile",
                   "clinic\n[default]\naws_access_key_id = A\n\n# words\n[ clinic ]\r\n"
                   "aws_access_key_id=AKIA1\r\naws_secret_access_key = s/e+c=ret\n"
                   "aws_session_token = t==\n"});
  seeds.push_back({"aws_credentials", "lent",
                   "\n{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                   "\"Expiration\":\"2026-01-31T09:30:15Z\"}"});
  seeds.push_back({"aws_credentials", "web_identity",
                   "\n<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>"
                   "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                   "<SessionToken>t</SessionToken><Expiration>2026-01-31T09:30:15Z</Expiration>"
                   "</Credentials></AssumeRoleWithWebIdentityResult>"
                   "</AssumeRoleWithWebIdentityResponse>"});
  seeds.push_back({"aws_credentials", "half", "default\n[default]\naws_access_key_id = A\n"});
}

void add_backup_manifests(Seeds& seeds) {
  const std::string sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  const std::string file = R"({"name":"index.db","size_bytes":4,"sha256":")" + sha256 + "\"}";
  const std::string middle =
      R"("archive_id":"6c4d16c9-6a0e-4d0b-9f6d-6f1f2f4f8a01","program_version":"0.9","schema_version":6,)"
      R"("store":"filesystem","taken_at":"2026-01-31T02:15:00.000Z",)"
      R"("finished_at":"2026-01-31T02:19:00.000Z","images":7,"size_bytes":1234,"faulty_images":0,)";
  seeds.push_back(
      {"backup_manifest", "whole",
       R"({"format":1,)" + middle + R"("index":)" + file + R"(,"secrets":[)" + file + "]}"});
  seeds.push_back({"backup_manifest", "newer", R"({"format":2})"});
  seeds.push_back({"backup_manifest", "outside",
                   R"({"format":1,)" + middle +
                       R"("index":{"name":"../x","size_bytes":4,"sha256":")" + sha256 +
                       R"("},"secrets":[]})"});
}

}  // namespace

void add_storage_seeds(Seeds& seeds) {
  add_s3_answers(seeds);
  add_s3_headers(seeds);
  add_aws_credentials(seeds);
  add_backup_manifests(seeds);
}

}  // namespace pacs::fuzz
