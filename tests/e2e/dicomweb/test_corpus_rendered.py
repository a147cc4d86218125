# labels: e2e corpus
# timeout: 600
"""Real files of many vendors as pictures: what is rendered is what DCMTK's dcmj2pnm makes of the same file, as
PNG and without a viewport, within two greys of 256. (N9, N10)"""
import csv
import io
import os
import pathlib
import shutil
import subprocess

import numpy
import PIL.Image
import pydicom
import pytest

from archive_server import REPOSITORY

CORPUS = pathlib.Path(os.environ.get("PACS_LITE_DICOM_CORPUS", REPOSITORY.parent / "shared" / "dicom"))
pytestmark = [pytest.mark.skipif(not (CORPUS / "manifest.tsv").is_file(), reason=f"no DICOM corpus at {CORPUS}"),
              pytest.mark.skipif(shutil.which("dcmj2pnm") is None, reason="no dcmj2pnm (dcmtk)")]


# DCMTK 3.6.7 of Debian has no decoder for these.
NOT_JUDGED = ("JPEG 2000", "JPEG-LS", "High-Throughput", "Deflated")
# Says RGB, and its JPEG is luminance and chrominance: DCMTK shows it in wrong colours.
MISLABELLED = {"valid/fo-dicom_fo-dicom/FO-DICOM.Tests/Test_Data/GH195.dcm"}


def rows():
    """One of each kind: decoding every file is the test of the decoders."""
    kinds = set()
    with open(CORPUS / "manifest.tsv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            features = [name for name in ("overlay", "palette-lut") if name in row["features"]]
            kind = (row["transfer_syntax_name"][:8], row["photometric"], row["bits"], row["samples"], *features)
            is_small = int(row["size"]) < 700_000
            may_be_judged = is_small and row["photometric"] and not row["transfer_syntax_name"].startswith(NOT_JUDGED)
            if row["path"].startswith("valid/") and may_be_judged and kind not in kinds and row["path"] not in MISLABELLED:
                kinds.add(kind)
                yield row["path"]


def has_window(data_set):
    return data_set.get("WindowCenter") not in (None, "")


def is_judged(data_set):
    """DCMTK knows no functional groups, takes padding for a value, rounds rescaled values to whole ones, and does
    not show windows narrower than one."""
    if "PerFrameFunctionalGroupsSequence" in data_set:
        return False
    if has_window(data_set):
        widths = data_set.WindowWidth
        return float(widths[0] if isinstance(widths, pydicom.multival.MultiValue) else widths) >= 1
    return "PixelPaddingValue" not in data_set and abs(float(data_set.get("RescaleSlope", 1) or 1)) >= 0.01


def by_dcmtk(path, data_set, out):
    command = ["dcmj2pnm", "-q", "-a", "+on"]
    if data_set.PhotometricInterpretation.startswith("MONOCHROME"):
        if has_window(data_set):
            command += ["+Wi", "1"]
        else:
            command += ["+Wl", "1"] if "VOILUTSequence" in data_set else ["+Wm"]
    done = subprocess.run(command + [str(path), str(out)], capture_output=True, timeout=60)
    return pixels(out.read_bytes()) if done.returncode == 0 and out.exists() else None


def pixels(png):
    return numpy.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_pictures_of_real_files(server, tmp_path):
    session = server.session()
    compared = set()
    for number, name in enumerate(rows()):
        path = CORPUS / name
        data_set = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        if not is_judged(data_set):
            continue
        theirs = by_dcmtk(path, data_set, tmp_path / f"{number}.png")
        stored = session.post(server.api + "/images/", files={"file": ("a.dcm", path.read_bytes())}, timeout=60)
        if stored.status_code not in (200, 201) or theirs is None:
            continue
        image = stored.json()
        url = (f"{server.url}/dicom-web/studies/{image['study_uid']}/series/{image['series_uid']}"
               f"/instances/{image['image_uid']}/frames/1/rendered")
        answer = session.get(url, headers={"Accept": "image/png"}, timeout=60)
        assert answer.status_code == 200, f"{name}: {answer.text}"
        ours = pixels(answer.content)
        if ours.min() == ours.max():
            continue  # of one value: black, white or grey is a matter of taste
        assert ours.shape == theirs.shape, name
        error = numpy.abs(ours - theirs)
        assert error.max() <= 2, f"{name}: {error.max()}, {(error > 2).mean():.1%} of the pixels"
        compared.add((data_set.PhotometricInterpretation, data_set.BitsAllocated))
    kinds = {kind for kind, _ in compared}
    assert kinds >= {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422"}, kinds
    assert {bits for _, bits in compared} >= {8, 16, 32}, compared
