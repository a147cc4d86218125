#include "core/rsa_private_key.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

// Made for this test, as all below: openssl genrsa 2048.
constexpr const char* kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDm6I+1GPFLnBpQ\n"
    "/c/l5SbPtu5PPNSrpMGGRB7JO4985jjg9uG3pYDMJrZTtFY7zWzwSUrKe8XBkv+2\n"
    "/SKFDu1mof5jirV3vcWa+SqJ/k95UDLyQIT41nnZ0q9Wi1SSYRecFTnYbIBEqKQ/\n"
    "fT7s4f7miKYuOX5mU+kzBkztsqEgJd6HF1vYwsjAeHbQYXC175km8CscZx6ehchI\n"
    "tZDVAioMG9w1WqwbX/IUjl17SkHy2O+fjQi3XThRMogveueB8eShEkUAfVL8jQuw\n"
    "WWvLQbuSWcFytO5Edzc4WLBmNV3BAn23u9iVcJPElifGTFG70TzKXojC6j4qGhLz\n"
    "MTkjdG9hAgMBAAECggEAAQ8eK53h629w78qo47HK8rHGLYmxTa6Q2alh0m6fau/7\n"
    "tk0Y6MNNpYIO8jArThUUM7+Y+XfwXAHX15JuewRAF/6ptfIAAOeCABg2TFGPh+uo\n"
    "1CjHbgRpJNPdIdfmldD0BK9UkiwgjtAO3XYDrh6fkUCdXIG/KpUmG78NZsYGjFPF\n"
    "5/mFBGefcIuNjFSDBip0jOXVn0fBUOGgGieKzDFxWhAqX/3VIOBCXCULcCZwU6I1\n"
    "qgTIcM1As8iCMu/UlMUy0jrLVl2xj1fw2Qfc8xbPuT99S798el8bqqoEKXeuF7xY\n"
    "ZRT5boZA4sfoTnC4+UlgJ1XNQ362/IeXQAK5+KCuAQKBgQD5Ki9tQ+VLlWn7FcsF\n"
    "d00p6sVYVdwCAR2a0jvuapzATCTS28MUTmSA7ODxj8NgZ4zuU51zkeETwVba6Sol\n"
    "RK3pxn+hGAQBmABdTxAHflyUgzW4iRNsCrb5sJ7VKKO4oJT6+RPrRfodJ2O4aUaP\n"
    "tS0BI6y04Hai7T1IFMbsXGN3oQKBgQDtPiq5fK+hgV3AdZ8hfocjfWstzqr3vAvb\n"
    "CZ8T/C7eEdpqhTSyPO53RP/kjOH1kV6hXAVVxCh2StWox2P6Jr3nnDsk8VG1AeVy\n"
    "ku4jHebNcMKfULo6TxyLOhFNKops6q7WMzv3GxGdsOQBoGwac1vSAW+q5KuMjRE3\n"
    "Xwnc6ALfwQKBgQCFKFZQPoi77A3Hcc4eDbPfQuhUXQ5Gw/HeW5xLvg4ndon3ZhrL\n"
    "L1nmzLEqZ3oyeySF+YmbycpPlHOmahVr9Vg8JyjuHreFYoZPV4Fpf85aUATVqewH\n"
    "QXKn3gwEPsPAV5FGzvYmNi+EhRh15U0gX+K9SSNzRsIgMEkfzHrCtl0yAQKBgQCu\n"
    "Eg0bKAddwyPc0PC/jKzvN1jqtVbwioNQZdDYwxJIUmUl/zLZDKgTzwbK1Sv+GHmM\n"
    "f45Sjaj6kpIOUq5inwZ76D/lLUM8QnXuCSy9i3ULjA7hAkSCAAX7idGkAvCqVc+O\n"
    "zuzStIPKZj4Fi4WGKtpWTkN26m2MpPza2drMwVdKgQKBgQCVIy8Z/MUup2iXL0LO\n"
    "v9wTrSk903hmDJ4Vi6foP+m3PnvKg9S2uRroXEypasGrUmMHodk4B0MZ1So+f9lr\n"
    "JxpC3o7EmO9dlamsuQteccC3Ms1N8JZ933KiQac/64dg9NQAMfT0Ts7I1HcT8GXo\n"
    "v2Gt3bAlAysQVLCfJnQZamDyQw==\n"
    "-----END PRIVATE KEY-----\n";
// printf CloudFront | openssl dgst -sha1 -sign …
constexpr const char* kSignature =
    "ZIAbLBi6tz70o/sWg1d36QOFkxKU+QJTkomA0fvNMtd28Jios0VoeeP5IVCCM9VLFTL8kfpKS59aI7KwildQnv"
    "eLl8Ro9DCWL3HcSmHVtDBON6A5fm5HUpESwzMVbymQNB5sem6zdySTI6J867rTcbpC5FxPuNMAlTqCJZSf34mX"
    "27TbQIql+zE1FvdPn4ltEnM+hREhDxYWmn09CZSl1kRDipl3eUf4H0Wo+T4k5/q4JdosQRGK+eZRAhZPK2ZuE/"
    "HIDHBaVNCKbXosj/wZDrFs/ruXrAYACzRo5GYNfMcXDxszc7/r+V4kkVnAO21YjqkblZvHx0M064nVMAlf8w==";
constexpr const char* kEllipticPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgH2cvd22CObbG71cd\n"
    "KkomTIkbxieL6tNrOsZvhN9s61ehRANCAARxFABkSKTv+AQHrRy0bKOO3FAl+33O\n"
    "bmmLT8xnwgXpc4FZL3i9kDJHX8J4xu0DjoAt3L5EMpmswTFPWhYG8IzW\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kShortPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAMJYc+SFb2d4y3kq\n"
    "5JG0l4U64EWb+wvHQFFwaZBCdX6b8RaEC2vVaL0BYjmPHCryO/q2tsvvMCblv8zr\n"
    "w9N/YC+nQZJgUZFFKO4qFrYIXqplWlEQa7YRU79ikRQlMf87FfTOxwHpruqXkQ4O\n"
    "lOWNRrp/x/y4LZNjlBMrwa6C4mX7AgMBAAECgYBQ3UcTjeXl0uAvAYbrjY4CVJYe\n"
    "wKE7rGN5v2FdMhn7XV16NeUesESNaDb7pi1dPT9xuXbj8hlCBhTBalQn+3cEgrK6\n"
    "m4px4ja6njGZiF0t9xdURDwt3RD09S+kkTuAh+BfKiogv+9Fs8/AAdRXOkh19K0C\n"
    "floqDKLrOdlozdDd+QJBAPLoqAbFoc1YV1TabtVd+DX+YHSd0TxqEnwCJqX1rN+O\n"
    "UhzXJLzIQOH3KKOx91K7/5fzfxZ3jkT0UNtxefOyKI8CQQDM0chMEw1cymA+JM0q\n"
    "ZYw1TIforZH7ES3+M29hZmtkQvPxVyanf4CNRCrHltTRrAuyboRqcB95NWxLS07c\n"
    "vGnVAkEAv6y6ue1FSgYFk51xi8hEzkZV0m+d5bBFubjwylBcA2QIg115TcYu/J/N\n"
    "X65U3OIgQ8UOaaoZh2vKSf73HkddHQJBAI5e6D7RI4GzfvDTffWRfsNxvisjs4x0\n"
    "pabENBDdM5sO2yiQLuNRQpdvodj45FgWok7WeZ7O72G+m9c+ssPHCD0CQD+sdaTV\n"
    "KWvtkIHxP64NLf46AJ26+uzaFlCka7tdwjheZuwuy+iW2pfWF55/DhTo6RP7MlLC\n"
    "+hnoZKIGHvzG2X8=\n"
    "-----END PRIVATE KEY-----\n";

TEST(RsaPrivateKey, SignsAsOpensslDoes) {
  const auto key = RsaPrivateKey::from_pem(kPem);
  ASSERT_TRUE(key) << key.error().detail;
  const auto signature = key->sign_sha1(as_bytes("CloudFront"));
  ASSERT_TRUE(signature) << signature.error().detail;
  EXPECT_EQ(to_base64(*signature), kSignature);
  EXPECT_NE(to_base64(key->sign_sha1(as_bytes("Cloudfront")).value()), kSignature);
}

TEST(RsaPrivateKey, WhatIsNoSuchKeyIsRefused) {
  const std::string whole = kPem;
  const std::vector<std::pair<std::string, const char*>> refused = {
      {"", "no PEM block"},
      {"APKAEXAMPLE", "no PEM block"},
      {whole.substr(0, whole.size() / 2), "cannot be read"},
      {whole + whole, "more than one"},
      {kEllipticPem, "no RSA key"},
      {kShortPem, "2048"},
      {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
       "cannot be read"},
  };
  for (const auto& [pem, why] : refused) {
    const auto key = RsaPrivateKey::from_pem(pem);
    ASSERT_FALSE(key) << why;
    EXPECT_EQ(key.error().reason, "bad_private_key");
    EXPECT_NE(key.error().detail.find(why), std::string::npos) << key.error().detail;
  }
}

}  // namespace
}  // namespace pacs
