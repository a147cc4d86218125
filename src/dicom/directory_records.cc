#include "dicom/directory_records.h"

#include <algorithm>
#include <array>

namespace pacs::dicom {
namespace {

constexpr DirectoryKey kInstanceNumberKey{{0x0020, 0x0013}, Vr::IS};
constexpr DirectoryKey kContentDateKey{{0x0008, 0x0023}, Vr::DA};
constexpr DirectoryKey kContentTimeKey{{0x0008, 0x0033}, Vr::TM};
constexpr DirectoryKey kConceptNameKey{{0x0040, 0xA043}, Vr::SQ};
constexpr DirectoryKey kContentLabelKey{{0x0070, 0x0080}, Vr::CS};
constexpr DirectoryKey kContentDescriptionKey{{0x0070, 0x0081}, Vr::LO};
constexpr DirectoryKey kContentCreatorKey{{0x0070, 0x0084}, Vr::PN};

// F.5.1 to F.5.3. All in ascending order.
constexpr std::array kPatientKeys = {DirectoryKey{{0x0010, 0x0010}, Vr::PN},
                                     DirectoryKey{{0x0010, 0x0020}, Vr::LO}};
constexpr std::array kStudyKeys = {
    DirectoryKey{{0x0008, 0x0020}, Vr::DA}, DirectoryKey{{0x0008, 0x0030}, Vr::TM},
    DirectoryKey{{0x0008, 0x0050}, Vr::SH}, DirectoryKey{{0x0008, 0x1030}, Vr::LO},
    DirectoryKey{{0x0020, 0x000D}, Vr::UI}, DirectoryKey{{0x0020, 0x0010}, Vr::SH}};
constexpr std::array kSeriesKeys = {
    DirectoryKey{{0x0008, 0x0060}, Vr::CS}, DirectoryKey{{0x0008, 0x103E}, Vr::LO, true},
    DirectoryKey{{0x0020, 0x000E}, Vr::UI}, DirectoryKey{{0x0020, 0x0011}, Vr::IS}};

// F.5.4 and on.
constexpr std::array kNumberKeys = {kInstanceNumberKey};
constexpr std::array kDatedKeys = {kContentDateKey, kContentTimeKey, kInstanceNumberKey};
constexpr std::array kImageKeys = {DirectoryKey{{0x0008, 0x0008}, Vr::CS, true},
                                   kInstanceNumberKey};
constexpr std::array kDoseKeys = {kInstanceNumberKey, DirectoryKey{{0x3004, 0x0006}, Vr::LO, true},
                                  DirectoryKey{{0x3004, 0x000A}, Vr::CS}};
constexpr std::array kStructureSetKeys = {
    kInstanceNumberKey, DirectoryKey{{0x3006, 0x0002}, Vr::SH},
    DirectoryKey{{0x3006, 0x0008}, Vr::DA}, DirectoryKey{{0x3006, 0x0009}, Vr::TM}};
constexpr std::array kPlanKeys = {kInstanceNumberKey, DirectoryKey{{0x300A, 0x0002}, Vr::SH},
                                  DirectoryKey{{0x300A, 0x0006}, Vr::DA},
                                  DirectoryKey{{0x300A, 0x0007}, Vr::TM}};
constexpr std::array kTreatmentKeys = {kInstanceNumberKey, DirectoryKey{{0x3008, 0x0250}, Vr::DA},
                                       DirectoryKey{{0x3008, 0x0251}, Vr::TM}};
constexpr std::array kPresentationKeys = {DirectoryKey{{0x0008, 0x1115}, Vr::SQ, true},
                                          kInstanceNumberKey,
                                          kContentLabelKey,
                                          kContentDescriptionKey,
                                          DirectoryKey{{0x0070, 0x0082}, Vr::DA},
                                          DirectoryKey{{0x0070, 0x0083}, Vr::TM},
                                          DirectoryKey{{0x0070, 0x0084}, Vr::PN, true}};
constexpr std::array kReportKeys = {kContentDateKey,
                                    kContentTimeKey,
                                    kInstanceNumberKey,
                                    DirectoryKey{{0x0040, 0xA030}, Vr::DT, true},
                                    kConceptNameKey,
                                    DirectoryKey{{0x0040, 0xA491}, Vr::CS},
                                    DirectoryKey{{0x0040, 0xA493}, Vr::CS}};
constexpr std::array kKeyObjectKeys = {kContentDateKey, kContentTimeKey, kInstanceNumberKey,
                                       kConceptNameKey};
constexpr std::array kLabelledKeys = {kContentDateKey,  kContentTimeKey,        kInstanceNumberKey,
                                      kContentLabelKey, kContentDescriptionKey, kContentCreatorKey};
constexpr std::array kDocumentKeys = {kContentDateKey,
                                      kContentTimeKey,
                                      kInstanceNumberKey,
                                      DirectoryKey{{0x0040, 0xA043}, Vr::SQ},
                                      DirectoryKey{{0x0040, 0xE001}, Vr::ST, true},
                                      DirectoryKey{{0x0042, 0x0010}, Vr::ST},
                                      DirectoryKey{{0x0042, 0x0012}, Vr::LO}};
constexpr std::array kSpectroscopyKeys = {DirectoryKey{{0x0008, 0x0008}, Vr::CS},
                                          kContentDateKey,
                                          kContentTimeKey,
                                          DirectoryKey{{0x0008, 0x9092}, Vr::SQ, true},
                                          kInstanceNumberKey,
                                          DirectoryKey{{0x0028, 0x0008}, Vr::IS},
                                          DirectoryKey{{0x0028, 0x0010}, Vr::US},
                                          DirectoryKey{{0x0028, 0x0011}, Vr::US},
                                          DirectoryKey{{0x0028, 0x9001}, Vr::UL},
                                          DirectoryKey{{0x0028, 0x9002}, Vr::UL}};

constexpr DirectoryRecordType kImageRecord{"IMAGE", kImageKeys};
constexpr DirectoryRecordType kPrivateRecord{"PRIVATE", kNumberKeys};

struct ClassRecord {
  std::string_view behind_root;  // of a SOP class; with a dot at its end, of all that begin so
  DirectoryRecordType type;
};
constexpr std::string_view kStorageRoot = "1.2.840.10008.5.1.4.1.1.";
// The first that fits. What is an image and stands here not is IMAGE.
constexpr std::array kClassRecords = {
    ClassRecord{"4.2", {"SPECTROSCOPY", kSpectroscopyKeys}},
    ClassRecord{"9.", {"WAVEFORM", kDatedKeys}},
    ClassRecord{"11.", {"PRESENTATION", kPresentationKeys}},
    ClassRecord{"66", {"RAW DATA", kDatedKeys}},
    ClassRecord{"66.1", {"REGISTRATION", kLabelledKeys}},
    ClassRecord{"66.2", {"FIDUCIAL", kLabelledKeys}},
    ClassRecord{"66.3", {"REGISTRATION", kLabelledKeys}},
    ClassRecord{"66.5", {"SURFACE", kLabelledKeys}},
    ClassRecord{"66.6", {"TRACT", kLabelledKeys}},
    ClassRecord{"67", {"VALUE MAP", kLabelledKeys}},
    ClassRecord{"68.", {"SURFACE SCAN", kDatedKeys}},
    ClassRecord{"77.1.5.3", {"STEREOMETRIC", kNumberKeys}},
    ClassRecord{"78.", {"MEASUREMENT", kDatedKeys}},
    ClassRecord{"79.1", {"MEASUREMENT", kDatedKeys}},
    ClassRecord{"80.1", {"MEASUREMENT", kDatedKeys}},
    ClassRecord{"81.1", {"MEASUREMENT", kDatedKeys}},
    ClassRecord{"88.59", {"KEY OBJECT DOC", kKeyObjectKeys}},
    ClassRecord{"88.", {"SR DOCUMENT", kReportKeys}},
    ClassRecord{"104.", {"ENCAP DOC", kDocumentKeys}},
    ClassRecord{"481.2", {"RT DOSE", kDoseKeys}},
    ClassRecord{"481.3", {"RT STRUCTURE SET", kStructureSetKeys}},
    ClassRecord{"481.4", {"RT TREAT RECORD", kTreatmentKeys}},
    ClassRecord{"481.5", {"RT PLAN", kPlanKeys}},
    ClassRecord{"481.6", {"RT TREAT RECORD", kTreatmentKeys}},
    ClassRecord{"481.7", {"RT TREAT RECORD", kTreatmentKeys}},
    ClassRecord{"481.8", {"RT PLAN", kPlanKeys}},
    ClassRecord{"481.9", {"RT TREAT RECORD", kTreatmentKeys}},
};

}  // namespace

const DirectoryRecordType& patient_record_type() {
  static constexpr DirectoryRecordType kType{"PATIENT", kPatientKeys};
  return kType;
}

const DirectoryRecordType& study_record_type() {
  static constexpr DirectoryRecordType kType{"STUDY", kStudyKeys};
  return kType;
}

const DirectoryRecordType& series_record_type() {
  static constexpr DirectoryRecordType kType{"SERIES", kSeriesKeys};
  return kType;
}

const DirectoryRecordType& instance_record_type(std::string_view sop_class_uid, bool has_rows) {
  if (sop_class_uid.starts_with(kStorageRoot)) {
    const std::string_view behind = sop_class_uid.substr(kStorageRoot.size());
    const auto* found =
        std::find_if(kClassRecords.begin(), kClassRecords.end(), [&](const ClassRecord& record) {
          return record.behind_root.ends_with('.') ? behind.starts_with(record.behind_root)
                                                   : behind == record.behind_root;
        });
    if (found != kClassRecords.end()) return found->type;
  }
  return has_rows ? kImageRecord : kPrivateRecord;
}

}  // namespace pacs::dicom
