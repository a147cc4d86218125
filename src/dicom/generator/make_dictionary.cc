// Writes the tables of dicom/dictionary.cc from DCMTK's data dictionary, so that the program itself
// neither waits for that file at its start nor stops working where it is missing.

#include <algorithm>
#include <cstdio>
#include <string>
#include <tuple>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcdict.h>

namespace {

struct Entry {
  unsigned group;
  unsigned group_last;
  unsigned element;
  unsigned element_last;
  std::string vr;
  bool vr_depends;
  std::string keyword;
  std::string creator;
};

// DCMTK's own names for what the standard leaves to the data set. The letters that stand here are
// how an implicit data set is read (PS3.5 A.1).
struct Choice {
  const char* dcmtk;
  const char* vr;
};
constexpr Choice kChoices[] = {
    {"ox", "OW"}, {"px", "OW"}, {"xs", "US"}, {"lt", "OW"}, {"up", "UL"},
};

// False for what is no element of a data set (items, delimiters).
bool translate(const DcmDictEntry& from, Entry& to) {
  to.group = from.getGroup();
  to.element = from.getElement();
  to.group_last = from.getUpperGroup();
  to.element_last = from.getUpperElement();
  to.keyword = from.getTagName();
  to.creator = from.getPrivateCreator() == nullptr ? "" : from.getPrivateCreator();
  to.vr = from.getVR().getVRName();
  to.vr_depends = false;
  for (const Choice& choice : kChoices) {
    if (to.vr != choice.dcmtk) continue;
    to.vr = choice.vr;
    to.vr_depends = to.vr != "UL";
  }
  // Curves and audio are bytes (PS3.5 A.1, editions to 2004).
  if (to.vr == "OW" && (to.group & 0xFF00) == 0x5000) to.vr = "OB";
  const bool is_vr = to.vr.size() == 2 && std::all_of(to.vr.begin(), to.vr.end(), [](char letter) {
                       return letter >= 'A' && letter <= 'Z';
                     });
  return is_vr && to.group != 0xFFFE;
}

void write_entry(std::FILE* file, const Entry& entry) {
  std::fprintf(file, "    {{0x%04X, 0x%04X}, Vr::%s, %s, \"%s\"},\n", entry.group, entry.element,
               entry.vr.c_str(), entry.vr_depends ? "true" : "false", entry.keyword.c_str());
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter;
  }
  return result + "\"";
}

void write_tables(std::FILE* file, const std::vector<Entry>& normal,
                  const std::vector<Entry>& repeating, const std::vector<Entry>& private_ones) {
  std::fprintf(file, "// Made by the build from DCMTK's data dictionary.\n");
  std::fprintf(file, "constexpr DictionaryEntry kEntries[] = {\n");
  for (const Entry& entry : normal) write_entry(file, entry);
  std::fprintf(file, "};\nconstexpr RepeatingEntry kRepeatingEntries[] = {\n");
  for (const Entry& entry : repeating) {
    std::fprintf(file, "    {0x%04X, 0x%04X,\n", entry.group_last, entry.element_last);
    write_entry(file, entry);
    std::fprintf(file, "    },\n");
  }
  std::fprintf(file, "};\nconstexpr PrivateEntry kPrivateEntries[] = {\n");
  for (const Entry& entry : private_ones) {
    std::fprintf(file, "    {%s, 0x%04X, 0x%04X, 0x%04X, Vr::%s},\n", quoted(entry.creator).c_str(),
                 entry.element, entry.group, entry.group_last, entry.vr.c_str());
  }
  std::fprintf(file, "};\n");
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: make_dictionary FILE\n");
    return 2;
  }
  std::vector<Entry> normal;
  std::vector<Entry> repeating;
  std::vector<Entry> private_ones;
  const auto add = [&](const DcmDictEntry& from) {
    Entry entry;
    if (!translate(from, entry)) return;
    const bool is_range = entry.group != entry.group_last || entry.element != entry.element_last;
    if (!entry.creator.empty()) {
      if (entry.element == entry.element_last) private_ones.push_back(entry);
    } else if (is_range) {
      repeating.push_back(entry);
    } else {
      normal.push_back(entry);
    }
  };

  DcmDataDictionary& dictionary = dcmDataDict.wrlock();
  for (auto it = dictionary.normalBegin(); it != dictionary.normalEnd(); ++it) add(**it);
  for (auto it = dictionary.repeatingBegin(); it != dictionary.repeatingEnd(); ++it) add(**it);
  dcmDataDict.wrunlock();

  constexpr size_t kPlausibleEntries = 4000;  // the standard has had more since 2016
  if (normal.size() < kPlausibleEntries) {
    std::fprintf(stderr,
                 "make_dictionary: DCMTK's data dictionary has %zu entries only; is dicom.dic "
                 "installed (package libdcmtk*), and DCMDICTPATH unset?\n",
                 normal.size());
    return 1;
  }
  const auto order = [](const Entry& left, const Entry& right) {
    return std::tie(left.creator, left.element, left.group) <
           std::tie(right.creator, right.element, right.group);
  };
  std::sort(private_ones.begin(), private_ones.end(), order);
  std::sort(normal.begin(), normal.end(), [](const Entry& left, const Entry& right) {
    return std::tie(left.group, left.element) < std::tie(right.group, right.element);
  });

  std::FILE* file = std::fopen(arguments[1], "w");
  if (file == nullptr) {
    std::fprintf(stderr, "make_dictionary: cannot write %s\n", arguments[1]);
    return 1;
  }
  write_tables(file, normal, repeating, private_ones);
  return std::fclose(file) == 0 ? 0 : 1;
}
