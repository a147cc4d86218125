// pacs-lite: a lightweight, durable archive for medical images.
#include "cli/command_line.h"
#include "cli/decode_frames.h"

int main(int argument_count, char** arguments) {
  if (pacs::cli::is_decode_frames(argument_count, arguments)) {
    return pacs::cli::run_decode_frames(arguments);
  }
  return static_cast<int>(pacs::cli::run_command_line(argument_count, arguments));
}
