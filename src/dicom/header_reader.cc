#include "dicom/header_reader.h"

#include <algorithm>
#include <array>
#include <memory>

#include "dicom/byte_window.h"
#include "dicom/data_set_scanner.h"
#include "dicom/little_endian.h"
#include "dicom/media_kind.h"

namespace pacs::dicom {
namespace {

constexpr size_t kPreambleSize = 128;  // PS3.10 7.1
constexpr std::string_view kPrefix = "DICM";
constexpr size_t kElementHeaderSize = 8;
constexpr Encoding kMetaEncoding{VrEncoding::explicit_vr, std::endian::little};  // PS3.10 7.1

Error not_dicom() {
  return invalid_argument("not_dicom", "The file does not start like a DICOM file.");
}

Result<void> move_behind_prefix(ByteWindow& window, Header& header) {
  constexpr size_t kPartTenStartSize = kPreambleSize + kPrefix.size();
  const bool is_long_enough = window.ensure(kPartTenStartSize);
  if (window.failure()) return *window.failure();
  const std::string_view start = as_text({window.ahead(), window.available()});
  if (is_long_enough && start.substr(kPreambleSize).starts_with(kPrefix)) {
    header.has_preamble = true;
    window.advance(kPartTenStartSize);
    return {};
  }
  if (sniff_media_kind({window.ahead(), window.available()}) != MediaKind::dicom) {
    return not_dicom();
  }
  return {};
}

bool is_meta_next(ByteWindow& window) {
  return window.ensure(kElementHeaderSize) &&
         load_u16(window.ahead(), std::endian::little) == 0x0002;
}

// How the bytes of a data set look. One starts in group 0008 or, when it is a fragment, 0010, whose
// bytes in the wrong order are groups that nobody uses. The letters of a VR would be an absurd
// length, and an absurd length is no sign of an implicit data set.
std::optional<Encoding> detect_encoding(ByteWindow& window, Encoding promised) {
  if (!window.ensure(kElementHeaderSize)) return std::nullopt;
  const std::byte* ahead = window.ahead();
  const auto is_first_group = [&](std::endian order) {
    const uint16_t group = load_u16(ahead, order);
    return group == 0x0008 || group == 0x0010;
  };
  Encoding encoding = promised;
  if (is_first_group(std::endian::little)) encoding.order = std::endian::little;
  if (is_first_group(std::endian::big)) encoding.order = std::endian::big;
  const std::string_view letters(reinterpret_cast<const char*>(ahead) + 4, 2);
  if (parse_vr(letters)) {
    encoding.vr = VrEncoding::explicit_vr;
  } else if (load_u32(ahead + 4, encoding.order) <= window.end() - window.position()) {
    encoding.vr = VrEncoding::implicit_vr;
  }
  return encoding;
}

TransferSyntax native_syntax(Encoding encoding) {
  std::string_view uid = kExplicitVrLittleEndian;
  if (encoding.order == std::endian::big) uid = kExplicitVrBigEndian;
  if (encoding == Encoding{VrEncoding::implicit_vr, std::endian::little}) {
    uid = kImplicitVrLittleEndian;
  }
  TransferSyntax syntax = *find_transfer_syntax(uid);
  syntax.vr_encoding = encoding.vr;  // implicit big endian has no UID
  return syntax;
}

// Settles how to read on: what the UID promises, unless the first element plainly is otherwise.
Encoding choose_encoding(ByteWindow& window, Header& header) {
  const TransferSyntax* declared = find_transfer_syntax(header.transfer_syntax_uid);
  const Encoding promised =
      declared == nullptr ? kMetaEncoding : Encoding{declared->vr_encoding, declared->byte_order};
  const std::optional<Encoding> seen = detect_encoding(window, promised);
  if (declared == nullptr) {
    header.transfer_syntax = native_syntax(seen.value_or(kMetaEncoding));
    if (header.transfer_syntax_uid.empty()) {
      header.transfer_syntax_uid = header.transfer_syntax.uid;
    } else {
      header.transfer_syntax.uid = {};
      header.transfer_syntax.name = {};
    }
    return {header.transfer_syntax.vr_encoding, header.transfer_syntax.byte_order};
  }
  header.transfer_syntax = *declared;
  if (!seen || *seen == promised) return promised;
  header.contradicts_transfer_syntax = true;
  header.transfer_syntax.vr_encoding = seen->vr;
  header.transfer_syntax.byte_order = seen->order;
  return *seen;
}

// Pixels that are wrapped where the UID says they are not, or the reverse.
void settle_pixel_encoding(Header& header) {
  if (!header.pixel_data) return;
  const bool is_encapsulated = header.pixel_data->is_encapsulated;
  if (is_encapsulated == header.transfer_syntax.is_encapsulated) return;
  if (!header.transfer_syntax.uid.empty()) header.contradicts_transfer_syntax = true;
  header.transfer_syntax.is_encapsulated = is_encapsulated;
  if (!is_encapsulated) header.transfer_syntax.codec = PixelCodec::native;
}

}  // namespace

Result<Header> read_header(const RandomAccess& file, const HeaderLimits& limits) {
  Header header;
  std::unique_ptr<ByteWindow> window = open_file_window(file, 0);
  PACS_TRY(move_behind_prefix(*window, header));
  header.data_set_offset = window->position();

  if (is_meta_next(*window)) {
    DataSetScanner meta(*window, kMetaEncoding, limits);
    PACS_TRY(meta.scan_meta());
    if (const auto uid = meta.data_set().find(tags::kTransferSyntaxUid)) {
      header.transfer_syntax_uid = uid->text();
    }
    const TransferSyntax* declared = find_transfer_syntax(header.transfer_syntax_uid);
    // A wrong group length does not hide the rest; deflated bytes may look like anything.
    if ((declared == nullptr || !declared->is_deflated) && is_meta_next(*window)) {
      PACS_TRY(meta.scan_meta());
    }
    header.meta = meta.take_data_set();
    header.data_set_offset = window->position();
    if (declared != nullptr && declared->is_deflated) {
      window = open_inflating_window(file, window->position(), limits.inflated_size_max);
    }
  }

  const Encoding encoding = choose_encoding(*window, header);
  if (window->failure()) return *window->failure();
  DataSetScanner scanner(*window, encoding, limits);
  PACS_TRY(scanner.scan_data_set());
  header.data_set = scanner.take_data_set();
  header.pixel_data = scanner.take_pixel_data();
  settle_pixel_encoding(header);
  return header;
}

}  // namespace pacs::dicom
