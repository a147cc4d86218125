#include "http/status.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pacs::http {
namespace {

constexpr std::array kPhrases = {
    std::pair{100, std::string_view("Continue")},
    std::pair{200, std::string_view("OK")},
    std::pair{201, std::string_view("Created")},
    std::pair{202, std::string_view("Accepted")},
    std::pair{204, std::string_view("No Content")},
    std::pair{206, std::string_view("Partial Content")},
    std::pair{301, std::string_view("Moved Permanently")},
    std::pair{302, std::string_view("Found")},
    std::pair{303, std::string_view("See Other")},
    std::pair{304, std::string_view("Not Modified")},
    std::pair{307, std::string_view("Temporary Redirect")},
    std::pair{308, std::string_view("Permanent Redirect")},
    std::pair{400, std::string_view("Bad Request")},
    std::pair{401, std::string_view("Unauthorized")},
    std::pair{403, std::string_view("Forbidden")},
    std::pair{404, std::string_view("Not Found")},
    std::pair{405, std::string_view("Method Not Allowed")},
    std::pair{406, std::string_view("Not Acceptable")},
    std::pair{408, std::string_view("Request Timeout")},
    std::pair{409, std::string_view("Conflict")},
    std::pair{410, std::string_view("Gone")},
    std::pair{411, std::string_view("Length Required")},
    std::pair{412, std::string_view("Precondition Failed")},
    std::pair{413, std::string_view("Content Too Large")},
    std::pair{414, std::string_view("URI Too Long")},
    std::pair{415, std::string_view("Unsupported Media Type")},
    std::pair{416, std::string_view("Range Not Satisfiable")},
    std::pair{417, std::string_view("Expectation Failed")},
    std::pair{422, std::string_view("Unprocessable Content")},
    std::pair{423, std::string_view("Locked")},
    std::pair{429, std::string_view("Too Many Requests")},
    std::pair{431, std::string_view("Request Header Fields Too Large")},
    std::pair{460, std::string_view("Checksum Mismatch")},
    std::pair{500, std::string_view("Internal Server Error")},
    std::pair{501, std::string_view("Not Implemented")},
    std::pair{502, std::string_view("Bad Gateway")},
    std::pair{503, std::string_view("Service Unavailable")},
    std::pair{505, std::string_view("HTTP Version Not Supported")},
    std::pair{507, std::string_view("Insufficient Storage")},
};

}  // namespace

std::string_view phrase(Status status) {
  const auto* found = std::find_if(kPhrases.begin(), kPhrases.end(), [&](const auto& entry) {
    return entry.first == number_of(status);
  });
  return found == kPhrases.end() ? "Unknown" : found->second;
}

}  // namespace pacs::http
