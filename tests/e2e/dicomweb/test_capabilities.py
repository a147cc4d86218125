"""The capabilities that the server tells (C1), held against its answers and against docs/conformance.md."""
import re

import pydicom
import pytest

import dicom_files
from archive_server import REPOSITORY


STATEMENT = (REPOSITORY / "docs" / "conformance.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def described(shared_server):
    answer = shared_server.session().options(shared_server.url + "/dicom-web", headers={"Accept": "application/json"}, timeout=30)
    assert answer.status_code == 200
    return answer.json()["resources"]


def find_types(node):
    if isinstance(node, dict):
        return [kind for value in node.values() for kind in find_types(value)]
    if isinstance(node, list):
        return [kind for value in node for kind in find_types(value)]
    is_type = isinstance(node, str) and re.match(r"(application|image|video|text|model|multipart)/[a-z0-9.+-]+(;|$)", node)
    return [node] if is_type else []


def test_every_media_type_is_in_the_conformance_statement(described):
    kinds = {kind for resource in described for method in resource["methods"] for kind in find_types(method)}
    assert len(kinds) > 10, kinds
    for kind in kinds:
        payload = kind.split('type="')[1].rstrip('"') if 'type="' in kind else kind
        assert payload in STATEMENT, kind


def test_head_is_get_without_its_body(described, shared_server):  # G13
    content = dicom_files.ct_slice()
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    session = shared_server.session()
    session.post(shared_server.api + "/images/", files={"file": ("a.dcm", content)}, timeout=30).raise_for_status()
    names = {"study": data_set.StudyInstanceUID, "series": data_set.SeriesInstanceUID, "instance": data_set.SOPInstanceUID,
             "frames": "1", "a": "7FE00010"}
    asked = 0
    for resource in described:
        if not any(method["name"] == "GET" for method in resource["methods"]) or "{b}" in resource["path"] or resource["path"] == "/wado":
            continue
        url = shared_server.url + "/dicom-web" + resource["path"].format(**names)
        get = session.get(url, headers={"Accept-Encoding": "identity"}, timeout=60)
        head = session.head(url, headers={"Accept-Encoding": "identity"}, timeout=60)
        assert get.status_code == head.status_code == 200, (url, get.status_code, head.status_code)
        assert head.content == b"", url
        for field in ("ETag", "Cache-Control", "Vary"):
            assert head.headers.get(field) == get.headers.get(field), (url, field)
        assert head.headers["Content-Type"].split(";")[0] == get.headers["Content-Type"].split(";")[0], url
        if "Content-Length" in get.headers and "boundary" not in get.headers["Content-Type"]:
            assert head.headers["Content-Length"] == get.headers["Content-Length"], url
        asked += 1
    assert asked > 12, asked


def rows_of(heading):
    """The rows of the table under a heading, each a list of cells."""
    chapter = re.split(r"\n#{2,4} ", STATEMENT.split("\n" + heading + "\n", 1)[1])[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in chapter.splitlines() if line.startswith("|")]
    assert len(rows) > 2 and set(rows[1]) == {"---"}, heading
    return rows[2:]


def quoted(cell):
    return re.findall(r"`([^`]*)`", cell)


def test_every_resource_stands_in_the_conformance_statement(described):
    kinds = {name: set(quoted(types)) for name, types in rows_of("#### What the names of media types stand for")}
    stated = {}
    for resources, parameters, sent, taken, statuses, problems in rows_of("### Every resource"):
        method, *paths = quoted(resources)
        for path in paths:
            key = (method, "" if path == "/" else path)
            assert key not in stated, key
            stated[key] = (set(quoted(parameters)), kinds[sent] if sent else set(), kinds[taken] if taken else set(),
                           statuses.split(), problems.split())
    told = {}
    for resource in described:
        for method in resource["methods"]:
            told[method["name"], resource["path"]] = (
                {parameter["name"] for parameter in method["queryParameters"]}, set(method["responseMediaTypes"]),
                set(method["requestMediaTypes"]), method["responseStatuses"], method["problemStatuses"])
    assert stated.keys() == told.keys()
    for key in told:
        assert stated[key] == told[key], key
    used = {name for row in rows_of("### Every resource") for name in row[2:4] if name}
    assert used == kinds.keys()


def test_every_parameter_that_is_read_is_told_and_the_reverse(described):  # C1
    sources = {path.name: path.read_text(encoding="utf-8") for path in (REPOSITORY / "src" / "dicomweb").glob("*.cc")
               if path.name != "transactions.cc" and not path.name.endswith("_test.cc")}
    read = set()
    for name, source in sources.items():
        read |= set(re.findall(r'query_parameters?\("(\w+)"\)', source))
        if name == "search_parameters.cc":
            read |= set(re.findall(r'\bname == "(\w+)"', source))
        if name == "wado_uri_route.cc":
            read |= set(re.findall(r'\{"(\w+UID)", "(?:study|series|instance)"\}', source))
    told = {parameter["name"] for resource in described for method in resource["methods"] for parameter in method["queryParameters"]}
    by_other_ways = {"TimezoneOffsetFromUTC", "{attributeID}", "imageQuality", "quality"}  # an attribute; by a name that is handed on
    assert {"accept", "limit", "viewport", "dicomdir", "studyUID"} <= read
    assert read - told == set() and told - read == by_other_ways
    everything = "".join(sources.values())
    for name in by_other_ways - {"{attributeID}"}:
        assert f'"{name}"' in everything or f"k{name}" in everything or name == "TimezoneOffsetFromUTC", name


def test_every_reason_of_a_failure_is_in_the_statement():
    header = (REPOSITORY / "src" / "dicomweb" / "failure_reason.h").read_text(encoding="utf-8")
    codes = {code for code in re.findall(r"= 0x([0-9A-F]{4}),", header)}
    store = STATEMENT.split("### Store (STOW-RS")[1].split("\n### ")[0]
    stated = set(re.findall(r"^\| ([0-9A-F]{4}) \|", store, re.MULTILINE))
    assert codes == stated and len(codes) > 5


def test_statuses_that_the_text_names_are_told(described):
    """Those of the tables of store and delete."""
    told = {resource["path"]: set(method["responseStatuses"]) | set(method["problemStatuses"])
            for resource in described for method in resource["methods"] if method["name"] == "POST"}
    store = STATEMENT.split("### Store (STOW-RS")[1].split("| FailureReason")[0]
    stated = {status for cell in re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", store, re.MULTILINE) for status in cell.split(", ")}
    assert stated and stated <= told["/studies"] == told["/studies/{study}"]
    assert told["/studies"] - stated == {"401", "403", "408", "500"}
