// `pacs-lite receipt verify`: is this receipt genuine, and is it the receipt of this file?
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>

#include "access/receipts.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/operator_command.h"
#include "cli/program_settings.h"
#include "core/file.h"
#include "core/json_value.h"
#include "core/json_writer.h"

namespace pacs::cli {
namespace {

constexpr uint64_t kReceiptBytesMax = 1024 * 1024;  // a receipt has below 1 kB, an answer below 100
constexpr size_t kReadBytes = 256 * 1024;

struct ReceiptOptions {
  std::string receipt_path;
  std::string public_key;
  std::string image_path;
  bool json = false;
};

Result<std::string> read_receipt(const std::string& path) {
  const std::string name = path == "-" ? "/dev/stdin" : path;
  Result<std::string> text = read_file(name, kReceiptBytesMax);
  if (!text)
    return invalid_argument("unreadable", path + " cannot be read: " + text.error().detail);
  // The whole answer of the acknowledgement is taken too: what clients keep is often that.
  const Result<JsonValue> json = JsonValue::parse(*text);
  if (!json) return invalid_argument("bad_receipt", path + " is not JSON");
  const JsonValue* inner = json->find("receipt");
  return inner != nullptr && inner->is_object() ? inner->to_json() : json->to_json();
}

// The digest and the length of a file, whatever its size.
struct FileFacts {
  Sha256Digest sha256;
  int64_t size = 0;
};
Result<FileFacts> hash_file(const std::string& path) {
  const UniqueFd file = PACS_TRY(open_file(path, O_RDONLY, 0, "opening the image"));
  Sha256 hash;
  FileFacts facts;
  ByteVector buffer(kReadBytes);
  for (;;) {
    const size_t count = PACS_TRY(read_at(file.get(), static_cast<uint64_t>(facts.size), buffer));
    if (count == 0) break;
    hash.update(Bytes(buffer).first(count));
    facts.size += static_cast<int64_t>(count);
  }
  facts.sha256 = hash.finish();
  return facts;
}

Result<void> check_image(const access::Receipt& receipt, const std::string& path) {
  const FileFacts facts = PACS_TRY(hash_file(path));
  if (facts.size != receipt.file_size) {
    return corrupt("other_file", "the receipt is for " + std::to_string(receipt.file_size) +
                                     " bytes, " + path + " has " + std::to_string(facts.size));
  }
  if (facts.sha256 != receipt.sha256) {
    return corrupt("other_file", "the receipt is for other bytes than those of " + path);
  }
  return {};
}

void print_receipt(const access::Receipt& receipt, const ReceiptOptions& options) {
  if (options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("valid", true);
    json.member("image_uuid", receipt.image_uuid.str());
    json.member("image_uid", receipt.image_uid.str());
    json.member("sha256", receipt.sha256.hex());
    json.member("file_size", receipt.file_size);
    json.member("file_key", receipt.file_key.str());
    json.member("archive_id", receipt.archive_id);
    json.member("stored_at", to_rfc3339(receipt.stored_at));
    json.end_object();
    print_line(json.take());
    return;
  }
  print_line("valid: archive " + receipt.archive_id + " has held image " + receipt.image_uid.str() +
             " since " + to_rfc3339(receipt.stored_at));
  print_line("  " + std::to_string(receipt.file_size) + " bytes, SHA-256 " + receipt.sha256.hex());
  print_line("  " + printable(receipt.file_key.str()));
  if (!options.image_path.empty()) print_line("  the same bytes as " + options.image_path);
}

void print_refusal(const Error& error, const ReceiptOptions& options) {
  if (!options.json) {
    print_error("not valid: " + printable(error.detail));
    return;
  }
  JsonWriter json;
  json.begin_object();
  json.member("valid", false);
  json.member("code", error.reason);
  json.member("detail", error.detail);
  json.end_object();
  print_line(json.take());
}

ExitCode judge(const ReceiptOptions& options, const access::ReceiptPublicKey& public_key) {
  const Result<std::string> text = read_receipt(options.receipt_path);
  if (!text) return explain(text.error());
  const Result<access::Receipt> receipt = access::verify_receipt(*text, public_key);
  Result<void> verdict;
  if (!receipt) verdict = receipt.error();
  if (receipt && !options.image_path.empty()) verdict = check_image(*receipt, options.image_path);
  if (!verdict) {
    print_refusal(verdict.error(), options);
    return ExitCode::failed;
  }
  print_receipt(*receipt, options);
  return ExitCode::ok;
}

ExitCode verify(const ReceiptOptions& options, const ProgramSettings& program) {
  std::string key_text = options.public_key;
  if (key_text.empty()) {
    const Connected connected = connect(program);
    if (connected.connection == nullptr) return connected.code;
    const Result<JsonValue> archive = ApiClient(*connected.connection).get("/api/v1/archive");
    if (!archive) return explain(archive.error());
    key_text = text_of(*archive, "receipt_public_key");
  }
  const Result<access::ReceiptPublicKey> key = access::parse_receipt_public_key(key_text);
  if (!key) return explain(key.error());
  return judge(options, *key);
}

}  // namespace

Command receipt_command() {
  auto options = std::make_shared<ReceiptOptions>();  // shared by the parser and the closure
  Command verify_command;
  verify_command.name = "verify";
  verify_command.summary = "Check a receipt's signature, and a file against it";
  verify_command.description =
      "A receipt is what the acknowledgement of an upload carries: proof that the archive holds\n"
      "the bytes. The public key is at GET /api/v1/archive; without --public-key the archive of\n"
      "this machine is asked. Exit code 0 when the receipt is genuine (and fits --image), else 1.";
  verify_command.examples = {
      "pacs-lite receipt verify receipt.json --image chest_pa.dcm",
      "pacs-lite receipt verify - --public-key 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  };
  verify_command.arguments = {
      {"FILE", "the receipt as JSON, or the whole answer that carried it; - for standard input",
       &options->receipt_path, Argument::Need::required},
      {"--public-key", "the archive's public key, base64url", &options->public_key},
      {"--image", "a file that must be the one that was stored", &options->image_path},
      {"--json", "print JSON", &options->json},
  };
  verify_command.run = [options](ProgramSettings& program) { return verify(*options, program); };

  Command command;
  command.name = "receipt";
  command.summary = "Check the proofs that clients keep of what was stored";
  command.description =
      "A receipt says that this archive holds these bytes, and is signed by it (Ed25519): when an\n"
      "image is missed, it tells who is right.";
  command.examples = {"pacs-lite receipt verify receipt.json --image chest_pa.dcm"};
  command.subcommands.push_back(std::move(verify_command));
  return command;
}

}  // namespace pacs::cli
