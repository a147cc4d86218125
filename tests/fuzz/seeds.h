// The hand-made inputs that a fuzzer begins with: one of each form that a parser knows.
#pragma once

#include <string>
#include <vector>

namespace pacs::fuzz {

struct Seed {
  std::string noun;  // of the fuzzer
  std::string name;
  std::string content;
};
using Seeds = std::vector<Seed>;

void add_binary_seeds(Seeds& seeds);
void add_frame_seeds(Seeds& seeds);
void add_http_seeds(Seeds& seeds);
void add_record_seeds(Seeds& seeds);
void add_rendering_seeds(Seeds& seeds);
void add_storage_seeds(Seeds& seeds);

}  // namespace pacs::fuzz
