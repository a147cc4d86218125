// Credentials as files and services give them: the name of a profile on the first line, then the
// text. Whatever is taken is whole, and stood in the text.
#include "storage/aws_credential_places.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

namespace {

void check_whole(const storage::AwsCredentials& credentials) {
  FUZZ_CHECK(!credentials.access_key_id.empty() && !credentials.secret_access_key.empty());
}

template <typename Found>
void check_answer(const Found& found) {
  if (found) {
    FUZZ_CHECK(found->has_value());
    check_whole(**found);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const std::string_view profile = input.take_line();
  const std::string text(input.rest());
  if (const auto found = storage::parse_shared_profile(text, profile)) {
    check_whole(*found);
    for (const std::string& value :
         {found->access_key_id, found->secret_access_key, found->session_token}) {
      FUZZ_CHECK(text.find(value) != std::string::npos);
      FUZZ_CHECK(value.find('\n') == std::string::npos);
    }
  }
  check_answer(storage::parse_lent_credentials(text));
  check_answer(storage::parse_web_identity_answer(text));
  return 0;
}
