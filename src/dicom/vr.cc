#include "dicom/vr.h"

namespace pacs::dicom {

namespace {

constexpr Vr kAll[] = {Vr::AE, Vr::AS, Vr::AT, Vr::CS, Vr::DA, Vr::DS, Vr::DT, Vr::FD, Vr::FL,
                       Vr::IS, Vr::LO, Vr::LT, Vr::OB, Vr::OD, Vr::OF, Vr::OL, Vr::OV, Vr::OW,
                       Vr::PN, Vr::SH, Vr::SL, Vr::SQ, Vr::SS, Vr::ST, Vr::SV, Vr::TM, Vr::UC,
                       Vr::UI, Vr::UL, Vr::UN, Vr::UR, Vr::US, Vr::UT, Vr::UV};
constexpr Vr kOfLongLength[] = {Vr::OB, Vr::OD, Vr::OF, Vr::OL, Vr::OV, Vr::OW, Vr::SQ,
                                Vr::SV, Vr::UC, Vr::UN, Vr::UR, Vr::UT, Vr::UV};

constexpr size_t place_of(Vr vr) {
  const auto code = static_cast<uint16_t>(vr);
  return static_cast<size_t>((code >> 8) - 'A') * kVrLetters + ((code & 0xFF) - 'A');
}

constexpr std::array<VrTraits, kVrLetters * kVrLetters> make_traits() {
  std::array<VrTraits, kVrLetters * kVrLetters> traits{};
  for (const Vr vr : kAll) traits[place_of(vr)].is_vr = true;
  for (const Vr vr : kOfLongLength) traits[place_of(vr)].has_long_length = true;
  return traits;
}

}  // namespace

constinit const std::array<VrTraits, kVrLetters* kVrLetters> kVrTraits = make_traits();

std::string to_string(Vr vr) {
  const auto code = static_cast<uint16_t>(vr);
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
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
