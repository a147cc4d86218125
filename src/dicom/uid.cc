#include "dicom/uid.h"

#include <array>

namespace pacs::dicom {
namespace {

constexpr std::string_view kUuidRoot = "2.25.";  // PS3.5 B.2
constexpr size_t kUuidBytes = 16;
constexpr size_t kUuidTextSize = 36;
constexpr size_t kUuidDigitsMax = 39;  // of 2^128 - 1

enum class LeadingZeros { allowed, forbidden };

bool matches_uid_grammar(std::string_view text, LeadingZeros leading_zeros) {
  if (text.empty() || text.size() > kUidSizeMax) return false;
  size_t component_size = 0;
  char first = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '.') {
      if (component_size == 0) return false;
      if (leading_zeros == LeadingZeros::forbidden && first == '0' && component_size > 1) {
        return false;
      }
      component_size = 0;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return false;
    if (component_size++ == 0) first = text[i];
  }
  return true;
}

std::optional<Uuid> uuid_of(std::string_view text) {
  return text.size() == kUuidTextSize ? Uuid::parse(text) : std::nullopt;
}

}  // namespace

bool is_uid(std::string_view text) { return matches_uid_grammar(text, LeadingZeros::allowed); }

bool is_conformant_uid(std::string_view text) {
  return matches_uid_grammar(text, LeadingZeros::forbidden);
}

std::string to_uid(const Uuid& uuid) {
  // Long division by ten, from the most significant byte on, gives the digits from the last on.
  std::array<std::byte, kUuidBytes> number = uuid.bytes();
  std::string digits;
  bool is_zero = false;
  while (!is_zero) {
    unsigned remainder = 0;
    is_zero = true;
    for (std::byte& byte : number) {
      const unsigned dividend = remainder * 256 + static_cast<unsigned>(byte);
      byte = static_cast<std::byte>(dividend / 10);
      remainder = dividend % 10;
      if (byte != std::byte{0}) is_zero = false;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + remainder));
  }
  return std::string(kUuidRoot) + digits;
}

std::optional<Uuid> uuid_from_uid(std::string_view uid) {
  if (!uid.starts_with(kUuidRoot)) return std::nullopt;
  const std::string_view digits = uid.substr(kUuidRoot.size());
  if (digits.empty() || digits.size() > kUuidDigitsMax) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;

  std::array<std::byte, kUuidBytes> number{};
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    unsigned carry = static_cast<unsigned>(digit - '0');
    for (size_t i = kUuidBytes; i-- > 0;) {
      const unsigned sum = static_cast<unsigned>(number[i]) * 10 + carry;
      number[i] = static_cast<std::byte>(sum & 0xFF);
      carry = sum >> 8;
    }
    if (carry != 0) return std::nullopt;
  }

  std::string text = to_hex(number);
  for (const size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
  return Uuid::parse(text);
}

template <typename Kind>
std::optional<Kind> ObjectUid<Kind>::parse(std::string_view text) {
  if (const auto uuid = uuid_of(text)) return Kind(uuid->str());
  if (!is_uid(text)) return std::nullopt;
  return Kind(std::string(text));
}

template <typename Kind>
bool ObjectUid<Kind>::is_uuid() const {
  return this->str().size() == kUuidTextSize && this->str().find('-') != std::string::npos;
}

template <typename Kind>
bool ObjectUid<Kind>::is_conformant() const {
  return is_uuid() || is_conformant_uid(this->str());
}

template <typename Kind>
std::string ObjectUid<Kind>::to_dicom() const {
  const auto uuid = uuid_of(this->str());
  return uuid ? to_uid(*uuid) : this->str();
}

template <typename Kind>
std::optional<Uuid> ObjectUid<Kind>::to_uuid() const {
  const auto uuid = uuid_of(this->str());
  return uuid ? uuid : uuid_from_uid(this->str());
}

template class ObjectUid<StudyUid>;
template class ObjectUid<SeriesUid>;
template class ObjectUid<SopInstanceUid>;

std::optional<SopClassUid> SopClassUid::parse(std::string_view text) {
  if (!is_uid(text)) return std::nullopt;
  return SopClassUid(std::string(text));
}

std::optional<TransferSyntaxUid> TransferSyntaxUid::parse(std::string_view text) {
  if (!is_uid(text)) return std::nullopt;
  return TransferSyntaxUid(std::string(text));
}

}  // namespace pacs::dicom
