#include "dicomweb/accepted.h"

#include <gtest/gtest.h>

#include "core/stream.h"
#include "dicomweb/stored_encoding.h"

namespace pacs::dicomweb {
namespace {

std::vector<AcceptedType> accepted_by(std::string_view field) {
  MemorySource no_body({});
  http::Request request(no_body);
  if (!field.empty()) request.headers.add("Accept", field);
  return accepted_types(request);
}

bool takes(std::string_view field, const FrameEncoding& encoding) {
  for (const AcceptedType& accepted : accepted_by(field)) {
    if (encoding.is_accepted_by(accepted)) return true;
  }
  return false;
}

TEST(AcceptedTest, AnythingWhereNothingIsSaid) {  // G2
  EXPECT_EQ(accepted_by("").front().essence, "*/*");
  EXPECT_FALSE(accepted_by("").front().is_multipart);
}

TEST(AcceptedTest, ReadsTheTypeQuotedOrBare) {  // G5, G6
  for (const char* field : {R"(multipart/related; type="application/DICOM"; transfer-syntax="*")",
                            "multipart/related; type=application/dicom; transfer-syntax=*"}) {
    const AcceptedType accepted = accepted_by(field).front();
    EXPECT_EQ(accepted.essence, "application/dicom") << field;
    EXPECT_TRUE(accepted.is_multipart) << field;
    EXPECT_EQ(accepted.transfer_syntax, "*") << field;
  }
}

TEST(AcceptedTest, TheBestComesFirstAndTheRefusedNotAtAll) {  // G3
  const auto accepted = accepted_by("image/jpeg;q=0.2, image/png;q=0, image/jls;q=0.9, text/*");
  ASSERT_EQ(accepted.size(), 3U);
  EXPECT_EQ(accepted[0].essence, "text/*");
  EXPECT_EQ(accepted[1].essence, "image/jls");
  EXPECT_EQ(accepted[2].essence, "image/jpeg");
}

TEST(AcceptedTest, TheParameterStandsAboveTheField) {  // G4
  MemorySource no_body({});
  http::Request request(no_body);
  request.headers.add("Accept", "image/png");
  request.query = {{"accept", "application/dicom+json"}};
  EXPECT_EQ(accepted_types(request).front().essence, "application/dicom+json");
}

TEST(FrameEncodingTest, ViewersTakeCompressedFramesAsOctetsByAStar) {  // F4, G8
  const FrameEncoding jls = frame_encoding_of("1.2.840.10008.1.2.4.80").value();
  EXPECT_EQ(jls.content_type(), "image/jls; transfer-syntax=1.2.840.10008.1.2.4.80");
  EXPECT_TRUE(takes("multipart/related; type=application/octet-stream; transfer-syntax=*", jls));
  EXPECT_TRUE(takes("image/jls", jls));
  EXPECT_TRUE(takes("image/*", jls));
  EXPECT_TRUE(takes("image/jls; transfer-syntax=1.2.840.10008.1.2.4.80", jls));
  EXPECT_FALSE(takes("image/jls; transfer-syntax=1.2.840.10008.1.2.4.81", jls));
  EXPECT_FALSE(takes("application/octet-stream", jls));
  EXPECT_FALSE(takes("image/jp2", jls));
}

TEST(FrameEncodingTest, NativeFramesLeaveAsExplicitLittleEndian) {  // F3, G7
  for (const char* uid : {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.98"}) {
    const FrameEncoding native = frame_encoding_of(uid).value();
    EXPECT_EQ(native.content_type(),
              "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1");
    EXPECT_TRUE(takes("application/octet-stream", native));
    EXPECT_TRUE(takes("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", native));
    EXPECT_FALSE(takes("application/octet-stream; transfer-syntax=1.2.840.10008.1.2", native));
  }
}

TEST(FrameEncodingTest, BigEndianAndDeflatedFramesDoNotLeave) {
  for (const char* uid :
       {"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.3.46.670589.33.1.4.1"}) {
    EXPECT_EQ(frame_encoding_of(uid).error().reason, "not_acceptable") << uid;
  }
}

}  // namespace
}  // namespace pacs::dicomweb
