// Keys, file names and UUIDs: a key is a relative path that cannot leave its folder; whatever a
// client calls its file, the last part of a key can be made of it.
#include <algorithm>
#include <filesystem>

#include "core/object_key.h"
#include "core/text.h"
#include "core/uuid.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using pacs::ObjectKey;

void check_key(const ObjectKey& key) {
  const std::filesystem::path path(key.str());
  FUZZ_CHECK(path.is_relative() && path.lexically_normal() == path);
  FUZZ_CHECK(key.str().size() <= ObjectKey::kSizeBytesMax && pacs::is_utf8(key.str()));
  FUZZ_CHECK(key.parts().size() == 5 && key.parts().front() == ObjectKey::kRoot);
  for (const std::string_view part : key.parts()) {
    FUZZ_CHECK(!part.empty() && part.front() != '.' && part.size() <= ObjectKey::kPartSizeBytesMax);
    FUZZ_CHECK(part.find_first_of(std::string_view("/\\\0\n\r\x1b", 6)) == std::string_view::npos);
  }
  FUZZ_CHECK(ObjectKey::parse(key.str()) == key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = pacs::fuzz::Input(data, size).rest();
  if (const auto key = ObjectKey::parse(text)) {
    FUZZ_CHECK(key->str() == text);
    check_key(*key);
  }
  const std::string name = pacs::safe_filename(text);
  FUZZ_CHECK(name.size() <= ObjectKey::kFilenameBytesMax);
  FUZZ_CHECK(pacs::safe_filename(name) == name);
  if (!name.empty()) {
    const ObjectKey key = ObjectKey::make("1.2", "1.2.3", "1.2.3.4", name);
    check_key(key);
    FUZZ_CHECK(key.parts().back() == name);
  }
  if (const auto uuid = pacs::Uuid::parse(text)) {
    FUZZ_CHECK(uuid->str().size() == 36 && pacs::equals_ignoring_case(uuid->str(), text));
  }
  return 0;
}
