// What an archive tells of an instance besides its data set (PS3.3 C.4.23.1.1; PS3.4 C.6.1.1.5.2):
// that it can be had at once, where, and in which transfer syntax it is without being made.
#pragma once

#include <string>
#include <string_view>

namespace pacs::dicomweb {

struct RetrievalAttributes {
  std::string url;
  std::string transfer_syntax;  // empty: not told
};

// The DICOM JSON object with Instance Availability (0008,0056), Retrieve URL (0008,1190) and
// Available Transfer Syntax UID (0008,3002) at their places, instead of what the data set itself
// has there.
[[nodiscard]] std::string with_retrieval_attributes(std::string_view metadata_json,
                                                    const RetrievalAttributes& attributes);

}  // namespace pacs::dicomweb
