#include "dicom/deidentification.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "core/uuid.h"
#include "dicom/confidentiality_table.h"
#include "dicom/data_set_builder.h"
#include "dicom/dictionary.h"
#include "dicom/uid.h"

namespace pacs::dicom {
namespace {

constexpr std::string_view kRootOfStandard = "1.2.840.10008.";
constexpr uint16_t kFirstGroup =
    0x0008;  // below are messages and files, which are not of a data set
constexpr std::string_view kDummyText = "ANONYMIZED";

constexpr Tag kPatientIdTag{0x0010, 0x0020};
constexpr Tag kPatientIdentityRemoved{0x0012, 0x0062};
constexpr Tag kDeidentificationMethod{0x0012, 0x0063};
constexpr Tag kDeidentificationMethodCodes{0x0012, 0x0064};
constexpr Tag kBurnedInAnnotation{0x0028, 0x0301};
constexpr Tag kRecognizableVisualFeatures{0x0028, 0x0302};
constexpr Tag kTemporalInformation{0x0028, 0x0303};
constexpr Tag kReportContent{0x0040, 0xA730};
constexpr Tag kEncapsulatedDocumentTag{0x0042, 0x0011};

std::array<std::byte, 32> keyed(const Sha256Digest& secret, std::string_view purpose,
                                std::string_view text) {
  const std::string message = std::string(purpose) + '\0' + std::string(text);
  return hmac_sha256(secret.bytes, as_bytes(message)).bytes;
}

bool is_of_standard(std::string_view uid) { return uid.starts_with(kRootOfStandard); }

// What it names is a class, an encoding or a scheme, and no object.
bool names_no_object(Tag tag) {
  const DictionaryEntry* const entry = find_dictionary_entry(tag);
  if (entry == nullptr) return false;
  for (const std::string_view end : {"ClassUID", "SyntaxUID", "SchemeUID", "SOPClassesInStudy"}) {
    if (entry->keyword.ends_with(end)) return true;
  }
  return false;
}

bool is_of_time_or_person(Vr vr) {
  return vr == Vr::PN || vr == Vr::DA || vr == Vr::DT || vr == Vr::TM;
}

std::string_view dummy_text(Vr vr) {
  switch (vr) {
    case Vr::AS:
      return "000Y";
    case Vr::DA:
      return "19000101";
    case Vr::DT:
      return "19000101000000";
    case Vr::TM:
      return "000000";
    case Vr::DS:
    case Vr::IS:
      return "0";
    case Vr::UR:
      return "urn:anonymized";
    default:
      return kDummyText;
  }
}

// Copies what may stay from one data set into another.
class Deidentifier {
 public:
  explicit Deidentifier(const Pseudonyms& pseudonyms) : pseudonyms_(pseudonyms) {}

  void copy_all(DataSetView from) {
    for (const ElementView element : from) copy_one(element);
  }
  DataSet take() { return builder_.take(); }

 private:
  static bool is_dropped(const ElementView& element) {
    const Tag tag = element.tag();
    const uint16_t repeating = tag.group & 0xFF00;
    return tag.group < kFirstGroup || tag.is_private() || tag.is_group_length() ||
           repeating == 0x5000 || repeating == 0x6000 || find_dictionary_entry(tag) == nullptr;
  }

  void copy_one(const ElementView& element) {
    if (is_dropped(element)) return;
    const Tag tag = element.tag();
    const Vr vr = element.effective_vr();
    const auto action = find_confidentiality_action(tag);
    if (action == ConfidentialityAction::remove) return;
    if (tag == kPatientIdTag) {
      builder_.add_text(tag, Vr::LO, pseudonyms_.patient_id(element.text()));
    } else if (action == ConfidentialityAction::uid ||
               (!action && vr == Vr::UI && !names_no_object(tag))) {
      copy_uids(element);
    } else if (action == ConfidentialityAction::empty) {
      add_empty(tag, vr);
    } else if (action == ConfidentialityAction::dummy || (!action && is_of_time_or_person(vr))) {
      add_dummy(element, vr);
    } else if (element.is_sequence()) {
      copy_sequence(element);
    } else if (vr == Vr::SQ) {
      add_empty(tag, vr);  // a sequence that came as UN, whose items nobody has read
    } else {
      copy_value(element);
    }
  }

  void copy_uids(const ElementView& element) {
    std::string others;
    for (const std::string_view uid : split(element.text(), '\\')) {
      const std::string_view one = trim(uid);
      if (!others.empty()) others += '\\';
      others += one.empty() ? std::string() : pseudonyms_.uid(one);
    }
    builder_.add_text(element.tag(), Vr::UI, others);
  }

  void add_empty(Tag tag, Vr vr) {
    if (vr != Vr::SQ) {
      builder_.add_bytes(tag, vr, {});
      return;
    }
    builder_.close(builder_.add_element({.tag = tag, .vr = Vr::SQ}));
  }

  void add_dummy(const ElementView& element, Vr vr) {
    const bool is_empty = element.length() == 0U;
    if (vr == Vr::SQ || is_empty) return add_empty(element.tag(), vr);
    if (vr == Vr::UI) return copy_uids(element);
    if (is_text(vr)) {
      builder_.add_text(element.tag(), vr, dummy_text(vr));
      return;
    }
    // Of whatever binary VR: eight bytes hold whole numbers of each.
    constexpr std::array<std::byte, 8> kZeros{};
    builder_.add_bytes(element.tag(), vr, Bytes(kZeros).first(size_of_number(vr)));
  }

  static size_t size_of_number(Vr vr) {
    switch (vr) {
      case Vr::US:
      case Vr::SS:
      case Vr::OB:
      case Vr::OW:
      case Vr::UN:
        return 2;
      case Vr::UL:
      case Vr::SL:
      case Vr::FL:
      case Vr::AT:
      case Vr::OF:
      case Vr::OL:
        return 4;
      default:
        return 8;
    }
  }

  void copy_sequence(const ElementView& element) {
    const auto sequence = builder_.add_element({.tag = element.tag(), .vr = Vr::SQ});
    for (const DataSetView item : element.items()) {
      const auto copied = builder_.add_item();
      copy_all(item);
      builder_.close(copied);
    }
    builder_.close(sequence);
  }

  void copy_value(const ElementView& element) {
    const auto node = builder_.add_element(
        {.tag = element.tag(),
         .vr = element.vr(),
         .length = element.length().value_or(DataSetBuilder::kUndefinedLength),
         .file_offset = element.file_offset().value_or(DataSetBuilder::kNotInFile),
         .file_byte_order = element.file_byte_order()});
    if (!element.is_in_memory()) return;
    const Bytes value = element.value();
    const MutableBytes room = builder_.add_value(node, value.size());
    std::copy(value.begin(), value.end(), room.begin());
  }

  const Pseudonyms& pseudonyms_;
  DataSetBuilder builder_;
};

bool says_yes(DataSetView data_set, Tag tag) {
  const auto element = data_set.find(tag);
  return element && element->is_in_memory() && element->text() == "YES";
}

}  // namespace

std::string Pseudonyms::uid(std::string_view original) const {
  if (is_of_standard(original)) return std::string(original);
  const auto digest = keyed(secret_, "uid", original);
  std::string digits = to_hex(Bytes(digest).first(16));
  digits[12] = '8';  // RFC 9562 5.8: of somebody's own making
  digits[16] = 'a';
  for (const size_t at : {8, 13, 18, 23}) digits.insert(at, "-");
  return to_uid(Uuid::parse(digits).value());
}

std::string Pseudonyms::patient_id(std::string_view original) const {
  if (original.empty()) return {};
  return "ANON" + to_hex(Bytes(keyed(secret_, "patient", original)).first(6));
}

Result<DataSet> deidentified(DataSetView original, const Pseudonyms& pseudonyms) {
  if (says_yes(original, kBurnedInAnnotation) || says_yes(original, kRecognizableVisualFeatures)) {
    return unsupported("not_deidentified",
                       "its pixels show who it is (Burned In Annotation or Recognizable Visual "
                       "Features)");
  }
  if (original.find(kEncapsulatedDocumentTag) || original.find(kReportContent)) {
    return unsupported("not_deidentified",
                       "what a document or report says cannot be de-identified");
  }
  Deidentifier deidentifier(pseudonyms);
  deidentifier.copy_all(original);
  return deidentifier.take();
}

DataSet deidentification_notice() {
  DataSetBuilder notice;
  notice.add_text(kPatientIdentityRemoved, Vr::CS, "YES");
  notice.add_text(kDeidentificationMethod, Vr::LO,
                  "DICOM PS3.15 2026c, table E.1-1, Basic Profile");
  const auto codes = notice.add_element({.tag = kDeidentificationMethodCodes, .vr = Vr::SQ});
  const auto item = notice.add_item();
  notice.add_text({0x0008, 0x0100}, Vr::SH, "113100");
  notice.add_text({0x0008, 0x0102}, Vr::SH, "DCM");
  notice.add_text({0x0008, 0x0104}, Vr::LO, "Basic Application Confidentiality Profile");
  notice.close(item);
  notice.close(codes);
  notice.add_text(kTemporalInformation, Vr::CS, "REMOVED");
  return notice.take();
}

}  // namespace pacs::dicom
