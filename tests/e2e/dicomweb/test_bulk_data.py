"""All bulk data and all pixels of a study, a series or an instance: B1, B2, B3, B4, B5, R8, R9, G12, G14, G17."""
import io

import numpy
import pydicom
import pydicom.encaps
import pydicom.uid
import pytest

import dicom_files
import multipart

OCTETS = 'multipart/related; type="application/octet-stream"'
DICOM = 'multipart/related; type="application/dicom"'
PIXELS = "7FE00010"
WAVEFORM = bytes(range(256)) * 16
DOCUMENT = b"%PDF-1.4\n" + bytes(5000) + b"\n%%EOF"
FRAGMENTS = [bytes([n]) * (10 + 2 * n) for n in range(1, 4)]


def opened(content):
    return pydicom.dcmread(io.BytesIO(content))


def with_waveform(**place):
    item = pydicom.dataset.Dataset()
    item.add_new("WaveformData", "OW", WAVEFORM)
    return dicom_files.ct_slice(WaveformSequence=[item], **place)


def document(**place):
    data_set = opened(dicom_files.ct_slice(PixelData=None, Rows=None, Columns=None, Modality="DOC",
                                           SOPClassUID=pydicom.uid.EncapsulatedPDFStorage, **place))
    data_set.MIMETypeOfEncapsulatedDocument = "application/pdf"
    data_set.EncapsulatedDocument = DOCUMENT
    return dicom_files.saved(data_set)


def compressed(**place):
    data_set = opened(dicom_files.ct_slice(rows=16, columns=16, NumberOfFrames=3, **place))
    data_set.PixelData = pydicom.encaps.encapsulate(FRAGMENTS, fragments_per_frame=1)
    data_set["PixelData"].is_undefined_length = True
    return dicom_files.saved(data_set, pydicom.uid.JPEG2000Lossless)


class Study:
    """A slice with a waveform and one of two frames in implicit VR; a series of compressed frames, a document and a report."""

    def __init__(self, server):
        self.server, self.session = server, server.session()
        self.uid, self.images, self.others = (dicom_files.new_uid() for _ in range(3))
        place = {"study_uid": self.uid, "series_uid": self.images}
        two = opened(dicom_files.ct_slice(instance_number=2, NumberOfFrames=2, rows=32, columns=32, seed=3,
                                          PixelData=numpy.arange(2048, dtype=numpy.uint16).tobytes(), **place))
        other = {"study_uid": self.uid, "series_uid": self.others}
        report = dicom_files.ct_slice(PixelData=None, Rows=None, instance_number=5, SOPClassUID=pydicom.uid.BasicTextSRStorage, **other)
        contents = [with_waveform(instance_number=1, **place), dicom_files.saved(two, pydicom.uid.ImplicitVRLittleEndian),
                    compressed(instance_number=3, **other), document(instance_number=4, **other), report]
        self.sets = [opened(content) for content in contents]
        for content in contents:
            answer = self.session.post(server.api + "/images/", files={"file": ("a.dcm", content)}, timeout=30)
            assert answer.status_code == 201, answer.text

    def url(self, at=None, series=None):
        series = self.sets[at].SeriesInstanceUID if at is not None else series
        path = f"{self.server.url}/dicom-web/studies/{self.uid}" + (f"/series/{series}" if series else "")
        return path + (f"/instances/{self.sets[at].SOPInstanceUID}" if at is not None else "")

    def get(self, url, accept=None, **headers):
        return self.session.get(url, headers={"Accept": accept} | headers, timeout=30)

    def parts(self, url, accept=None):
        answer = self.get(url, accept)
        assert answer.status_code == 200, answer.text
        return [(headers["Content-Location"], headers["Content-Type"], body) for headers, body in multipart.parse(answer)]


@pytest.fixture(scope="module")
def study(shared_server):
    return Study(shared_server)


NATIVE = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
JPEG_2000 = "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90"


def expected(study, pixels_only=False):
    first, second, third, fourth = (study.url(at) for at in range(4))
    waveform = [(first + "/bulkdata/54000100/1/54001010", "application/octet-stream", WAVEFORM)]
    frames = [(f"{third}/frames/{n + 1}", JPEG_2000, body) for n, body in enumerate(FRAGMENTS)]
    pdf = [(fourth + "/bulkdata/00420011", "application/pdf", DOCUMENT + b"\0" * (len(DOCUMENT) % 2))]
    return ([] if pixels_only else waveform) + [
        (first + "/bulkdata/" + PIXELS, NATIVE, study.sets[0].PixelData),
        (second + "/bulkdata/" + PIXELS, NATIVE, study.sets[1].PixelData),
    ] + frames + ([] if pixels_only else pdf)


def test_all_bulk_data_of_each_level(study):  # B1, B5
    everything = expected(study)
    for accept in (None, "*/*", "multipart/related", OCTETS + "; transfer-syntax=*"):
        assert study.parts(study.url() + "/bulkdata", accept) == everything, accept
    assert study.parts(study.url(series=study.images) + "/bulkdata") == everything[:3]
    assert study.parts(study.url(series=study.others) + "/bulkdata") == everything[3:]
    for at, some in ((0, everything[:2]), (1, everything[2:3]), (2, everything[3:6]), (3, everything[6:])):
        assert study.parts(study.url(at) + "/bulkdata") == some, at
    # Each is the same at its own address, and each address of the metadata is there.
    for url, kind, body in everything:
        assert study.get(url, kind.split(";")[0]).content == body, url
    addresses = set()

    def gather(node):
        if isinstance(node, dict) and "BulkDataURI" in node:
            addresses.add(node["BulkDataURI"])
        for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            gather(each)

    gather(study.get(study.url() + "/metadata").json())
    assert addresses == {url for url, _, _ in everything if "/bulkdata/" in url} | {study.url(2) + "/bulkdata/" + PIXELS}


def test_all_pixels_of_each_level(study):  # B2
    everything = expected(study, pixels_only=True)
    assert study.parts(study.url() + "/pixeldata") == everything
    assert study.parts(study.url(series=study.images) + "/pixeldata") == everything[:2]
    assert study.parts(study.url(2) + "/pixeldata") == everything[2:]
    for at in (3, 4):
        assert study.get(study.url(at) + "/pixeldata").status_code == 404
    assert study.get(study.url(4) + "/bulkdata").status_code == 404


def test_the_bulk_data_view_of_instances(study):  # R9
    everything = expected(study)
    for url, some in ((study.url(), everything), (study.url(series=study.images), everything[:3]), (study.url(2), everything[3:6])):
        assert study.parts(url, OCTETS + "; transfer-syntax=*") == some
    # What is not there in the type is left out, in the stored encoding or a made one.
    both = study.parts(study.url(), 'multipart/related; type="image/jp2"')
    assert both[3:] == everything[3:6] and {kind for _, kind, _ in both} == {JPEG_2000}
    assert study.parts(study.url(), 'multipart/related; type="application/pdf"') == everything[6:]
    made = study.parts(study.url(series=study.images), 'multipart/related; type="image/jls"')
    assert [url for url, _, _ in made] == [study.url(0) + "/frames/1", study.url(1) + "/frames/1", study.url(1) + "/frames/2"]
    for url, kind, body in made:
        assert kind == "image/jls; transfer-syntax=1.2.840.10008.1.2.4.80"
        assert study.get(url, "image/jls").content == body
    # Frames that cannot be decoded are left out, and say so where there is nothing else.
    assert study.parts(study.url(), OCTETS) == everything[:3] + everything[6:]
    damaged = study.get(study.url(2), OCTETS)
    assert damaged.status_code == 406
    assert study.get(study.url(2) + "/pixeldata", OCTETS).status_code == 406
    # Whole instances go first where they are liked better, and last where there is nothing else.
    for accept in (DICOM + ", " + OCTETS + ";q=0.5", 'multipart/related; type="video/mp4", ' + DICOM + ";q=0.1"):
        assert multipart.parse(study.get(study.url(0), accept))[0][0]["Content-Type"].startswith("application/dicom"), accept
    refused = study.get(study.url(0), 'multipart/related; type="video/mp4"')
    assert refused.status_code == 406 and "bulk data" in refused.json()["detail"]


def test_one_value_as_a_single_part_and_in_ranges(study):  # B3, B4, G12
    for rest in ("/bulkdata", "/pixeldata"):
        whole = study.get(study.url(1) + rest, "application/octet-stream")
        assert whole.status_code == 200 and whole.content == study.sets[1].PixelData
        some = study.get(study.url(1) + rest, "application/octet-stream", Range="bytes=1000-1999")
        assert some.status_code == 206 and some.content == study.sets[1].PixelData[1000:2000]
        assert some.headers["Content-Range"] == f"bytes 1000-1999/{len(whole.content)}"
        assert study.get(study.url(1) + rest, "application/octet-stream", Range="bytes=99999-").status_code == 416
    pdf = study.get(study.url(3) + "/bulkdata", "application/pdf")
    assert pdf.content.startswith(DOCUMENT) and pdf.headers["Content-Type"] == "application/pdf"
    made = study.get(study.url(0) + "/pixeldata", "image/jls")
    assert made.content == study.get(study.url(0) + "/frames/1", "image/jls").content
    for url in (study.url(0), study.url(2), study.url()):  # several values
        assert study.get(url + "/bulkdata", "application/octet-stream").status_code == 406, url
    assert study.get(study.url(0) + "/bulkdata", "image/png").status_code == 406


def test_lengths_and_tags(study):  # G14, G17
    one = study.get(study.url(0) + "/bulkdata")
    assert int(one.headers["Content-Length"]) == len(one.content)
    assert study.get(study.url() + "/bulkdata").headers["Transfer-Encoding"] == "chunked"
    for url in (study.url(0) + "/bulkdata", study.url() + "/bulkdata", study.url() + "/pixeldata"):
        tag = study.get(url).headers["ETag"]
        assert study.get(url, **{"If-None-Match": tag}).status_code == 304
        assert study.get(url, OCTETS, **{"If-None-Match": tag}).status_code == 200


def test_pictures_and_documents_of_the_rest_api(shared_server):  # B1, B2, R9
    session = shared_server.session()
    for name, content, kind, path in (("a.jpg", dicom_files.picture("JPEG"), "image/jpeg", PIXELS),
                                      ("a.pdf", DOCUMENT, "application/pdf", "00420011")):
        stored = session.post(shared_server.api + "/images/", files={"file": (name, content)}, timeout=30).json()
        found = session.get(shared_server.url + "/dicom-web/instances", params={"StudyInstanceUID": stored["study_uid"]}, timeout=30).json()
        url = found[0]["00081190"]["Value"][0]
        for place, accept in ((url + "/bulkdata", None), (url, f'multipart/related; type="{kind}"; transfer-syntax=*')):
            (headers, body), = multipart.parse(session.get(place, headers={"Accept": accept}, timeout=30))
            assert body == content and headers["Content-Type"].split(";")[0] == kind
            assert headers["Content-Location"] == url + "/bulkdata/" + path
        assert session.get(url + "/pixeldata", timeout=30).status_code == (200 if path == PIXELS else 404)


def test_deflated_and_private_values(shared_server):  # B1
    data_set = opened(with_waveform())
    block = data_set.private_block(0x0011, "PACS-LITE TEST", create=True)
    block.add_new(0x01, "UN", WAVEFORM)
    session = shared_server.session()
    session.post(shared_server.api + "/images/", timeout=30, files={
        "file": ("a.dcm", dicom_files.saved(data_set, pydicom.uid.DeflatedExplicitVRLittleEndian))}).raise_for_status()
    url = (f"{shared_server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
           f"/instances/{data_set.SOPInstanceUID}")
    parts = multipart.parse(session.get(url, headers={"Accept": OCTETS}, timeout=30))
    assert [(headers["Content-Location"].split("/bulkdata/")[1], body) for headers, body in parts] == [
        ("00111001", WAVEFORM), ("54000100/1/54001010", WAVEFORM), (PIXELS, data_set.PixelData)]


def test_values_deep_in_sequences_and_compressed_icons(shared_server):  # B1, MD3, R9
    lut, transformation, shared, icon = (pydicom.dataset.Dataset() for _ in range(4))
    lut.add_new("LUTData", "OW", WAVEFORM)
    transformation.VOILUTSequence = [lut]
    shared.FrameVOILUTSequence = [transformation]
    icon.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8icon\xff\xd9", b"rest"], has_bot=True)
    icon["PixelData"].VR, icon["PixelData"].is_undefined_length = "OB", True
    data_set = opened(compressed())
    data_set.SharedFunctionalGroupsSequence, data_set.IconImageSequence = [shared], [icon]
    session = shared_server.session()
    session.post(shared_server.api + "/images/", timeout=30, files={
        "file": ("a.dcm", dicom_files.saved(data_set, pydicom.uid.JPEGBaseline8Bit))}).raise_for_status()
    url = (f"{shared_server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
           f"/instances/{data_set.SOPInstanceUID}")
    told, = session.get(url + "/metadata", timeout=30).json()
    deep = told["52009229"]["Value"][0]["00289132"]["Value"][0]["00283010"]["Value"][0]["00283006"]["BulkDataURI"]
    assert session.get(deep, timeout=30).content == WAVEFORM
    small = told["00880200"]["Value"][0]["7FE00010"]["BulkDataURI"]
    answer = session.get(small, timeout=30)
    assert answer.content == b"\xff\xd8icon\xff\xd9rest" and answer.headers["Content-Type"] == "image/jpeg"
    assert session.get(small, headers={"Range": "bytes=6-9"}, timeout=30).content == answer.content[6:10]
    parts = [(headers["Content-Location"], body) for headers, body in multipart.parse(session.get(url + "/bulkdata", timeout=30))]
    assert parts == [(small, answer.content), (deep, WAVEFORM)] + [(f"{url}/frames/{n + 1}", body) for n, body in enumerate(FRAGMENTS)]


def peak_memory_kb(server):
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def test_memory_does_not_grow_with_the_study(server):  # R8
    session, study_uid, series_uid = server.session(), dicom_files.new_uid(), dicom_files.new_uid()
    for number in range(24):
        content = dicom_files.ct_slice(study_uid=study_uid, series_uid=series_uid, instance_number=number, rows=1024, columns=1024, seed=number)
        session.post(server.api + "/images/", files={"file": ("a.dcm", content)}, timeout=30).raise_for_status()
    url = f"{server.url}/dicom-web/studies/{study_uid}/bulkdata"
    first = session.get(url.replace("/bulkdata", "/metadata"), timeout=30).json()[0]["7FE00010"]["BulkDataURI"]
    session.get(first, timeout=30)
    before = peak_memory_kb(server)
    answer = session.get(url, headers={"Accept": OCTETS}, timeout=60)
    assert len(multipart.parse(answer)) == 24 and len(answer.content) > 24 * 2 ** 21
    assert peak_memory_kb(server) - before < 16 * 1024  # of 48 MB


def test_a_damaged_instance_breaks_the_answer_off(server):  # G17
    study = Study(server)
    content = next((server.media / "radiology" / study.uid / study.images).rglob(f"*{study.sets[1].SOPInstanceUID}*/*.dcm"))
    content.chmod(0o640)
    content.write_bytes(content.read_bytes()[:-1] + b"!")
    assert study.get(study.url(1) + "/bulkdata").status_code == 500
    with pytest.raises(Exception, match="(?i)broken|incomplete|aborted|reset"):
        study.get(study.url() + "/bulkdata")
