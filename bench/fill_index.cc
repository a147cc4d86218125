// Fills an index with made-up studies, fast: many ingests to a transaction, through the same code
// that stores real ones.
//
//   fill_index INDEX.db STUDIES IMAGES [SEED]
//
// Prints how long it took. Continues an index that exists already only when it is empty.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "core/text.h"
#include "index/archive_state.h"
#include "index/database.h"
#include "index/ingest_transaction.h"
#include "index/write_transaction.h"

namespace pacs::bench {
namespace {

using namespace pacs::index;

// Large enough that the commit does not show, small enough to stay in the page cache.
constexpr int64_t kImagesOfTransaction = 2000;
constexpr UnixMillis kFirstTime = 1'600'000'000'000;
constexpr UnixMillis kMillisOfStudy = 30'000;

constexpr const char* kFamilyNames[] = {
    "Smith",  "Garcia",  "Müller", "Tanaka", "Okafor", "Silva",  "Nguyen", "Kowalski", "Haddad",
    "Ivanov", "Johnson", "Rossi",  "Dubois", "Kim",    "Mensah", "Larsen", "Patel",    "Novak",
    "Santos", "Weber",   "Abebe",  "Farouk", "Jensen", "Costa",  "Diallo", "Moreau",   "Yilmaz"};
constexpr const char* kGivenNames[] = {"Anna", "Bola", "Chen", "Dmitri", "Elena", "Fatima",
                                       "Goro", "Hugo", "Ines", "Jose",   "Kofi",  "Lucia",
                                       "Maya", "Noor", "Olga", "Pedro",  "Quinn", "Rosa",
                                       "Sami", "Tara", "Umar", "Vera",   "Wei",   "Yusuf"};
constexpr const char* kDescriptions[] = {
    "CHEST PA AND LATERAL", "CT ABDOMEN WITH CONTRAST", "MR BRAIN", "KNEE LEFT", "US PELVIS",
    "SPINE LUMBAR"};
constexpr const char* kModalities[] = {"CT", "CT", "CR", "CR", "CR", "DX", "DX", "MR", "US", "PT"};

class Filler {
 public:
  Filler(int64_t studies, int64_t images, uint64_t seed)
      : studies_(studies), images_(images), random_(seed) {}

  Result<void> fill(Database& database) {
    while (image_ < images_) {
      PACS_TRY(database.write([this](WriteTransaction& transaction) -> Result<void> {
        for (int64_t i = 0; i < kImagesOfTransaction && image_ < images_; ++i, ++image_) {
          PACS_TRY(add_image(transaction));
        }
        return {};
      }));
    }
    return {};
  }

 private:
  template <size_t N>
  const char* one_of(const char* const (&choices)[N]) {
    return choices[random_() % N];
  }

  std::string two_digits(uint64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  }

  // Each study has the same number of images, in one series or two.
  Result<void> add_image(WriteTransaction& transaction) {
    const int64_t study = image_ * studies_ / images_;
    if (study != study_) start_study(study);
    const int64_t number = image_ - first_image_;
    const std::string series_uid = study_uid_ + (number % 3 == 2 ? ".2" : ".1");
    const std::string image_uid = study_uid_ + ".3." + std::to_string(number + 1);
    Ingest ingest{.study_uid = *dicom::StudyUid::parse(study_uid_),
                  .series_uid = *dicom::SeriesUid::parse(series_uid),
                  .image_uid = *dicom::SopInstanceUid::parse(image_uid),
                  .study = attributes_,
                  .image = ImageAttributes{
                      .filename = "IM-0001-" + std::to_string(number) + ".dcm",
                      .key = ObjectKey::make(study_uid_, series_uid, image_uid,
                                             "IM-0001-" + std::to_string(number) + ".dcm")}};
    ingest.series.number = number % 3 == 2 ? 2 : 1;
    ingest.series.description = "AXIAL 5mm";
    ingest.series.modality = modality_;
    ingest.series.body_part = "CHEST";
    ingest.image.store = "filesystem";
    ingest.image.sha256 = sha256(as_bytes(image_uid));
    ingest.image.size_bytes = 526'000;
    ingest.image.mime_type = "application/dicom";
    ingest.image.transfer_syntax = "1.2.840.10008.1.2.1";
    ingest.image.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
    ingest.image.instance_number = number + 1;
    ingest.image.rows = 512;
    ingest.image.columns = 512;
    ingest.image.owner = "token:1";
    ingest.image.uploader_name = "modality";
    ingest.image.blob_identity = "fs:1:" + std::to_string(image_) + ":526000:1";
    ingest.image.stored_at = kFirstTime + study_ * kMillisOfStudy + number;
    ingest.metadata_json = metadata(image_uid, number);
    ingest.frame_table = ByteVector(12, std::byte{1});
    AuditLine line;
    line.time = ingest.image.stored_at;
    line.actor = "token:1";
    line.action = "image.store";
    line.request_id = std::to_string(image_);
    return stored(IngestTransaction(transaction, ingest).run(line));
  }

  static Result<void> stored(const Result<IngestOutcome>& outcome) {
    if (!outcome) return outcome.error();
    return {};
  }

  void start_study(int64_t study) {
    study_ = study;
    first_image_ = image_;
    study_uid_ = "1.2.840.113619.2.55.3." + std::to_string(random_() % 1'000'000'000) + "." +
                 std::to_string(study + 1);
    modality_ = one_of(kModalities);
    attributes_.patient_id = "PAT" + std::to_string(random_() % (studies_ / 2 + 1) + 100'000);
    attributes_.patient_name = std::string(one_of(kFamilyNames)) + std::to_string(random_() % 500) +
                               "^" + one_of(kGivenNames);
    attributes_.patient_birth_date = "1970-01-01";
    attributes_.patient_sex = study % 2 == 0 ? "F" : "M";
    attributes_.study_date = std::to_string(2016 + study * 10 / studies_) + "-" +
                             two_digits(random_() % 12 + 1) + "-" + two_digits(random_() % 28 + 1);
    attributes_.study_time = "10:15:00";
    attributes_.description = one_of(kDescriptions);
    attributes_.accession_number = "ACC" + std::to_string(1'000'000 + study);
    attributes_.referring_physician = "Doctor^Referring";
    // One study, one patient: the study's own id, so that no two patients share one.
    attributes_.patient_id += "-" + std::to_string(study % 2);
  }

  // About what a CT slice says, without its private elements.
  std::string metadata(const std::string& image_uid, int64_t number) {
    std::string json = R"({"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00080016":{"vr":"UI",)"
                       R"("Value":["1.2.840.10008.5.1.4.1.1.2"]},"00080018":{"vr":"UI","Value":[")";
    json += image_uid + R"("]},"00080060":{"vr":"CS","Value":[")" + modality_;
    json += R"("]},"00100010":{"vr":"PN","Value":[{"Alphabetic":")" + attributes_.patient_name;
    json += R"("}]},"00100020":{"vr":"LO","Value":[")" + attributes_.patient_id;
    json += R"("]},"00200013":{"vr":"IS","Value":[)" + std::to_string(number + 1);
    for (const char* tag : {"00180050", "00180060", "00180090", "00181100", "00181110", "00181111",
                            "00181120", "00181130", "00200032", "00200037", "00201041", "00280030",
                            "00281050", "00281051", "00281052", "00281053"}) {
      json += std::string(R"(]},")") + tag + R"(":{"vr":"DS","Value":[)";
      json += std::to_string(static_cast<double>(random_() % 10'000) / 16.0);
    }
    return json + R"(]},"7FE00010":{"vr":"OW","BulkDataURI":"bulk/7FE00010"}})";
  }

  const int64_t studies_;
  const int64_t images_;
  std::mt19937_64 random_;
  int64_t image_ = 0;
  int64_t first_image_ = 0;
  int64_t study_ = -1;
  std::string study_uid_;
  std::string modality_;
  StudyAttributes attributes_;
};

Result<void> run(const std::string& path, int64_t studies, int64_t images, uint64_t seed) {
  auto database = PACS_TRY(Database::open(path, {}));
  const auto totals = PACS_TRY(ArchiveState(*database).totals());
  if (totals.studies > 0) return already_exists("not_empty", "The index has studies already.");
  return Filler(studies, images, seed).fill(*database);
}

}  // namespace
}  // namespace pacs::bench

int main(int argc, char** argv) {
  const auto studies = argc > 3 ? pacs::parse_unsigned(argv[2]) : std::nullopt;
  const auto images = argc > 3 ? pacs::parse_unsigned(argv[3]) : std::nullopt;
  const auto seed = argc > 4 ? pacs::parse_unsigned(argv[4]) : std::optional<uint64_t>(1);
  if (!studies || !images || !seed || *studies == 0 || *images < *studies) {
    std::fputs("usage: fill_index INDEX.db STUDIES IMAGES [SEED]   (at least an image a study)\n",
               stderr);
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto done = pacs::bench::run(argv[1], static_cast<int64_t>(*studies),
                                     static_cast<int64_t>(*images), *seed);
  if (!done) {
    std::fprintf(stderr, "fill_index: %s\n", to_string(done.error()).c_str());
    return 1;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%llu images in %.1f s\n", static_cast<unsigned long long>(*images), seconds.count());
  return 0;
}
