#include "dicomweb/store_answer.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"
#include "core/json_writer.h"
#include "dicom/dicom_xml.h"
#include "dicomweb/model_answer.h"

namespace pacs::dicomweb {
namespace {

// PS3.18 table 10.5.3-2.
constexpr std::string_view kReferencedSopClassUid = "00081150";
constexpr std::string_view kReferencedSopInstanceUid = "00081155";
constexpr std::string_view kRetrieveUrl = "00081190";
constexpr std::string_view kFailureReasonTag = "00081197";
constexpr std::string_view kFailedSopSequence = "00081198";
constexpr std::string_view kReferencedSopSequence = "00081199";

void write_text_element(JsonWriter& writer, std::string_view tag, std::string_view vr,
                        std::string_view value) {
  writer.key(tag);
  writer.begin_object();
  writer.member("vr", vr);
  writer.key("Value");
  writer.begin_array();
  writer.string(value);
  writer.end_array();
  writer.end_object();
}

void write_number_element(JsonWriter& writer, std::string_view tag, std::string_view vr,
                          int64_t value) {
  writer.key(tag);
  writer.begin_object();
  writer.member("vr", vr);
  writer.key("Value");
  writer.begin_array();
  writer.number(value);
  writer.end_array();
  writer.end_object();
}

// What is not known is left out: a part that is no DICOM file has no UIDs.
void write_instance(JsonWriter& writer, const InstanceOutcome& outcome, std::string_view root_url) {
  writer.begin_object();
  if (!outcome.name.sop_class_uid.empty()) {
    write_text_element(writer, kReferencedSopClassUid, "UI", outcome.name.sop_class_uid);
  }
  if (!outcome.name.sop_instance_uid.empty()) {
    write_text_element(writer, kReferencedSopInstanceUid, "UI", outcome.name.sop_instance_uid);
  }
  if (outcome.failure) {
    write_number_element(writer, kFailureReasonTag, "US", static_cast<int64_t>(*outcome.failure));
  } else {
    write_text_element(writer, kRetrieveUrl, "UR",
                       std::string(root_url) + "/studies/" + outcome.study_uid + "/series/" +
                           outcome.series_uid + "/instances/" + outcome.name.sop_instance_uid);
  }
  writer.end_object();
}

enum class Fate { stored, failed };

Fate fate_of(const InstanceOutcome& outcome) {
  return outcome.failure ? Fate::failed : Fate::stored;
}

// An empty sequence is left out.
void write_sequence(JsonWriter& writer, std::string_view tag, Fate fate,
                    const std::deque<InstanceOutcome>& outcomes, std::string_view root_url) {
  const auto is_meant = [fate](const InstanceOutcome& outcome) { return fate_of(outcome) == fate; };
  if (std::none_of(outcomes.begin(), outcomes.end(), is_meant)) return;
  writer.key(tag);
  writer.begin_object();
  writer.member("vr", "SQ");
  writer.key("Value");
  writer.begin_array();
  for (const InstanceOutcome& outcome : outcomes) {
    if (is_meant(outcome)) write_instance(writer, outcome, root_url);
  }
  writer.end_array();
  writer.end_object();
}

// Of the one study that was stored to; of several there is none to name.
void write_study_url(JsonWriter& writer, const std::deque<InstanceOutcome>& outcomes,
                     std::string_view root_url) {
  const std::string* study = nullptr;
  for (const InstanceOutcome& outcome : outcomes) {
    if (fate_of(outcome) == Fate::failed) continue;
    if (study != nullptr && *study != outcome.study_uid) return;
    study = &outcome.study_uid;
  }
  if (study == nullptr) return;
  write_text_element(writer, kRetrieveUrl, "UR", std::string(root_url) + "/studies/" + *study);
}

http::Status status_of_store(const std::deque<InstanceOutcome>& outcomes) {
  const auto failed = std::count_if(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
    return fate_of(outcome) == Fate::failed;
  });
  if (failed == 0) return http::Status::ok;
  return static_cast<size_t>(failed) == outcomes.size() ? http::Status::conflict
                                                        : http::Status::accepted;
}

}  // namespace

http::Response store_answer(const http::Request& request,
                            const std::deque<InstanceOutcome>& outcomes,
                            std::string_view root_url) {
  JsonWriter writer;
  writer.begin_object();
  write_study_url(writer, outcomes, root_url);
  write_sequence(writer, kFailedSopSequence, Fate::failed, outcomes, root_url);
  write_sequence(writer, kReferencedSopSequence, Fate::stored, outcomes, root_url);
  writer.end_object();
  const std::string json = writer.take();
  http::Response response = http::json(status_of_store(outcomes), json);
  response.headers.set("Content-Type", kDicomJson);
  if (choose_model(request, XmlForm::single) == DicomModel::xml) {
    auto xml = dicom::to_native_xml(json);
    PACS_ASSERT(xml);  // of our own JSON
    response.body = std::move(*xml);
    response.headers.set("Content-Type", kDicomXml);
  }
  return response;
}

}  // namespace pacs::dicomweb
