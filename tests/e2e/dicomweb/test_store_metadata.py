"""STOW-RS of metadata and bulk data (S3, S7, S9, S12): JSON or XML with the bytes in parts of their own."""
import io
import json

import numpy
import pydicom
import pytest

import dicom_files

XML = 'multipart/related; type="application/dicom+xml"'


def message(parts, root):
    body = b""
    for headers, content in parts:
        body += b"--B\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n" + content + b"\r\n"
    return body + b"--B--\r\n", {"Content-Type": f'multipart/related; type="{root}"; boundary=B'}


def send(server, parts, root, path="/dicom-web/studies"):
    body, headers = message(parts, root)
    return server.session().post(server.url + path, data=body, headers=headers, timeout=60)


def retrieved(server, data_set, syntax="*"):
    url = (f"{server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
           f"/instances/{data_set.SOPInstanceUID}")
    answer = server.session().get(url, headers={"Accept": f"application/dicom; transfer-syntax={syntax}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return pydicom.dcmread(io.BytesIO(answer.content))


def rich_slice(**more):
    item = pydicom.dataset.Dataset()
    item.CodeValue, item.CodeMeaning = "T-1", "Kopf & \u00dcbung"
    return pydicom.dcmread(io.BytesIO(dicom_files.ct_slice(
        patient_name="Yamada^Tarou=\u5c71\u7530^\u592a\u90ce", AnatomicRegionSequence=[item], PixelSpacing=["0.5", "0.25"],
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], SimpleFrameList=[1, 70000], EventTimeOffset=1.25, **more)))


def json_parts(data_sets, bulk_type="application/octet-stream", cut=False):
    """As pydicom writes the model."""
    metadata, bulk = [], []
    for number, data_set in enumerate(data_sets):
        model = data_set.to_json_dict(bulk_data_threshold=10**9, bulk_data_element_handler=lambda _: "")
        model["7FE00010"] = {"vr": "OW", "BulkDataURI": f"bulk/{number}"}
        metadata.append(model)
        if not (cut and number == 0):
            bulk.append(({"Content-Type": bulk_type, "Content-Location": f"bulk/{number}"}, bytes(data_set.PixelData)))
    return [({"Content-Type": "application/dicom+json"}, json.dumps(metadata).encode())] + bulk


def test_json_and_native_pixels_become_files(shared_server):
    study = dicom_files.new_uid()
    data_sets = [rich_slice(StudyInstanceUID=study), rich_slice(StudyInstanceUID=study)]
    parts = json_parts(data_sets)
    for _ in range(2):  # S9: the same again is success
        answer = send(shared_server, parts, "application/dicom+json", f"/dicom-web/studies/{study}")
        assert answer.status_code == 200, answer.text
        assert [item["00081155"]["Value"][0] for item in answer.json()["00081199"]["Value"]] == [d.SOPInstanceUID for d in data_sets]
    for data_set in data_sets:
        got = retrieved(shared_server, data_set)
        assert got.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
        assert got == data_set and numpy.array_equal(got.pixel_array, data_set.pixel_array)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_this_server_told_can_be_stored_elsewhere(shared_server, server, form):
    original = rich_slice()
    url = f"{shared_server.url}/dicom-web/studies/{original.StudyInstanceUID}"
    out = io.BytesIO()
    original.save_as(out)
    session = shared_server.session()
    session.post(shared_server.api + "/images/", files={"file": ("a.dcm", out.getvalue())}, timeout=30).raise_for_status()
    told = session.get(url + "/metadata", headers={"Accept": XML if form == "xml" else "application/dicom+json"}, timeout=30)
    place = session.get(url + "/metadata", timeout=30).json()[0]["7FE00010"]["BulkDataURI"]
    content = told.content
    if form == "xml":
        content = content.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
    answer = send(server, [({"Content-Type": f"application/dicom+{form}; charset=utf-8"}, content),
                           ({"Content-Type": "application/octet-stream", "Content-Location": place},
                            session.get(place, timeout=30).content)], f"application/dicom+{form}")
    assert answer.status_code == 200, answer.text
    assert retrieved(server, original) == original


def test_a_compressed_frame(shared_server):
    data_set = rich_slice(rows=32, columns=48, SamplesPerPixel=3, PhotometricInterpretation="YBR_FULL_422",
                          PlanarConfiguration=0, BitsAllocated=8, BitsStored=8, HighBit=7)
    data_set.PixelData = dicom_files.picture("JPEG", size=(48, 32))
    answer = send(shared_server, json_parts([data_set], "image/jpeg"), "application/dicom+json")
    assert answer.status_code == 200, answer.text
    got = retrieved(shared_server, data_set)
    assert got.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    frame, = pydicom.encaps.generate_pixel_data_frame(got.PixelData, 1)
    assert frame[:len(data_set.PixelData)] == data_set.PixelData


def test_each_instance_has_its_own_outcome(shared_server):  # S5, S7
    one, two, three = rich_slice(), rich_slice(), rich_slice(StudyInstanceUID=None)
    parts = json_parts([one, two, three], cut=True)
    answer = send(shared_server, parts, "application/dicom+json")
    assert answer.status_code == 202, answer.text
    assert [item["00081155"]["Value"][0] for item in answer.json()["00081199"]["Value"]] == [two.SOPInstanceUID]
    failed = {item["00081155"]["Value"][0]: item["00081197"]["Value"][0] for item in answer.json()["00081198"]["Value"]}
    assert failed == {one.SOPInstanceUID: 0xC000, three.SOPInstanceUID: 0xA900}
    multi = rich_slice(NumberOfFrames=2)
    refused = send(shared_server, json_parts([multi], "image/jp2"), "application/dicom+json")
    assert refused.status_code == 409 and refused.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xC000]


def test_messages_that_are_none(shared_server):
    good = json_parts([rich_slice()])
    no_place = [good[0], ({"Content-Type": "application/octet-stream"}, b"12")]
    for parts, root in (([], "application/dicom+json"), (good[1:], "application/dicom+json"), (no_place, "application/dicom+json"),
                        ([({"Content-Type": "application/dicom+json"}, b"[{")], "application/dicom+json"),
                        ([({"Content-Type": "application/dicom+xml"}, b"<a/>")], "application/dicom+xml"),
                        (good + good[1:], "application/dicom+json")):
        answer = send(shared_server, parts, root)
        assert answer.status_code == 400, (root, answer.text)
