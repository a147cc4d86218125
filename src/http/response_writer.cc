#include "http/response_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "core/assert.h"
#include "core/text.h"
#include "http/gzip.h"

namespace pacs::http {
namespace {

// Below this the fields that gzip costs outweigh what it saves.
constexpr size_t kCompressedBytesMin = 1024;

bool is_compressible(std::string_view content_type) {
  const std::string essence = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  return essence.starts_with("text/") || essence == "application/json" ||
         essence.ends_with("+json") || essence.ends_with("+xml") ||
         essence == "application/javascript";
}

// RFC 9110 6.4.1: these never have a body, whatever their fields say.
bool has_no_body(Status status) {
  return number_of(status) < 200 || status == Status::no_content || status == Status::not_modified;
}

// A field value with a line break in it would start a field, or an answer, of its own.
void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    head.push_back((byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c);
  }
  head.append("\r\n");
}

void add_vary(Headers& headers, std::string_view name) {
  const auto present = headers.joined("Vary");
  if (!present) {
    headers.add("Vary", name);
  } else if (to_lower(*present).find(to_lower(name)) == std::string::npos) {
    headers.set("Vary", *present + ", " + std::string(name));
  }
}

}  // namespace

Result<void> StringWire::write(Bytes bytes) {
  text_.append(as_text(bytes));
  return {};
}

struct ResponseWriter::State {
  enum class Framing { none, sized, chunked, until_close };

  // What a handler writes a streamed body to.
  class BodySink final : public ByteSink {
   public:
    explicit BodySink(State& state) : state_(state) {}
    Result<void> write(Bytes bytes) override { return state_.write_body(bytes); }
    Result<void> write_file(int descriptor, uint64_t offset, uint64_t length) override {
      return state_.write_file(descriptor, offset, length);
    }

   private:
    State& state_;
  };

  State(Wire& the_wire, ResponseTerms the_terms)
      : wire(the_wire), terms(std::move(the_terms)), sink(*this) {}

  void begin(Status the_status, Headers headers, std::optional<uint64_t> length);
  Result<void> send_head();
  Result<void> take(uint64_t count);
  Result<void> write_body(Bytes bytes);
  Result<void> write_file(int descriptor, uint64_t offset, uint64_t length);
  Result<void> write_chunk_size(uint64_t size);
  Result<void> finish();
  Result<void> noted(Result<void> result);

  Wire& wire;
  ResponseTerms terms;
  BodySink sink;
  std::string pending_head;  // built, and not yet sent
  Status status = Status::ok;
  Framing framing = Framing::none;
  uint64_t rest = 0;  // of a sized body
  uint64_t body_bytes = 0;
  bool started = false;
  bool finished = false;
  bool broken = false;
  bool keep_alive = false;
  bool swallows_body = false;
};

// Builds the head:
//   HTTP/1.1 206 Partial Content
//   Date: …            the fields of the server, those of the handler, then the framing
//   Content-Length: 5
void ResponseWriter::State::begin(Status the_status, Headers headers,
                                  std::optional<uint64_t> length) {
  PACS_ASSERT(!started);
  started = true;
  status = the_status;
  for (const std::string_view value : terms.common.all("Vary")) add_vary(headers, value);
  headers.merge(terms.common);
  headers.remove("Content-Length");
  headers.remove("Transfer-Encoding");
  const bool bodiless = has_no_body(status);
  swallows_body = terms.method == Method::head || bodiless;
  if (bodiless) {
    framing = Framing::none;
  } else if (length) {
    framing = Framing::sized;
    rest = *length;
  } else {
    framing = terms.http_minor == 0 ? Framing::until_close : Framing::chunked;
  }
  keep_alive = terms.may_keep_alive() && framing != Framing::until_close;

  std::string& head = pending_head;
  head.reserve(512);
  head.append("HTTP/1.1 ").append(std::to_string(number_of(status))).append(" ");
  head.append(phrase(status)).append("\r\n");
  append_field(head, "Date", terms.date);
  for (const auto& [name, value] : headers) append_field(head, name, value);
  append_field(head, "X-Request-Id", terms.request_id);
  if (framing == Framing::sized) append_field(head, "Content-Length", std::to_string(rest));
  if (framing == Framing::chunked) append_field(head, "Transfer-Encoding", "chunked");
  if (!keep_alive) {
    append_field(head, "Connection", "close");
  } else if (terms.http_minor == 0) {
    append_field(head, "Connection", "keep-alive");
  }
  head.append("\r\n");
}

Result<void> ResponseWriter::State::noted(Result<void> result) {
  if (!result) broken = true;
  return result;
}

Result<void> ResponseWriter::State::send_head() {
  if (pending_head.empty()) return {};
  return noted(wire.write(as_bytes(std::exchange(pending_head, {}))));
}

// Accounts for body bytes that are about to leave.
Result<void> ResponseWriter::State::take(uint64_t count) {
  PACS_ASSERT(started && !finished);
  if (broken) return unavailable("client_gone", "the connection was broken off");
  if (framing == Framing::sized) {
    if (count > rest) {
      broken = true;
      return internal_error("body_too_long", "more bytes were written than were announced");
    }
    rest -= count;
  }
  body_bytes += swallows_body ? 0 : count;
  return {};
}

Result<void> ResponseWriter::State::write_chunk_size(uint64_t size) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16);
  std::string line = std::exchange(pending_head, {});
  line.append(digits.data(), end.ptr).append("\r\n");
  return noted(wire.write_more(as_bytes(line)));
}

Result<void> ResponseWriter::State::write_body(Bytes bytes) {
  if (bytes.empty()) return {};
  PACS_TRY(take(bytes.size()));
  if (swallows_body) return {};
  if (framing == Framing::chunked) {
    PACS_TRY(write_chunk_size(bytes.size()));
    PACS_TRY(noted(wire.write_more(bytes)));
    return noted(wire.write(as_bytes("\r\n")));
  }
  if (!pending_head.empty()) {
    constexpr size_t kJoinedBytesMax = 16 * 1024;  // one copy is cheaper than one more call
    if (bytes.size() <= kJoinedBytesMax) {
      std::string both = std::exchange(pending_head, {});
      both.append(as_text(bytes));
      return noted(wire.write(as_bytes(both)));
    }
    PACS_TRY(noted(wire.write_more(as_bytes(std::exchange(pending_head, {})))));
  }
  return noted(wire.write(bytes));
}

Result<void> ResponseWriter::State::write_file(int descriptor, uint64_t offset, uint64_t length) {
  if (length == 0) return {};
  PACS_TRY(take(length));
  if (swallows_body) return {};
  if (framing == Framing::chunked) {
    PACS_TRY(write_chunk_size(length));
    PACS_TRY(noted(wire.write_file(descriptor, offset, length)));
    return noted(wire.write(as_bytes("\r\n")));
  }
  if (!pending_head.empty()) {
    PACS_TRY(noted(wire.write_more(as_bytes(std::exchange(pending_head, {})))));
  }
  return noted(wire.write_file(descriptor, offset, length));
}

Result<void> ResponseWriter::State::finish() {
  PACS_ASSERT(started);
  if (finished) return {};
  if (broken) return unavailable("client_gone", "the connection was broken off");
  if (framing == Framing::sized && rest > 0 && !swallows_body) {
    broken = true;
    return internal_error("body_too_short", "fewer bytes were written than were announced");
  }
  if (framing == Framing::chunked && !swallows_body) {
    std::string end = std::exchange(pending_head, {});
    end.append("0\r\n\r\n");
    PACS_TRY(noted(wire.write(as_bytes(end))));
  }
  PACS_TRY(send_head());
  finished = true;
  return {};
}

ResponseWriter::ResponseWriter(Wire& wire, ResponseTerms terms)
    : state_(std::make_unique<State>(wire, std::move(terms))) {}

ResponseWriter::~ResponseWriter() = default;

void ResponseWriter::send(Response response) {
  const auto content_type = response.headers.find("Content-Type");
  const bool compressible = content_type && is_compressible(*content_type) &&
                            response.body.size() >= kCompressedBytesMin &&
                            !response.headers.contains("Content-Encoding");
  if (compressible) {
    add_vary(response.headers, "Accept-Encoding");
    if (state_->terms.accepts_gzip) {
      response.body = gzip(response.body);
      response.headers.set("Content-Encoding", "gzip");
      // A strong validator names exact bytes, and these are others (RFC 9110 8.8.1).
      const auto etag = response.headers.find("ETag");
      if (etag && !etag->starts_with("W/")) {
        response.headers.set("ETag", "W/" + std::string(*etag));
      }
    }
  }
  state_->begin(response.status, std::move(response.headers), response.body.size());
  if (!state_->swallows_body && !state_->write_body(as_bytes(response.body))) return;
  static_cast<void>(state_->finish());  // complete() tells
}

ByteSink& ResponseWriter::start(Status status, Headers headers,
                                std::optional<uint64_t> content_length) {
  state_->begin(status, std::move(headers), content_length);
  return state_->sink;
}

Result<void> ResponseWriter::finish() { return state_->finish(); }

bool ResponseWriter::started() const { return state_->started; }

bool ResponseWriter::complete() const {
  const bool all_written = state_->framing == State::Framing::sized && state_->started &&
                           state_->rest == 0 && state_->pending_head.empty();
  return (state_->finished || all_written) && !state_->broken;
}

Status ResponseWriter::status() const { return state_->status; }

uint64_t ResponseWriter::body_bytes() const { return state_->body_bytes; }

bool ResponseWriter::keeps_alive() const { return state_->keep_alive; }

bool ResponseWriter::body_is_swallowed() const {
  return state_->terms.method == Method::head || state_->swallows_body;
}

const std::string& ResponseWriter::request_id() const { return state_->terms.request_id; }

}  // namespace pacs::http
