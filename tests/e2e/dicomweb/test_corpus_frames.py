# labels: e2e corpus
# timeout: 600
"""Real files of many vendors: the frames that leave are those that pydicom takes out of the file, and the
metadata name what the file names."""
import csv
import io
import os
import pathlib

import pydicom
import pydicom.encaps
import pytest

import multipart
from archive_server import REPOSITORY

CORPUS = pathlib.Path(os.environ.get("PACS_LITE_DICOM_CORPUS", REPOSITORY.parent / "shared" / "dicom"))
pytestmark = pytest.mark.skipif(not (CORPUS / "manifest.tsv").is_file(), reason=f"no DICOM corpus at {CORPUS}")

OCTETS = "multipart/related; type=application/octet-stream; transfer-syntax=*"
NOT_BY_FRAMES = {pydicom.uid.DeflatedExplicitVRLittleEndian, pydicom.uid.ExplicitVRBigEndian}


def frames_of(data_set, syntax):
    """As pydicom divides them; None where it cannot or where bits do not fill bytes."""
    count = int(data_set.get("NumberOfFrames", 1) or 1)
    if syntax.is_compressed:
        if data_set.PixelData[:4] != b"\xfe\xff\x00\xe0":
            return None
        frames = list(pydicom.encaps.generate_pixel_data_frame(data_set.PixelData, count))
        return frames if len(frames) == count else None
    bits = data_set.Rows * data_set.Columns * data_set.get("SamplesPerPixel", 1) * data_set.BitsAllocated
    if bits % 8 or "422" in data_set.PhotometricInterpretation or len(data_set.PixelData) < bits // 8 * count:
        return None
    size = bits // 8
    return [data_set.PixelData[n * size:(n + 1) * size] for n in range(count)]


def assert_same(made, stored, name):
    """What the explicit file says is what the implicit one says; a VR that only one side knows leaves bytes."""
    assert made.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian, name
    assert [element.tag for element in made] == [element.tag for element in stored
                                                if element.tag.element != 0 and element.tag != (0xFFFC, 0xFFFC)], name
    for element in made:
        other = stored[element.tag]
        if element.VR == "SQ" and other.VR == "SQ":
            assert len(element.value) == len(other.value), (name, element.tag)
            for item, other_item in zip(element.value, other.value):
                assert [inner.tag for inner in item] == [inner.tag for inner in other_item if inner.tag.element != 0], name
        elif element.VR == other.VR or not element.tag.is_private:  # private ones are as the creator's dictionary has them
            assert element.value == other.value or str(element.value) == str(other.value), (name, element, other)


def test_frames_of_real_files(server):
    session = server.session()
    compared, rewritten, syntaxes = 0, 0, set()
    with open(CORPUS / "manifest.tsv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                if row["path"].startswith("valid/")]
    for row in rows:
        path = CORPUS / row["path"]
        data_set = pydicom.dcmread(path, force=True)
        syntax = getattr(data_set.file_meta, "TransferSyntaxUID", None)
        if "PixelData" not in data_set or syntax is None or syntax in NOT_BY_FRAMES or syntax.is_private:
            continue
        answer = session.post(server.api + "/images/", files={"file": (path.name, path.read_bytes())}, timeout=60)
        if answer.status_code != 201:
            continue  # why is what test_corpus.py asks
        try:
            expected = frames_of(data_set, syntax)
        except Exception:  # pydicom cannot read what is there
            expected = None
        if expected is None:
            continue
        url = (f"{server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
               f"/instances/{data_set.SOPInstanceUID}")
        wanted = range(len(expected)) if len(expected) < 20 else (0, 1, len(expected) // 2, len(expected) - 1)
        frames = session.get(url + "/frames/" + ",".join(str(n + 1) for n in wanted), headers={"Accept": OCTETS}, timeout=60)
        assert frames.status_code == 200, (row["path"], frames.text)
        for number, (headers, body) in zip(wanted, multipart.parse(frames)):
            assert body == expected[number] or body.rstrip(b"\0") == expected[number].rstrip(b"\0"), (row["path"], number)
        metadata = session.get(url + "/metadata", timeout=60).json()[0]
        assert metadata["00080018"]["Value"] == [data_set.SOPInstanceUID], row["path"]
        whole = session.get(url, headers={"Accept": "application/dicom; transfer-syntax=*"}, timeout=60)
        assert whole.content == path.read_bytes(), row["path"]
        if syntax.is_implicit_VR:  # G7
            explicit = session.get(url, headers={"Accept": "application/dicom"}, timeout=60)
            assert_same(pydicom.dcmread(io.BytesIO(explicit.content)), data_set, row["path"])
            rewritten += 1
        compared += 1
        syntaxes.add(str(syntax))
    assert compared > 200 and rewritten > 20 and len(syntaxes) > 12, (compared, rewritten, syntaxes)
