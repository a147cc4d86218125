// The pages by which a browser signs in to the viewer and out of it.
#pragma once

#include <string>
#include <string_view>

namespace pacs::rest {

struct SignInPage {
  std::string prefix;  // what a proxy puts before our paths
  std::string next;    // where to go on to, a path of ours
  std::string name;    // of who is signed in; empty: nobody
  bool was_refused = false;
};

[[nodiscard]] std::string sign_in_page(const SignInPage& content);

// A path of the viewer to go on to; "/viewer/" for whatever is none, such as another site's
// address.
[[nodiscard]] std::string path_to_go_on_to(std::string_view wanted);

}  // namespace pacs::rest
