"""The capabilities that the server tells (C1), held against its answers and against docs/conformance.md."""
import re

import pydicom
import pytest

import dicom_files
from archive_server import REPOSITORY


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
    statement = (REPOSITORY / "docs" / "conformance.md").read_text(encoding="utf-8")
    kinds = {kind for resource in described for method in resource["methods"] for kind in find_types(method)}
    assert len(kinds) > 10, kinds
    for kind in kinds:
        payload = kind.split('type="')[1].rstrip('"') if 'type="' in kind else kind
        assert payload in statement, kind


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
