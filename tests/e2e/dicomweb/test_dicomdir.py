"""ZIP files with a DICOMDIR (R3; PS3.10 8): DCMTK and pydicom read it, and find every instance."""
import io
import re
import subprocess
import zipfile

import pydicom
import pydicom.uid
import pydicom.fileset
import pytest

import dicom_files

ZIP = "application/zip"


def changed(content, syntax=pydicom.uid.ExplicitVRLittleEndian, **changes):
    data_set = pydicom.dcmread(io.BytesIO(content))
    for keyword, value in changes.items():
        setattr(data_set, keyword, value)
    data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    return dicom_files.saved(data_set, syntax)


def study_files():
    """Two series of slices, one slice in implicit VR; a report, a document, a dose."""
    study, series = dicom_files.new_uid(), [dicom_files.new_uid() for _ in range(5)]

    def slice_of(at, **more):
        return dicom_files.ct_slice(study_uid=study, series_uid=series[at], patient_name="Müller^Jörg", StudyID="S1",
                                    AccessionNumber="A1", **more)

    concept = pydicom.dataset.Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = "121111", "DCM", "Summary"
    no_pixels = {"PixelData": None, "Rows": None, "Columns": None, "ContentDate": "20261122", "ContentTime": "101500"}
    return [
        slice_of(0, instance_number=1), slice_of(0, instance_number=2, seed=1), slice_of(1, instance_number=1, seed=2),
        changed(slice_of(1, instance_number=2, seed=3), pydicom.uid.ImplicitVRLittleEndian),
        changed(slice_of(2, **no_pixels), SOPClassUID=pydicom.uid.BasicTextSRStorage, Modality="SR", CompletionFlag="COMPLETE",
              VerificationFlag="UNVERIFIED", ConceptNameCodeSequence=[concept], SeriesNumber=3),
        changed(slice_of(3, **no_pixels), SOPClassUID=pydicom.uid.EncapsulatedPDFStorage, Modality="DOC", DocumentTitle="Letter",
              MIMETypeOfEncapsulatedDocument="application/pdf", EncapsulatedDocument=b"%PDF-1.4\n%%EOF\n", SeriesNumber=4,
              ConceptNameCodeSequence=[concept]),
        changed(slice_of(4), SOPClassUID=pydicom.uid.RTDoseStorage, Modality="RTDOSE", DoseSummationType="PLAN", SeriesNumber=5),
    ]


def store(server, content, name="a.dcm"):
    answer = server.session().post(server.api + "/images/", files={"file": (name, content)}, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()


def unpacked(server, path, folder, **query):
    answer = server.session().get(server.url + "/dicom-web" + path, params={"accept": ZIP, "dicomdir": "true"} | query, timeout=60)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
        return answer.content, archive.namelist()


def keys(record):
    """Of one record what does not depend on where it stands."""
    return {element.keyword: str(element.value) for element in record
            if element.tag.group != 4 or element.keyword.startswith(("DirectoryRecordType", "Referenced"))}


def tree(path):
    """Records by the path of their types and UIDs, which is walked by the offsets."""
    directory = pydicom.dcmread(path)
    by_offset = {record.seq_item_tell: record for record in directory.DirectoryRecordSequence}
    found = {}

    def walk(offset, above):
        last = None
        while offset:
            record, last = by_offset[offset], offset
            name = record.get("PatientID") or record.get("StudyInstanceUID") or record.get("SeriesInstanceUID") or record.get("ReferencedSOPInstanceUIDInFile")
            place = above + ((record.DirectoryRecordType, str(name)),)
            found[place] = keys(record)
            walk(record.OffsetOfReferencedLowerLevelDirectoryEntity, place)
            offset = record.OffsetOfTheNextDirectoryRecord
        return last

    first = directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
    assert walk(first, ()) == directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity
    assert len(found) == len(by_offset)
    return found


def test_a_study_as_a_file_set(shared_server, server, tmp_path):  # R3
    contents = study_files()
    for content in contents:
        store(shared_server, content)
    data_sets = [pydicom.dcmread(io.BytesIO(content)) for content in contents]
    study = data_sets[0].StudyInstanceUID
    archive, names = unpacked(shared_server, f"/studies/{study}", tmp_path)
    assert names[-1] == "DICOMDIR" and len(names) == 8
    assert all(re.fullmatch(r"([A-Z0-9_]{1,8}/){0,7}[A-Z0-9_]{1,8}", name) for name in names)  # PS3.10 8.2

    dumped = subprocess.run(["dcmdump", str(tmp_path / "DICOMDIR")], capture_output=True, text=True, check=True, errors="replace")
    assert "E:" not in dumped.stderr and "W:" not in dumped.stderr, dumped.stderr
    file_set = pydicom.fileset.FileSet(tmp_path / "DICOMDIR")
    assert {instance.SOPInstanceUID for instance in file_set} == {data_set.SOPInstanceUID for data_set in data_sets}
    for instance in file_set:
        loaded = instance.load()
        original, = (data_set for data_set in data_sets if data_set.SOPInstanceUID == loaded.SOPInstanceUID)
        assert loaded == original
        assert instance.ReferencedTransferSyntaxUIDInFile == loaded.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian

    # DCMTK's own directory of the same files has the same records in the same tree.
    ours = tree(tmp_path / "DICOMDIR")
    theirs_path = tmp_path / "THEIRS"
    made = subprocess.run(["dcmmkdir", "-W", "+D", str(theirs_path), "+id", str(tmp_path), "+I", "-Nxc"] + names[:-1], capture_output=True, text=True, check=False)
    assert theirs_path.exists(), made.stderr
    theirs = tree(theirs_path)
    assert ours.keys() == theirs.keys()
    for place, record in theirs.items():
        for keyword, value in record.items():
            assert ours[place].get(keyword, "") == value or not value, (place, keyword, value, ours[place].get(keyword))
    assert {place[-1][0] for place in ours} == {"PATIENT", "STUDY", "SERIES", "IMAGE", "SR DOCUMENT", "ENCAP DOC", "RT DOSE"}

    stored = server.session().post(server.url + "/dicom-web/studies", data=archive, headers={"Content-Type": ZIP}, timeout=60)
    assert stored.status_code == 200 and len(stored.json()["00081199"]["Value"]) == 7


def test_parts_of_it_and_other_encodings(shared_server, tmp_path):  # R3, G6, G11
    content = study_files()[3]
    data_set = pydicom.dcmread(io.BytesIO(content))
    store(shared_server, content)
    series = f"/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
    for number, (path, wanted, syntax) in enumerate(((series, "*", "1.2.840.10008.1.2"), (f"{series}/instances/{data_set.SOPInstanceUID}", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.90"))):
        folder = tmp_path / str(number)
        _, names = unpacked(shared_server, path, folder, accept=f"{ZIP}; transfer-syntax={wanted}")
        assert names == ["DICOM/SE000001/IM000001", "DICOMDIR"]
        instance, = pydicom.fileset.FileSet(folder / "DICOMDIR")
        assert instance.ReferencedTransferSyntaxUIDInFile == instance.load().file_meta.TransferSyntaxUID == syntax
    session, url = shared_server.session(), shared_server.url + "/dicom-web" + series
    assert session.get(url, params={"accept": ZIP, "dicomdir": "yes"}, timeout=30).status_code == 400
    for query in ({"accept": ZIP}, {"accept": ZIP, "dicomdir": "false"}):
        plain = zipfile.ZipFile(io.BytesIO(session.get(url, params=query, timeout=30).content))
        assert plain.namelist() == [f"{data_set.SeriesInstanceUID}/{data_set.SOPInstanceUID}.dcm"]
    assert session.get(url, params={"dicomdir": "true"}, timeout=30).headers["Content-Type"].startswith("multipart/related")


@pytest.mark.parametrize("name", ["a.jpg", "a.pdf"])
def test_pictures_and_documents(shared_server, tmp_path, name):  # R3
    content = dicom_files.picture("JPEG") if name == "a.jpg" else b"%PDF-1.4\n%%EOF\n"
    study = store(shared_server, content, name)["study_uid"]
    found = shared_server.session().get(shared_server.url + "/dicom-web/studies", params={"StudyInstanceUID": study}, timeout=30).json()
    unpacked(shared_server, "/studies/" + found[0]["0020000D"]["Value"][0], tmp_path)
    instance, = pydicom.fileset.FileSet(tmp_path / "DICOMDIR")
    loaded = instance.load()
    assert instance.ReferencedTransferSyntaxUIDInFile == loaded.file_meta.TransferSyntaxUID
    assert instance.ReferencedSOPClassUIDInFile == loaded.SOPClassUID
    assert [record[-1][0] for record in tree(tmp_path / "DICOMDIR")][-1] == ("IMAGE" if name == "a.jpg" else "ENCAP DOC")
