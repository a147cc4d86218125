// Unique identifiers (PS3.5 chapter 9). What names a study, a series or an instance here is a DICOM
// UID or, for pictures that no DICOM device made, a UUID; DICOM shows a UUID as "2.25." and its
// decimal value (PS3.5 B.2). The types never convert into each other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/named_string.h"
#include "core/uuid.h"

namespace pacs::dicom {

inline constexpr size_t kUidSizeMax = 64;  // PS3.5 9.1

// 1 to 64 digits and dots, no component empty. Components with a leading zero are taken: PS3.5 9.1
// forbids them, devices write them, and such an image must not be lost for it.
[[nodiscard]] bool is_uid(std::string_view text);
// The same without leading zeros.
[[nodiscard]] bool is_conformant_uid(std::string_view text);

// "2.25." and the 128-bit decimal value of the UUID.
[[nodiscard]] std::string to_uid(const Uuid& uuid);
// The UUID whose to_uid() is `uid`; nothing for any other root, a leading zero, or an overflow.
[[nodiscard]] std::optional<Uuid> uuid_from_uid(std::string_view uid);

// One of the three below. The text is exactly what was parsed, but for a UUID's case.
template <typename Kind>
class ObjectUid : public NamedString<Kind> {
 public:
  // Padding is not taken off: a value of a data set must have been trimmed.
  [[nodiscard]] static std::optional<Kind> parse(std::string_view text);

  [[nodiscard]] bool is_uuid() const;
  // A UUID is always conformant, since to_dicom() is.
  [[nodiscard]] bool is_conformant() const;
  // What DICOM calls it: itself, or the 2.25 form of a UUID. Two spellings of one UUID have the
  // same to_dicom(), which is therefore what a look-up should go by.
  [[nodiscard]] std::string to_dicom() const;
  // The UUID, also when it was spelt in the 2.25 form.
  [[nodiscard]] std::optional<Uuid> to_uuid() const;

 protected:
  explicit ObjectUid(std::string text) : NamedString<Kind>(std::move(text)) {}
};

class StudyUid : public ObjectUid<StudyUid> {
  friend class ObjectUid<StudyUid>;
  explicit StudyUid(std::string text) : ObjectUid(std::move(text)) {}
};

class SeriesUid : public ObjectUid<SeriesUid> {
  friend class ObjectUid<SeriesUid>;
  explicit SeriesUid(std::string text) : ObjectUid(std::move(text)) {}
};

class SopInstanceUid : public ObjectUid<SopInstanceUid> {
  friend class ObjectUid<SopInstanceUid>;
  explicit SopInstanceUid(std::string text) : ObjectUid(std::move(text)) {}
};

extern template class ObjectUid<StudyUid>;
extern template class ObjectUid<SeriesUid>;
extern template class ObjectUid<SopInstanceUid>;

// These two are DICOM UIDs alone.
class SopClassUid : public NamedString<SopClassUid> {
 public:
  [[nodiscard]] static std::optional<SopClassUid> parse(std::string_view text);

 private:
  explicit SopClassUid(std::string text) : NamedString(std::move(text)) {}
};

class TransferSyntaxUid : public NamedString<TransferSyntaxUid> {
 public:
  [[nodiscard]] static std::optional<TransferSyntaxUid> parse(std::string_view text);

 private:
  explicit TransferSyntaxUid(std::string text) : NamedString(std::move(text)) {}
};

}  // namespace pacs::dicom
