// Addresses and the fields of reverse proxies: an address is read again as itself, and an untrusted
// peer's fields change nothing.
#include <string>
#include <vector>

#include "http/address.h"
#include "http/forwarded.h"
#include "http/uri.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace pacs::http;

void check_address(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) {
    const auto again = IpAddress::parse(address->text());
    FUZZ_CHECK(again && *again == *address);
    const auto block = AddressBlock::parse(address->text());
    FUZZ_CHECK(block && block->contains(*address));
    FUZZ_CHECK(text.find('\0') == std::string_view::npos);
  }
  static_cast<void>(AddressBlock::parse(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  Headers headers;
  while (!input.empty()) {
    const std::string_view line = input.take_line();
    const size_t colon = line.find(": ");
    if (colon == std::string_view::npos) {
      check_address(line);
    } else {
      headers.add(line.substr(0, colon), line.substr(colon + 2));
      check_address(line.substr(colon + 2));
    }
  }
  const ClientOrigin direct{IpAddress::parse("10.1.2.3"), "http", "pacs.example"};
  const std::vector<AddressBlock> proxies = {AddressBlock::parse("10.0.0.0/8").value()};
  const std::vector<AddressBlock> others = {AddressBlock::parse("192.0.2.0/24").value()};

  const ClientOrigin untrusted = client_origin(direct, headers, others);
  FUZZ_CHECK(untrusted.address == direct.address && untrusted.scheme == direct.scheme &&
             untrusted.host == direct.host);
  const ClientOrigin believed = client_origin(direct, headers, proxies);
  FUZZ_CHECK(believed.scheme == "http" || believed.scheme == "https");
  FUZZ_CHECK(is_host(believed.host));
  return 0;
}
