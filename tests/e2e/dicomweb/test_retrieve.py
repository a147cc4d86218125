"""WADO-RS and WADO-URI against a real server; names and comments bear the numbers of the terms in
docs/conformance.md."""
import io
import json
import struct
import zipfile
import zlib

import numpy
import pydicom
import pydicom.encaps
import pydicom.uid
import pytest

import dicom_files
import multipart
from stow_client import SliceMaker, stow

DICOM = 'multipart/related; type="application/dicom"'
OCTETS = "multipart/related; type=application/octet-stream; transfer-syntax=*"  # as OHIF writes it


class Study:
    """Three CT slices in two series, and one of many frames."""

    def __init__(self, server):
        self.server, self.session = server, server.session()
        self.uid, self.series = dicom_files.new_uid(), [dicom_files.new_uid(), dicom_files.new_uid()]
        self.files = {}
        for number, series in enumerate([self.series[0], self.series[0], self.series[1]]):
            uid = dicom_files.new_uid()
            self.files[uid] = (series, dicom_files.ct_slice(
                study_uid=self.uid, series_uid=series, image_uid=uid, instance_number=number + 1, seed=number,
                LargePaletteColorLookupTableUID=None))
        for _, content in self.files.values():
            store(server, content)

    def path(self, series=None, instance=None, rest=""):
        path = f"{self.server.url}/dicom-web/studies/{self.uid}"
        path += f"/series/{series}" if series else ""
        return path + (f"/instances/{instance}" if instance else "") + rest

    def get(self, *place, accept=None, rest="", **more):
        headers = {"Accept": accept} if accept else {"Accept": None}
        return self.session.get(self.path(*place, rest=rest), headers=headers | more.pop("headers", {}),
                                timeout=30, **more)


def store(server, content, name="a.dcm"):
    answer = server.session().post(server.api + "/images/", files={"file": (name, content)}, timeout=30)
    assert answer.status_code in (200, 201), answer.text


@pytest.fixture(scope="module")
def study(shared_server):
    return Study(shared_server)


def test_each_level_as_multipart_byte_for_byte(study):  # G2, G5, G9, R1, R7, G17
    for accept in (None, DICOM, "multipart/related; type=application/dicom", "*/*", DICOM + "; transfer-syntax=*"):
        parts = multipart.parse(study.get(accept=accept))
        assert [content for _, content in parts] == [content for _, content in study.files.values()]
        for (headers, _), uid in zip(parts, study.files):
            assert headers["Content-Type"] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
            assert headers["Content-Location"] == study.path(study.files[uid][0], uid)
    parts = multipart.parse(study.get(study.series[1]))
    assert [content for _, content in parts] == [list(study.files.values())[2][1]]
    uid, (series, content) = next(iter(study.files.items()))
    assert multipart.parse(study.get(series, uid))[0][1] == content


def test_one_instance_as_a_single_part(study):  # R2, G12, G13, G16
    uid, (series, content) = next(iter(study.files.items()))
    answer = study.get(series, uid, accept="application/dicom")
    assert answer.content == content and answer.headers["Content-Type"].startswith("application/dicom")
    part = study.get(series, uid, accept="application/dicom", headers={"Range": "bytes=128-131"})
    assert part.status_code == 206 and part.content == b"DICM"
    assert study.get(series, uid, accept="application/dicom", headers={"If-Match": '"another"'}).status_code == 412
    assert study.get(series, accept="application/dicom").status_code == 406
    head = study.session.head(study.path(series, uid), headers={"Accept": "application/dicom"}, timeout=30)
    assert head.status_code == 200 and int(head.headers["Content-Length"]) == len(content) and not head.content


def as_stored_in(syntax, data_set):
    """The same data set in another native encoding."""
    other = pydicom.dcmread(pydicom.filebase.DicomBytesIO(data_set))
    if syntax == pydicom.uid.ExplicitVRBigEndian:
        other.PixelData = numpy.frombuffer(other.PixelData, "<u2").astype(">u2").tobytes()
    other.file_meta.TransferSyntaxUID = syntax
    other.is_little_endian = syntax != pydicom.uid.ExplicitVRBigEndian
    other.is_implicit_VR = syntax == pydicom.uid.ImplicitVRLittleEndian
    out = pydicom.filebase.DicomBytesIO()
    other.save_as(out, write_like_original=False)
    return out.getvalue()


@pytest.mark.parametrize("syntax", [pydicom.uid.ImplicitVRLittleEndian, pydicom.uid.ExplicitVRBigEndian,
                                    pydicom.uid.DeflatedExplicitVRLittleEndian])
def test_native_instances_leave_as_explicit_little_endian(shared_server, syntax):  # G7, G8, G16, R2, R7
    item = pydicom.dataset.Dataset()
    item.CodeValue, item.RationalNumeratorValue = "1", [1, 2, 3]
    plain = dicom_files.ct_slice(ConceptNameCodeSequence=[item], SmallestImagePixelValue=0,
                                 SimpleFrameList=[1, 65537], EventTimeOffset=1.5)
    expected = pydicom.dcmread(pydicom.filebase.DicomBytesIO(plain))
    content = as_stored_in(syntax, plain)
    store(shared_server, content)
    session = shared_server.session()
    url = frames_url(shared_server, expected, "1").replace("/frames/1", "")
    for accept in (None, DICOM, DICOM + "; transfer-syntax=1.2.840.10008.1.2.1"):
        (headers, body), = multipart.parse(session.get(url, headers={"Accept": accept}, timeout=30))
        assert headers["Content-Type"] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
        got = pydicom.dcmread(pydicom.filebase.DicomBytesIO(body))
        assert got == expected and got.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
    single = session.get(url, headers={"Accept": "application/dicom"}, timeout=30)
    assert single.content == body and int(single.headers["Content-Length"]) == len(body)
    part = session.get(url, headers={"Accept": "application/dicom", "Range": "bytes=100-4199"}, timeout=30)
    assert part.status_code == 206 and part.content == body[100:4200]
    head = session.head(url, headers={"Accept": "application/dicom"}, timeout=30)
    assert int(head.headers["Content-Length"]) == len(body)
    for wanted in ("*", syntax):
        stored = session.get(url, headers={"Accept": f"application/dicom; transfer-syntax={wanted}"}, timeout=30)
        assert stored.content == content and stored.headers["ETag"] != single.headers["ETag"]
    bulk = session.get(url + "/metadata", timeout=30).json()[0]["7FE00010"]["BulkDataURI"]  # B1, B4
    assert session.get(bulk, timeout=30).content == expected.PixelData
    part = session.get(bulk, headers={"Range": "bytes=101-5000"}, timeout=30)
    assert part.status_code == 206 and part.content == expected.PixelData[101:5001]
    study_url = url.split("/series/")[0]
    assert [body for _, body in multipart.parse(session.get(study_url, timeout=30))] == [single.content]
    archive = zipfile.ZipFile(io.BytesIO(session.get(study_url, headers={"Accept": "application/zip"}, timeout=30).content))
    assert [archive.read(name) for name in archive.namelist()] == [single.content]  # R3
    query = {"requestType": "WADO", "studyUID": expected.StudyInstanceUID, "seriesUID": expected.SeriesInstanceUID,
             "objectUID": expected.SOPInstanceUID, "contentType": "application/dicom"}
    by_uri = session.get(shared_server.url + "/dicom-web/wado", params=query, timeout=30)
    assert by_uri.content == single.content


def test_each_level_as_zip(study):  # R3, G13, G14
    answer = study.get(accept="application/zip")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{study.uid}.zip"'
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"{series}/{uid}.dcm": content for uid, (series, content) in study.files.items()}
    # Readers from the front take it too: each file is a deflate stream that says where it ends.
    at = 0
    for _, content in study.files.values():
        name, extra = struct.unpack_from("<HH", answer.content, at + 26)
        inflater = zlib.decompressobj(-15)
        assert inflater.decompress(answer.content[at + 30 + name + extra:]) == content and inflater.eof
        at = len(answer.content) - len(inflater.unused_data) + 16
    head = study.session.head(study.path(), headers={"Accept": "application/zip"}, timeout=30)
    assert head.headers["Content-Length"] == answer.headers["Content-Length"] and not head.content
    assert study.get(accept="application/zip", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    series = zipfile.ZipFile(io.BytesIO(study.get(study.series[1], accept="application/zip").content))
    uid = list(study.files)[2]
    assert series.namelist() == [f"{study.series[1]}/{uid}.dcm"]
    one = study.get(study.series[1], uid, accept="application/zip; transfer-syntax=*")
    assert zipfile.ZipFile(io.BytesIO(one.content)).read(series.namelist()[0]) == study.files[uid][1]
    assert study.get(accept="application/zip; transfer-syntax=1.2.840.10008.1.2.4.50").status_code == 406


def test_what_cannot_be_sent_is_406_and_says_what_can(study):  # G3, G4, G6
    uid, (series, _) = next(iter(study.files.items()))
    for accept in ("image/png", DICOM + "; transfer-syntax=1.2.840.10008.1.2.4.50", "text/html;q=0.9, image/*"):
        answer = study.get(series, uid, accept=accept)
        assert answer.status_code == 406 and "application/dicom" in answer.json()["detail"], accept
    assert study.get(series, uid, accept="image/png, application/dicom;q=0.1").status_code == 200
    answer = study.get(series, uid, accept="image/png", params={"accept": "application/dicom"})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/dicom")


def test_what_does_not_exist_and_what_is_no_uid(study):  # G24, R6
    uid, (series, _) = next(iter(study.files.items()))
    assert study.get(dicom_files.new_uid()).status_code == 404
    assert study.get(study.series[1], uid).status_code == 404  # of the other series
    assert study.get("1.2..3").status_code == 400
    assert study.get("x" * 65).status_code == 400
    assert study.session.get(study.server.url + "/dicom-web/studies/1.2.3.4/metadata", timeout=30).status_code == 404


def test_metadata_has_all_attributes_and_addresses_that_open(study):  # MD1, MD3, MD4, MD5
    for place, count in (((), 3), ((study.series[0],), 2)):
        answer = study.get(*place, rest="/metadata", accept="application/dicom+json")
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/dicom+json"
        assert len(answer.json()) == count
    for instance in study.get(rest="/metadata").json():
        uid = instance["00080018"]["Value"][0]
        series, content = study.files[uid]
        expected = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
        assert instance["00100010"]["Value"] == [{"Alphabetic": "Doe^Jane"}]
        assert instance["00280010"]["Value"] == [64] and instance["00080005"]["Value"] == ["ISO_IR 192"]
        assert "00020010" not in instance
        bulk = instance["7FE00010"]["BulkDataURI"]
        assert bulk == study.path(series, uid) + "/bulkdata/7FE00010"
        answer = study.session.get(bulk, timeout=30)
        assert answer.content == expected.PixelData and answer.headers["Content-Type"] == "application/octet-stream"


def test_metadata_and_search_tell_how_an_instance_can_be_had(study, shared_server):  # MD6
    compressed, content = many_frames(1, pydicom.uid.JPEG2000Lossless, [b"1234"])
    compressed.RetrieveURL, compressed.InstanceAvailability = "https://another.example/", "OFFLINE"
    out = pydicom.filebase.DicomBytesIO()
    compressed.save_as(out, write_like_original=False)
    store(shared_server, out.getvalue())
    url = frames_url(shared_server, compressed, "1").replace("/frames/1", "")
    for place, syntax in ((url, "1.2.840.10008.1.2.4.90"), (study.path(), "1.2.840.10008.1.2.1")):
        answer = study.session.get(place + "/metadata", timeout=30)
        for told in answer.json():
            series, uid = told["0020000E"]["Value"][0], told["00080018"]["Value"][0]
            assert told["00081190"] == {"vr": "UR", "Value": [place if place == url else study.path(series, uid)]}
            assert told["00080056"] == {"vr": "CS", "Value": ["ONLINE"]}
            assert told["00083002"] == {"vr": "UI", "Value": [syntax]}
            assert list(told) == sorted(told)
            found, = study.session.get(shared_server.url + "/dicom-web/instances", params={"SOPInstanceUID": uid}, timeout=30).json()
            assert {tag: found[tag] for tag in ("00081190", "00080056", "00083002")} == {
                tag: told[tag] for tag in ("00081190", "00080056", "00083002")}
        assert answer.text.count('"00081190"') == len(answer.json())
    xml = study.session.get(url + "/metadata", headers={"Accept": 'multipart/related; type="application/dicom+xml"'}, timeout=30)
    assert b'keyword="AvailableTransferSyntaxUID"' in xml.content


def test_metadata_of_two_thousand_instances_need_none_of_their_files(server):  # MD7
    study, count = dicom_files.new_uid(), 2000
    slices = SliceMaker(dicom_files.ct_slice, study, rows=2, columns=2)
    assert stow(server, [slices.slice(number) for number in range(count)]).status_code == 200
    series = pydicom.dcmread(io.BytesIO(slices.slice(0))).SeriesInstanceUID
    files = [path for path in server.media.rglob("*") if path.is_file()]
    assert len(files) >= count
    for path in files:
        path.rename(path.with_name(path.name + ".away"))
    for place in ("", f"/series/{series}"):
        answer = server.session().get(f"{server.url}/dicom-web/studies/{study}{place}/metadata", timeout=60)
        assert answer.status_code == 200
        assert {each["00080018"]["Value"][0] for each in answer.json()} == {slices.uid(number) for number in range(count)}


def test_metadata_can_be_reduced(study):  # MD8, Q4
    uid, (series, _) = next(iter(study.files.items()))
    whose = {"00080005", "00080016", "00080018", "0020000D", "0020000E", "00080056", "00081190", "00083002"}
    whole = study.get(series, uid, rest="/metadata").json()[0]
    for query, more in (("Rows,columns", {"00280010", "00280011"}), ("Rows&includefield=7fe00010", {"00280010", "7FE00010"}),
                        ("StudyInstanceUID", set()), ("StudyDate,", {"00080020"})):
        [reduced] = study.get(series, uid, rest=f"/metadata?includefield={query}").json()
        assert set(reduced) == whose | more, query
        assert all(reduced[tag] == whole[tag] for tag in reduced)
    assert study.get(series, uid, rest="/metadata?includefield=Rows,all").json() == [whole]
    assert study.get(rest="/metadata?includefield=").json()[0] == whole
    xml = study.get(series, uid, rest="/metadata?includefield=Rows", accept='multipart/related; type="application/dicom+xml"')
    assert b'keyword="Rows"' in xml.content and b'keyword="Columns"' not in xml.content
    refused = study.get(rest="/metadata?includefield=Rowz")
    assert refused.status_code == 400 and "includefield: Rowz" in refused.json()["detail"]


def test_names_of_fields_have_no_case_and_paths_have_one(study):  # G25
    uid, (series, content) = next(iter(study.files.items()))
    for name in ("accept", "ACCEPT", "aCcEpT"):
        answer = study.get(series, uid, headers={"Accept": None, name: "application/dicom"})
        assert answer.content == content and answer.headers["content-type"].startswith("application/dicom")
    for path in ("/DICOM-WEB/studies", "/dicom-web/Studies", f"/dicom-web/studies/{study.uid}/Metadata"):
        assert study.session.get(study.server.url + path, timeout=30).status_code == 404, path


def test_the_longest_uids_and_lists_fit_into_an_address(shared_server):  # G23, G24
    study, series, uid = ("1.2.826.0.1.3680043.8.498." + digit * 38 for digit in "345")
    assert len(study) == 64
    pixels = numpy.arange(300 * 4, dtype=numpy.uint16).reshape(300, 2, 2)
    store(shared_server, dicom_files.ct_slice(study, series, uid, rows=2, columns=2, NumberOfFrames=300, PixelData=pixels.tobytes()))
    path = f"{shared_server.url}/dicom-web/studies/{study}/series/{series}/instances/{uid}"
    numbers = ",".join(str(1 + number % 300) for number in range(600))
    answer = shared_server.session().get(f"{path}/frames/{numbers}", headers={"Accept": OCTETS}, timeout=30)
    assert answer.status_code == 200
    assert [content for _, content in multipart.parse(answer)] == [frame.tobytes() for frame in pixels] * 2


def test_an_answer_has_a_tag_and_no_date(study):  # G15, which is optional
    """A date cannot tell a JPEG from the PNG of the same frame, nor that an instance was removed: the tag alone counts."""
    for rest in ("", "/metadata", "/frames/1", "/rendered", "/thumbnail"):
        uid, (series, _) = next(iter(study.files.items()))
        answer = study.get(series, uid, rest=rest, headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
        assert answer.status_code == 200 and answer.headers["ETag"] and "Last-Modified" not in answer.headers, rest


def test_what_was_removed_is_as_if_it_had_never_been(server):  # G21, G22, X2
    """404 and not 410: who may not see a study must not learn that there was one."""
    removed = Study(server)
    assert removed.session.delete(removed.path(), timeout=30).status_code == 204
    gone, never = removed.get(rest="/metadata"), removed.session.get(
        removed.path().replace(removed.uid, dicom_files.new_uid()) + "/metadata", timeout=30)
    assert gone.status_code == never.status_code == 404
    assert gone.json()["detail"] == never.json()["detail"] and gone.json()["code"] == never.json()["code"]


def test_etags_spare_what_the_client_has(study, shared_server):  # G14, G18, G19, MD9
    for rest in ("", "/metadata"):
        tag = study.get(rest=rest).headers["ETag"]
        again = study.get(rest=rest, headers={"If-None-Match": tag})
        assert again.status_code == 304 and not again.content
    assert "Accept" in study.get(rest="/metadata").headers["Vary"]
    assert study.get(rest="/metadata").headers["Content-Encoding"] == "gzip"
    other = Study(shared_server)
    tag = other.get(rest="/metadata").headers["ETag"]
    store(shared_server, dicom_files.ct_slice(study_uid=other.uid, series_uid=other.series[0], instance_number=9))
    changed = other.get(rest="/metadata", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and len(changed.json()) == 4


def many_frames(frames, transfer_syntax=pydicom.uid.ExplicitVRLittleEndian, fragments=None):
    pixels = numpy.arange(frames * 16 * 16, dtype=numpy.uint16).tobytes()
    content = dicom_files.ct_slice(rows=16, columns=16, NumberOfFrames=frames, PixelData=pixels)
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    if fragments is not None:
        data_set.PixelData = pydicom.encaps.encapsulate(fragments, fragments_per_frame=1)
        data_set["PixelData"].is_undefined_length = True
        data_set.file_meta.TransferSyntaxUID = transfer_syntax
    out = pydicom.filebase.DicomBytesIO()
    data_set.save_as(out, write_like_original=False)
    return data_set, out.getvalue()


def frames_url(server, data_set, frames):
    return (f"{server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
            f"/instances/{data_set.SOPInstanceUID}/frames/{frames}")


def test_native_frames(shared_server):  # F1, F2, F3, F5, F8
    data_set, content = many_frames(2000)
    store(shared_server, content)
    session = shared_server.session()
    size = 16 * 16 * 2
    for accept in (OCTETS, 'multipart/related; type="application/octet-stream"', "*/*"):
        answer = session.get(frames_url(shared_server, data_set, "3,1,2000"), headers={"Accept": accept}, timeout=30)
        parts = multipart.parse(answer)
        assert [body for _, body in parts] == [data_set.PixelData[n * size:(n + 1) * size] for n in (2, 0, 1999)]
        assert parts[0][0]["Content-Type"] == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    every = session.get(frames_url(shared_server, data_set, ",".join(str(n + 1) for n in range(2000))),
                        headers={"Accept": OCTETS}, timeout=30)
    assert b"".join(body for _, body in multipart.parse(every)) == data_set.PixelData
    single = session.get(frames_url(shared_server, data_set, "2"), headers={"Accept": "application/octet-stream"}, timeout=30)
    assert single.content == data_set.PixelData[size:2 * size]
    ranged = session.get(frames_url(shared_server, data_set, "2"), timeout=30,
                         headers={"Accept": "application/octet-stream", "Range": "bytes=4-7"})
    assert ranged.status_code == 206 and ranged.content == data_set.PixelData[size + 4:size + 8]
    for frames, status in (("0", 400), ("2001", 404), ("1,x", 400), ("1,", 400)):
        assert session.get(frames_url(shared_server, data_set, frames), timeout=30).status_code == status, frames


def test_compressed_frames_leave_as_they_are_stored(shared_server):  # F4, G8
    fragments = [bytes([n]) * (10 + 2 * n) for n in range(1, 4)]
    data_set, content = many_frames(3, pydicom.uid.JPEG2000Lossless, fragments)
    store(shared_server, content)
    session = shared_server.session()
    for accept in (OCTETS, 'multipart/related; type="application/octet-stream"; transfer-syntax="*"', "*/*",
                   'multipart/related; type="image/jp2"',
                   'multipart/related; type="image/jp2"; transfer-syntax=1.2.840.10008.1.2.4.90'):
        answer = session.get(frames_url(shared_server, data_set, "3,1"), headers={"Accept": accept}, timeout=30)
        parts = multipart.parse(answer)
        assert [body for _, body in parts] == [fragments[2], fragments[0]], accept
        assert parts[0][0]["Content-Type"] == "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90"
    for accept in ('multipart/related; type="application/octet-stream"', "image/jls", "image/jp2"):
        refused = session.get(frames_url(shared_server, data_set, "3,1"), headers={"Accept": accept}, timeout=30)
        assert refused.status_code == 406 and "image/jp2" in refused.json()["detail"], accept
    one = session.get(frames_url(shared_server, data_set, "2"), headers={"Accept": "image/jp2"}, timeout=30)
    assert one.content == fragments[1]
    # B2, MD4: all of them by the address that the metadata give.
    url = frames_url(shared_server, data_set, "1").replace("/frames/1", "")
    bulk = session.get(url + "/metadata", timeout=30).json()[0]["7FE00010"]["BulkDataURI"]
    for address in (bulk, url + "/pixeldata"):
        assert [body for _, body in multipart.parse(session.get(address, timeout=30))] == fragments


def test_a_video_leaves_as_the_stream_that_it_is(shared_server):  # F7, N2
    stream = b"\0\0\0\x20ftypisom" + bytes(range(256)) * 40
    content = dicom_files.ct_slice(transfer_syntax="1.2.840.10008.1.2.4.102", SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.4.1",
                                   NumberOfFrames=10, PixelData=pydicom.encaps.encapsulate([stream], has_bot=False))
    data_set = pydicom.dcmread(io.BytesIO(content))
    store(shared_server, content)
    path = (f"{shared_server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
            f"/instances/{data_set.SOPInstanceUID}")
    session = shared_server.session()
    [(headers, whole)] = multipart.parse(session.get(path + "/frames/1", headers={"Accept": "*/*"}, timeout=30))
    assert headers["Content-Type"] == "video/mp4; transfer-syntax=1.2.840.10008.1.2.4.102" and whole == stream
    for rest, accept in (("/frames/1", "video/mp4"), ("/rendered", "*/*"), ("/rendered", "video/mp4")):
        answer = session.get(path + rest, headers={"Accept": accept}, timeout=30)
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("video/mp4"), answer.text[:300]
        assert answer.content == stream
    part = session.get(path + "/frames/1", headers={"Accept": "video/mp4", "Range": "bytes=4-11"}, timeout=30)
    assert part.status_code == 206 and part.content == b"ftypisom"
    for rest, accept in (("/frames/2", "*/*"), ("/frames/1", "image/jpeg"), ("/frames/2/rendered", "image/jpeg")):
        refused = session.get(path + rest, headers={"Accept": accept}, timeout=30)
        assert refused.status_code in (404, 406) and len(refused.json()["detail"]) > 20, (rest, refused.text)


def test_a_frame_of_a_large_file_costs_what_the_frame_does(server):  # F6
    frames, side = 300, 128
    pixels = numpy.random.default_rng(6).integers(0, 4096, (frames, side, side), dtype=numpy.uint16)
    content = dicom_files.ct_slice(rows=side, columns=side, NumberOfFrames=frames, PixelData=pixels.tobytes())
    data_set = pydicom.dcmread(io.BytesIO(content))
    store(server, content)
    path = (f"{server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
            f"/instances/{data_set.SOPInstanceUID}/frames/")
    session = server.session()

    def read():
        """What the process has read so far, of whatever, and how often it has asked for that."""
        with open(f"/proc/{server.process.pid}/io", encoding="ascii") as lines:
            told = dict(line.split(": ") for line in lines)
        return int(told["rchar"]), int(told["syscr"])

    accept = {"Accept": "application/octet-stream"}
    assert session.get(path + "1", headers=accept, timeout=30).status_code == 200
    bytes_before, reads_before = read()
    answer = session.get(path + "250", headers=accept, timeout=30)
    bytes_after, reads_after = read()
    assert answer.content == pixels[249].tobytes()
    assert bytes_after - bytes_before < 10 * len(answer.content) < len(content) / 20
    assert reads_after - reads_before < 100


def test_bit_frames_begin_with_a_byte(shared_server):  # F3; PS3.5 8.1.1
    bits = numpy.random.default_rng(1).integers(0, 2, (3, 5, 7), dtype=numpy.uint8)
    packed = numpy.packbits(bits.ravel(), bitorder="little").tobytes()
    content = dicom_files.ct_slice(rows=5, columns=7, NumberOfFrames=3, BitsAllocated=1, BitsStored=1, HighBit=0,
                                   PixelData=packed + b"\0" * (len(packed) % 2))
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    store(shared_server, content)
    answer = shared_server.session().get(frames_url(shared_server, data_set, "1,2,3"), timeout=30)
    for (_, body), expected in zip(multipart.parse(answer), bits):
        assert body == numpy.packbits(expected.ravel(), bitorder="little").tobytes()


def test_bulk_data_within_a_sequence(shared_server):  # B1, B3, B4, B5
    item = pydicom.dataset.Dataset()
    item.WaveformData = bytes(range(256)) * 16
    item["WaveformData"].VR = "OW"
    content = dicom_files.ct_slice(WaveformSequence=[item])
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    store(shared_server, content)
    session = shared_server.session()
    url = frames_url(shared_server, data_set, "1").replace("/frames/1", "")
    metadata = session.get(url + "/metadata", timeout=30).json()[0]
    address = metadata["54000100"]["Value"][0]["54001010"]["BulkDataURI"]
    for accept in ("application/octet-stream", "*/*"):  # OHIF's waveforms must come as a single part
        answer = session.get(address, headers={"Accept": accept}, timeout=30)
        assert answer.content == item.WaveformData and answer.headers["Content-Type"] == "application/octet-stream"
    part = session.get(address, headers={"Range": "bytes=-3"}, timeout=30)
    assert part.status_code == 206 and part.content == item.WaveformData[-3:]
    multi = session.get(address, headers={"Accept": 'multipart/related; type="application/octet-stream"'}, timeout=30)
    assert multipart.parse(multi)[0][1] == item.WaveformData
    for path, status in (("54000100", 404), ("54000100/2/54001010", 404), ("00100010x", 404), ("54000100/1", 404)):
        assert session.get(url + "/bulkdata/" + path, timeout=30).status_code == status, path


def test_the_uri_service(study):  # C2
    uid, (series, content) = next(iter(study.files.items()))
    query = {"requestType": "WADO", "studyUID": study.uid, "seriesUID": series, "objectUID": uid,
             "contentType": "application/dicom", "transferSyntax": "*"}
    answer = study.session.get(study.server.url + "/dicom-web/wado", params=query, headers={"Accept": OCTETS}, timeout=30)
    assert answer.content == content and answer.headers["Content-Type"].startswith("application/dicom")
    for missing in ("requestType", "studyUID", "objectUID"):
        fewer = {name: value for name, value in query.items() if name != missing}
        assert study.session.get(study.server.url + "/dicom-web/wado", params=fewer, timeout=30).status_code == 400, missing
    assert study.session.get(study.server.url + "/dicom-web/wado", params=query | {"contentType": "text/html"}, timeout=30).status_code == 400


def test_rights(study, shared_server):  # G21, C7
    import requests
    anybody = requests.get(study.path(), timeout=30)
    assert anybody.status_code == 401 and anybody.headers["WWW-Authenticate"].startswith("Bearer")
    tokens = shared_server.session().post(shared_server.url + "/api/v1/archive/tokens/",
                                          json={"name": "sender", "roles": ["uploader"]}, timeout=30)
    assert tokens.status_code == 201, tokens.text
    sender = shared_server.session(tokens.json()["token"])
    assert sender.get(study.path(), timeout=30).status_code == 403


def test_a_damaged_instance_is_not_sent(server):  # G17
    study = Study(server)
    uid, (series, _) = next(iter(study.files.items()))
    blob = next(server.media.rglob(f"*{uid}*")).rglob("*.dcm")
    for path in blob:
        path.chmod(0o640)
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    assert study.get(series, uid, accept="application/dicom").status_code == 500
    # Of a whole study the answer has begun by then: it ends early, and never looks complete.
    with pytest.raises(Exception, match="(?i)broken|incomplete|aborted|reset"):
        multipart.parse(study.get())


def test_json_is_what_was_stored(shared_server):  # MD5, MD10
    content = dicom_files.ct_slice(PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう", PixelSpacing=["0.5", "0.25"],
                                   StudyID=None)
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    store(shared_server, content)
    url = frames_url(shared_server, data_set, "1").replace("/frames/1", "/metadata")
    metadata = json.loads(shared_server.session().get(url, timeout=30).text)[0]
    assert metadata["00100010"]["Value"][0]["Ideographic"] == "山田^太郎"
    assert metadata["00280030"]["Value"] == [0.5, 0.25]


def test_what_came_as_unknown_is_what_the_dictionary_says(shared_server):  # MD5; PS3.5 6.2.2
    content = dicom_files.ct_slice(rows=64)
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))

    def unknown(group, element, value):
        return struct.pack("<HH2sHL", group, element, b"UN", 0, len(value)) + value

    item = struct.pack("<HHLHHL", 0xFFFE, 0xE000, 12, 0x0008, 0x1150, 4) + b"1.2\0"
    for place, replacement in (
            (struct.pack("<HH2s", 0x0010, 0x0010, b"PN"), unknown(0x0008, 0x1140, item) + struct.pack("<HH2s", 0x0010, 0x0010, b"PN")),
            (struct.pack("<HH2s", 0x0018, 0x0015, b"CS"), unknown(0x0011, 0x1001, b"ab") + struct.pack("<HH2s", 0x0018, 0x0015, b"CS")),
            (struct.pack("<HH2s", 0x0020, 0x000D, b"UI"), unknown(0x0018, 0x1210, b"SOFT") + struct.pack("<HH2s", 0x0020, 0x000D, b"UI")),
            (struct.pack("<HH2sHH", 0x0028, 0x0010, b"US", 2, 64), unknown(0x0028, 0x0010, b"\x40\x00"))):
        assert content.count(place) == 1
        content = content.replace(place, replacement)
    store(shared_server, content)
    url = frames_url(shared_server, data_set, "1").replace("/frames/1", "")
    told, = shared_server.session().get(url + "/metadata", timeout=30).json()
    assert told["00280010"] == {"vr": "US", "Value": [64]} and told["00181210"] == {"vr": "SH", "Value": ["SOFT"]}
    assert told["00081140"] == {"vr": "SQ", "Value": [{"00081150": {"vr": "UI", "Value": ["1.2"]}}]}
    assert told["00111001"] == {"vr": "UN", "InlineBinary": "YWI="}
    query = {"StudyInstanceUID": data_set.StudyInstanceUID, "ConvolutionKernel": "S*", "ReferencedImageSequence.ReferencedSOPClassUID": "1.2"}
    found = shared_server.session().get(shared_server.url + "/dicom-web/instances", params=query, timeout=30).json()
    assert [hit["00080018"]["Value"] for hit in found] == [[data_set.SOPInstanceUID]]
    stored = shared_server.session().get(url, headers={"Accept": "application/dicom"}, timeout=30)
    assert stored.content == content
