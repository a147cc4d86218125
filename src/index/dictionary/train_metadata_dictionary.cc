// Makes the dictionary that the metadata of images is compressed with, and writes it as a C++
// source: zstd's trainer over DICOM JSON of made-up images. Never trained on patients.
//
//   train_metadata_dictionary OUTPUT.cc
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <zdict.h>

namespace {

constexpr size_t kDictionarySizeMax = 32 * 1024;
constexpr size_t kSamples = 3000;

struct Attribute {
  const char* tag;
  const char* vr;
  const char* values;  // alternatives, divided by '|'; "#": a number, "@": a UID, "": no value
};

// What most images of the common modalities say (PS3.3, the modules of CT, MR, CR, DX, US, MG, SC).
constexpr Attribute kAttributes[] = {
    {"00080005", "CS", "ISO_IR 100|ISO_IR 192|ISO_IR 6"},
    {"00080008", "CS", "ORIGINAL\",\"PRIMARY\",\"AXIAL|DERIVED\",\"PRIMARY|ORIGINAL\",\"PRIMARY"},
    {"00080012", "DA", "20240131|20251224"},
    {"00080013", "TM", "101500.000000|235959"},
    {"00080016", "UI",
     "1.2.840.10008.5.1.4.1.1.2|1.2.840.10008.5.1.4.1.1.4|1.2.840.10008.5.1.4.1.1.1|"
     "1.2.840.10008.5.1.4.1.1.1.1|1.2.840.10008.5.1.4.1.1.6.1|1.2.840.10008.5.1.4.1.1.7|"
     "1.2.840.10008.5.1.4.1.1.1.2|1.2.840.10008.5.1.4.1.1.2.1|1.2.840.10008.5.1.4.1.1.4.1|"
     "1.2.840.10008.5.1.4.1.1.104.1|1.2.840.10008.5.1.4.1.1.88.11"},
    {"00080018", "UI", "@"},
    {"00080020", "DA", "20240131|20251224|20230607"},
    {"00080021", "DA", "20240131|20251224"},
    {"00080022", "DA", "20240131|20251224"},
    {"00080023", "DA", "20240131|20251224"},
    {"00080030", "TM", "101500.000000|093015"},
    {"00080031", "TM", "101500.000000|093015"},
    {"00080032", "TM", "101500.000000|093015"},
    {"00080033", "TM", "101500.000000|093015"},
    {"00080050", "SH", "#|"},
    {"00080060", "CS", "CT|MR|CR|DX|US|MG|XA|PT|NM|OT|SC"},
    {"00080064", "CS", "WSD|DF|DV"},
    {"00080068", "CS", "FOR PRESENTATION|FOR PROCESSING"},
    {"00080070", "LO",
     "SIEMENS|GE MEDICAL SYSTEMS|Philips Medical Systems|CANON|FUJIFILM|TOSHIBA|Agfa|KODAK"},
    {"00080080", "LO", "Hospital|Clinic|University Hospital"},
    {"00080081", "ST", "Street 1"},
    {"00080090", "PN", "{\"Alphabetic\":\"Doctor^Referring\"}"},
    {"00081010", "SH", "STATION1|CT01|MR01"},
    {"00081030", "LO", "CHEST PA|Thorax|Abdomen|Brain|KNEE"},
    {"0008103E", "LO", "AXIAL 5mm|T1|T2 TSE SAG|PA|LATERAL|SCOUT"},
    {"00081040", "LO", "Radiology"},
    {"00081050", "PN", "{\"Alphabetic\":\"Physician^Performing\"}"},
    {"00081070", "PN", "{\"Alphabetic\":\"Operator\"}"},
    {"00081090", "LO", "SOMATOM|LightSpeed|Ingenuity|Optima"},
    {"00100010", "PN", "{\"Alphabetic\":\"DOE^JOHN\"}|{\"Alphabetic\":\"Anonymous\"}"},
    {"00100020", "LO", "#"},
    {"00100021", "LO", "Hospital"},
    {"00100030", "DA", "19700101|"},
    {"00100040", "CS", "M|F|O"},
    {"00101010", "AS", "045Y|062Y"},
    {"00101020", "DS", "1.75|"},
    {"00101030", "DS", "75|"},
    {"001021B0", "LT", ""},
    {"00180010", "LO", "CONTRAST|"},
    {"00180015", "CS", "CHEST|HEAD|ABDOMEN|SPINE|KNEE|PELVIS|BREAST|HAND|FOOT"},
    {"00180020", "CS", "SE|GR|IR|EP"},
    {"00180021", "CS", "SK|SP|NONE"},
    {"00180022", "CS", "HELICAL MODE|"},
    {"00180023", "CS", "2D|3D"},
    {"00180050", "DS", "5|1.25|0.625"},
    {"00180060", "DS", "120|80|28"},
    {"00180080", "DS", "500|2500"},
    {"00180081", "DS", "15|90"},
    {"00180083", "DS", "1|2"},
    {"00180084", "DS", "63.87|127.74"},
    {"00180087", "DS", "1.5|3"},
    {"00180088", "DS", "5|6"},
    {"00180090", "DS", "500|350"},
    {"00181000", "LO", "#"},
    {"00181020", "LO", "syngo CT 2012|1.0|07MW18.4"},
    {"00181030", "LO", "Chest|Head|ABDOMEN^ROUTINE"},
    {"00181100", "DS", "500|350|250"},
    {"00181110", "DS", "1040|949"},
    {"00181111", "DS", "570|541|1800"},
    {"00181120", "DS", "0"},
    {"00181130", "DS", "150"},
    {"00181140", "CS", "CW"},
    {"00181150", "IS", "#"},
    {"00181151", "IS", "#"},
    {"00181152", "IS", "#"},
    {"00181160", "SH", "BODY FILTER|FLAT"},
    {"00181164", "DS", "0.143,0.143|0.1,0.1"},
    {"00181170", "IS", "#"},
    {"00181190", "DS", "0.7|1.2"},
    {"00181200", "DA", "20240131"},
    {"00181210", "SH", "B31f|STANDARD|BONE|LUNG"},
    {"00181401", "LO", "#"},
    {"00185100", "CS", "HFS|FFS|HFP"},
    {"00185101", "CS", "PA|AP|LL|RL|CC|MLO"},
    {"0020000D", "UI", "@"},
    {"0020000E", "UI", "@"},
    {"00200010", "SH", "#"},
    {"00200011", "IS", "#"},
    {"00200012", "IS", "#"},
    {"00200013", "IS", "#"},
    {"00200020", "CS", "L\",\"P|P\",\"F|R\",\"H"},
    {"00200032", "DS", "-250,-250,-124.5|-180.5,-180.5,60"},
    {"00200037", "DS", "1,0,0,0,1,0|0,1,0,0,0,-1"},
    {"00200052", "UI", "@"},
    {"00200060", "CS", "L|R"},
    {"00201040", "LO", "SN|"},
    {"00201041", "DS", "-124.5|60"},
    {"00280002", "US", "1|3"},
    {"00280004", "CS", "MONOCHROME2|MONOCHROME1|RGB|YBR_FULL_422|PALETTE COLOR"},
    {"00280006", "US", "0"},
    {"00280008", "IS", "#"},
    {"00280010", "US", "512|256|2048|1024|3000"},
    {"00280011", "US", "512|256|2048|1024|2500"},
    {"00280030", "DS", "0.9765625,0.9765625|0.5,0.5|0.143,0.143"},
    {"00280100", "US", "16|8"},
    {"00280101", "US", "12|16|8"},
    {"00280102", "US", "11|15|7"},
    {"00280103", "US", "0|1"},
    {"00280106", "US", "0|1"},
    {"00280107", "US", "4095|2047"},
    {"00280120", "SS", "-2000|-32768"},
    {"00280301", "CS", "NO|YES"},
    {"00281040", "CS", "LIN|LOG"},
    {"00281050", "DS", "40|300|40,-500|2048"},
    {"00281051", "DS", "400|1500|400,1500|4096"},
    {"00281052", "DS", "-1024|0"},
    {"00281053", "DS", "1"},
    {"00281054", "LO", "HU|US"},
    {"00281055", "LO", "WINDOW1\",\"WINDOW2"},
    {"00282110", "CS", "00|01"},
    {"00321032", "PN", "{\"Alphabetic\":\"Physician^Requesting\"}"},
    {"00321060", "LO", "CT CHEST|CHEST 2 VIEWS"},
    {"00400244", "DA", "20240131"},
    {"00400245", "TM", "101500"},
    {"00400253", "SH", "#"},
    {"00400254", "LO", "CT CHEST"},
    {"20500020", "CS", "IDENTITY|INVERSE"},
};

// Sequences as they stand in most files, with their items.
constexpr const char* kSequences[] = {
    R"("00081032":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["CODE"]},"00080102":{"vr":"SH","Value":["L"]},"00080104":{"vr":"LO","Value":["Meaning"]}}]})",
    R"("00081110":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2.840.10008.3.1.2.3.1"]},"00081155":{"vr":"UI","Value":["1.2.840.113619.2.55"]}}]})",
    R"("00081111":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2.840.10008.3.1.2.3.3"]},"00081155":{"vr":"UI","Value":["1.2.840.113619.2.55"]}}]})",
    R"("00081140":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.2"]},"00081155":{"vr":"UI","Value":["1.3.12.2.1107.5.1.4"]}}]})",
    R"("00082218":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["T-D3000"]},"00080102":{"vr":"SH","Value":["SRT"]},"00080104":{"vr":"LO","Value":["Chest"]}}]})",
    R"("00400275":{"vr":"SQ","Value":[{"00400007":{"vr":"LO","Value":["CT CHEST"]},"00400008":{"vr":"SQ"},"00400009":{"vr":"SH","Value":["1"]},"00401001":{"vr":"SH","Value":["1"]}}]})",
};

class Synthesizer {
 public:
  std::string image() {
    std::string json = "{";
    for (const Attribute& attribute : kAttributes) {
      if (below(10) == 0) continue;
      add(json, attribute);
    }
    for (const char* sequence : kSequences) {
      if (below(3) == 0) json += std::string(",") + sequence;
    }
    json += R"(,"7FE00010":{"vr":"OW","BulkDataURI":")";
    json += uid() + "/bulk/7FE00010\"}}";
    return json;
  }

 private:
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(generator_() % limit); }

  std::string uid() {
    constexpr const char* kRoots[] = {"1.2.840.113619.2.", "1.3.12.2.1107.5.1.4.", "2.25.",
                                      "1.3.46.670589.33.1.", "1.2.392.200036.9116.2."};
    return kRoots[below(5)] + std::to_string(generator_()) + "." + std::to_string(below(100000));
  }

  void add(std::string& json, const Attribute& attribute) {
    if (json.size() > 1) json += ',';
    json += std::string("\"") + attribute.tag + "\":{\"vr\":\"" + attribute.vr + '"';
    const std::string value = choose(attribute.values);
    const std::string vr = attribute.vr;
    const bool bare = vr == "DS" || vr == "IS" || vr == "US" || vr == "SS" || vr == "PN";
    if (!value.empty()) json += ",\"Value\":[" + (bare ? value : '"' + value + '"') + ']';
    json += '}';
  }

  std::string choose(const std::string& alternatives) {
    std::vector<std::string> choices{""};
    for (const char c : alternatives) {
      if (c == '|') {
        choices.emplace_back();
      } else {
        choices.back() += c;
      }
    }
    const std::string& choice = choices[below(static_cast<uint32_t>(choices.size()))];
    if (choice == "#") return std::to_string(below(1000));
    if (choice == "@") return uid();
    return choice;
  }

  std::mt19937_64 generator_{20260101};  // the same dictionary at each build
};

bool write_source(const char* path, const std::vector<unsigned char>& bytes) {
  std::ofstream out(path);
  out << "// Made by train_metadata_dictionary.\n#include \"index/metadata_codec.h\"\n\n"
         "namespace pacs::index {\nnamespace {\nconstexpr unsigned char kBytes[] = {";
  for (size_t i = 0; i < bytes.size(); ++i) {
    out << (i % 24 == 0 ? "\n    " : "") << static_cast<unsigned>(bytes[i]) << ',';
  }
  out << "};\n}  // namespace\n\nBytes built_in_metadata_dictionary() { return "
         "std::as_bytes(std::span(kBytes)); }\n\n}  // namespace pacs::index\n";
  out.close();
  return out.good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: train_metadata_dictionary OUTPUT.cc\n", stderr);
    return 2;
  }
  Synthesizer synthesizer;
  std::string samples;
  std::vector<size_t> sizes;
  for (size_t i = 0; i < kSamples; ++i) {
    const std::string sample = synthesizer.image();
    samples += sample;
    sizes.push_back(sample.size());
  }
  std::vector<unsigned char> dictionary(kDictionarySizeMax);
  const size_t size = ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(), samples.data(),
                                            sizes.data(), static_cast<unsigned>(sizes.size()));
  if (ZDICT_isError(size) != 0) {
    std::fprintf(stderr, "training the dictionary: %s\n", ZDICT_getErrorName(size));
    return 1;
  }
  dictionary.resize(size);
  return write_source(argv[1], dictionary) ? 0 : 1;
}
