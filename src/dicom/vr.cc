#include "dicom/vr.h"

namespace pacs::dicom {

std::optional<Vr> parse_vr(std::string_view letters) {
  if (letters.size() != 2) return std::nullopt;
  const auto vr = static_cast<Vr>(vr_code(letters[0], letters[1]));
  switch (vr) {
    case Vr::AE:
    case Vr::AS:
    case Vr::AT:
    case Vr::CS:
    case Vr::DA:
    case Vr::DS:
    case Vr::DT:
    case Vr::FD:
    case Vr::FL:
    case Vr::IS:
    case Vr::LO:
    case Vr::LT:
    case Vr::OB:
    case Vr::OD:
    case Vr::OF:
    case Vr::OL:
    case Vr::OV:
    case Vr::OW:
    case Vr::PN:
    case Vr::SH:
    case Vr::SL:
    case Vr::SQ:
    case Vr::SS:
    case Vr::ST:
    case Vr::SV:
    case Vr::TM:
    case Vr::UC:
    case Vr::UI:
    case Vr::UL:
    case Vr::UN:
    case Vr::UR:
    case Vr::US:
    case Vr::UT:
    case Vr::UV:
      return vr;
  }
  return std::nullopt;
}

std::string to_string(Vr vr) {
  const auto code = static_cast<uint16_t>(vr);
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
}

bool has_long_length(Vr vr) {
  switch (vr) {
    case Vr::OB:
    case Vr::OD:
    case Vr::OF:
    case Vr::OL:
    case Vr::OV:
    case Vr::OW:
    case Vr::SQ:
    case Vr::SV:
    case Vr::UC:
    case Vr::UN:
    case Vr::UR:
    case Vr::UT:
    case Vr::UV:
      return true;
    default:
      return false;
  }
}

bool is_encoded_text(Vr vr) {
  switch (vr) {
    case Vr::LO:
    case Vr::LT:
    case Vr::PN:
    case Vr::SH:
    case Vr::ST:
    case Vr::UC:
    case Vr::UT:
      return true;
    default:
      return false;
  }
}

bool is_text(Vr vr) {
  switch (vr) {
    case Vr::AE:
    case Vr::AS:
    case Vr::CS:
    case Vr::DA:
    case Vr::DS:
    case Vr::DT:
    case Vr::IS:
    case Vr::TM:
    case Vr::UI:
    case Vr::UR:
      return true;
    default:
      return is_encoded_text(vr);
  }
}

bool is_bulk(Vr vr) {
  switch (vr) {
    case Vr::OB:
    case Vr::OD:
    case Vr::OF:
    case Vr::OL:
    case Vr::OV:
    case Vr::OW:
    case Vr::UN:
      return true;
    default:
      return false;
  }
}

unsigned number_size(Vr vr) {
  switch (vr) {
    case Vr::AT:
    case Vr::OW:
    case Vr::SS:
    case Vr::US:
      return 2;
    case Vr::FL:
    case Vr::OF:
    case Vr::OL:
    case Vr::SL:
    case Vr::UL:
      return 4;
    case Vr::FD:
    case Vr::OD:
    case Vr::OV:
    case Vr::SV:
    case Vr::UV:
      return 8;
    default:
      return 1;
  }
}

}  // namespace pacs::dicom
