"""JPEG, PNG and PDF of the REST API as the DICOM objects that they are to DICOMweb: R1, R2, MD1, F3, F4, F5, B5, C2.
pydicom, DCMTK and dciodvfy (dicom3tools) read them; the stored bytes stay as they are."""
import io
import json
import shutil
import subprocess

import numpy
import PIL.Image
import pydicom
import pytest

import dicom_files
import multipart

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
EXPLICIT = "1.2.840.10008.1.2.1"
SECONDARY_CAPTURE, ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.104.1"


class Picture:
    def __init__(self, server, content, name, **fields):
        self.server, self.session, self.content = server, server.session(), content
        answer = self.session.post(server.api + "/images/", files={"file": (name, content)}, data=fields, timeout=30)
        assert answer.status_code == 201, answer.text
        self.study, self.series, self.uid = (answer.json()[key] for key in ("study_uid", "series_uid", "image_uid"))
        found = self.session.get(server.url + "/dicom-web/instances", timeout=30,
                                 params={"StudyInstanceUID": self.study, "SOPInstanceUID": self.uid}).json()
        assert len(found) == 1
        self.found = found[0]
        self.url = self.found["00081190"]["Value"][0]

    def get(self, rest="", accept=None, **headers):
        return self.session.get(self.url + rest, headers={"Accept": accept} | headers, timeout=30)

    def data_set(self):
        answer = self.get(accept="application/dicom")
        assert answer.status_code == 200, answer.text
        return pydicom.dcmread(io.BytesIO(answer.content)), answer.content


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def noise(*shape, kind=numpy.uint8):
    return numpy.random.default_rng(7).integers(0, numpy.iinfo(kind).max, shape, dtype=kind)


def check_with_tools(content, tmp_path):
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    assert subprocess.run(["dcmdump", "-q", str(path)], stdout=subprocess.DEVNULL).returncode == 0
    if shutil.which("dciodvfy"):
        said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True)
        assert "Error" not in said.stdout + said.stderr, said.stdout + said.stderr


def test_a_jpeg_is_a_secondary_capture_with_its_own_bytes(shared_server, tmp_path):
    content = dicom_files.picture("JPEG", size=(50, 30))
    picture = Picture(shared_server, content, "a.jpg")
    assert picture.found["00080016"]["Value"] == [SECONDARY_CAPTURE]
    data_set, file = picture.data_set()
    check_with_tools(file, tmp_path)
    assert data_set.SOPClassUID == SECONDARY_CAPTURE and data_set.SOPInstanceUID == picture.found["00080018"]["Value"][0]
    assert data_set.file_meta.TransferSyntaxUID == JPEG_BASELINE
    assert (data_set.Rows, data_set.Columns, data_set.SamplesPerPixel) == (30, 50, 3)
    assert data_set.PhotometricInterpretation == "YBR_FULL_422" and data_set.LossyImageCompression == "01"
    frame, = pydicom.encaps.generate_pixel_data_frame(data_set.PixelData, 1)
    assert frame[:len(content)] == content
    frames = picture.get("/frames/1", accept="image/jpeg")
    assert frames.content == content and frames.headers["Content-Type"] == f"image/jpeg; transfer-syntax={JPEG_BASELINE}"
    part = picture.get("/frames/1", accept="image/jpeg", Range="bytes=2-9")
    assert part.status_code == 206 and part.content == content[2:10]
    for rest in ("/frames/1", "/pixeldata", "/bulkdata/7FE00010"):
        (_, body), = multipart.parse(picture.get(rest))
        assert body == content, rest
    assert picture.get("/frames/2").status_code == 404
    metadata, = picture.get("/metadata").json()
    assert metadata["7FE00010"]["BulkDataURI"] == picture.url + "/bulkdata/7FE00010"
    assert metadata["00280010"]["Value"] == [30] and metadata["00080016"]["Value"] == [SECONDARY_CAPTURE]
    # All levels, and by the URI service; the bytes themselves stay.
    for url in (picture.url, picture.url.split("/instances/")[0], picture.url.split("/series/")[0]):
        (headers, body), = multipart.parse(picture.session.get(url, timeout=30))
        assert body == file and headers["Content-Type"] == f"application/dicom; transfer-syntax={JPEG_BASELINE}"
    head = picture.session.head(picture.url, headers={"Accept": "application/dicom"}, timeout=30)
    assert int(head.headers["Content-Length"]) == len(file)
    assert picture.get(accept=f"application/dicom; transfer-syntax={JPEG_BASELINE}").content == file
    assert picture.get(accept="application/dicom; transfer-syntax=1.2.840.10008.1.2").status_code == 406
    assert content in [path.read_bytes() for path in shared_server.media.rglob("*.jpg")]


@pytest.mark.parametrize("mode,options", [
    ("L", {}), ("LA", {}), ("RGB", {}), ("RGBA", {}), ("P", {}), ("1", {}), ("I;16", {})])
def test_a_png_is_a_secondary_capture_with_native_pixels(shared_server, tmp_path, mode, options):
    if mode == "I;16":
        pixels = noise(21, 33, kind=numpy.uint16)
        image = PIL.Image.fromarray(pixels)
    else:
        channels = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "P": 3, "1": 1}[mode]
        array = noise(21, 33, channels)
        base = PIL.Image.fromarray(array[:, :, 0] if channels == 1 else array, {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels])
        image = base.convert(mode) if mode in ("P", "1") else base
        if channels in (2, 4):
            pixels = array[:, :, 0] if channels == 2 else array[:, :, :3]
        else:
            pixels = numpy.array(image.convert("RGB" if mode in ("P", "RGB") else "L"))
    picture = Picture(shared_server, saved(image, "PNG", **options), "a.png")
    data_set, file = picture.data_set()
    check_with_tools(file, tmp_path)
    assert data_set.file_meta.TransferSyntaxUID == EXPLICIT and data_set.SOPClassUID == SECONDARY_CAPTURE
    assert data_set.PhotometricInterpretation == ("RGB" if pixels.ndim == 3 else "MONOCHROME2")
    assert numpy.array_equal(data_set.pixel_array, pixels)
    frame = picture.get("/frames/1", accept="application/octet-stream")
    assert frame.content == pixels.tobytes()
    assert picture.get("/frames/1", accept="application/octet-stream", Range="bytes=-5").content == pixels.tobytes()[-5:]


def test_a_pdf_is_an_encapsulated_pdf(shared_server, tmp_path):
    content = dicom_files.pdf("odd length" if len(dicom_files.pdf("odd length")) % 2 else "odd length.")
    assert len(content) % 2 == 1
    picture = Picture(shared_server, content, "report.pdf")
    assert picture.found["00080016"]["Value"] == [ENCAPSULATED_PDF]
    data_set, file = picture.data_set()
    check_with_tools(file, tmp_path)
    assert data_set.SOPClassUID == ENCAPSULATED_PDF and data_set.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert data_set.EncapsulatedDocument == content + b"\0" and data_set.DocumentTitle == "report.pdf"
    metadata, = picture.get("/metadata").json()
    bulk = picture.session.get(metadata["00420011"]["BulkDataURI"], timeout=30)
    assert bulk.content == content and bulk.headers["Content-Type"] == "application/pdf"
    (headers, body), = multipart.parse(picture.get("/bulkdata/00420011", accept='multipart/related; type="application/pdf"'))
    assert body == content and headers["Content-Type"] == "application/pdf"
    assert picture.get("/frames/1").status_code == 404 and picture.get("/bulkdata/7FE00010").status_code == 404


def test_other_jpegs(shared_server, tmp_path):
    image = PIL.Image.fromarray(noise(16, 24, 3))
    for options, syntax, photometric in (
            ({"progressive": True}, "1.2.840.10008.1.2.4.55", "YBR_FULL_422"),
            ({"subsampling": 0}, JPEG_BASELINE, "YBR_FULL_422")):
        data_set, file = Picture(shared_server, saved(image, "JPEG", **options), "b.jpg").data_set()
        assert data_set.file_meta.TransferSyntaxUID == syntax and data_set.PhotometricInterpretation == photometric
        check_with_tools(file, tmp_path)
    grey, _ = Picture(shared_server, saved(image.convert("L"), "JPEG"), "c.jpg").data_set()
    assert grey.PhotometricInterpretation == "MONOCHROME2" and grey.SamplesPerPixel == 1


def test_what_is_no_dicom_image_is_left_out_of_its_study(shared_server):
    study = dicom_files.new_uid()
    slice_ = dicom_files.ct_slice(study_uid=study)
    shared_server.session().post(shared_server.api + "/images/", files={"file": ("a.dcm", slice_)}, timeout=30).raise_for_status()
    cmyk = Picture(shared_server, saved(PIL.Image.fromarray(noise(8, 8, 4), "CMYK"), "JPEG"), "d.jpg", image_metadata=json.dumps({"study_uid": study}))
    assert cmyk.found["0020000D"]["Value"] == [study]
    refused = cmyk.get(accept="application/dicom")
    assert refused.status_code == 406 and "JPEG" in refused.json()["detail"]
    parts = multipart.parse(cmyk.session.get(cmyk.url.split("/series/")[0], timeout=30))
    assert [body for _, body in parts] == [slice_]
    assert len(cmyk.session.get(cmyk.url.split("/series/")[0] + "/metadata", timeout=30).json()) == 1
