// Places in lists: a cursor of ours is read as it was written and opens no other list; nobody
// else's opens any. The place of a search, which a stranger cannot write, is read all the same.
// Input: the list, the cursor as a stranger sends it, the sort key, which is read as such a place
// too.
#include <string>

#include "dicomweb/search_cursor.h"
#include "rest/cursor.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;
using namespace pacs::rest;

namespace {

void check_search_position(std::string_view text) {
  for (const auto level : {archive::SearchLevel::study, archive::SearchLevel::series,
                           archive::SearchLevel::instance}) {
    const auto position = dicomweb::read_search_position(text, level);
    if (!position) {
      FUZZ_CHECK(position.error().reason == "bad_cursor");
      continue;
    }
    FUZZ_CHECK(position->series.has_value() == (level != archive::SearchLevel::study));
    FUZZ_CHECK(position->image.has_value() == (level == archive::SearchLevel::instance));
    const auto again =
        dicomweb::read_search_position(dicomweb::write_search_position(*position), level);
    FUZZ_CHECK(again && *again == *position);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kSortKeyBytesMax = 1000;  // of the longest name
  static fuzz::FixedKeys fixed;
  fuzz::Input input(data, size);
  const std::string_view list = input.take_line();
  const std::string_view sent = input.take_line();
  const std::string_view sort_key = input.rest().substr(0, kSortKeyBytesMax);

  const Cursor cursor{size % 2 == 0 ? Cursor::Direction::next : Cursor::Direction::previous,
                      std::string(sort_key), static_cast<int64_t>(size)};
  const std::string written = write_cursor(cursor, list, *fixed.keys);
  const auto again = read_cursor(written, list, *fixed.keys);
  FUZZ_CHECK(again && *again == cursor);
  FUZZ_CHECK(!read_cursor(written, std::string(list) + "x", *fixed.keys));
  // What a stranger sends is not ours, whatever it is.
  const auto forged = read_cursor(sent, list, *fixed.keys);
  FUZZ_CHECK(!forged || write_cursor(*forged, list, *fixed.keys) == sent);
  check_search_position(sort_key);
  return 0;
}
