#include "http/multipart_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "core/assert.h"
#include "core/text.h"
#include "http/media_type.h"
#include "http/uri.h"

namespace pacs::http {
namespace {

// Large enough that neither the reads nor the moving of what is left over count.
constexpr size_t kBufferBytes = 256 * 1024;
constexpr size_t kBoundaryBytesMax = 70;  // RFC 2046 5.1.1
constexpr size_t kPartFieldsMax = 64;     // real parts have three to six

Error malformed(std::string_view detail) { return invalid_argument("bad_multipart", detail); }

// RFC 2046 5.1.1: bchars, not ending in a space.
bool is_boundary(std::string_view text) {
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= kBoundaryBytesMax && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  kMarks.find(c) != std::string_view::npos;
         });
}

// RFC 8187: UTF-8'en'na%C3%AFve.dcm
std::optional<std::string> decode_extended(std::string_view value) {
  const size_t first = value.find('\'');
  const size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (!equals_ignoring_case(value.substr(0, first), "UTF-8")) return std::nullopt;
  return percent_decode(value.substr(second + 1));
}

// The value of a parameter as browsers write it: quoted, with '"' and line breaks as %22, %0D, %0A
// (the HTML standard), or with backslashes before quotes as older clients do.
std::string unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    // Other backslashes are those of a Windows path, which some clients send whole.
    const bool escape =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (escape) ++at;
    if (text.substr(at, 3) == "%22") {
      out.push_back('"');
      at += 2;
    } else {
      out.push_back(text[at]);
    }
  }
  return out;
}

void read_disposition(std::string_view field, Part& part) {
  std::optional<std::string> extended;
  for (const std::string& piece : split_outside_quotes(field, ';')) {
    const size_t equals = piece.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = to_lower(trim(std::string_view(piece).substr(0, equals)));
    const std::string_view value = trim(std::string_view(piece).substr(equals + 1));
    if (name == "name") part.name = replace_invalid_utf8(unquote(value));
    if (name == "filename") part.filename = replace_invalid_utf8(unquote(value));
    if (name == "filename*") extended = decode_extended(unquote(value));
  }
  if (extended) part.filename = std::move(extended);
}

// Header lines of a part, each with its CR LF, without the empty line at the end.
Result<Part> parse_part_head(std::string_view text) {
  Part part;
  while (!text.empty()) {
    const size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return malformed("a part's header line does not end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    const size_t colon = line.find(':');
    const bool clean = std::all_of(line.begin(), line.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte >= 0x20 && byte != 0x7f) || c == '\t';
    });
    if (!clean || colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return malformed("a part's header line is malformed");
    }
    if (part.headers.size() == kPartFieldsMax) {
      return resource_exhausted("too_large", "a part has too many header lines");
    }
    part.headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  if (const auto type = part.headers.find("Content-Type")) part.content_type = *type;
  if (const auto field = part.headers.find("Content-Disposition")) read_disposition(*field, part);
  return part;
}

}  // namespace

struct MultipartReader::State {
  enum class Stage { preamble, body, between, done };

  class PartBody final : public ByteSource {
   public:
    explicit PartBody(State& state) : state_(state) {}
    Result<size_t> read_some(MutableBytes buffer) override { return state_.read_body(buffer); }

   private:
    State& state_;
  };

  State(ByteSource& the_source, std::string boundary, const MultipartLimits& the_limits)
      : source(the_source),
        delimiter("\r\n--" + boundary),
        limits(the_limits),
        buffer(kBufferBytes),
        part_body(*this) {
    // The first boundary may stand at the very beginning, without the line end before it.
    buffer[0] = static_cast<std::byte>('\r');
    buffer[1] = static_cast<std::byte>('\n');
    end = 2;
  }

  [[nodiscard]] std::string_view ready() const {
    return as_text(Bytes(buffer).subspan(begin, end - begin));
  }
  // Reads more into the buffer; false at the end of the source.
  Result<bool> fill();
  // How many of the ready bytes surely belong to the part; sets `at_delimiter` when it ends there.
  size_t body_ready();
  Result<size_t> read_body(MutableBytes out);
  Result<void> skip_to_delimiter(size_t bytes_max);
  // Behind a delimiter: false when it was the closing one.
  Result<bool> finish_delimiter_line();
  Result<std::string_view> take_part_head();
  Result<void> drain_epilogue();

  ByteSource& source;
  const std::string delimiter;
  const MultipartLimits limits;
  ByteVector buffer;
  PartBody part_body;
  size_t begin = 0;  // of what is read and not used
  size_t end = 0;
  size_t known_body = 0;  // of the ready bytes, how many were found to be the part's
  bool at_delimiter = false;
  size_t parts = 0;
  Stage stage = Stage::preamble;
};

Result<bool> MultipartReader::State::fill() {
  if (begin > 0) {
    std::memmove(buffer.data(), buffer.data() + begin, end - begin);
    end -= begin;
    begin = 0;
  }
  PACS_ASSERT(end < buffer.size());
  const size_t count = PACS_TRY(source.read_some(MutableBytes(buffer).subspan(end)));
  end += count;
  return count > 0;
}

size_t MultipartReader::State::body_ready() {
  if (known_body > 0 || at_delimiter) return known_body;
  const std::string_view text = ready();
  const void* found = memmem(text.data(), text.size(), delimiter.data(), delimiter.size());
  if (found != nullptr) {
    at_delimiter = true;
    known_body = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    return known_body;
  }
  // The delimiter may have begun in the last bytes: they are the part's only if it did not.
  size_t kept = std::min(text.size(), delimiter.size() - 1);
  while (kept > 0 && !delimiter.starts_with(text.substr(text.size() - kept))) --kept;
  known_body = text.size() - kept;
  return known_body;
}

Result<size_t> MultipartReader::State::read_body(MutableBytes out) {
  if (stage != Stage::body) return size_t{0};
  while (true) {
    const size_t count = std::min(body_ready(), out.size());
    if (count > 0) {
      std::memcpy(out.data(), buffer.data() + begin, count);
      begin += count;
      known_body -= count;
      return count;
    }
    if (at_delimiter) {
      begin += delimiter.size();
      at_delimiter = false;
      stage = Stage::between;
      return size_t{0};
    }
    if (!PACS_TRY(fill())) return malformed("the message ends within a part");
  }
}

Result<void> MultipartReader::State::skip_to_delimiter(size_t bytes_max) {
  size_t skipped = 0;
  while (true) {
    const size_t count = body_ready();
    begin += count;
    known_body = 0;
    skipped += count;
    if (skipped > bytes_max) {
      return resource_exhausted("too_large", "too many bytes before the first boundary");
    }
    if (at_delimiter) break;
    if (!PACS_TRY(fill())) return malformed("the message has no boundary");
  }
  begin += delimiter.size();
  at_delimiter = false;
  return {};
}

Result<bool> MultipartReader::State::finish_delimiter_line() {
  while (ready().size() < 2) {
    if (!PACS_TRY(fill())) return malformed("the message ends at a boundary");
  }
  if (ready().starts_with("--")) {
    begin += 2;
    return false;
  }
  // RFC 2046 5.1.1 allows white space behind a boundary.
  size_t blanks = 0;
  while (true) {
    const std::string_view text = ready();
    while (blanks < text.size() && (text[blanks] == ' ' || text[blanks] == '\t')) ++blanks;
    if (blanks > limits.part_header_bytes_max) break;
    if (text.size() >= blanks + 2) {
      if (text.substr(blanks, 2) != "\r\n") break;
      begin += blanks;  // the CR LF stays: it begins the part's head
      return true;
    }
    if (!PACS_TRY(fill())) return malformed("the message ends at a boundary");
  }
  return malformed("a boundary is followed by something else than a line end");
}

// The ready bytes begin with the CR LF of the boundary's line, so that a head without any field
// ends in CR LF CR LF as every other does. The view lives until the next fill().
Result<std::string_view> MultipartReader::State::take_part_head() {
  while (true) {
    const std::string_view text = ready();
    const size_t found = text.find("\r\n\r\n");
    const size_t size = found == std::string_view::npos ? text.size() : found;
    if (size > limits.part_header_bytes_max) {
      return resource_exhausted("too_large", "the header of a part is too large");
    }
    if (found != std::string_view::npos) {
      begin += found + 4;
      return found == 0 ? std::string_view() : text.substr(2, found);
    }
    if (!PACS_TRY(fill())) return malformed("the message ends within the header of a part");
  }
}

// Read so that the connection can be used again; bounded by the limit on the body as a whole.
Result<void> MultipartReader::State::drain_epilogue() {
  do {
    begin = end = 0;
  } while (PACS_TRY(fill()));
  return {};
}

Result<MultipartReader> MultipartReader::create(ByteSource& source, std::string_view content_type,
                                                const MultipartLimits& limits) {
  const auto media_type = parse_media_type(content_type);
  if (!media_type || media_type->type != "multipart") {
    return unsupported("not_multipart", "this wants a multipart body");
  }
  const std::string* boundary = media_type->parameter("boundary");
  if (boundary == nullptr || !is_boundary(*boundary)) {
    return invalid_argument("bad_boundary", "the Content-Type has no usable boundary");
  }
  return MultipartReader(std::make_unique<State>(source, *boundary, limits));
}

MultipartReader::MultipartReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
MultipartReader::MultipartReader(MultipartReader&&) noexcept = default;
MultipartReader::~MultipartReader() = default;

Result<std::optional<Part>> MultipartReader::next_part() {
  State& state = *state_;
  if (state.stage == State::Stage::done) return std::optional<Part>();
  if (state.stage == State::Stage::preamble) {
    PACS_TRY(state.skip_to_delimiter(state.limits.preamble_bytes_max));
  } else if (state.stage == State::Stage::body) {
    PACS_TRY(state.skip_to_delimiter(SIZE_MAX));
  }
  state.stage = State::Stage::between;
  if (!PACS_TRY(state.finish_delimiter_line())) {
    state.stage = State::Stage::done;
    PACS_TRY(state.drain_epilogue());
    return std::optional<Part>();
  }
  if (++state.parts > state.limits.parts_max) {
    return resource_exhausted("too_many_parts", "the message has too many parts");
  }
  const std::string_view head = PACS_TRY(state.take_part_head());
  std::optional<Part> part = PACS_TRY(parse_part_head(head));
  state.stage = State::Stage::body;
  return part;
}

ByteSource& MultipartReader::body() { return state_->part_body; }

}  // namespace pacs::http
