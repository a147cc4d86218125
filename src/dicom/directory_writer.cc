#include "dicom/directory_writer.h"

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dicom/directory_records.h"
#include "dicom/element_writer.h"
#include "dicom/file_meta.h"
#include "dicom/little_endian.h"
#include "dicom/transfer_syntax.h"
#include "dicom/value_output.h"

namespace pacs::dicom {
namespace {

constexpr std::string_view kMediaStorageDirectoryUid = "1.2.840.10008.1.3.10";
constexpr Tag kDirectoryRecordSequence{0x0004, 0x1220};
constexpr size_t kItemHeaderSize = 8;
constexpr uint16_t kRecordInUse = 0xFFFF;

// One record and those below it, in the order in which they came.
struct Record {
  std::string type;
  std::string content;  // behind Directory Record Type
  std::vector<std::unique_ptr<Record>> below{};
  std::unordered_map<std::string, Record*> by_key{};
  uint64_t offset = 0;  // in the file; of its item
};

void append_header(std::string& to, Tag tag, Vr vr, uint32_t length) {
  append_little_endian(to, tag.group);
  append_little_endian(to, tag.element);
  to += to_string(vr);
  if (has_long_length(vr)) {
    append_little_endian(to, uint16_t{0});
    append_little_endian(to, length);
  } else {
    append_little_endian(to, static_cast<uint16_t>(length));
  }
}

void append_text_element(std::string& to, Tag tag, Vr vr, std::string_view text) {
  append_header(to, tag, vr, static_cast<uint32_t>(text.size() + text.size() % 2));
  to += text;
  if (text.size() % 2 != 0) to += vr == Vr::UI ? '\0' : ' ';
}

template <typename Number>
void append_number_element(std::string& to, Tag tag, Vr vr, Number number) {
  append_header(to, tag, vr, sizeof(number));
  append_little_endian(to, number);
}

// (0004,1400) to (0004,1430), before the content.
std::string start_of(const Record& record, uint64_t next, uint64_t lower) {
  std::string start;
  append_number_element(start, {0x0004, 0x1400}, Vr::UL, static_cast<uint32_t>(next));
  append_number_element(start, {0x0004, 0x1410}, Vr::US, kRecordInUse);
  append_number_element(start, {0x0004, 0x1420}, Vr::UL, static_cast<uint32_t>(lower));
  append_text_element(start, {0x0004, 0x1430}, Vr::CS, record.type);
  return start;
}

std::string text_of(DataSetView attributes, Tag tag) {
  const auto element = attributes.find(tag);
  return element ? std::string(element->text()) : std::string();
}

// What orders its siblings must be there (PS3.3 F.5: type 1).
bool is_number_of_record(Tag tag) {
  return tag == tags::kInstanceNumber || tag == tags::kSeriesNumber || tag == tags::kStudyId;
}

Result<std::string> encoded_keys(const DirectoryRecordType& type, DataSetView attributes,
                                 size_t place) {
  StringSink sink;
  ValueOutput output(&sink);
  ElementWriter writer(output, nullptr);
  if (const auto character_set = attributes.find(tags::kSpecificCharacterSet)) {
    PACS_TRY(writer.element(*character_set));
  }
  for (const DirectoryKey& key : type.keys) {
    const auto element = attributes.find(key.tag);
    const bool has_value =
        element && (element->is_sequence() ? element->item_count() > 0 : !element->value().empty());
    if (has_value && element->vr() == key.vr) {
      PACS_TRY(writer.element(*element));
    } else if (is_number_of_record(key.tag)) {
      std::string number;
      append_text_element(number, key.tag, key.vr, std::to_string(place));
      PACS_TRY(output.put(number));
    } else if (!key.is_optional) {
      PACS_TRY(writer.header(key.tag, key.vr, 0));
    }
  }
  PACS_TRY(output.flush());
  return sink.take();
}

// The record of this key below `parent`, made where there is none.
Result<Record*> record_below(Record& parent, const std::string& key,
                             const DirectoryRecordType& type, DataSetView attributes) {
  const auto found = parent.by_key.find(key);
  if (found != parent.by_key.end()) return found->second;
  auto record = std::make_unique<Record>();
  record->type = type.name;
  record->content = PACS_TRY(encoded_keys(type, attributes, parent.below.size() + 1));
  Record* const made = record.get();
  parent.below.push_back(std::move(record));
  parent.by_key.emplace(key, made);
  return made;
}

// Depth first: patient, study, series and instances.
void gather(Record& parent, std::vector<Record*>& records) {  // NOLINT(misc-no-recursion): 4 deep
  for (const auto& record : parent.below) {
    records.push_back(record.get());
    gather(*record, records);
  }
}

uint64_t size_of(const Record& record) {
  return kItemHeaderSize + start_of(record, 0, 0).size() + record.content.size();
}

// NOLINTNEXTLINE(misc-no-recursion): 4 deep
void append_records(std::string& to, const Record& parent) {
  for (size_t at = 0; at < parent.below.size(); ++at) {
    const Record& record = *parent.below[at];
    const uint64_t next = at + 1 < parent.below.size() ? parent.below[at + 1]->offset : 0;
    const uint64_t lower = record.below.empty() ? 0 : record.below.front()->offset;
    const std::string start = start_of(record, next, lower);
    append_little_endian(to, tags::kItem.group);
    append_little_endian(to, tags::kItem.element);
    append_little_endian(to, static_cast<uint32_t>(start.size() + record.content.size()));
    to += start;
    to += record.content;
    append_records(to, record);
  }
}

}  // namespace

struct DirectoryWriter::State {
  Record root;
};

DirectoryWriter::DirectoryWriter() : state_(std::make_unique<State>()) {}
DirectoryWriter::~DirectoryWriter() = default;

Result<void> DirectoryWriter::add(const DirectoryFile& file, DataSetView attributes) {
  Record* const patient = PACS_TRY(record_below(state_->root, text_of(attributes, tags::kPatientId),
                                                patient_record_type(), attributes));
  Record* const study = PACS_TRY(record_below(
      *patient, text_of(attributes, tags::kStudyInstanceUid), study_record_type(), attributes));
  Record* const series = PACS_TRY(record_below(
      *study, text_of(attributes, tags::kSeriesInstanceUid), series_record_type(), attributes));
  const DirectoryRecordType& type =
      instance_record_type(file.sop_class_uid, attributes.find(tags::kRows).has_value());
  auto record = std::make_unique<Record>();
  record->type = type.name;
  if (type.name == "PRIVATE") {
    append_text_element(record->content, {0x0004, 0x1432}, Vr::UI, file.sop_class_uid);
  }
  append_text_element(record->content, {0x0004, 0x1500}, Vr::CS, file.file_id);
  append_text_element(record->content, {0x0004, 0x1510}, Vr::UI, file.sop_class_uid);
  append_text_element(record->content, {0x0004, 0x1511}, Vr::UI, file.sop_instance_uid);
  append_text_element(record->content, {0x0004, 0x1512}, Vr::UI, file.transfer_syntax_uid);
  record->content += PACS_TRY(encoded_keys(type, attributes, series->below.size() + 1));
  series->below.push_back(std::move(record));
  return {};
}

Result<std::string> DirectoryWriter::finish(std::string_view file_set_uid) const {
  std::string file = make_file_start({.sop_class_uid = kMediaStorageDirectoryUid,
                                      .sop_instance_uid = file_set_uid,
                                      .transfer_syntax_uid = kExplicitVrLittleEndian});
  std::vector<Record*> records;
  gather(state_->root, records);
  // What stands before the records has the same size, whatever the offsets are.
  const auto append_start = [&](std::string& to, uint64_t sequence_size) {
    const auto& patients = state_->root.below;
    append_text_element(to, {0x0004, 0x1130}, Vr::CS, "");
    append_number_element(to, {0x0004, 0x1200}, Vr::UL,
                          static_cast<uint32_t>(patients.empty() ? 0 : patients.front()->offset));
    append_number_element(to, {0x0004, 0x1202}, Vr::UL,
                          static_cast<uint32_t>(patients.empty() ? 0 : patients.back()->offset));
    append_number_element(to, {0x0004, 0x1212}, Vr::US, uint16_t{0});
    append_header(to, kDirectoryRecordSequence, Vr::SQ, static_cast<uint32_t>(sequence_size));
  };
  std::string sized;
  append_start(sized, 0);
  const uint64_t first = file.size() + sized.size();
  uint64_t offset = first;
  for (Record* const record : records) {
    record->offset = offset;
    offset += size_of(*record);
  }
  if (offset > UINT32_MAX) {
    return invalid_argument("directory_too_large", "the directory is beyond 4 GB");
  }
  append_start(file, offset - first);
  file.reserve(offset);
  append_records(file, state_->root);
  return file;
}

}  // namespace pacs::dicom
