# labels: unit
"""tools/check_layers.py finds a breach of each kind, and is silent where every rule holds."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "tools" / "check_layers.py"

specification = importlib.util.spec_from_file_location("check_layers", SCRIPT)
check_layers = importlib.util.module_from_spec(specification)
sys.modules["check_layers"] = check_layers
specification.loader.exec_module(check_layers)


SOUND_TREE = {
    "src/core/CMakeLists.txt": "# L0\npacs_module(core LIBRARIES fmt::fmt)\n",
    "src/core/result.h": "#pragma once\n#include <optional>\n#include <sys/types.h>\n",
    "src/core/text.h": "#pragma once\n#include <fmt/core.h>\n",
    "src/core/text.cc": '#include "core/text.h"\n',
    "src/dicom/CMakeLists.txt": "pacs_module(dicom\n  MODULES core\n  LIBRARIES dcmtk_dcmdata)\n",
    "src/dicom/data_set.h": '#pragma once\n#include "core/result.h"\n',
    "src/dicom/data_set.cc": '#include "dicom/data_set.h"\n\n#include <dcmtk/dcmdata/dctk.h>\n',
    "src/dicom/data_set_test.cc": (
        '#include <gtest/gtest.h>\n#include "dicom/data_set.h"\n#include "tests/support/made.h"\n'
    ),
    "src/storage/CMakeLists.txt": "pacs_module(storage MODULES core)\n",
    "src/storage/blob_store.h": '#pragma once\n#include "core/result.h"\n',
    "src/storage/filesystem_store.h": '#pragma once\n#include "storage/blob_store.h"\n',
    "src/archive/CMakeLists.txt": "pacs_module(archive MODULES storage)\n",
    "src/archive/store.cc": '#include "storage/blob_store.h"\n',
    "src/archive/store_test.cc": '#include "storage/filesystem_store.h"\n',
    "src/cli/CMakeLists.txt": "pacs_module(cli MODULES archive storage LIBRARIES CLI11::CLI11)\n",
    "src/cli/compose.cc": (
        '#include <CLI/CLI.hpp>\n#include "archive/store.h"\n#include "storage/filesystem_store.h"\n'
    ),
    "src/archive/store.h": "#pragma once\n",
    "tests/support/made.h": '#include "cli/compose.h"\n#include <sqlite3.h>\n',
}


@pytest.fixture
def tree(tmp_path):
    """Writes the sound tree, with the given files in place of some of it."""

    def write(**changed):
        for name, text in {**SOUND_TREE, **changed.get("files", {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_sound_tree_has_no_breach(tree):
    assert [str(b) for b in check_layers.check(tree())] == []


# Each: the files that break the rule, where the breach must be reported, words that must stand in it.
BREACHES = {
    "a lower layer includes a higher one": (
        {"src/core/text.cc": '#include "core/text.h"\n#include "dicom/data_set.h"\n'},
        "src/core/text.cc:2",
        ["core includes", "of dicom", "turn it round"],
    ),
    "a neighbour of the same layer": (
        {"src/storage/blob_store.h": '#include "core/result.h"\n#include "dicom/data_set.h"\n'},
        "src/storage/blob_store.h:2",
        ["storage includes", "core, http", "no DICOM"],
    ),
    "a unit test breaks the table like any other file": (
        {"src/dicom/data_set_test.cc": '#include "archive/store.h"\n'},
        "src/dicom/data_set_test.cc:1",
        ["dicom includes", "of archive"],
    ),
    "an include that names no module": (
        {"src/dicom/data_set.cc": '#include "data_set.h"\n#include <dcmtk/dcmdata/dctk.h>\n'},
        "src/dicom/data_set.cc:1",
        ["not rooted at src/", '"dicom/data_set.h"'],
    ),
    "an include that climbs": (
        {"src/dicom/data_set.cc": '#include "../core/text.h"\n#include <dcmtk/dcmdata/dctk.h>\n'},
        "src/dicom/data_set.cc:1",
        ["not rooted at src/"],
    ),
    "an include that names nothing": (
        {"src/dicom/data_set.h": '#include "core/gone.h"\n#include "core/result.h"\n'},
        "src/dicom/data_set.h:1",
        ["names no file"],
    ),
    "a library in quotes": (
        {"src/dicom/data_set.h": '#include "core/result.h"\n#include "sqlite3/sqlite3.h"\n'},
        "src/dicom/data_set.h:2",
        ["names no file", "angle brackets"],
    ),
    "code that ships includes tests/": (
        {"src/dicom/data_set.h": '#include "core/result.h"\n\n#include "tests/support/made.h"\n'},
        "src/dicom/data_set.h:3",
        ["nothing that ships includes tests/"],
    ),
    "a unit test includes another suite": (
        {"src/dicom/data_set_test.cc": '#include "tests/contract/suite.h"\n'},
        "src/dicom/data_set_test.cc:1",
        ["tests/support/"],
    ),
    "a library outside its owner": (
        {"src/storage/blob_store.h": '#include "core/result.h"\n',
         "src/storage/blob_store.cc": "#include <sqlite3.h>\n"},
        "src/storage/blob_store.cc:1",
        ["SQLite", "stays inside index"],
    ),
    "TLS in core, which owns the hashes alone": (
        {"src/core/text.cc": "#include <openssl/ssl.h>\n"},
        "src/core/text.cc:1",
        ["OpenSSL TLS", "stays inside http"],
    ),
    "a library in a header": (
        {"src/dicom/data_set.h": '#include "core/result.h"\n#include <dcmtk/dcmdata/dctk.h>\n'},
        "src/dicom/data_set.h:2",
        ["a header of ours", "forward"],
    ),
    "a library that nobody owns": (
        {"src/storage/blob_store.cc": "#include <nlohmann/json.hpp>\n"},
        "src/storage/blob_store.cc:1",
        ["no owner"],
    ),
    "a test library in code that ships": (
        {"src/storage/blob_store.cc": "#include <gtest/gtest.h>\n"},
        "src/storage/blob_store.cc:1",
        ["no owner"],
    ),
    "sockets below the edges": (
        {"src/storage/blob_store.cc": "#include <sys/socket.h>\n"},
        "src/storage/blob_store.cc:1",
        ["sockets belong to dimse and http"],
    ),
    "a concrete backend named outside the composition root": (
        {"src/archive/store.cc": '#include "storage/filesystem_store.h"\n'},
        "src/archive/store.cc:1",
        ["concrete backend", "src/cli/"],
    ),
    "an edge reaches past the part that it may see": (
        {"src/rest/CMakeLists.txt": "pacs_module(rest MODULES storage)\n",
         "src/rest/routes.cc": '#include "storage/url_signer.h"\n#include "storage/blob_store.h"\n',
         "src/storage/url_signer.h": "#pragma once\n"},
        "src/rest/routes.cc:2",
        ["a part of storage", "bytes come from archive alone"],
    ),
    "code that ships includes a fixture": (
        {"src/archive/archive_fixture.h": "#pragma once\n#include <gtest/gtest.h>\n",
         "src/archive/store.cc": (
             '#include "storage/blob_store.h"\n#include "archive/archive_fixture.h"\n')},
        "src/archive/store.cc:2",
        ["only tests may"],
    ),
    "a folder that is no module": (
        {"src/helpers/everything.cc": "#include <vector>\n"},
        "src/helpers:1",
        ["not a module"],
    ),
    "a module without a declaration": (
        {"src/storage/CMakeLists.txt": "# pacs_module(storage MODULES core)\n"},
        "src/storage/CMakeLists.txt:1",
        ["does not declare"],
    ),
    "a declaration under another name": (
        {"src/storage/CMakeLists.txt": "pacs_module(store MODULES core)\n"},
        "src/storage/CMakeLists.txt:1",
        ["declares store"],
    ),
    "CMake links a module that the row forbids": (
        {"src/dicom/CMakeLists.txt":
             "\npacs_module(dicom MODULES core storage LIBRARIES dcmtk_dcmdata)\n"},
        "src/dicom/CMakeLists.txt:2",
        ["dicom links storage"],
    ),
    "CMake links a module that nothing includes": (
        {"src/storage/CMakeLists.txt": "pacs_module(storage MODULES core http)\n"},
        "src/storage/CMakeLists.txt:1",
        ["includes nothing of it", "http"],
    ),
    "CMake does not declare a module that is included": (
        {"src/storage/CMakeLists.txt": "pacs_module(storage)\n"},
        "src/storage/CMakeLists.txt:1",
        ["storage includes core and does not declare it"],
    ),
    "CMake links a library of another module": (
        {"src/storage/CMakeLists.txt": "pacs_module(storage MODULES core LIBRARIES CURL::libcurl)\n"},
        "src/storage/CMakeLists.txt:1",
        ["libcurl stays inside http"],
    ),
    "CMake links a library that nobody owns": (
        {"src/storage/CMakeLists.txt": "pacs_module(storage MODULES core LIBRARIES Qt6::Core)\n"},
        "src/storage/CMakeLists.txt:1",
        ["Qt6::Core", "no owner"],
    ),
    "CMake links a library that nothing includes": (
        {"src/core/CMakeLists.txt": "pacs_module(core LIBRARIES fmt::fmt spdlog::spdlog)\n"},
        "src/core/CMakeLists.txt:1",
        ["spdlog::spdlog", "includes nothing of it"],
    ),
    "CMake does not link a library that is included": (
        {"src/core/CMakeLists.txt": "pacs_module(core)\n"},
        "src/core/CMakeLists.txt:1",
        ["includes fmt and does not link it"],
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_finds(tree, name):
    files, place, words = BREACHES[name]
    root = tree(files=files)
    found = [b for b in check_layers.check(root) if b.place == place]
    assert found, f"no breach at {place}: {[b.place for b in check_layers.check(root)]}"
    text = "\n".join(str(b) for b in found)
    for word in words:
        assert word in text
    for line in ("rule:", "why:", "mend:"):
        assert line in text


def test_an_include_in_a_comment_is_none(tree):
    root = tree(files={"src/core/text.cc": (
        '#include "core/text.h"\n// #include "rest/x.h"\n/*\n#include <sqlite3.h>\n*/\n'
        'const char* kText = "/*";\n'
    )})
    assert check_layers.check(root) == []


def test_the_line_number_survives_comments(tree):
    root = tree(files={"src/core/text.cc": (
        '/* two\n lines */\n#include "core/text.h"\n#include "dicom/data_set.h"\n'
    )})
    assert "src/core/text.cc:4" in [b.place for b in check_layers.check(root)]


def test_a_generated_header_counts_by_its_template(tree):
    root = tree(files={"src/core/version.h.in": "", "src/core/text.cc": '#include "core/version.h"\n'})
    assert check_layers.check(root) == []


def test_a_fixture_may_include_what_tests_may(tree):
    root = tree(files={"src/archive/archive_fixture.h": (
        '#include <gtest/gtest.h>\n#include "storage/filesystem_store.h"\n'
        '#include "tests/support/made.h"\n'
    )})
    assert check_layers.check(root) == []


def test_a_table_made_by_the_build_counts_when_the_build_names_it(tree):
    files = {"src/core/text.cc": '#include "core/text.h"\n#include "table.inc"\n'}
    assert [b.place for b in check_layers.check(tree(files=files))] == ["src/core/text.cc:2"]
    files["src/core/CMakeLists.txt"] = "# makes table.inc\npacs_module(core LIBRARIES fmt::fmt)\n"
    assert check_layers.check(tree(files=files)) == []


def test_a_build_tool_of_a_module_links_for_itself(tree):
    root = tree(files={
        "src/dicom/CMakeLists.txt": (
            "pacs_module(dicom MODULES core)\n"
            "target_link_libraries(make_table PRIVATE dcmtk_dcmdata)\n"),
        "src/dicom/data_set.cc": '#include "dicom/data_set.h"\n',
        "src/dicom/generator/make_table.cc": "#include <dcmtk/dcmdata/dctk.h>\n",
    })
    assert check_layers.check(root) == []


def test_the_table_has_no_cycle_and_includes_point_down():
    for name, module in check_layers.MODULES.items():
        for other in module.may_include:
            assert check_layers.MODULES[other].layer < module.layer, f"{name} -> {other}"


def test_every_library_has_an_owner_that_exists():
    for name, library in check_layers.LIBRARIES.items():
        assert library.owners and library.owners <= check_layers.MODULES.keys(), name


def test_the_edges_own_no_library():
    for name, library in check_layers.LIBRARIES.items():
        assert not library.owners & {"rest", "dicomweb"}, name
        assert "cli" not in library.owners or name in ("CLI11", "libarchive")


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)], capture_output=True, text=True
    )


def test_the_command_fails_on_a_breach_and_prints_it(tree):
    root = tree(files={"src/core/text.cc": '#include "dicom/data_set.h"\n'})
    result = run(root)
    assert result.returncode == 1
    assert "src/core/text.cc:1: core includes" in result.stdout
    assert "breaches: 1" in result.stdout


def test_the_command_does_not_call_an_empty_tree_sound(tmp_path):
    assert run(tmp_path).returncode == 2
    (tmp_path / "src").mkdir()
    assert run(tmp_path).returncode == 2


def test_this_repository_keeps_its_layers():
    result = run(REPOSITORY)
    assert result.returncode == 0, result.stdout
