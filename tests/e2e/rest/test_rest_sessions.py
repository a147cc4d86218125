"""Upload sessions: the images of one exam from one device."""
import dicom_files
from checked_api import new_uuid


def create(api, session_uuid, **fields):
    return api.post("sessions/", {"session_uuid": session_uuid, "device_id": "tablet-1",
                                  "device_info": {"os": "Android"}, "total_images": 2,
                                  "radiology_request_id": 31, **fields})


def announce(api, session, content, image_uuid, number, **fields):
    return api.post(f"sessions/{session}/upload-metadata/", {
        "image_uuid": image_uuid, "filename": "a.dcm", "file_size": len(content), "mime_type": "application/dicom",
        "checksum": dicom_files.sha256(content), "sequence_number": number, **fields})


def send(api, session, content, image_uuid):
    return api.request("POST", f"sessions/{session}/upload-binary/", data={"image_uuid": image_uuid},
                       files={"file": ("a.dcm", content)})


def test_an_exam_from_the_first_image_to_the_last_receipt(technician):
    session_uuid = new_uuid()
    created = create(technician, session_uuid)
    assert created.status_code == 201, created.text
    session = created.json()
    assert session["status"] == "QUEUED" and session["upload_items"] == [] and session["started_at"] is None
    assert session["device_info"] == {"os": "Android"} and session["created_by_name"]
    assert create(technician, session_uuid).status_code == 200

    study = dicom_files.new_uid()
    contents = [dicom_files.ct_slice(study_uid=study, instance_number=n) for n in (1, 2)]
    uuids = [new_uuid(), new_uuid()]
    for number in (1, 0):  # in any order
        answer = announce(technician, session["id"], contents[number], uuids[number], number + 1)
        assert answer.status_code == 201
        assert answer.json()["metadata"]["radiology_request_id"] == 31
        assert answer.json()["upload_item"]["metadata_uuid"] == uuids[number]
    assert announce(technician, session["id"], contents[0], uuids[0], 1).status_code == 200

    def state():
        return technician.get(f"sessions/{session_uuid}/status/").json()
    assert state()["status"] == "UPLOADING" and state()["progress_percentage"] == 0
    sent = send(technician, session["id"], contents[0], uuids[0])
    assert sent.status_code == 201 and sent.json()["image"]["file_key"] and isinstance(sent.json()["detail"], str)
    assert send(technician, session["id"], contents[0], uuids[0]).status_code == 200
    assert state()["progress_percentage"] == 50 and not state()["is_complete"]
    assert send(technician, session["id"], b"wrong", uuids[1]).status_code == 422
    assert state()["status"] == "PARTIAL" and state()["images_failed"] == 1 and state()["error_message"]
    assert send(technician, session["id"], contents[1], uuids[1]).status_code == 201
    done = state()
    assert done["status"] == "SYNCED" and done["is_complete"] and done["completed_at"] and done["images_failed"] == 0
    assert [item["sequence_number"] for item in done["upload_items"]] == [1, 2]
    receipt = technician.post(f"sessions/{session['id']}/acknowledge/", {"image_uuid": uuids[0]})
    assert receipt.status_code == 200 and receipt.json()["receipt"]["signature"]
    assert state()["upload_items"][0]["upload_status"] == "ACK_RECEIVED"


def test_a_session_belongs_to_its_order_and_its_maker(admin, technician):
    session_uuid = new_uuid()
    create(technician, session_uuid)
    assert create(technician, session_uuid, radiology_request_id=32).status_code == 409
    other = admin.as_(admin.make_token("uploader"))
    assert other.get(f"sessions/{session_uuid}/").status_code == 404
    assert announce(other, session_uuid, b"x", new_uuid(), 1).status_code == 404
    assert create(other, session_uuid).status_code == 201, "a UUID belongs to who made it"
    content = dicom_files.ct_slice()
    answer = announce(technician, session_uuid, content, new_uuid(), 1, radiology_request_id=32)
    assert answer.status_code == 409 and answer.json()["code"] == "order_mismatch"


def test_an_image_of_another_session_is_not_taken(technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(content, image_uuid, radiology_request_id=31)
    session_uuid = new_uuid()
    create(technician, session_uuid)
    answer = send(technician, session_uuid, content, image_uuid)
    assert answer.status_code == 409 and answer.json()["code"] == "metadata_missing"
    assert technician.post(f"sessions/{session_uuid}/acknowledge/", {"image_uuid": image_uuid}).status_code == 409


def test_sessions_are_listed_by_their_order(technician):
    mine = new_uuid()
    create(technician, mine, radiology_request_id=777)
    listed = technician.get("sessions/?radiology_request_id=777").json()
    assert [session["session_uuid"] for session in listed] == [mine]
    assert technician.get("sessions/?radiology_order_id=777").json() == []
    assert technician.get("sessions/987654321/").status_code == 404
    assert technician.get("sessions/not-a-uuid/").status_code == 404
