"""POST images/: fields and bytes in one request."""
import pytest

import dicom_files
from checked_api import new_uuid


@pytest.mark.parametrize("content, content_type, mime_type", [
    (dicom_files.ct_slice(), "application/dicom", "application/dicom"),
    (dicom_files.ct_slice(), "application/octet-stream", "application/dicom"),
    (dicom_files.picture("JPEG", seed=11), "image/jpeg", "image/jpeg"),
    (dicom_files.picture("PNG", seed=12), "image/jpeg", "image/png"),
    (dicom_files.pdf("one step"), "application/pdf", "application/pdf"),
], ids=["dicom", "as a browser calls it", "jpeg", "png called jpeg", "pdf"])
def test_the_content_decides_what_it_is(technician, content, content_type, mime_type):
    stored = technician.store(content, content_type)
    assert stored.status_code == 201, stored.text
    assert stored.json()["mime_type"] == mime_type
    assert stored.json()["receipt"]["sha256"] == dicom_files.sha256(content)
    again = technician.store(content, content_type)
    assert again.status_code == 200 and again.json() == stored.json(), "the same acknowledgement"


def test_the_fields_of_a_bare_body_stand_in_the_query(technician):
    image_uuid, study = new_uuid(), dicom_files.new_uid()
    stored = technician.store(dicom_files.picture(seed=20), "image/jpeg", radiology_order_id=200, image_uuid=image_uuid,
                              filename="a b.jpg", study_uid=study, patient_name="Röntgen^Wilhelm", series_number=3)
    assert stored.status_code == 201, stored.text
    body = stored.json()
    assert body["study_uid"] == study and body["image_uuid"] == image_uuid and body["radiology_order_id"] == 200
    assert body["filename"] == "a_b.jpg" and body["receipt"]["image_uuid"] == image_uuid
    assert technician.get(f"studies/{study}/").json()["patient_name"] == "Röntgen^Wilhelm"


def test_a_form_with_fields_and_a_file(technician):
    content = dicom_files.picture(seed=21)
    fields = {"radiology_request_id": "201", "checksum": dicom_files.sha256(content).upper(),
              "file_size": str(len(content)), "image_metadata": '{"modality": "XC", "study_date": "2026-03-04"}'}
    stored = technician.request("POST", "images/", data=fields, files={"file": ("wound.jpg", content)})
    assert stored.status_code == 201, stored.text
    study = technician.get(f"studies/{stored.json()['study_uid']}/").json()
    assert study["study_date"] == "2026-03-04" and study["modality"] == "XC" and study["radiology_request_id"] == 201


@pytest.mark.parametrize("fields, status, code", [
    ({"checksum": "0" * 64}, 422, "checksum_mismatch"),
    ({"file_size": "7"}, 422, "size_mismatch"),
    ({"checksum": "xyz"}, 400, "bad_field"),
    ({"file_size": "many"}, 400, "bad_field"),
    ({"radiology_order_id": "x"}, 400, "bad_field"),
    ({"radiology_order_id": "1", "radiology_request_id": "2"}, 400, "bad_field"),
    ({"image_uuid": "1"}, 400, "bad_field"),
    ({"image_metadata": "{"}, 400, "bad_field"),
    ({"image_metadata": '{"study_date": "04.03.2026"}'}, 400, "bad_field"),
    ({"image_metadata": '{"study_uid": "1.2"}', "study_uid": "1.3"}, 400, "bad_field"),
    ({"study_uid": "../../x"}, 400, "bad_field"),
])
def test_wrong_fields_are_named_and_nothing_is_stored(technician, fields, status, code):
    content = dicom_files.ct_slice()
    refused = technician.request("POST", "images/", data=fields, files={"file": ("x.dcm", content)})
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    if code == "bad_field":
        assert any(name in refused.json()["detail"] for name in fields)
    assert technician.store(content).status_code == 201, "it was not stored before"


def test_other_bytes_under_a_known_uid_are_refused(technician, reader):
    uid = dicom_files.new_uid()
    first = dicom_files.ct_slice(image_uid=uid, seed=1)
    stored = technician.store(first)
    refused = technician.store(dicom_files.ct_slice(image_uid=uid, study_uid=stored.json()["study_uid"], seed=2))
    assert refused.status_code == 409 and refused.json()["code"] == "uid_conflict"
    assert reader.get(reader.get(f"images/{uid}/url/").json()["image_url"]).content == first


def test_a_refused_upload_that_is_repeated_fills_no_disk(shared_server, technician):
    """A client that does not understand the refusal sends it again for weeks."""
    def quarantined():
        return {path.name for path in (shared_server.media / ".pacs-lite/quarantine").iterdir()}

    image, study = dicom_files.new_uid(), dicom_files.new_uid()
    technician.store(dicom_files.ct_slice(study_uid=study, image_uid=image, patient_id="A", seed=1), radiology_order_id=301)
    refusals = {
        "uid_conflict": (dicom_files.ct_slice(study_uid=study, image_uid=image, patient_id="A", seed=2), 301),
        "patient_mismatch": (dicom_files.ct_slice(study_uid=study, patient_id="B", seed=3), 301),
        "order_mismatch": (dicom_files.ct_slice(study_uid=study, patient_id="A", seed=4), 302),
    }
    for code, (content, order) in refusals.items():
        before = quarantined()
        for _ in range(3):
            refused = technician.store(content, radiology_order_id=order)
            assert refused.status_code == 409 and refused.json()["code"] == code, refused.text
        new = quarantined() - before
        assert len(new) == 2, f"{code}: the bytes and what they were, once, not {len(new)} files"
        name = min(new, key=len)
        assert (shared_server.media / ".pacs-lite/quarantine" / name).read_bytes() == content


@pytest.mark.parametrize("content, content_type, status", [
    (b"", "application/dicom", 415),
    (b"hello", "text/plain", 415),
    (b"{}", "application/json", 415),
    (b"a=1", "application/x-www-form-urlencoded", 415),
    (b"GIF89a" + b"\0" * 100, "image/gif", 415),
    (b"\xff\xd8\xff\xe0 no jpeg really", "image/jpeg", 422),
    (b"\x89PNG\r\n\x1a\n", "image/png", 422),
    (b"\0" * 128 + b"DICM", "application/dicom", 422),
])
def test_what_is_no_image_is_refused(technician, content, content_type, status):
    refused = technician.store(content, content_type)
    assert refused.status_code == status, refused.text


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", ".", "a\\b", "con:aux", ".hidden", "x" * 900,
                                  "naïve ünïcode 日本.dcm", "<script>.dcm", "bell\x07 and\ttab", "exe\u202emcd.exe",
                                  ".dcm", ""])
def test_path_tricks_in_names_stay_names(shared_server, technician, name):
    stored = technician.request("POST", "images/", data={"filename": name},
                                files={"file": ("x", dicom_files.ct_slice())})
    assert stored.status_code == 201, stored.text
    parts = stored.json()["file_key"].split("/")
    assert not any(ord(character) < 32 or character == "\u202e" for character in parts[4])
    if name in (".dcm", ""):
        assert parts[4] == parts[3] + ".dcm", "no name is no name, with or without an extension"
    assert len(parts) == 5 and parts[0] == "radiology" and not parts[4].startswith(".") and len(parts[4].encode()) <= 200
    assert (shared_server.media / stored.json()["file_key"]).is_file()


def test_an_uploader_may_not_read_what_it_uploaded(admin):
    uploader = admin.as_(admin.make_token("uploader"))
    stored = uploader.store(dicom_files.ct_slice())
    assert stored.status_code == 201
    assert uploader.get(f"images/{stored.json()['id']}/").status_code == 403
