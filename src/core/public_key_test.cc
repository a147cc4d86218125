#include "core/public_key.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

struct Example {
  const char* source;
  SignatureAlgorithm algorithm;
  const char* pem;
  const char* message;
  const char* signature;
};

// The keys of these RFCs, written as PEM.
constexpr const char* kRsaPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\n"
    "NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz\n"
    "P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo\n"
    "9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB\n"
    "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX\n"
    "FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\n"
    "oQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
constexpr const char* kP256Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
    "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
    "-----END PUBLIC KEY-----\n";
constexpr const char* kEd25519Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";
#define PACS_RFC7515_CLAIMS                                         \
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF" \
  "tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

const Example kExamples[] = {
    {"RFC 7515 A.2", SignatureAlgorithm::rs256, kRsaPem,
     "eyJhbGciOiJSUzI1NiJ9." PACS_RFC7515_CLAIMS,
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W"
     "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS"
     "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv"
     "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {"RFC 7515 A.3", SignatureAlgorithm::es256, kP256Pem,
     "eyJhbGciOiJFUzI1NiJ9." PACS_RFC7515_CLAIMS,
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {"RFC 8037 A.4", SignatureAlgorithm::eddsa, kEd25519Pem,
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
};
#undef PACS_RFC7515_CLAIMS

TEST(PublicKey, VerifiesTheExamplesOfTheStandards) {
  for (const Example& example : kExamples) {
    const auto key = PublicKey::from_pem(example.algorithm, example.pem);
    ASSERT_TRUE(key) << example.source << ": " << key.error().detail;
    const auto signature = from_base64url(example.signature);
    ASSERT_TRUE(signature) << example.source;
    EXPECT_TRUE(key->verify(as_bytes(example.message), *signature)) << example.source;
  }
}

TEST(PublicKey, RefusesAChangedMessageAndAChangedSignature) {
  for (const Example& example : kExamples) {
    const auto key = PublicKey::from_pem(example.algorithm, example.pem);
    ASSERT_TRUE(key);
    const ByteVector good = *from_base64url(example.signature);
    EXPECT_FALSE(key->verify(as_bytes(std::string(example.message) + "x"), good)) << example.source;
    for (size_t i = 0; i < good.size(); i += 7) {
      ByteVector bad = good;
      bad[i] ^= std::byte{1};
      EXPECT_FALSE(key->verify(as_bytes(example.message), bad)) << example.source << " byte " << i;
    }
    EXPECT_FALSE(key->verify(as_bytes(example.message), {})) << example.source;
    EXPECT_FALSE(key->verify(as_bytes(example.message), Bytes(good).first(good.size() - 1)))
        << example.source;
  }
}

// CVE-2022-21449: R = S = 0 verified anything in one library.
TEST(PublicKey, RefusesAnEcdsaSignatureOfZeros) {
  const auto key = PublicKey::from_pem(SignatureAlgorithm::es256, kP256Pem);
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->verify(as_bytes("anything"), ByteVector(64)));
}

TEST(PublicKey, IsGoodForOneAlgorithmAlone) {
  const SignatureAlgorithm algorithms[] = {SignatureAlgorithm::rs256, SignatureAlgorithm::es256,
                                           SignatureAlgorithm::eddsa};
  for (const Example& example : kExamples) {
    for (const SignatureAlgorithm algorithm : algorithms) {
      const auto key = PublicKey::from_pem(algorithm, example.pem);
      EXPECT_EQ(bool(key), algorithm == example.algorithm) << example.source;
      if (!key) {
        EXPECT_EQ(key.error().reason, "bad_public_key");
      }
    }
  }
}

TEST(PublicKey, RefusesWhatIsNoSinglePublicKey) {
  const std::string cut = std::string(kRsaPem).substr(0, 120);
  const std::string two = std::string(kP256Pem) + kEd25519Pem;
  const std::string wrong_label =
      "-----BEGIN CERTIFICATE-----\nMCowBQYDK2VwAyEA\n-----END CERTIFICATE-----\n";
  const std::string secret =
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n-----END PRIVATE KEY-----\n";
  for (const std::string& pem : {std::string(), std::string("hello"), cut, two, wrong_label}) {
    EXPECT_FALSE(PublicKey::from_pem(SignatureAlgorithm::es256, pem)) << pem;
  }
  const auto key = PublicKey::from_pem(SignatureAlgorithm::eddsa, secret);
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().detail.find("private key"), std::string::npos) << key.error().detail;
}

}  // namespace
}  // namespace pacs
