# timeout: 200
"""anonymize=yes of the URI service (PS3.18 9.5.1; PS3.15 E.2): nothing of who it is is left anywhere in the bytes."""
import io
import os
import pathlib
import re
import shutil
import subprocess

import numpy
import pydicom
import pydicom.datadict
import pydicom.uid
import pytest

import dicom_files
from archive_server import REPOSITORY, ArchiveServer
from test_presentation_states import item, state_of
from test_rendered import encapsulated, image_file, report, store

CORPUS = pathlib.Path(os.environ.get("PACS_LITE_DICOM_CORPUS", REPOSITORY.parent / "shared" / "dicom"))
STANDARD = "1.2.840.10008."
# Attributes that tell who, where and when; each gets a value of its own, at the root and within a sequence that stays.
TELLING = {
    "PatientID": "IDENT-PATIENT-ID", "IssuerOfPatientID": "IDENT-ISSUER", "PatientBirthDate": "19510203", "PatientBirthTime": "112233",
    "OtherPatientNames": "Ident^Other", "PatientAddress": "IDENT Street 7", "PatientTelephoneNumbers": "IDENT-0049-555",
    "PatientComments": "IDENT comments", "AdditionalPatientHistory": "IDENT history", "EthnicGroup": "IDENT-GROUP",
    "AccessionNumber": "IDENT-ACC", "StudyID": "IDENT-STUDY", "StudyDescription": "IDENT study of Mr. Doe",
    "SeriesDescription": "IDENT series", "ProtocolName": "IDENT protocol", "ImageComments": "IDENT image", "StudyDate": "20210304",
    "SeriesDate": "20210305", "AcquisitionDate": "20210306", "ContentDate": "20210307", "StudyTime": "101112.131415",
    "SeriesTime": "101113.131415", "AcquisitionTime": "101114.131415", "ContentTime": "101115.131415",
    "AcquisitionDateTime": "20210308101112.123456", "InstitutionName": "IDENT Hospital", "InstitutionAddress": "IDENT Square 1",
    "InstitutionalDepartmentName": "IDENT Ward", "ReferringPhysicianName": "Ident^Referrer", "PerformingPhysicianName": "Ident^Doctor",
    "OperatorsName": "Ident^Operator", "PhysiciansOfRecord": "Ident^Record", "StationName": "IDENT-STATION",
    "DeviceSerialNumber": "IDENT-SERIAL", "RequestedProcedureDescription": "IDENT procedure", "PerformedStationAETitle": "IDENT-AE",
    "PatientName": "Ident^Ursula^Maria", "ScheduledPatientInstitutionResidence": "IDENT residence", "MedicalRecordLocator": "IDENT locator",
    # Not in the table: dates, times and names go all the same.
    "EffectiveDateTime": "20210309101112", "HangingProtocolUserIdentificationCodeSequence": None, "NameOfPhysiciansReadingStudy": "Ident^Reader"}


def anonymized(server, content_or_data_set, **more):
    data_set = content_or_data_set if isinstance(content_or_data_set, pydicom.Dataset) else pydicom.dcmread(io.BytesIO(content_or_data_set), force=True)
    return server.session().get(f"{server.url}/dicom-web/wado", timeout=60, params={
        "requestType": "WADO", "studyUID": data_set.StudyInstanceUID, "seriesUID": data_set.SeriesInstanceUID,
        "objectUID": data_set.SOPInstanceUID, "contentType": "application/dicom", "anonymize": "yes", **more})


def telling_file(**more):
    content = dicom_files.ct_slice(**({"rows": 8, "columns": 8} | more))
    data_set = pydicom.dcmread(io.BytesIO(content))
    inner = pydicom.Dataset()
    for where in (data_set, inner):
        for keyword, value in TELLING.items():
            if value:
                setattr(where, keyword, value)
    inner.ReferencedSOPInstanceUID = dicom_files.new_uid()
    data_set.AnatomicRegionSequence = [inner]
    block = data_set.private_block(0x0019, "IDENT CREATOR", create=True)
    block.add_new(0x01, "LO", "IDENT private")
    block = inner.private_block(0x0019, "IDENT CREATOR", create=True)
    block.add_new(0x01, "LO", "IDENT private")
    for tag, vr, value in ((0x60000010, "US", 8), (0x60000011, "US", 8), (0x60003000, "OW", b"IDENT-OV"), (0x60004000, "LT", "IDENT overlay"),
                           (0x60000022, "LO", "IDENT overlay"), (0x00189988, "LO", "IDENT unknown")):
        data_set.add_new(tag, vr, value)
    out = io.BytesIO()
    data_set.save_as(out, write_like_original=False)
    return out.getvalue(), data_set


def values_of(data_set):
    """Every text of whoever, wherever and whenever, and every UID of an object, on every level."""
    for element in data_set.iterall():
        if element.VR == "UI":
            uids = element.value if isinstance(element.value, pydicom.multival.MultiValue) else [element.value]
            if not re.search("(Class|Syntax|Scheme)UID$", element.keyword):
                yield from (str(uid) for uid in uids if uid and not uid.startswith(STANDARD))
        elif element.VR in ("PN", "DA", "DT") and element.value:
            texts = element.value if isinstance(element.value, pydicom.multival.MultiValue) else [element.value]
            yield from (str(text) for text in texts if len(str(text)) >= 6)


def test_nothing_of_who_it_is_is_left(shared_server):
    content, data_set = telling_file()
    store(shared_server, content)
    answer = anonymized(shared_server, content)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/dicom"), answer.text[:300]
    secrets = {value for value in TELLING.values() if value} | set(values_of(data_set)) | {"IDENT", "Ident"}
    for text in secrets:
        assert text.encode() not in answer.content, text
        assert text not in str(answer.headers), text
    made = pydicom.dcmread(io.BytesIO(answer.content))
    assert made.PixelData == data_set.PixelData and made.Rows == 8 and made.Modality == "CT"
    assert made.PatientIdentityRemoved == "YES" and made.LongitudinalTemporalInformationModified == "REMOVED"
    code = made.DeidentificationMethodCodeSequence[0]
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("113100", "DCM")
    assert made.PatientName == "" and made.StudyDate == "" and made.PatientID.startswith("ANON") and "PatientAddress" not in made
    assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID and made.SOPClassUID == data_set.SOPClassUID
    assert len(made.AnatomicRegionSequence) == 1 and not any(element.tag.is_private for element in made.iterall())
    assert anonymized(shared_server, content).content == answer.content, "always the same"
    part = shared_server.session().get(answer.url, headers={"Range": "bytes=128-131"}, timeout=30)
    assert part.status_code == 206 and part.content == b"DICM"


def test_studies_and_references_keep_together(shared_server, tmp_path):
    first, one = telling_file()
    store(shared_server, first)
    second, two = telling_file(study_uid=one.StudyInstanceUID, series_uid=one.SeriesInstanceUID)
    two.ReferencedImageSequence = [item(ReferencedSOPClassUID=one.SOPClassUID, ReferencedSOPInstanceUID=one.SOPInstanceUID)]
    out = io.BytesIO()
    two.save_as(out, write_like_original=False)
    store(shared_server, out.getvalue())
    made = [pydicom.dcmread(io.BytesIO(anonymized(shared_server, x).content)) for x in (one, two)]
    assert made[0].StudyInstanceUID == made[1].StudyInstanceUID and made[0].SeriesInstanceUID == made[1].SeriesInstanceUID
    assert made[0].SOPInstanceUID != made[1].SOPInstanceUID and made[0].PatientID == made[1].PatientID
    assert made[1].ReferencedImageSequence[0].ReferencedSOPInstanceUID == made[0].SOPInstanceUID
    assert made[1].ReferencedImageSequence[0].ReferencedSOPClassUID == one.SOPClassUID
    for uid in (made[0].StudyInstanceUID, made[0].SOPInstanceUID):
        assert pydicom.uid.UID(uid).is_valid and uid.startswith("2.25.")
    # The copy can be stored again, and another archive has other names for it.
    store(shared_server, anonymized(shared_server, one).content)
    with ArchiveServer(tmp_path) as other:
        store(other, first)
        assert pydicom.dcmread(io.BytesIO(anonymized(other, one).content)).StudyInstanceUID != made[0].StudyInstanceUID


def test_every_encoding(shared_server):
    for syntax in (pydicom.uid.ImplicitVRLittleEndian, pydicom.uid.DeflatedExplicitVRLittleEndian, pydicom.uid.ExplicitVRBigEndian):
        content, data_set = telling_file()
        data_set.file_meta.TransferSyntaxUID = syntax
        data_set.is_implicit_VR = syntax == pydicom.uid.ImplicitVRLittleEndian
        data_set.is_little_endian = syntax != pydicom.uid.ExplicitVRBigEndian
        pixels = data_set.PixelData
        if not data_set.is_little_endian:
            data_set.PixelData = numpy.frombuffer(pixels, "<u2").byteswap().tobytes()
        out = io.BytesIO()
        data_set.save_as(out, write_like_original=False)
        store(shared_server, out.getvalue())
        answer = anonymized(shared_server, data_set)
        assert answer.status_code == 200 and b"IDENT" not in answer.content, syntax
        assert pydicom.dcmread(io.BytesIO(answer.content)).PixelData == pixels, syntax
        assert anonymized(shared_server, data_set, transferSyntax="1.2.840.10008.1.2.4.90").status_code == 406


def test_what_would_still_tell_is_refused(shared_server):
    for attribute in ("BurnedInAnnotation", "RecognizableVisualFeatures"):
        content = dicom_files.ct_slice(**{attribute: "YES"})
        store(shared_server, content)
        answer = anonymized(shared_server, content)
        assert answer.status_code == 406 and "pixels" in answer.json()["detail"]
        assert "Doe" not in answer.text
    image = pydicom.dcmread(io.BytesIO(image_file(numpy.zeros((8, 8), numpy.uint8))))
    for content in (report("Mr. Doe"), encapsulated(dicom_files.pdf()), state_of([image])[0]):
        store(shared_server, content)
        assert anonymized(shared_server, content).status_code == 406
    content = dicom_files.ct_slice()
    store(shared_server, content)
    assert anonymized(shared_server, content, anonymize="no").status_code == 400
    assert anonymized(shared_server, content, contentType="image/png").status_code == 400


def errors_of(path):
    done = subprocess.run(["dciodvfy", path], capture_output=True, text=True, timeout=60, check=False)
    return {re.sub("<.*?>", "", line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")}


@pytest.mark.skipif(not (CORPUS / "manifest.tsv").is_file(), reason=f"no DICOM corpus at {CORPUS}")
def test_real_files_tell_nothing_and_stay_what_they_are(shared_server, tmp_path):
    seen = 0
    for path in sorted((CORPUS / "valid").rglob("*.dcm")):
        if path.stat().st_size > 150_000 or seen == 40:
            continue
        try:
            data_set = pydicom.dcmread(path)
            secrets = {text for text in values_of(data_set) if len(text) >= 8}
        except Exception:  # what pydicom does not read says nothing of us
            continue
        if not all(data_set.get(keyword) for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "Rows")):
            continue
        stored = shared_server.session().post(shared_server.api + "/images/", files={"file": ("a.dcm", path.read_bytes())}, timeout=30)
        if stored.status_code not in (200, 201):
            continue
        answer = anonymized(shared_server, data_set)
        if answer.status_code == 406:
            continue
        assert answer.status_code == 200, (path, answer.text[:300])
        seen += 1
        for text in secrets:
            assert text.encode("utf-8", "replace") not in answer.content, (path, text)
        if seen % 4 == 0 and shutil.which("dciodvfy"):
            (tmp_path / "made.dcm").write_bytes(answer.content)
            new = errors_of(tmp_path / "made.dcm") - errors_of(path)
            assert not new, (path, new)
    assert seen >= 20, seen
