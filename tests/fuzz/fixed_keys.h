// Signing keys that are the same in every run, so that what was found once is found again.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/crypto.h"
#include "storage/signing_keys.h"
#include "tests/fuzz/fuzz_input.h"

namespace pacs::fuzz {

// Each byte is one more than the one before.
class CountingRandom final : public Random {
 public:
  void fill(MutableBytes buffer) override {
    for (std::byte& byte : buffer) byte = static_cast<std::byte>(next_++);
  }

 private:
  uint8_t next_ = 0;
};

// Live as long as the program. Its file is gone at once.
struct FixedKeys {
  FixedKeys() {
    std::string folder = (std::filesystem::temp_directory_path() / "pacs-lite-XXXXXX").string();
    FUZZ_CHECK(::mkdtemp(folder.data()) != nullptr);
    auto opened = storage::SigningKeys::open(folder + "/keys", clock, random);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    FUZZ_CHECK(opened.has_value());
    keys = std::move(*opened);
  }

  ManualClock clock{1'795'366'200'000};
  CountingRandom random;
  std::unique_ptr<storage::SigningKeys> keys;
};

}  // namespace pacs::fuzz
