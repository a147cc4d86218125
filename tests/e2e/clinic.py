"""What a clinic sends, in one step and offline, through the REST API of a server of the tests."""
import uuid

from dicom_files import sha256


def upload(server, content, name="slice.dcm", **fields):
    answer = server.session().post(server.api + "/images/", files={"file": (name, content)}, data=fields)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def offline(server, content, order):
    """Metadata, then bytes, then the acknowledgement: its receipt."""
    image_uuid = str(uuid.uuid4())
    session = server.session()
    announced = session.post(server.api + "/offline-images/upload-metadata/", json={
        "image_uuid": image_uuid, "radiology_order_id": order, "filename": "announced.dcm", "file_size": len(content),
        "checksum": sha256(content), "mime_type": "application/dicom", "image_metadata": {"modality": "CT"}})
    assert announced.status_code in (200, 201), announced.text
    sent = session.post(server.api + "/offline-images/upload-binary/", data={"image_uuid": image_uuid},
                        files={"file": ("announced.dcm", content)})
    assert sent.status_code in (200, 201), sent.text
    return image_uuid, acknowledge(server, image_uuid)


def acknowledge(server, image_uuid):
    answer = server.session().post(server.api + "/offline-images/acknowledge/", json={"image_uuid": image_uuid})
    assert answer.status_code == 200, answer.text
    return answer.json()["receipt"]
