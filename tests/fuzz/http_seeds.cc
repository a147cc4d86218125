#include "tests/fuzz/seeds.h"

namespace pacs::fuzz {
namespace {

void add_requests(Seeds& seeds) {
  seeds.push_back({"request_head", "get",
                   "GET /api/v1/radiology/studies/?ordering=-date HTTP/1.1\r\n"
                   "Host: pacs.example:8443\r\nAccept: application/json\r\n"
                   "Connection: keep-alive, close\r\n\r\n"});
  seeds.push_back({"request_head", "put_chunked",
                   "\r\nPUT /x HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n"
                   "Expect: 100-continue\r\n\r\n"});
  seeds.push_back({"request_head", "post_length",
                   "POST http://pacs.example/x?y HTTP/1.1\r\nHost: pacs.example\r\n"
                   "Content-Length: 12\r\n\r\nhello world."});
  seeds.push_back({"request_head", "old", "OPTIONS * HTTP/1.0\r\n\r\n"});
  seeds.push_back({"request_head", "smuggled",
                   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n"});
  seeds.push_back({"chunked_body", "two",
                   "\x01"
                   "5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"});
  seeds.push_back({"chunked_body", "trailer",
                   "\x03"
                   "1\r\nx\r\n00\r\nDigest: abc\r\n\r\nGET / H"});
  seeds.push_back({"chunked_body", "large",
                   "\x20"
                   "ffffffff\r\nx"});
  seeds.push_back({"query", "query", "a=1&b=x%20y+z&c&d=%C3%A9&&e=%"});
  seeds.push_back({"query", "target", "https://pacs.example:8443/a/b%2Fc?x=y"});
  seeds.push_back({"query", "host", "http://[2001:db8::1]:80/"});
}

void add_fields(Seeds& seeds) {
  seeds.push_back(
      {"media_type", "type", "multipart/related; type=\"application/dicom\"; a=\"\\\"\""});
  seeds.push_back({"media_type", "accept", "image/png;q=0.5, */*;q=0.1, text/*, a/b;x=1;q=1.000"});
  seeds.push_back({"media_type", "encoding", "gzip;q=0, *;q=0.5, x-gzip"});
  seeds.push_back({"byte_range", "three", "1000\nbytes=0-99, 300-, -5"});
  seeds.push_back({"byte_range", "joined", "4000\nbytes=0-9,100-200,1000-1010,500-2000"});
  seeds.push_back({"byte_range", "unsatisfiable", "10\nbytes=10-"});
  seeds.push_back({"byte_range", "huge", "9223372036854775807\nbytes=1-18446744073709551615"});
  seeds.push_back({"retrieve_terms", "ohif",
                   "multipart/related; type=application/octet-stream; transfer-syntax=*\n1,2,3"});
  seeds.push_back(
      {"retrieve_terms", "quoted",
       "multipart/related; type=\"image/jls\"; transfer-syntax=\"1.2.840.10008.1.2.4.80\""
       ", */*;q=0.1\n20,1"});
  seeds.push_back({"retrieve_terms", "image", "image/*;q=0.5, application/dicom+json\n0"});
  seeds.push_back({"retrieve_terms", "untyped", "multipart/related\n1,"});
  seeds.push_back({"conditions", "range", "Range: bytes=0-9\nIf-Range: \"abc\""});
  seeds.push_back({"conditions", "ranges", "Range: bytes=0-0,-1\nIf-Match: W/\"x\", \"abc\""});
  seeds.push_back({"conditions", "none_match", "If-None-Match: *\nRange: bytes=99-"});
  seeds.push_back({"conditions", "dates",
                   "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\n"
                   "If-Unmodified-Since: Tuesday, 14-Nov-23 22:13:20 GMT\n"
                   "If-Range: Tue Nov 14 22:13:20 2023"});
  seeds.push_back({"address", "proxies",
                   "X-Forwarded-For: 203.0.113.9, 10.1.1.1\nX-Forwarded-Proto: https\n"
                   "X-Forwarded-Host: a.example:443"});
  seeds.push_back({"address", "forwarded",
                   "Forwarded: for=192.0.2.60;proto=https;host=\"pacs.example\", "
                   "for=\"[2001:db8::1]:4711\", for=_hidden"});
  seeds.push_back({"address", "blocks", "10.0.0.0/8\n2001:db8::/32\n::ffff:1.2.3.4\n[::1]"});
}

void add_multipart(Seeds& seeds) {
  seeds.push_back({"multipart", "form",
                   "multipart/form-data; boundary=B\n\x03--B\r\n"
                   "Content-Disposition: form-data; name=\"order\"\r\n\r\n12\r\n--B\r\n"
                   "Content-Disposition: form-data; name=\"file\"; filename=\"a%22b.dcm\"; "
                   "filename*=UTF-8''na%C3%AFve.dcm\r\nContent-Type: application/dicom\r\n\r\n"
                   "DICM\r\n--\r\n--B--\r\nepilogue"});
  seeds.push_back({"multipart", "related",
                   "multipart/related; boundary=\"x y\"; type=\"application/dicom\"\n\x0Fpreamble"
                   "\r\n--x y  \r\n\r\nno head\r\n--x y\r\nContent-Type: text/plain\r\n\r\n\r\n"
                   "--x y--"});
  seeds.push_back(
      {"multipart", "cut", "multipart/form-data; boundary=B\n\x10--B\r\nA: b\r\n\r\nx"});
}

}  // namespace

void add_http_seeds(Seeds& seeds) {
  add_requests(seeds);
  add_fields(seeds);
  add_multipart(seeds);
}

}  // namespace pacs::fuzz
