#include <chrono>
#include <cmath>

#include <gtest/gtest.h>

#include "core/json_value.h"
#include "core/json_writer.h"

namespace pacs {
namespace {

TEST(Json, WritesWhatItReads) {
  const std::string text =
      R"({"a":[1,-2,3.5,true,false,null],"b":{"c":"line\nbreak \"quoted\" é"},"d":18446744073709551615})";
  const auto value = JsonValue::parse(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->to_json(), text);
  EXPECT_EQ(value->find("a")->as_array()->at(1).as_int64(), -2);
  EXPECT_EQ(value->find("nothing"), nullptr);
  EXPECT_FALSE(value->find("d")->as_int64()) << "does not fit";
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const std::string& text :
       {std::string(""), std::string("{"), std::string("{'a':1}"), std::string("[1,]"),
        std::string("{\"a\":1,\"a\":2}"), std::string("\"\xff\""), std::string("01"),
        std::string("NaN"), std::string("{} x"), std::string(1000, '[')}) {
    const auto value = JsonValue::parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().reason, "bad_json") << text;
  }
}

TEST(Json, ManyMembersTakeNoLongerThanTheirBytes) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  text += "\"x\":0}";
  const auto begin = std::chrono::steady_clock::now();
  const auto value = JsonValue::parse(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->as_object()->size(), 200'001U);
  // Quadratic it was minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Json, WritesValidTextWhateverTheBytes) {
  JsonWriter json;
  json.begin_array();
  json.string("a\xff\x01");
  json.number(std::nan(""));
  json.end_array();
  EXPECT_EQ(json.take(), "[\"a\xef\xbf\xbd\\u0001\",null]");
}

}  // namespace
}  // namespace pacs
