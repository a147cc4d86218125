"""Taking over images of another application with their ids."""
import json

import pytest

import dicom_files
from checked_api import new_uuid

IMPORT = "/api/v1/archive/import/"


def import_bytes(api, record, content, name="x"):
    return api.request("POST", IMPORT, data={"record": json.dumps(record)}, files={"file": (name, content)})


def test_ids_uids_order_and_uploader_are_kept(admin, reader):
    content = dicom_files.ct_slice()
    record = {"id": 70_001, "series_id": 7_001, "study_id": 701, "radiology_request_id": 91, "image_uuid": new_uuid(),
              "filename": "old name.dcm", "checksum": dicom_files.sha256(content), "file_size": len(content),
              "uploaded_by_name": "Dr. Früher", "image_metadata": {"body_part": "KNEE"}, "file_key": "radiology/1/2/3/x"}
    imported = import_bytes(admin, record, content)
    assert imported.status_code == 201, imported.text
    body = imported.json()
    assert (body["id"], body["series_id"], body["study_id"]) == (70_001, 7_001, 701)
    assert body["uploaded_by_name"] == "Dr. Früher" and body["outcome"] == "stored"
    assert reader.get("studies/701/").json()["radiology_request_id"] == 91
    assert reader.get("images/70001/").json()["checksum"] == record["checksum"]
    again = import_bytes(admin, record, content)
    assert again.status_code == 200 and again.json()["outcome"] == "existed"
    later = admin.store(dicom_files.ct_slice()).json()
    assert later["id"] > 70_001, "our own ids go on behind the highest"


def test_an_id_that_somebody_has_is_refused(admin):
    first = admin.store(dicom_files.ct_slice()).json()
    refused = import_bytes(admin, {"id": first["id"]}, dicom_files.ct_slice())
    assert refused.status_code == 409 and refused.json()["code"] == "id_taken"


def test_a_tree_is_adopted_in_place(shared_server, admin, reader):
    study, series, image = (dicom_files.new_uid() for _ in range(3))
    content = dicom_files.ct_slice(study_uid=study, series_uid=series, image_uid=image)
    key = f"radiology/{study}/{series}/{image}/As It Was (1).dcm"
    file = shared_server.media / key
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    inode = file.stat().st_ino
    adopted = admin.post(IMPORT, {"file_key": key, "id": 80_001, "checksum": dicom_files.sha256(content)})
    assert adopted.status_code == 201, adopted.text
    assert adopted.json()["file_key"] == key and adopted.json()["id"] == 80_001
    assert file.stat().st_ino == inode, "nothing was copied"
    assert reader.get(reader.get("images/80001/url/").json()["image_url"]).content == content
    assert admin.post(IMPORT, {"file_key": key}).status_code == 200


@pytest.mark.parametrize("record, status", [
    ({}, 400), ({"file_key": 7}, 400), ({"file_key": "radiology/../../etc/passwd"}, 400), ({"file_key": "/etc/passwd"}, 400),
    ({"file_key": "other/1/2/3/x"}, 400), ({"file_key": "radiology/1/2/3/missing.dcm"}, 404),
    ({"file_key": "radiology/1/2/3/x", "id": 0}, 400), ({"file_key": "radiology/1/2/3/x", "id": 2**53}, 400),
])
def test_records_that_make_no_sense(admin, record, status):
    assert admin.post(IMPORT, record).status_code == status


def test_a_wrong_checksum_leaves_an_adopted_file_where_it_is(shared_server, admin, reader):
    study, series, image = (dicom_files.new_uid() for _ in range(3))
    content = dicom_files.ct_slice(study_uid=study, series_uid=series, image_uid=image)
    file = shared_server.media / f"radiology/{study}/{series}/{image}/a.dcm"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    refused = admin.post(IMPORT, {"file_key": str(file.relative_to(shared_server.media)), "checksum": "0" * 64})
    assert refused.status_code == 422 and file.read_bytes() == content
    assert reader.get(f"studies/{study}/").status_code == 404
