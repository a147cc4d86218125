# labels: e2e browser corpus long
# timeout: 900
"""The viewer in a real browser over real files: the list and its filters, each kind of image and encoding, documents, scrolling."""
import io
import os
import pathlib

import pydicom
import pytest

import dicom_files
from archive_server import REPOSITORY, ArchiveServer
from browser import VIEWER, asked, browse, missing, most_colours

CORPUS = pathlib.Path(os.environ.get("PACS_LITE_DICOM_CORPUS", REPOSITORY.parent / "shared" / "dicom")) / "valid"
WHY_NOT = missing() or (None if CORPUS.is_dir() else f"no DICOM corpus at {CORPUS}")
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")

# What is drawn, and a file of it; "colour" where the picture must have colours.
IMAGES = {
    "MR": "wearemothership_dicom-test-files/medical.nema.org/compsamples_refanddir/IMAGES/REF/MR4_UNC",
    "multi-frame MR": "wearemothership_dicom-test-files/medical.nema.org/multiframe/DISCIMG/IMAGES/BRMULTI",
    "colour ultrasound": "orthanc-mirrors_orthanc-tests/TransferSyntaxes/1.2.840.10008.1.2.4.50.dcm",
    "JPEG baseline": "dicom_ruby-dicom/samples/explicit_mr_jpeg-lossy_mono2.dcm",
    "JPEG extended": "cornerstonejs_cornerstone3D/examplesOld/test-images/CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm",
    "JPEG lossless": "dcm4che_dcm4che/CT-JPEGLosslessSV1.dcm",
    "JPEG-LS": "cornerstonejs_dicomParser/testImages/encapsulated/single-frame/CT1_UNC.fragmented_no_bot_jpeg_ls.80.dcm",
    "JPEG 2000 lossless": "FNNDSC_ami/data/dicom/j2k.dcm",
    "JPEG 2000": "pydicom_pydicom-data/MR2_J2KI.dcm",
    "RLE": "dicom_ruby-dicom/samples/explicit_mr_rle_mono2.dcm",
}
COLOURED = {"colour ultrasound"}
PDF = "orthanc-server_orthanc-setup-samples/docker/move-instances-filter/samples/OT000000.dcm"
ECG = "pydicom_pydicom/test_files/waveform_ecg.dcm"


def on_its_own(path):
    """The file as an instance of a study of its own, since several show one image in several encodings; and that study."""
    data_set = pydicom.dcmread(path, force=True)
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID, data_set.SOPInstanceUID = (dicom_files.new_uid() for _ in range(3))
    data_set.file_meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    out = io.BytesIO()
    data_set.save_as(out, write_like_original=True)
    return out.getvalue(), str(data_set.StudyInstanceUID)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ArchiveServer(tmp_path_factory.mktemp("browser"), PACS_LITE_VIEWER=str(VIEWER), PACS_LITE_PATIENT_MISMATCH="accept") as server:
        yield server


@pytest.fixture(scope="module")
def stack(server):
    """A series of twelve slices in space, to scroll through."""
    study, series = dicom_files.new_uid(), dicom_files.new_uid()
    for number in range(12):
        content = dicom_files.ct_slice(study, series, rows=128, columns=128, instance_number=number + 1, seed=number,
                                       patient_name="Scroll^Sam", ImagePositionPatient=[0, 0, 2.0 * number],
                                       ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[1, 1])
        assert store(server, content).status_code == 201
    return study


def store(server, content):
    return server.session().post(server.api + "/images/", data=content, headers={"Content-Type": "application/dicom"})


@pytest.fixture(scope="module")
def studies(server):
    names = {}
    for name, path in {**IMAGES, "ECG": ECG, "PDF": PDF}.items():
        content, names[name] = on_its_own(CORPUS / path)
        stored = store(server, content)
        assert stored.status_code == 201, (name, stored.text)
    return names


def signed_in(server):
    return [{"name": "pl_session", "value": server.token, "domain": "127.0.0.1", "path": path} for path in ("/viewer", "/dicom-web")]


@pytest.fixture(scope="module")
def visits(server, studies, stack):
    """All in one browser, as a reader has it; by name."""
    opening = server.url + "/viewer/viewer?StudyInstanceUIDs="
    orders = {
        "list": {"url": server.url + "/viewer/", "cookies": signed_in(server), "wait": "text", "text": "Scroll"},
        "filtered": {"url": server.url + "/viewer/?patientName=scroll", "wait": "text", "text": "Scroll", "settle_ms": 2000},
        "scrolled": {"url": opening + stack, "wait": "image", "scroll": 5, "settle_ms": 1000, "reload": True},
        "ECG": {"url": opening + studies["ECG"], "settle_ms": 6000},
        "PDF": {"url": opening + studies["PDF"], "wait": "frame", "settle_ms": 2000},
        **{name: {"url": opening + studies[name], "wait": "image", "settle_ms": 500} for name in IMAGES},
    }
    for name, order in orders.items():
        order["name"] = name.replace(" ", "-")
        order["timeout_ms"] = 60000
    return dict(zip(orders, browse(*orders.values(), timeout=800)))


@pytest.mark.parametrize("name", IMAGES)
def test_each_kind_of_image_is_drawn(visits, name):
    seen = visits[name]
    assert seen["found"] and most_colours(seen) > 20, seen["problems"]
    refused = [request for request in seen["requests"] if request["status"] >= 400]
    assert not refused
    assert not [problem for problem in seen["problems"] if "Content Security Policy" in problem]
    if name in COLOURED:
        assert any(canvas["coloured"] > 5 for canvas in seen["canvases"])


def test_the_list_shows_studies_and_filters_them(visits):
    assert visits["list"]["found"] and visits["filtered"]["found"]
    assert asked(visits["filtered"], "PatientName="), "the filter is asked of the server"
    assert all(request["status"] == 200 for request in asked(visits["list"], "/dicom-web/"))


def test_scrolling_shows_other_slices_and_reloading_works(visits):
    seen = visits["scrolled"]
    frames = {request["url"] for request in asked(seen, "/frames/1")}
    assert len(frames) == 12 and seen["found_again"]


def test_an_electrocardiogram_is_fetched_and_drawn(visits):
    seen = visits["ECG"]
    waveforms = asked(seen, "/bulkdata/")
    assert waveforms and all(request["status"] == 200 for request in waveforms), [r["url"] for r in seen["requests"]][-8:]


def test_a_document_is_shown_within_the_page(visits):
    seen = visits["PDF"]
    documents = asked(seen, "/rendered")
    assert seen["found"] and documents and all(request["status"] == 200 for request in documents), seen["problems"]
    assert not seen["problems"], "a browser that blocks it says so"
