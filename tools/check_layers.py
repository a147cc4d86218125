#!/usr/bin/python3
"""Holds the sources against the module table of docs/ARCHITECTURE.md.

Usage: tools/check_layers.py [ROOT]          (ROOT: the repository, by default the one of this script)
Exit code: 0 when every rule holds, 1 with a paragraph for each breach, 2 when there is nothing to check.

What is checked: which module includes which, who may see which third-party header and where, that
nothing that ships includes tests/, and that each src/<module>/CMakeLists.txt declares just what its
sources include.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, NamedTuple, Optional


class Module(NamedTuple):
    layer: int
    may_include: frozenset
    purpose: str


def _module(layer: int, may_include: str, purpose: str) -> Module:
    return Module(layer, frozenset(may_include.split()), purpose)


# The table of docs/ARCHITECTURE.md. A module may always include itself.
MODULES = {
    "core": _module(0, "", "the words that every module shares; it knows none of those who use them"),
    "http": _module(1, "core", "HTTP server and client; it knows neither DICOM nor a store"),
    "dicom": _module(1, "core", "data sets without a network"),
    "storage": _module(2, "core http", "bytes by key; it knows no DICOM and no database"),
    "index": _module(2, "core dicom", "who is where; it knows no blob and no protocol"),
    "pixel": _module(2, "core dicom", "decode and render; it knows neither store nor index"),
    "access": _module(3, "core index", "who may do what; it knows no protocol"),
    "archive": _module(
        3, "core dicom pixel index storage", "the use cases, the same for every protocol"
    ),
    "edge": _module(
        4,
        "archive access index storage http core",
        "what the edges over HTTP share: who asks, how errors and stored bytes leave",
    ),
    "dicomweb": _module(
        5,
        "edge archive access index dicom http core",
        "an edge: it translates DICOMweb and decides nothing",
    ),
    "rest": _module(
        5,
        "edge archive access index storage dicom http core",
        "an edge: it translates the REST API and decides nothing",
    ),
    "dimse": _module(
        5, "archive access dicom core", "an edge: it translates DIMSE and decides nothing"
    ),
    "cli": _module(
        6,
        "core http dicom storage index pixel access archive edge dicomweb rest dimse",
        "the composition root, the only one that may know all",
    ),
}


# Where a row allows a module but not all of it: (who, whom) -> the headers, and why no more.
PARTIAL = {
    ("rest", "index"): (
        re.compile(r"index/(?!ingest|database|write_|migrations)[a-z_]+\.h$"),
        "rest reads records and lists through the index with the principal's scope, and changes"
        " nothing there but by way of archive",
    ),
    ("edge", "index"): (
        re.compile(r"index/(scope|audit_line|audit_log|image_record)\.h$"),
        "edge knows whose scope a request has and which image it sends; lists are for the edges",
    ),
    ("edge", "storage"): (
        re.compile(r"storage/(blob_reader|signing_keys)\.h$"),
        "edge sends what archive has opened, and signs the cursors of lists",
    ),
    ("dicomweb", "index"): (
        re.compile(r"index/(?!ingest|database|write_|migrations)[a-z_]+\.h$"),
        "dicomweb reads records through the index with the principal's scope, and changes nothing"
        " there but by way of archive",
    ),
    ("rest", "dicom"): (
        re.compile(r"dicom/(uid|tag|vr|dictionary)\.h$"),
        "rest names images by UID and attributes by name; it reads no data set: what stands in one"
        " comes from archive and index",
    ),
    ("rest", "storage"): (
        re.compile(r"storage/(media_url|signing_keys|url_signer)\.h$"),
        "rest signs and verifies links; bytes come from archive alone",
    ),
}


class Library(NamedTuple):
    headers: str  # a regular expression on what stands between the angle brackets
    owners: frozenset
    targets: tuple  # names in CMake's LIBRARIES that stand for it; none when it is headers alone
    in_headers: bool = False  # may one of our headers include it


def _library(headers: str, owners: str, *targets: str, in_headers: bool = False) -> Library:
    return Library(headers, frozenset(owners.split()), targets, in_headers)


# Who owns which library. Its headers stay inside the owner, and inside .cc files: a heavy header in
# a header of ours is paid by every unit that includes it, and its types leak into our contracts.
LIBRARIES = {
    "fmt": _library(r"fmt/", "core", "fmt::fmt", in_headers=True),
    "spdlog": _library(r"spdlog/", "core", "spdlog::spdlog"),
    "toml++": _library(r"toml\+\+/", "core"),
    "RapidJSON": _library(r"rapidjson/", "core"),
    "simdjson": _library(r"simdjson\.h$", "core", "PkgConfig::SIMDJSON"),
    "prometheus-cpp": _library(r"prometheus/", "core", "prometheus-cpp::core"),
    "utf8proc": _library(r"utf8proc\.h$", "core", "PkgConfig::UTF8PROC"),
    "OpenSSL EVP": _library(
        r"openssl/(?!ssl|x509|tls|dtls|bio)", "core http", "OpenSSL::Crypto", "OpenSSL::SSL"
    ),
    "OpenSSL TLS": _library(r"openssl/(ssl|x509|tls|dtls|bio)", "http", "OpenSSL::SSL"),
    "libcurl": _library(r"curl/", "http", "CURL::libcurl"),
    "zlib": _library(r"zlib\.h$", "http dicom", "ZLIB::ZLIB"),
    "DCMTK dcmdata": _library(
        r"dcmtk/(config|ofstd|oflog|dcmdata)/", "dicom pixel dimse", "dcmtk_dcmdata"
    ),
    "DCMTK codecs": _library(r"dcmtk/(dcmimgle|dcmimage|dcmjpeg|dcmjpls)/", "pixel", "dcmtk_codecs"),
    "DCMTK dcmnet": _library(r"dcmtk/dcmnet/", "dimse", "dcmtk_dcmnet"),
    "libjpeg": _library(r"(jpeglib|jerror)\.h$", "pixel", "JPEG::JPEG"),
    "CharLS": _library(r"charls/", "pixel", "PkgConfig::CHARLS"),
    "OpenJPEG": _library(r"openjpeg\.h$", "pixel", "PkgConfig::OPENJPEG"),
    "OpenJPH": _library(r"openjph/", "pixel", "openjph"),
    "Little CMS": _library(r"lcms2\.h$", "pixel", "PkgConfig::LCMS"),
    "libspng": _library(r"spng\.h$", "pixel", "PkgConfig::SPNG"),
    "pugixml": _library(r"pugixml\.hpp$", "storage dicom", "pugixml::pugixml"),
    "SQLite": _library(r"sqlite3\.h$", "index", "PkgConfig::SQLITE3"),
    "libpq": _library(r"libpq-fe\.h$", "index", "PkgConfig::LIBPQ"),
    "zstd": _library(r"(zstd|zdict)\.h$", "index", "PkgConfig::ZSTD"),
    "libarchive": _library(r"archive(_entry)?\.h$", "http", "PkgConfig::LIBARCHIVE"),
    "CLI11": _library(r"CLI/", "cli", "CLI11::CLI11"),
}

TEST_LIBRARIES = re.compile(r"(gtest|gmock|benchmark)/")
TEST_TARGETS = frozenset({"GTest::gtest", "GTest::gtest_main", "GTest::gmock"})

# Sockets are how a network gets in: the layers below and beside the edges have none.
SOCKET_HEADERS = re.compile(r"(sys/socket|sys/un|netinet/.*|arpa/.*|netdb)\.h$")
SOCKET_MODULES = frozenset({"http", "dimse"})

# A backend has a name in `cli` alone; everyone else sees the seam (BlobStore, Database, UrlSigner).
BACKEND_HEADERS = re.compile(
    r"(storage/(memory|filesystem|s3)_.*|index/(sqlite|postgres)(_.*)?)\.h$"
)

STANDARD_HEADERS = frozenset(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv
    chrono cinttypes climits clocale cmath codecvt compare complex concepts condition_variable
    coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar
    cwctype deque exception execution filesystem format forward_list fstream functional future
    initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map
    memory memory_resource mutex new numbers numeric optional ostream queue random ranges ratio
    regex scoped_allocator semaphore set shared_mutex source_location span sstream stack stdexcept
    stop_token streambuf string string_view syncstream system_error thread tuple type_traits
    typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
    cxxabi.h""".split()
)
# The operating system's own: C library, POSIX, Linux.
SYSTEM_HEADERS = re.compile(
    r"((assert|ctype|dirent|dlfcn|endian|errno|fcntl|ftw|grp|inttypes|limits|math|poll|pthread|pwd"
    r"|sched|signal|stdarg|stddef|stdint|stdio|stdlib|string|strings|syslog|termios|time|unistd"
    r"|malloc|netdb|spawn|execinfo|glob|fnmatch|ucontext|wchar|locale|langinfo|iconv)"
    r"|(sys|linux|netinet|arpa|net|asm|bits|sanitizer)/[a-z0-9_./]+)\.h$"
)

# Files of a module that only its tests use: the tests, and what several of them share.
TEST_FILES = re.compile(r"(_test\.cc|_fixture\.h|(^|/)test_support\.h)$")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*")', re.S)
PACS_MODULE = re.compile(r"^[ \t]*pacs_module\s*\(([^)]*)\)", re.M)
LINKED = re.compile(r"^[ \t]*target_link_libraries\s*\(([^)]*)\)", re.M)


@dataclass
class Breach:
    """One place where a rule does not hold, with what the rule is for and what to do."""

    place: str
    what: str
    rule: str
    why: str
    mend: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.what}\n"
            f"  rule: {self.rule}\n"
            f"  why:  {self.why}\n"
            f"  mend: {self.mend}\n"
        )


class Include(NamedTuple):
    line: int
    name: str
    quoted: bool


class Declaration(NamedTuple):
    """What a module's CMakeLists.txt says of it."""

    place: str
    name: str
    modules: tuple
    libraries: tuple
    linked_by_others: frozenset  # what the module's own build tools and tests link besides


def includes_of(path: Path) -> Iterator[Include]:
    """The include lines of a file, those in comments left out."""

    def blank(match: re.Match) -> str:
        return match.group(1) or "\n" * match.group(0).count("\n")

    text = COMMENT.sub(blank, path.read_text(encoding="utf-8", errors="replace"))
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield Include(number, match.group(1) or match.group(2), match.group(1) is not None)


def library_of(header: str) -> Optional[str]:
    for name, library in LIBRARIES.items():
        if re.match(library.headers, header):
            return name
    return None


def is_known_header(header: str) -> bool:
    return header in STANDARD_HEADERS or SYSTEM_HEADERS.match(header) is not None


class Checker:
    """Walks one repository; `breaches` is what it found."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.src = root / "src"
        self.breaches: list = []
        self.files = 0

    def run(self) -> list:
        for folder in sorted(p for p in self.src.iterdir() if p.is_dir()):
            sources = sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cc", ".cpp", ".hpp"))
            if not sources:
                continue
            if folder.name not in MODULES:
                self._unknown_module(folder)
                continue
            self._check_module(folder, sources)
        return self.breaches

    def _check_module(self, folder: Path, sources: list) -> None:
        modules, libraries = set(), set()
        for path in sources:
            self.files += 1
            for include in includes_of(path):
                place = f"{path.relative_to(self.root)}:{include.line}"
                if include.quoted:
                    self._check_own(place, path, folder.name, include.name, modules)
                else:
                    self._check_foreign(place, path, folder.name, include.name, libraries)
        self._check_declaration(folder, modules, libraries)

    # -- includes ------------------------------------------------------------------------------

    def _check_own(self, place: str, path: Path, module: str, name: str, used: set) -> None:
        is_test = TEST_FILES.search(path.name) is not None
        first = name.split("/")[0]
        if first == "tests":
            if not (is_test and name.startswith("tests/support/")):
                self._report(
                    place,
                    f'includes "{name}"',
                    "nothing that ships includes tests/; a unit test may include tests/support/",
                    "what the tests need must never be in the program that a clinic runs",
                    f"move what both need into src/{module}/, or the use of it into a *_test.cc",
                )
            return
        if name.endswith(".inc") and name in self._cmake_text(path):
            return  # made by the build, which names it
        if "/" not in name or first == "..":
            self._report(
                place,
                f'"{name}" is not rooted at src/',
                'an include of ours names its module: #include "module/header.h"',
                "the line itself shows the layer, and the file can move without edits elsewhere",
                f'write "{module}/{name.split("/")[-1]}", or the module where that header lies',
            )
            return
        if not (self.src / name).is_file() and not (self.src / f"{name}.in").is_file():
            self._report(
                place,
                f'"{name}" names no file under src/',
                "quoted includes are ours, third-party headers stand in angle brackets",
                "otherwise this script cannot tell ours from theirs, nor can a reader",
                f"mend the name, or write <{name}>",
            )
            return
        if TEST_FILES.search(name) and not is_test:
            self._report(
                place,
                f'includes "{name}", which only tests may',
                "*_fixture.h and test_support.h are for *_test.cc",
                "what the tests need must never be in the program that a clinic runs",
                "move what both need into a header of its own",
            )
        if first == module:
            return
        used.add(first)
        row = MODULES[module]
        if first not in row.may_include:
            allowed = ", ".join(sorted(row.may_include)) or "the standard library alone"
            self._report(
                place,
                f'{module} includes "{name}" of {first}',
                f"{module} (layer {row.layer}) may include: {allowed}",
                f"{module} is {row.purpose}",
                self._way_out(module, first),
            )
        elif (module, first) in PARTIAL and not PARTIAL[module, first][0].match(name):
            self._report(
                place,
                f'{module} includes "{name}", a part of {first} that it may not',
                f"{module} may include of {first}: {PARTIAL[module, first][0].pattern}",
                PARTIAL[module, first][1],
                "ask archive for it, or add the use case there",
            )
        elif module != "cli" and BACKEND_HEADERS.match(name) and not is_test:
            self._report(
                place,
                f'{module} names a concrete backend, "{name}"',
                "only cli, the composition root, names concrete backends; others see the seam",
                "a second backend must be one new file and one line where the program is composed",
                "take the interface in the constructor, and pass the backend in from src/cli/",
            )

    @staticmethod
    def _way_out(module: str, other: str) -> str:
        if other in MODULES and MODULES[other].layer > MODULES[module].layer:
            return f"turn it round: {other} passes in what {module} needs (a value, a callback, a seam)"
        return f"ask a module that may include {other}, or move the word that both need into core"

    def _check_foreign(self, place: str, path: Path, module: str, name: str, used: set) -> None:
        is_test = TEST_FILES.search(path.name) is not None
        if SOCKET_HEADERS.match(name) and module not in SOCKET_MODULES and not is_test:
            self._report(
                place,
                f"{module} includes <{name}>",
                "sockets belong to " + " and ".join(sorted(SOCKET_MODULES)),
                f"{module} is {MODULES[module].purpose}",
                "talk through the server or the client of http",
            )
        if is_known_header(name) or (is_test and TEST_LIBRARIES.match(name)):
            return
        library = library_of(name)
        if library is None:
            self._report(
                place,
                f"<{name}> has no owner",
                "each third-party library belongs to a module, in the table of tools/check_layers.py",
                "a library that anyone may use can never be replaced, and its errors escape untranslated",
                "if the library is wanted, give it an owner there and in docs/ARCHITECTURE.md",
            )
            return
        used.add(library)
        entry = LIBRARIES[library]
        if module not in entry.owners:
            self._report(
                place,
                f"{module} includes <{name}> of {library}",
                f"{library} stays inside " + ", ".join(sorted(entry.owners)),
                "its types and its errors are translated once, where the library is owned",
                f"use what {sorted(entry.owners)[0]} offers over it, or add it there",
            )
        elif path.suffix in (".h", ".hpp") and not entry.in_headers:
            self._report(
                place,
                f"a header of ours includes <{name}> of {library}",
                "headers of this library stand in .cc files alone",
                "every unit that includes our header would compile it, and its types would leak",
                "declare the type forward, or keep it behind a pointer to a struct of the .cc file",
            )

    def _cmake_text(self, path: Path) -> str:
        file = self.src / path.relative_to(self.src).parts[0] / "CMakeLists.txt"
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    # -- CMake ---------------------------------------------------------------------------------

    def _check_declaration(self, folder: Path, modules: set, libraries: set) -> None:
        declared = self._declaration(folder)
        if declared is None:
            return
        name = folder.name
        if declared.name != name:
            self._report(
                declared.place,
                f"declares {declared.name} in the folder of {name}",
                "a module has the name of its folder",
                "the include path, the target and the table must mean the same thing",
                f"write pacs_module({name} …)",
            )
        self._check_declared_modules(declared, name, modules)
        self._check_declared_libraries(declared, name, libraries)

    def _declaration(self, folder: Path) -> Optional[Declaration]:
        path = folder / "CMakeLists.txt"
        place = f"{path.relative_to(self.root)}"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        text = re.sub(r"#[^\n]*", "", text)
        match = PACS_MODULE.search(text)
        if not match:
            self._report(
                f"{place}:1",
                f"does not declare the module {folder.name}",
                "each module is one target, made by pacs_module(NAME MODULES … LIBRARIES …)",
                "a target that links only what its row allows keeps the layers when no script looks",
                f"add pacs_module({folder.name} …) to {place}",
            )
            return None
        words = match.group(1).split()
        parts: dict = {"NAME": [], "MODULES": [], "LIBRARIES": []}
        part = "NAME"
        for word in words:
            if word in parts:
                part = word
            else:
                parts[part].append(word)
        line = text.count("\n", 0, match.start()) + 1
        return Declaration(
            f"{place}:{line}",
            parts["NAME"][0] if parts["NAME"] else "",
            tuple(parts["MODULES"]),
            tuple(parts["LIBRARIES"]),
            frozenset(word for linked in LINKED.findall(text) for word in linked.split()),
        )

    def _check_declared_modules(self, declared: Declaration, name: str, used: set) -> None:
        row = MODULES[name]
        for other in declared.modules:
            if other not in row.may_include:
                self._report(
                    declared.place,
                    f"{name} links {other}",
                    f"{name} may include: {', '.join(sorted(row.may_include)) or 'no other module'}",
                    f"{name} is {row.purpose}",
                    self._way_out(name, other),
                )
            elif other not in used:
                self._report(
                    declared.place,
                    f"{name} links {other} and includes nothing of it",
                    "a module declares just what its sources include",
                    "a dependency that nobody uses is one that somebody will",
                    f"take {other} out of MODULES",
                )
        for other in sorted((used & row.may_include) - set(declared.modules)):
            self._report(
                declared.place,
                f"{name} includes {other} and does not declare it",
                "a module declares just what its sources include",
                "it links today by way of another module, and stops when that one changes",
                f"add {other} to MODULES",
            )

    def _check_declared_libraries(self, declared: Declaration, name: str, used: set) -> None:
        linked = set()
        for target in declared.libraries:
            owned = [n for n, library in LIBRARIES.items() if target in library.targets]
            linked.update(owned)
            if not owned and target not in TEST_TARGETS:
                self._report(
                    declared.place,
                    f"{name} links {target}, which has no owner",
                    "each third-party target stands in the table of tools/check_layers.py",
                    "a library that anyone may link can never be replaced",
                    "if the library is wanted, give it an owner there and in docs/ARCHITECTURE.md",
                )
            elif owned and not any(name in LIBRARIES[n].owners for n in owned):
                owners = sorted(set().union(*(LIBRARIES[n].owners for n in owned)))
                self._report(
                    declared.place,
                    f"{name} links {target}",
                    f"{owned[0]} stays inside {', '.join(owners)}",
                    "its types and its errors are translated once, where the library is owned",
                    f"use what {owners[0]} offers over it, or add it there",
                )
            elif owned and not used & set(owned):
                self._report(
                    declared.place,
                    f"{name} links {target} and includes nothing of it",
                    "a module declares just what its sources include",
                    "a dependency that nobody uses is one that somebody will",
                    f"take {target} out of LIBRARIES",
                )
        for library in sorted(used - linked):
            entry = LIBRARIES[library]
            others = declared.linked_by_others & set(entry.targets)
            if entry.targets and name in entry.owners and not others:
                self._report(
                    declared.place,
                    f"{name} includes {library} and does not link it",
                    "a module declares just what its sources include",
                    "it links today by way of another module, and stops when that one changes",
                    f"add {entry.targets[0]} to LIBRARIES",
                )

    # ------------------------------------------------------------------------------------------

    def _unknown_module(self, folder: Path) -> None:
        self._report(
            f"{folder.relative_to(self.root)}:1",
            f"{folder.name} is not a module of the table",
            "each folder of src/ has a row in docs/ARCHITECTURE.md and in tools/check_layers.py",
            "a folder without a row may include anything, and anything may include it",
            "give it a row with its layer and what it may include, or put the files where they belong",
        )

    def _report(self, place: str, what: str, rule: str, why: str, mend: str) -> None:
        self.breaches.append(Breach(place, what, rule, why, mend))


def check(root: Path) -> list:
    """Every breach under `root`, in the order of the files."""
    return Checker(root).run()


def main(arguments: list) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    if not (root / "src").is_dir():
        print(f"check_layers: no src/ under {root}", file=sys.stderr)
        return 2
    checker = Checker(root)
    breaches = checker.run()
    if checker.files == 0 and not breaches:
        print(f"check_layers: no source file under {root}/src", file=sys.stderr)
        return 2
    for breach in breaches:
        print(breach)
    print(f"check_layers: {checker.files} files, breaches: {len(breaches)}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
