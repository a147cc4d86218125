// How many connections are let in, in all and from one client.
#include "http/connection_table.h"

#include <gtest/gtest.h>

namespace pacs::http {
namespace {

Peer peer(const char* address) { return {IpAddress::parse(address), std::nullopt}; }

std::unique_ptr<Connection> connection_of(const char* address) {
  return std::make_unique<Connection>(plain_transport(UniqueFd()), peer(address), "http");
}

using Admission = ConnectionTable::Admission;

TEST(ConnectionTable, LimitsEachClientAndAll) {
  const IpAddress proxy = *IpAddress::parse("10.0.0.1");
  ConnectionTable table({5, 2, [&](const IpAddress& address) { return address == proxy; }});
  Connection& first = table.add(connection_of("192.0.2.1"));
  table.add(connection_of("192.0.2.1"));
  EXPECT_EQ(table.may_admit(peer("192.0.2.1")), Admission::too_many_of_client);
  EXPECT_EQ(table.may_admit(peer("192.0.2.2")), Admission::welcome);
  table.remove(first);
  EXPECT_EQ(table.may_admit(peer("192.0.2.1")), Admission::welcome);
  for (int count = 0; count < 3; ++count) {
    EXPECT_EQ(table.may_admit(peer("10.0.0.1")), Admission::welcome);
    table.add(connection_of("10.0.0.1"));
  }
  EXPECT_EQ(table.may_admit(peer("192.0.2.3")), Admission::welcome);
  table.add(connection_of("192.0.2.3"));
  EXPECT_EQ(table.may_admit(peer("10.0.0.1")), Admission::too_many);
}

TEST(ConnectionTable, AHouseholdsIpv6AddressesAreOneClient) {
  ConnectionTable table({100, 2, [](const IpAddress&) { return false; }});
  table.add(connection_of("2001:db8:0:1::1"));
  table.add(connection_of("2001:db8:0:1::2"));
  EXPECT_EQ(table.may_admit(peer("2001:db8:0:1:ffff::3")), Admission::too_many_of_client);
  EXPECT_EQ(table.may_admit(peer("2001:db8:0:2::1")), Admission::welcome);
}

TEST(ConnectionTable, TakesNothingAfterItWasClosed) {
  ConnectionTable table({100, 100, [](const IpAddress&) { return false; }});
  Connection& parked = table.add(connection_of("192.0.2.1"));
  bool armed = false;
  EXPECT_TRUE(table.park(parked, [&] { armed = true; }));
  EXPECT_TRUE(armed);
  Connection& busy = table.add(connection_of("192.0.2.1"));
  table.close_parked();
  EXPECT_EQ(table.size(), 1u);
  EXPECT_FALSE(table.park(busy, [] { FAIL() << "armed after the end"; }));
  table.remove(busy);
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace pacs::http
