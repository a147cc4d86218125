// The version of the program, from CMakeLists.txt.
#pragma once

namespace pacs::cli {

inline constexpr const char* kVersion = PACS_LITE_VERSION;

}  // namespace pacs::cli
