// The main of a fuzzer without libFuzzer: runs each file that it is given, folders with all that is
// in them. Prints which file it is at before it dies of one.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

#include "tests/fuzz/fuzz_input.h"

namespace {

namespace fs = std::filesystem;

std::string current;  // NOLINT: for the signal

extern "C" void name_the_file(int signal) {
  const char before[] = "died of ";
  // What write() says is of no use any more.
  if (::write(STDERR_FILENO, before, sizeof before - 1) < 0 ||
      ::write(STDERR_FILENO, current.data(), current.size()) < 0) {
    ::_exit(1);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const fs::path& file) {
  current = file.string() + "\n";
  std::ifstream stream(file, std::ios::binary);
  const std::string input{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) std::abort();
  // A heap block of just this size: one byte beyond it is seen by AddressSanitizer.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal, name_the_file);
  }
  size_t inputs = 0;
  for (int i = 1; i < count; ++i) {
    if (fs::is_directory(arguments[i])) {
      for (const fs::directory_entry& entry : fs::directory_iterator(arguments[i])) {
        run(entry.path());
        ++inputs;
      }
    } else {
      run(arguments[i]);
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  // An empty corpus would show nothing.
  return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
