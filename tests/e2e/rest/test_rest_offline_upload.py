"""Metadata first, then the bytes, then the acknowledgement: every state and every repetition."""
import base64
import json
import subprocess
import threading

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import dicom_files
from archive_server import find_binary
from checked_api import new_uuid


def record(api, image_uuid):
    return api.get(f"offline-images/{image_uuid}/").json()


def test_the_three_steps(technician, reader):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    metadata = {"modality": "CT", "patient_name": "Doe^Jane", "own": {"deep": [1, None]}}
    announced = technician.announce(content, image_uuid, image_metadata=metadata, radiology_order_id=4,
                                    filename="chest pa?.dcm", mime_type="")
    assert announced.status_code == 201, announced.text
    body = announced.json()
    assert body["status"] == "METADATA_UPLOADED" and body["retry_count"] == 0 and body["failure_reason"] == ""
    assert body["image_metadata"] == metadata and body["filename"] == "chest pa?.dcm"
    assert body["binary_uploaded_at"] is None and body["ack_received_at"] is None

    sent = technician.send(image_uuid, content)
    assert sent.status_code == 201, sent.text
    image = sent.json()
    assert image["image_uuid"] == image_uuid and image["radiology_order_id"] == 4
    assert image["file_key"].startswith(f"radiology/{image['study_uid']}/{image['series_uid']}/{image['image_uid']}/")
    assert image["filename"] == "chest_pa_.dcm"
    assert image["checksum"] == dicom_files.sha256(content) and image["file_size"] == len(content)
    assert image["instance_number"] == 1 and image["uploaded_by_name"] and image["validated_at"]
    assert record(technician, image_uuid)["status"] == "BINARY_UPLOADED"

    acknowledged = technician.acknowledge(image_uuid)
    assert acknowledged.status_code == 200 and acknowledged.json()["status"] == "ACK_RECEIVED"
    assert requests.get(reader.get(f"images/{image['id']}/url/").json()["image_url"]).content == content


def test_each_step_again_is_the_same(technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    first = technician.announce(content, image_uuid)
    again = technician.announce(content, image_uuid)
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    sent = technician.send(image_uuid, content)
    assert technician.send(image_uuid, content).json() == sent.json()
    receipt = technician.acknowledge(image_uuid).json()["receipt"]
    after = technician.send(image_uuid, content)
    assert after.status_code == 200 and after.json() == sent.json()
    assert technician.announce(content, image_uuid).json()["status"] == "ACK_RECEIVED"
    assert technician.acknowledge(image_uuid).json()["receipt"] == receipt


def test_the_receipt_is_proof(technician, anybody, tmp_path):
    content = dicom_files.picture("PNG", seed=5)
    uploaded = technician.upload(content)
    receipt = uploaded["receipt"]
    archive = anybody.get("/api/v1/archive").json()
    assert receipt["archive_id"] == archive["archive_id"] and receipt["sha256"] == dicom_files.sha256(content)
    names = ("image_uuid", "image_uid", "sha256", "file_size", "file_key", "archive_id", "stored_at")
    text = "pacs-lite-receipt-v1\n" + "".join(f"{name}={receipt[name]}\n" for name in names)

    def decode(value):
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    key = Ed25519PublicKey.from_public_bytes(decode(archive["receipt_public_key"]))
    key.verify(decode(receipt["signature"]), text.encode())
    with pytest.raises(Exception):
        key.verify(decode(receipt["signature"]), text.replace("file_size=", "file_size=1").encode())

    saved = tmp_path / "receipt.json"
    saved.write_text(json.dumps(receipt))
    verify = [str(find_binary()), "receipt", "verify", str(saved), "--public-key", archive["receipt_public_key"]]
    assert subprocess.run(verify, capture_output=True).returncode == 0
    saved.write_text(json.dumps({**receipt, "file_size": 1}))
    assert subprocess.run(verify, capture_output=True).returncode == 1


def test_the_order_of_steps_is_kept(technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    assert technician.send(image_uuid, content).json()["code"] == "metadata_missing"
    assert technician.acknowledge(image_uuid).status_code == 409
    technician.announce(content, image_uuid)
    early = technician.acknowledge(image_uuid)
    assert early.status_code == 409 and early.json()["code"] == "bytes_missing"
    assert technician.send(image_uuid, content).status_code == 201


def test_metadata_may_change_until_the_bytes_are_there(technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(b"something else", image_uuid)
    changed = technician.announce(content, image_uuid)
    assert changed.status_code == 200 and changed.json()["retry_count"] == 1
    assert technician.send(image_uuid, content).status_code == 201
    late = technician.announce(b"something else", image_uuid)
    assert late.status_code == 409 and late.json()["code"] == "metadata_changed"


@pytest.mark.parametrize("damage, code", [
    (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "checksum_mismatch"),
    (lambda content: content[:-10], "size_mismatch"),
    (lambda content: content + b"x", "size_mismatch"),
    (lambda content: b"", "size_mismatch"),
    (lambda content: b"\0" * len(content), "checksum_mismatch"),
], ids=["a bit", "truncated", "longer", "empty", "zeroes"])
def test_other_bytes_fail_the_record_and_store_nothing(technician, damage, code):
    uid = dicom_files.new_uid()
    content = dicom_files.ct_slice(image_uid=uid)
    image_uuid = new_uuid()
    technician.announce(content, image_uuid)
    refused = technician.send(image_uuid, damage(content))
    assert refused.status_code == 422 and refused.json()["code"] == code, refused.text
    failed = record(technician, image_uuid)
    assert failed["status"] == "FAILED" and failed["failure_reason"] == refused.json()["detail"]
    assert failed["error_code"] == code
    assert technician.get(f"images/{uid}/").status_code == 404
    assert image_uuid in [entry["image_uuid"] for entry in technician.get("offline-images/failed/").json()]
    assert technician.acknowledge(image_uuid).status_code == 409

    retried = technician.post(f"upload-sessions/{image_uuid}/retry/")
    assert retried.status_code == 200 and retried.json()["status"] == "METADATA_UPLOADED"
    assert retried.json()["retry_count"] == 1
    assert technician.send(image_uuid, content).status_code == 201


def test_the_right_bytes_mend_a_failed_record(technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(content, image_uuid)
    technician.send(image_uuid, b"wrong")
    assert technician.send(image_uuid, content).status_code == 201
    assert record(technician, image_uuid)["status"] == "BINARY_UPLOADED"
    assert record(technician, image_uuid)["failure_reason"] == ""


@pytest.mark.parametrize("content, status, code", [
    (b"GIF89a but no image of ours", 415, "unsupported_media"),
    (dicom_files.ct_slice(SeriesInstanceUID=None), 422, "missing_attribute"),
    (dicom_files.ct_slice(StudyInstanceUID=None), 422, "missing_attribute"),
    (dicom_files.ct_slice()[:300], 422, "truncated"),
], ids=["gif", "no series uid", "no study uid", "cut before it was hashed"])
def test_what_cannot_be_stored_is_refused_with_its_reason(technician, content, status, code):
    image_uuid = new_uuid()
    technician.announce(content, image_uuid)
    refused = technician.send(image_uuid, content)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert record(technician, image_uuid)["status"] == "FAILED"


def test_a_missing_attribute_is_named(technician):
    refused = technician.store(dicom_files.ct_slice(SeriesInstanceUID=None))
    assert refused.status_code == 422 and "SeriesInstanceUID" in refused.json()["detail"]


def test_what_the_data_set_says_wins_and_the_declared_uid_still_finds_it(technician):
    declared_study, true_study = dicom_files.new_uid(), dicom_files.new_uid()
    content = dicom_files.ct_slice(study_uid=true_study)
    image_uuid = new_uuid()
    technician.announce(content, image_uuid, image_metadata={"study_uid": declared_study, "patient_name": "Wrong^Name"})
    before = technician.get(f"studies/{declared_study}/").json()
    assert before["pixels"] == "pending" and before["patient_name"] == "Wrong^Name"
    assert technician.send(image_uuid, content).json()["study_uid"] == true_study
    after = technician.get(f"studies/{declared_study}/").json()
    assert after["id"] == before["id"], "its id stays"
    assert after["study_uid"] == true_study and after["patient_name"] == "Doe^Jane"
    assert after["pixels"] == "available"


@pytest.mark.parametrize("metadata, code", [
    ({"image_uid": "1.2.3.4.5"}, "uid_mismatch"),
    ({"patient_id": "SOMEBODY-ELSE"}, "declared_patient_mismatch"),
])
def test_a_contradiction_is_refused(technician, metadata, code):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(content, image_uuid, image_metadata=metadata)
    refused = technician.send(image_uuid, content)
    assert refused.status_code == 422 and refused.json()["code"] == code
    assert record(technician, image_uuid)["status"] == "FAILED"


def test_images_of_an_order_without_a_study_share_its_first(technician):
    order = {"radiology_request_id": 9001}
    first = technician.upload(dicom_files.picture(seed=1), **order)
    second = technician.upload(dicom_files.picture(seed=2), **order)
    other = technician.upload(dicom_files.picture(seed=1), radiology_order_id=9001)
    assert first["study_uid"] == second["study_uid"] != other["study_uid"]
    assert first["image_uid"] != other["image_uid"], "the same JPEG under two orders is two images"
    studies = technician.get("studies/?radiology_request_id=9001").json()
    assert [study["study_uid"] for study in studies] == [first["study_uid"]]
    assert studies[0]["image_count"] == 2


def test_a_study_has_one_order_and_one_patient(technician):
    study = dicom_files.new_uid()
    technician.upload(dicom_files.ct_slice(study_uid=study, patient_id="A"), radiology_order_id=9100)
    content = dicom_files.ct_slice(study_uid=study, patient_id="A")
    image_uuid = new_uuid()
    technician.announce(content, image_uuid, radiology_order_id=9101)
    refused = technician.send(image_uuid, content)
    assert refused.status_code == 409 and refused.json()["code"] == "order_mismatch"
    content = dicom_files.ct_slice(study_uid=study, patient_id="B")
    image_uuid = new_uuid()
    technician.announce(content, image_uuid, radiology_order_id=9100)
    refused = technician.send(image_uuid, content)
    assert refused.status_code == 409 and refused.json()["code"] == "patient_mismatch"


def test_two_announcements_of_one_instance_share_it(technician):
    content = dicom_files.ct_slice()
    first = technician.upload(content, radiology_order_id=55)
    second = technician.upload(content, radiology_order_id=55)
    assert first["id"] == second["id"] and first["file_key"] == second["file_key"]
    assert first["receipt"]["image_uuid"] != second["receipt"]["image_uuid"]


def test_an_image_uuid_belongs_to_who_announced_it(admin, technician):
    other = admin.as_(admin.make_token("uploader"))
    image_uuid = new_uuid()
    technician.announce(b"mine", image_uuid)
    assert other.get(f"offline-images/{image_uuid}/").status_code == 404
    assert other.send(image_uuid, b"mine").json()["code"] == "metadata_missing"
    assert other.post(f"upload-sessions/{image_uuid}/retry/").status_code == 404
    assert other.announce(b"theirs", image_uuid).status_code == 201
    assert record(technician, image_uuid)["file_size"] == 4


def test_an_administrator_sees_the_uploads_of_others_and_leaves_them_alone(admin, technician):
    session = technician.post("sessions/", {"session_uuid": new_uuid(), "radiology_order_id": 4402, "total_images": 1}).json()
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    announcement = {"image_uuid": image_uuid, "file_size": len(content), "checksum": dicom_files.sha256(content)}
    assert technician.post(f"sessions/{session['id']}/upload-metadata/", announcement).status_code == 201
    assert technician.send(image_uuid, content[:-1]).status_code == 422
    assert admin.get(f"offline-images/{image_uuid}/").json()["status"] == "FAILED"
    assert admin.get(f"upload-sessions/{image_uuid}/").status_code == 200
    assert admin.get(f"sessions/{session['id']}/").json()["images_failed"] == 1
    for refused in (
        admin.post(f"upload-sessions/{image_uuid}/retry/"),
        admin.post(f"sessions/{session['id']}/upload-metadata/", {**announcement, "image_uuid": new_uuid()}),
        admin.request("POST", f"sessions/{session['id']}/upload-binary/", data={"image_uuid": image_uuid},
                      files={"file": ("a.dcm", content)}),
        admin.post(f"sessions/{session['id']}/acknowledge/", {"image_uuid": image_uuid}),
    ):
        assert refused.status_code == 403 and refused.json()["code"] == "not_the_owner", refused.text
    assert record(technician, image_uuid)["status"] == "FAILED" and record(technician, image_uuid)["retry_count"] == 0
    assert technician.post(f"upload-sessions/{image_uuid}/retry/").json()["status"] == "METADATA_UPLOADED"


def test_an_image_was_uploaded_when_it_was_stored_whoever_is_asked(technician):
    content = dicom_files.ct_slice()
    answer = technician.upload(content)
    image = technician.get(f"images/{answer['id']}/").json()
    assert answer["uploaded_at"] == image["uploaded_at"] == answer["receipt"]["stored_at"]
    again = technician.upload(content, radiology_order_id=answer["radiology_order_id"])
    assert again["uploaded_at"] == image["uploaded_at"], "the image that is there already"


def test_lists_and_their_filters(admin):
    api = admin.as_(admin.make_token("uploader"))
    uuids = [new_uuid() for _ in range(4)]
    contents = [dicom_files.picture(seed=100 + index) for index in range(4)]
    for index, (image_uuid, content) in enumerate(zip(uuids, contents)):
        order = {"radiology_order_id": 12} if index % 2 else {"radiology_request_id": 12}
        api.announce(content, image_uuid, **order)
    api.send(uuids[0], contents[0])
    api.acknowledge(uuids[0])
    api.send(uuids[1], contents[1])
    api.send(uuids[2], b"wrong")

    def listed(path, name="image_uuid"):
        return [entry[name] for entry in api.get(path).json()]
    assert listed("offline-images/pending/") == [uuids[1], uuids[3]]
    assert listed("offline-images/failed/") == [uuids[2]]
    assert listed("offline-images/") == uuids[::-1]
    assert listed("offline-images/?radiology_order_id=12") == [uuids[3], uuids[1]]
    assert listed("offline-images/?radiology_request_id=12") == [uuids[2], uuids[0]]
    assert listed("upload-sessions/pending/?radiology_order_id=12", "session_id") == [uuids[1], uuids[3]]
    assert listed("upload-sessions/failed/", "session_id") == [uuids[2]]
    assert listed("offline-images/?limit=3") == uuids[:0:-1]
    following = api.get("offline-images/?limit=3").links["next"]["url"]
    assert [entry["image_uuid"] for entry in api.get(following).json()] == [uuids[0]]
    entry = api.get(f"upload-sessions/{uuids[1]}/").json()
    assert entry["binary_uploaded"] and not entry["server_ack_received"]
    assert entry["upload_progress_percent"] == 100 and entry["server_image_id"]
    entry = api.get(f"upload-sessions/{uuids[2]}/").json()
    assert entry["status"] == "FAILED" and entry["error_code"] == "size_mismatch" and entry["error_message"]
    number = api.get(f"offline-images/{uuids[3]}/").json()["id"]
    assert api.get(f"offline-images/{number}/").json()["image_uuid"] == uuids[3]


def test_many_at_once_and_one_wins(technician):
    """32 senders of one UUID and the same bytes: all succeed, one object."""
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(content, image_uuid)
    answers = []

    def send():
        answers.append(technician.as_(technician.token).send(image_uuid, content))
    threads = [threading.Thread(target=send) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answer.status_code in (200, 201) for answer in answers), [a.text for a in answers]
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert len({answer.json()["file_key"] for answer in answers}) == 1
