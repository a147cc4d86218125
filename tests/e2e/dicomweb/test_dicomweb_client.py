"""dicomweb-client of Python, as a program of a researcher would use it: stores, searches, retrieves."""
import sys

import pydicom
import pytest

import dicom_files
from archive_server import REPOSITORY

sys.path.append(str(REPOSITORY / "build" / "python"))
api = pytest.importorskip("dicomweb_client.api", reason="dicomweb-client is not installed")


@pytest.fixture(scope="module")
def client(shared_server):
    client = api.DICOMwebClient(shared_server.url + "/dicom-web", session=shared_server.session())
    # It names itself in Host without the port, and by Host the server tells where its bulk data are.
    client.host = f"127.0.0.1:{shared_server.port}"
    return client


@pytest.fixture(scope="module")
def study(client):
    """Three slices as pydicom data sets, stored by the client."""
    uid, series = dicom_files.new_uid(), dicom_files.new_uid()
    data_sets = [pydicom.dcmread(pydicom.filebase.DicomBytesIO(dicom_files.ct_slice(
        study_uid=uid, series_uid=series, instance_number=number, seed=number, patient_name="Client^Carla",
        patient_id="CLIENT-1"))) for number in (1, 2, 3)]
    answer = client.store_instances(data_sets)
    assert len(answer.ReferencedSOPSequence) == 3 and "FailedSOPSequence" not in answer
    return data_sets


def test_search(client, study):
    first = study[0]
    found = client.search_for_studies(search_filters={"PatientID": "CLIENT-1"})
    assert [each["0020000D"]["Value"][0] for each in found] == [first.StudyInstanceUID]
    found = client.search_for_series(first.StudyInstanceUID, fields=["SeriesDescription"])
    assert found[0]["0020000E"]["Value"] == [first.SeriesInstanceUID] and found[0]["0008103E"]["Value"] == ["AXIAL"]
    found = client.search_for_instances(first.StudyInstanceUID, search_filters={"InstanceNumber": 2})
    assert [each["00080018"]["Value"][0] for each in found] == [study[1].SOPInstanceUID]
    assert client.search_for_studies(search_filters={"PatientName": "client*"}, limit=5)
    assert client.search_for_studies(search_filters={"PatientID": "nobody"}) == []


def test_retrieve(client, study):
    first = study[0]
    got = client.retrieve_study(first.StudyInstanceUID)
    assert {each.SOPInstanceUID: each.PixelData for each in got} == {each.SOPInstanceUID: each.PixelData for each in study}
    place = (first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID)
    assert client.retrieve_instance(*place).PixelData == first.PixelData
    assert client.retrieve_instance_frames(*place, [1]) == [first.PixelData]
    metadata = client.retrieve_series_metadata(*place[:2])
    assert sorted(each["00200013"]["Value"][0] for each in metadata) == [1, 2, 3]
    address = client.retrieve_instance_metadata(*place)["7FE00010"]["BulkDataURI"]
    assert client.retrieve_bulkdata(address) == [first.PixelData]


def test_delete(client, study):
    first = study[0]
    client.delete_instance(first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID)
    left = client.search_for_instances(first.StudyInstanceUID)
    assert len(left) == 2 and first.SOPInstanceUID not in {each["00080018"]["Value"][0] for each in left}
