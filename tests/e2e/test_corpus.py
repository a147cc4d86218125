# labels: e2e corpus
# timeout: 600
"""Five hundred real DICOM files through the front door and by `pacs-lite import`: each valid one that names study, series and
instance is stored and comes back byte for byte, or is refused for a reason that stands here; of the
malformed ones those that can be read and identified are stored; none stops the server or leaves a trace."""
import collections
import csv
import json
import os
import pathlib

import pydicom
import pytest
import requests

import dicom_files
from archive_server import REPOSITORY

CORPUS = pathlib.Path(os.environ.get("PACS_LITE_DICOM_CORPUS", REPOSITORY.parent / "shared" / "dicom"))

pytestmark = pytest.mark.skipif(not (CORPUS / "manifest.tsv").is_file(), reason=f"no DICOM corpus at {CORPUS}")

# Why a file that names all three may be refused: status, code.
CONFLICT = (409, "uid_conflict")             # the same SOP Instance UID with other bytes came before
OTHER_PATIENT = (409, "patient_mismatch")    # the study is another patient's
NO_UID = (422, "invalid_uid")                # 67 characters, letters, …
NOT_NAMED = (422, "missing_attribute")
# What may be said of a file that names no image.
UNREADABLE = {"not_dicom", "truncated", "malformed", "unsupported_media", "missing_attribute"}
# What becomes of each malformed file, in the order of the manifest: `stored`, or the code of the refusal.
MALFORMED_OUTCOMES = REPOSITORY / "tests" / "corpus" / "malformed_outcomes.tsv"


def rows(kind):
    with open(CORPUS / "manifest.tsv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["path"].startswith(kind + "/")]


def identifiers(path):
    """Study, series, instance and patient as pydicom reads them."""
    data_set = pydicom.dcmread(path, force=True, stop_before_pixels=True, specific_tags=[
        "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID", "DirectoryRecordSequence"])
    return tuple(str(data_set.get(name) or "").strip(" \0") for name in
                 ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID"))


def send(server, session, path):
    answer = session.post(server.api + "/images/", files={"file": (path.name, path.read_bytes())}, timeout=60)
    assert answer.status_code < 500, f"{path}: {answer.status_code} {answer.text}"
    return answer


def is_uid(text):
    return 0 < len(text) <= 64 and set(text) <= set("0123456789.") and all(text.split("."))


def expected(names, known, patients, content):
    study, series, instance, patient = names
    if not (study and series and instance):
        return NOT_NAMED
    if not all(map(is_uid, names[:3])):
        return NO_UID
    if instance in known:
        return None if known[instance] == dicom_files.sha256(content) else CONFLICT
    if patient and patients.get(study, patient) != patient:
        return OTHER_PATIENT
    return None


def blobs(server):
    root = server.media / "radiology"
    return {str(path.relative_to(server.media)) for path in root.rglob("*") if path.is_file()} if root.exists() else set()


def test_valid_files(server):
    session = server.session()
    known, patients, stored, refused = {}, {}, {}, collections.Counter()
    for row in rows("valid"):
        path = CORPUS / row["path"]
        content = path.read_bytes()
        names = identifiers(path)
        reason = expected(names, known, patients, content)
        answer = send(server, session, path)
        if reason is None:
            assert answer.status_code in (200, 201), f"{path}: {answer.text}"
            known[names[2]] = dicom_files.sha256(content)
            if names[3]:
                patients.setdefault(names[0], names[3])
            image = answer.json()
            assert image["image_uid"] == names[2] and image["checksum"] == known[names[2]]
            stored[image["file_key"]] = content
        elif reason == NOT_NAMED:  # a DICOMDIR, a colour palette, …
            assert answer.status_code == 422 and answer.json()["code"] in UNREADABLE, f"{path}: {answer.text}"
            refused[reason] += 1
        else:
            assert (answer.status_code, answer.json()["code"]) == reason, f"{path}: {answer.text}"
            refused[reason] += 1
    assert len(stored) > 300 and refused[CONFLICT] > 0 and refused[NOT_NAMED] > 0, refused

    assert blobs(server) == set(stored), "a refusal leaves no trace"
    for key, content in stored.items():
        url = session.get(f"{server.api}/images/{key.split('/')[3]}/url/").json()["image_url"]
        assert requests.get(url if url.startswith("http") else server.url + url).content == content, key


def test_malformed_files(server):
    session = server.session()
    stored, outcomes, without_prefix = {}, {}, 0
    for row in rows("malformed"):
        path = CORPUS / row["path"]
        answer = send(server, session, path)
        if answer.status_code in (200, 201):
            stored[answer.json()["file_key"]] = path.read_bytes()
            without_prefix += path.read_bytes()[128:132] != b"DICM"
        outcomes[row["path"]] = "stored" if answer.status_code in (200, 201) else answer.json()["code"]
    with open(MALFORMED_OUTCOMES, encoding="utf-8", newline="") as file:
        assert outcomes == {row["path"]: row["outcome"] for row in csv.DictReader(file, delimiter="\t")}
    assert without_prefix > 0, "files that merely lack the prefix are stored"
    assert blobs(server) == set(stored)
    for key, content in stored.items():
        assert (server.media / key).read_bytes() == content
    assert requests.get(server.url + "/healthz").status_code == 200


def import_corpus(server):
    done = server.command("import", str(CORPUS / "valid"), str(CORPUS / "malformed"), "--json", timeout=250)
    assert done.returncode == 1, done.stdout + done.stderr  # some are refused
    return json.loads(done.stdout)


def test_import_of_the_whole_folder(server):
    """Several files are sent at once, so which of two with one UID comes first is open; nothing else is."""
    originals = {path: path.read_bytes() for kind in ("valid", "malformed") for path in (CORPUS / kind).rglob("*")
                 if path.is_file()}
    first = import_corpus(server)
    codes = collections.Counter(entry["code"] for entry in first["not_stored"])
    missing = codes.pop("missing_on_medium")  # what DICOMDIRs name, of which the corpus has the DICOMDIR alone
    assert first["failed"] == missing
    assert sum(first[outcome] for outcome in ("stored", "known", "refused", "skipped")) == len(originals)
    assert first["stored"] > 300
    assert set(codes) <= UNREADABLE | {"invalid_uid", "uid_conflict", "patient_mismatch", "nested_too_deeply", "no_image"}, codes
    keys = blobs(server)
    assert len(keys) == first["stored"]
    digests = {dicom_files.sha256(content) for content in originals.values()}
    assert {dicom_files.sha256((server.media / key).read_bytes()) for key in keys} <= digests

    second = import_corpus(server)
    assert (second["stored"], second["failed"]) == (0, missing)
    assert second["known"] == first["stored"] + first["known"]
    assert blobs(server) == keys
