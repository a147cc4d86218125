#include "tests/fuzz/seeds.h"

namespace pacs::fuzz {
namespace {

constexpr const char* kSha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

void add_json(Seeds& seeds) {
  seeds.push_back(
      {"json", "all", R"({"a":[1,-2.5e3,true,null,"\u00e9\n"],"b":{"c":18446744073709551615}})"});
  seeds.push_back({"json", "twice", R"({"a":1,"a":2})"});
  seeds.push_back({"json", "nested", "[[[[[[[[[[[[]]]]]]]]]]]]"});
  seeds.push_back({"declared_metadata", "full",
                   R"({"study_uid":"1.2.3","series_uid":"1.2.3.4","image_uid":)"
                   R"("5f3b1c9e-8a77-4d2e-9b6a-0c1d2e3f4a5b","patient_id":"P1",)"
                   R"("patient_name":"Doe^Jane","study_date":"2026-01-31","modality":"CT",)"
                   R"("series_number":"3","instance_number":7,"other":[1]})"});
  seeds.push_back({"declared_metadata", "empty", R"({"patient_id":null,"study_date":" "})"});
  seeds.push_back({"manifest", "line",
                   R"({"key":"radiology/1.2/1.2.3/1.2.3.4/a.dcm","image_id":12,"study_id":3,)"
                   R"("image_uuid":"5f3b1c9e-8a77-4d2e-9b6a-0c1d2e3f4a5b","filename":"a.dcm"})"});
  seeds.push_back({"manifest", "elsewhere", R"({"key":"x/y.dcm","id":1,"image_metadata":{}})"});
  seeds.push_back({"manifest", "name", "study 12"});
  seeds.push_back({"manifest", "uid", "1.2.840.10008.1"});
}

void add_searches(Seeds& seeds) {
  seeds.push_back(
      {"search_parameters", "ohif",
       R"(limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060&PatientName=*doe*&ModalitiesInStudy=CT,US&StudyDate=20260101-20260131)"
       "\n"
       R"({"00080020":{"vr":"DA","Value":["20260102"]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe^Jane"}]}})"});
  seeds.push_back(
      {"search_parameters", "sequence",
       R"(00400275.00400009=STEP*&RequestAttributesSequence.RequestedProcedureID=R1&includefield=all)"
       "\n"
       R"({"00400275":{"vr":"SQ","Value":[{"00400009":{"vr":"SH","Value":["STEP1"]},"00401001":{"vr":"SH","Value":["R1"]}}]}})"});
  seeds.push_back(
      {"search_parameters", "values",
       R"(emptyvaluematching=true&multiplevaluematching=true&AccessionNumber=%22%22&ImageType=A%5CB&00091001=x&KVP=1e2&0020000D=1.2,1.3)"
       "\n"
       R"({"00080008":{"vr":"CS","Value":["A","B"]},"00091001":{"vr":"LO","Value":["x"]},"00180060":{"vr":"DS","Value":[100]}})"});
  seeds.push_back(
      {"search_parameters", "moments",
       R"(AcquisitionDateTime=20260101100000-0500-20260102&StudyDate=20260101-20260102&StudyTime=10-12&TimezoneOffsetFromUTC=+0100&orderby=-StudyDate,+SeriesNumber)"
       "\n"
       R"({"0008002A":{"vr":"DT","Value":["20260101160000+0000"]}})"});
  seeds.push_back({"search_parameters", "refused", R"(PatientNam=x&limit=-1)"});
}

void add_stored(Seeds& seeds) {
  const std::string key = "radiology/1.2.3/1.2.3.4/1.2.3.4.5/a.dcm";
  seeds.push_back(
      {"blob_attributes", "dicom",
       std::string(R"({"announced-mime-type":"application/dicom",)") +
           R"("declared":"{\"patient_id\":\"P1\"}","filename":"a.dcm","image-id":"7",)"
           R"("image-uid":"1.2.3.4.5","image-uuid":"5f3b1c9e-8a77-4d2e-9b6a-0c1d2e3f4a5b",)"
           R"("mime-type":"application/dicom","order":"radiology_order:12",)"
           R"("owner":"token:1","series-id":"5","series-uid":"1.2.3.4","sha256":")" +
           kSha256 +
           R"(","size":"4","stored-at":"2026-01-31T09:30:15.500Z","study-id":"3",)"
           R"("study-uid":"1.2.3","uploader":"Alice"})"});
  seeds.push_back({"blob_attributes", "picture",
                   std::string(R"({"former-study-id":"9","image-uid":"1.2.3.4.5",)") +
                       R"("mime-type":"image/jpeg","series-uid":"1.2.3.4","sha256":")" + kSha256 +
                       R"(","size":"4","stored-at":"2026-01-31T09:30:15Z","study-uid":"1.2.3"})"});
  seeds.push_back({"tombstone", "one",
                   R"({"version":1,"images":[{"key":")" + key + R"(","sha256":")" + kSha256 +
                       R"(","image_uid":"1.2.3.4.5","image_id":7,"study_id":3,"owner":"token:1",)"
                       R"("removed_at":"2026-01-31T09:30:15.500Z"}]})"});
  seeds.push_back({"object_key", "key", key});
  seeds.push_back({"object_key", "windows",
                   "C:\\Users\\x\\..\\Br\xC3\xBC"
                   "cke 1?.dcm"});
  seeds.push_back({"object_key", "uuid", "5F3B1C9E-8a77-4d2e-9b6a-0c1d2e3f4a5b"});
  seeds.push_back({"uid", "dicom", "1.2.840.10008.5.1.4.1.1.2"});
  seeds.push_back({"uid", "uuid", "5F3B1C9E-8a77-4d2e-9b6a-0c1d2e3f4a5b"});
  seeds.push_back({"uid", "of_uuid", "2.25.329800735698586629295641978511506172918"});
  seeds.push_back({"signed_url", "good", key + "\nGET\n@\n@"});
  seeds.push_back({"signed_url", "widened", key + "\nHEAD\n@/..\n@&x=1"});
  seeds.push_back(
      {"signed_url", "forged",
       key + "\nGET\n/media/" + key + "\nexpires=1795366800&kid=abcdefghijkl&signature=x"});
  seeds.push_back({"cursor", "list", "/studies/|reader\ne30.abcdefghijkl.x\nDoe^Jane"});
  seeds.push_back({"cursor", "study", "/studies\nx\n[\"MjAyNi0wMS0wMQ\",7]"});
  seeds.push_back({"cursor", "series", "/series\nx\n[\"\",7,null,12]"});
  seeds.push_back(
      {"cursor", "instance", "/instances\nx\n[\"ZG9lIGphbmU\",7,-1,12,4611686018427387904,99]"});
}

void add_credentials(Seeds& seeds) {
  const std::string header = R"({"alg":"HS256","typ":"JWT"})";
  seeds.push_back({"jwt", "good",
                   header + "\n" +
                       R"({"iss":"https://login.example","aud":["pacs"],"exp":1795366300,)"
                       R"("nbf":1795366000.5,"sub":"u1","name":"Dr. J\u00e4ger",)"
                       R"("realm_access":{"roles":["doctor","x"]}})" +
                       "\n"});
  seeds.push_back({"jwt", "number",
                   header + "\n" +
                       R"({"iss":"https://login.example","aud":"pacs","exp":1795366300,"sub":12,)"
                       R"("realm_access.roles":"boss"})" +
                       "\nA.B.C"});
  seeds.push_back({"jwt", "none", "{\"alg\":\"none\"}\n{}\neyJhbGciOiJub25lIn0.e30."});
  seeds.push_back(
      {"tus", "all", "1000\nsha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=\nfilename eC5kY20=,urgent"});
  seeds.push_back(
      {"tus", "sha256", "0\nsha256 n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\nimage_uuid NWY="});
}

void add_texts(Seeds& seeds) {
  seeds.push_back({"settings", "plain",
                   "media_root = \"/srv/media\"\nPACS_LITE_LISTEN = [\"127.0.0.1:8042\"]\n"
                   "file_upload_permissions = 0o640\npacs_lite_trash_days = 30\n"
                   "aws_secret_access_key = \"0123456789abcdef\"\nmedia_url = '/media/'\n"});
  seeds.push_back({"settings", "jwt_keys",
                   "[[pacs_lite_jwt_keys]]\nalgorithm = \"RS256\"\nkey_file = \"idp.pem\"\n"
                   "issuer = \"https://login.example\"\naudience = \"pacs\"\n"
                   "roles = {doctor = [\"reader\"]}\n"});
  seeds.push_back({"settings", "slip", "media_rot = 1.5\nmedia_root = 1979-05-27\n[x]\n"});
  seeds.push_back({"dicom_text", "date", "20260131"});
  seeds.push_back({"dicom_text", "time", "093015.123456"});
  seeds.push_back({"dicom_text", "number", "-12.50E+3"});
  seeds.push_back({"dicom_text", "moment", "2026-01-31T09:30:15.500+01:00"});
  seeds.push_back({"character_set", "japanese",
                   "\x01\\ISO 2022 IR 13\\ISO 2022 IR 87\nYamada=\x1b$B;3ED\x1b(B^\x1b)I\xD4"});
  seeds.push_back({"character_set", "korean", "\x01\\ISO 2022 IR 149\nA=\x1b$)C\xD1\xCE^x"});
  seeds.push_back(
      {"character_set", "chinese", std::string("\0GB18030\n\x81\x30\x81\x30 \xC4\xE3\\b", 18)});
  seeds.push_back({"character_set", "latin",
                   "\x02ISO_IR 100\nGr\xFC\xDF"
                   "e  "});
  seeds.push_back({"character_set", "utf8", "\x03ISO_IR 192\n\xC3\xA9\xFF"});
}

}  // namespace

void add_record_seeds(Seeds& seeds) {
  add_json(seeds);
  add_searches(seeds);
  add_stored(seeds);
  add_credentials(seeds);
  add_texts(seeds);
}

}  // namespace pacs::fuzz
