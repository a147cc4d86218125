// Writes the hand-made seeds of every fuzzer: make_fuzz_seeds FOLDER makes FOLDER/NOUN/seed_NAME.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/seeds.h"

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: make_fuzz_seeds FOLDER\n");
    return 2;
  }
  pacs::fuzz::Seeds seeds;
  pacs::fuzz::add_binary_seeds(seeds);
  pacs::fuzz::add_frame_seeds(seeds);
  pacs::fuzz::add_http_seeds(seeds);
  pacs::fuzz::add_record_seeds(seeds);
  pacs::fuzz::add_rendering_seeds(seeds);
  pacs::fuzz::add_storage_seeds(seeds);
  const std::filesystem::path folder(arguments[1]);
  for (const pacs::fuzz::Seed& seed : seeds) {
    std::filesystem::create_directories(folder / seed.noun);
    std::ofstream file(folder / seed.noun / ("seed_" + seed.name), std::ios::binary);
    file << seed.content;
    if (!file.flush()) return EXIT_FAILURE;
  }
  std::printf("%zu seeds\n", seeds.size());
  return EXIT_SUCCESS;
}
