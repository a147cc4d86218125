#include "dicomweb/zip_file_set.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/bytes.h"
#include "core/crypto.h"
#include "core/json_value.h"
#include "core/log.h"
#include "core/uuid.h"
#include "dicom/data_set_builder.h"
#include "dicom/directory_records.h"
#include "dicom/directory_writer.h"
#include "dicom/json_data_set.h"
#include "dicom/json_elements.h"
#include "dicom/uid.h"
#include "dicomweb/picture.h"
#include "http/media_type.h"

namespace pacs::dicomweb {
namespace {

// So many data sets of the index are held at once.
constexpr size_t kMetadataAtOnce = 100;
constexpr std::string_view kFileSetNameSpace = "0c7d8c8f-6d0e-4f3c-9a4e-2b8f9b0c5e61";

// "SE000001": PS3.10 8.2 has eight letters, and more series or images come in no study.
std::string numbered(std::string_view letters, size_t number) {
  char digits[32];
  std::snprintf(digits, sizeof(digits), "%06zu", number);
  return std::string(letters) + digits;
}

bool is_key(const dicom::DirectoryRecordType& type, dicom::Tag tag) {
  return std::any_of(type.keys.begin(), type.keys.end(),
                     [&](const dicom::DirectoryKey& key) { return key.tag == tag; });
}

// What of an instance stands in a directory, and no more.
Result<dicom::DataSet> keys_of(std::string_view metadata_json, std::string_view sop_class_uid) {
  const auto& type = dicom::instance_record_type(sop_class_uid, true);
  std::string json;
  dicom::for_each_json_element(metadata_json, [&](dicom::Tag tag, std::string_view element) {
    const bool is_wanted = tag == dicom::tags::kRows || is_key(type, tag) ||
                           is_key(dicom::patient_record_type(), tag) ||
                           is_key(dicom::study_record_type(), tag) ||
                           is_key(dicom::series_record_type(), tag);
    if (is_wanted && element.find("\"BulkDataURI\":") == std::string_view::npos) {
      json += (json.empty() ? "{\"" : ",\"") + to_string(tag) + "\":" + std::string(element);
    }
    return true;
  });
  const auto object =
      PACS_TRY(JsonValue::parse(json.empty() ? "{}" : json + "}", dicom::kJsonModelDepthMax));
  const auto no_bulk = [](const std::string&) -> Result<dicom::BulkPlace> {
    return not_found("no_bulk", "a key of a directory is no bulk data");
  };
  return dicom::read_json_data_set(object, no_bulk);
}

// What the index knows without a data set.
dicom::DataSet least_keys_of(const index::ImageRecord& instance) {
  dicom::DataSetBuilder builder;
  builder.add_text(dicom::tags::kStudyInstanceUid, dicom::Vr::UI, instance.study_uid.to_dicom());
  builder.add_text(dicom::tags::kSeriesInstanceUid, dicom::Vr::UI, instance.series_uid.to_dicom());
  return builder.take();
}

class FileSet {
 public:
  FileSet(const DicomwebServices& services, const index::Scope& scope,
          std::vector<index::ImageRecord> instances)
      : services_(services),
        scope_(scope),
        instances_(std::move(instances)),
        content_types_(instances_.size()) {
    std::unordered_map<int64_t, std::pair<size_t, size_t>> series;  // its number, images in it
    for (const index::ImageRecord& instance : instances_) {
      auto& [number, images] =
          series.try_emplace(instance.series_id, series.size() + 1, 0).first->second;
      file_ids_.push_back("DICOM/" + numbered("SE", number) + '/' + numbered("IM", ++images));
    }
  }

  [[nodiscard]] const std::string& name(size_t at) const { return file_ids_[at]; }
  void note(size_t at, const std::string& content_type) { content_types_[at] = content_type; }

  [[nodiscard]] Result<std::string> directory() const {
    dicom::DirectoryWriter writer;
    for (size_t begin = 0; begin < instances_.size(); begin += kMetadataAtOnce) {
      const size_t end = std::min(begin + kMetadataAtOnce, instances_.size());
      std::vector<int64_t> ids;
      for (size_t at = begin; at < end; ++at) ids.push_back(instances_[at].id);
      std::unordered_map<int64_t, std::string> metadata;
      for (auto& each : PACS_TRY(services_.images.metadata(scope_, ids))) {
        metadata[each.image_id] = std::move(each.json);
      }
      for (size_t at = begin; at < end; ++at) {
        if (!content_types_[at].empty()) PACS_TRY(add(writer, at, metadata[instances_[at].id]));
      }
    }
    return writer.finish(uid());
  }

 private:
  // The same for the same files.
  [[nodiscard]] std::string uid() const {
    Sha256 hash;
    for (size_t at = 0; at < instances_.size(); ++at) {
      hash.update(instances_[at].attributes.sha256.bytes);
      hash.update(as_bytes(content_types_[at]));
    }
    return dicom::to_uid(Uuid::from_name(*Uuid::parse(kFileSetNameSpace), hash.finish().hex()));
  }

  Result<void> add(dicom::DirectoryWriter& writer, size_t at, std::string metadata) const {
    const index::ImageRecord& instance = instances_[at];
    if (archive::is_picture(instance)) {
      metadata = metadata_json(*PACS_TRY(open_picture(services_, scope_, instance)));
    }
    const auto type = http::parse_media_type(content_types_[at]);
    const std::string* syntax = type ? type->parameter("transfer-syntax") : nullptr;
    dicom::DirectoryFile file;
    file.file_id = file_ids_[at];
    std::replace(file.file_id.begin(), file.file_id.end(), '/', '\\');
    file.sop_class_uid = instance.attributes.sop_class_uid;
    if (const auto named = dicom::find_json_element(metadata, dicom::tags::kSopClassUid)) {
      const auto element = dicom::parse_json_element(*named);
      const auto texts = element ? dicom::values_of(*element).texts : dicom::AttributeTexts();
      if (file.sop_class_uid.empty() && !texts.empty()) file.sop_class_uid = texts.front();
    }
    file.sop_instance_uid = instance.image_uid.to_dicom();
    file.transfer_syntax_uid = syntax != nullptr ? *syntax : instance.attributes.transfer_syntax;
    auto keys = keys_of(metadata, file.sop_class_uid);
    if (!keys) {
      log_info("directory_keys_left_out",
               {{"image_id", instance.id}, {"reason", keys.error().reason}});
    }
    const bool is_known = keys && keys->find(dicom::tags::kSeriesInstanceUid).has_value();
    const dicom::DataSet attributes = is_known ? std::move(*keys) : least_keys_of(instance);
    return writer.add(file, attributes);
  }

  const DicomwebServices& services_;
  const index::Scope& scope_;
  const std::vector<index::ImageRecord> instances_;
  std::vector<std::string> file_ids_;       // as names of the ZIP file, with slashes
  std::vector<std::string> content_types_;  // as which each has left; empty: left out
};

}  // namespace

Result<bool> wants_dicomdir(const http::Request& request) {
  const auto wanted = request.query_parameter("dicomdir");
  if (!wanted || *wanted == "false") return false;
  if (*wanted == "true") return true;
  return invalid_argument("bad_parameter", "dicomdir is true or false");
}

std::vector<ZipPart> as_file_set(const DicomwebServices& services, const index::Scope& scope,
                                 std::vector<index::ImageRecord> instances,
                                 std::vector<AnswerPart> parts) {
  const auto file_set = std::make_shared<FileSet>(services, scope, std::move(instances));
  std::vector<ZipPart> files;
  files.reserve(parts.size() + 1);
  for (size_t at = 0; at < parts.size(); ++at) {
    AnswerPart& part = parts[at];
    if (part.open) {
      part.open = [file_set, at, open = std::move(part.open)](AnswerPart& opened) -> Result<void> {
        PACS_TRY(open(opened));
        if (opened.write) file_set->note(at, opened.content_type);
        return {};
      };
    } else {
      file_set->note(at, part.content_type);
    }
    files.push_back({file_set->name(at), std::move(part)});
  }
  AnswerPart directory;
  directory.open = [file_set](AnswerPart& opened) -> Result<void> {
    // std::function copies.
    const auto text = std::make_shared<const std::string>(PACS_TRY(file_set->directory()));
    opened.size_bytes = text->size();
    opened.write = [text](ByteSink& sink) { return sink.write(as_bytes(*text)); };
    return {};
  };
  files.push_back({"DICOMDIR", std::move(directory)});
  return files;
}

}  // namespace pacs::dicomweb
