# labels: e2e
# timeout: 300
"""The trash: what is removed can be restored, until it is purged; a hold stops both."""
import contextlib
import json
import os
import threading
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer
from checked_api import CheckedApi


def day(offset_days: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + offset_days * 86400))


def tombstones(server) -> list:
    folder = server.media / ".pacs-lite" / "tombstones"
    return [image for file in sorted(folder.glob("*.json")) for image in json.loads(file.read_text())["images"]]


def store_two(technician):
    study = dicom_files.new_uid()
    contents = [dicom_files.ct_slice(study_uid=study, instance_number=i, seed=i) for i in range(2)]
    return study, contents, [technician.store(content).json() for content in contents]


def test_a_removed_study_is_hidden_at_once_and_comes_back_as_it_was(admin, technician, reader):
    study, contents, stored = store_two(technician)
    before = reader.get(f"studies/{study}/").json()
    url = reader.get(f"images/{stored[0]['id']}/url/").json()["image_url"]
    viewer = reader.get(f"studies/{study}/viewer-url/").json()["viewer_url"]

    removed = admin.delete(f"studies/{study}/").json()
    assert removed["images_removed"] == 2 and removed["files_left"] == 0
    assert removed["purge_at"][:10] == day(30)
    assert requests.get(url).status_code == 410
    assert requests.get(viewer).status_code in (401, 403, 404, 410)
    assert reader.get(f"studies/{study}/").status_code == 404
    assert reader.get(f"images/{stored[0]['id']}/").status_code == 404
    assert study not in reader.get("studies/?page_size=500").text
    assert study not in reader.get("studies/?search=doe&page_size=500").text

    listed = admin.get("trash/").json()["results"][0]
    assert listed["study_uid"] == study and listed["image_count"] == 2 and not listed["is_held"]
    shown = admin.get(f"trash/{study}/").json()
    assert [image["image_uid"] for image in shown["images"]] == [image["image_uid"] for image in stored]
    assert shown["images"][0]["removed_by_name"]

    restored = admin.post(f"studies/{study}/restore/").json()
    assert restored == {"images_restored": 2, "size_bytes": removed["size_bytes"], "images_lost": 0}
    after = reader.get(f"studies/{study}/").json()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}
    got = requests.get(url)
    assert got.status_code == 200 and got.content == contents[0], "the link works again"
    assert admin.get(f"trash/{study}/").status_code == 404
    assert admin.post(f"studies/{study}/restore/").status_code == 404
    lines = admin.get(f"/api/v1/archive/audit/?study_uid={study}").json()
    assert [line["action"] for line in lines].count("image.remove") == 2
    assert [line["action"] for line in lines].count("image.restore") == 2


def test_one_image_and_one_series_can_be_restored_alone(admin, technician, reader):
    study, _, stored = store_two(technician)
    admin.delete(f"studies/{study}/")
    assert admin.post(f"images/{stored[0]['id']}/restore/").json()["images_restored"] == 1
    assert reader.get(f"studies/{study}/").json()["image_count"] == 1
    assert admin.get(f"trash/{study}/").json()["image_count"] == 1
    assert admin.post(f"series/{stored[1]['series_uid']}/restore/").json()["images_restored"] == 1
    assert reader.get(f"studies/{study}/").json()["series_count"] == 2
    assert reader.get(f"images/{stored[1]['image_uid']}/").json()["id"] == stored[1]["id"]


def test_the_same_bytes_again_restore_and_others_are_a_conflict(admin, technician, reader):
    _, contents, stored = store_two(technician)
    admin.delete(f"images/{stored[0]['id']}/")
    other = dicom_files.ct_slice(study_uid=stored[0]["study_uid"], image_uid=stored[0]["image_uid"], seed=99)
    refused = technician.store(other)
    assert refused.status_code == 409 and "trash" in refused.json()["detail"]
    again = technician.store(contents[0])
    assert again.status_code == 200 and again.json()["id"] == stored[0]["id"]
    assert reader.get(f"images/{stored[0]['id']}/").status_code == 200
    assert admin.post(f"images/{stored[0]['id']}/restore/").status_code == 404, "it is not in the trash any more"


def test_removed_for_good(admin, technician, reader, shared_server):
    _, contents, stored = store_two(technician)
    paths = [shared_server.media / image["file_key"] for image in stored]
    assert admin.delete(f"images/{stored[0]['id']}/?now=true").json()["images_removed"] == 1
    assert not paths[0].exists()
    admin.delete(f"images/{stored[1]['id']}/")
    assert paths[1].exists()
    assert admin.delete(f"images/{stored[1]['id']}/").status_code == 404, "it is removed already"
    assert admin.delete(f"images/{stored[1]['id']}/?now=true").json()["images_removed"] == 1, "out of the trash"
    assert not paths[1].exists()
    assert admin.post(f"studies/{stored[0]['study_uid']}/restore/").status_code == 404
    assert admin.delete(f"images/{stored[1]['id']}/?now=perhaps").status_code == 400
    again = technician.store(contents[0])
    assert again.status_code == 201 and again.json()["id"] > stored[1]["id"]


def test_a_legal_hold_and_a_retention_date_stop_removal_and_purge(admin, technician, reader, shared_server):
    study, _, stored = store_two(technician)
    assert admin.get(f"studies/{study}/hold/").json()["set_at"] is None
    assert admin.put(f"studies/{study}/hold/").json()["is_held"], "the reason is optional"
    held = admin.put(f"studies/{study}/hold/", json={"reason": "case 7"}).json()
    assert held["is_held"] and held["reason"] == "case 7" and held["set_by_name"]
    for path in (f"studies/{study}/", f"series/{stored[0]['series_uid']}/", f"images/{stored[0]['id']}/?now=true"):
        refused = admin.delete(path)
        assert refused.status_code == 409 and refused.json()["code"] == "study_held"
        assert "case 7" in refused.json()["detail"]
    assert reader.get(f"studies/{study}/").json()["image_count"] == 2

    assert admin.put(f"studies/{study}/retention/", json={"retain_until": "2026-02-30"}).status_code == 400
    admin.put(f"studies/{study}/retention/", json={"retain_until": day(3)})
    assert not admin.delete(f"studies/{study}/hold/").json()["is_held"]
    refused = admin.delete(f"studies/{study}/")
    assert refused.status_code == 409 and refused.json()["code"] == "retention_date" and day(3) in refused.text
    # A day that is over protects nothing: a slip of the pen, not an order.
    over = admin.put(f"studies/{study}/retention/", json={"retain_until": day(-2)})
    assert over.status_code == 400 and "over" in over.json()["detail"]
    assert admin.delete(f"studies/{study}/").status_code == 409
    assert admin.delete(f"studies/{study}/retention/").json()["retain_until"] is None
    assert admin.delete(f"studies/{study}/").status_code == 200

    admin.put(f"studies/{study}/hold/", json={})
    assert admin.get(f"trash/{study}/").json()["is_held"]
    assert admin.delete(f"studies/{study}/?now=true").status_code == 409
    assert (shared_server.media / stored[0]["file_key"]).exists()
    admin.delete(f"studies/{study}/hold/")
    assert admin.delete(f"studies/{study}/retention/").json()["retain_until"] is None
    assert admin.delete(f"studies/{study}/?now=true").status_code == 200
    actions = [line["action"] for line in admin.get(f"/api/v1/archive/audit/?study_uid={study}").json()]
    assert {"study.hold", "study.release", "study.retain", "study.end_retention", "image.purge"} <= set(actions)


def test_it_is_for_administrators(admin, technician, reader, anybody):
    study, _, stored = store_two(technician)
    for who, status in ((technician, 403), (reader, 403), (anybody, 401)):
        assert who.delete(f"images/{stored[0]['id']}/").status_code == status
        assert who.get("trash/").status_code == status
        assert who.get(f"trash/{study}/").status_code == status
        assert who.post(f"studies/{study}/restore/").status_code == status
        assert who.get(f"studies/{study}/hold/").status_code == status
        assert who.put(f"studies/{study}/hold/", json={}).status_code == status
        assert who.delete(f"studies/{study}/hold/").status_code == status
        assert who.put(f"studies/{study}/retention/", json={"retain_until": day(1)}).status_code == status
        assert who.delete(f"studies/{study}/retention/").status_code == status
    assert admin.get("studies/nothing/hold/").status_code == 404


def test_the_trash_has_pages(admin, technician):
    studies = [store_two(technician)[0] for _ in range(3)]
    for study in studies:
        admin.delete(f"studies/{study}/")
        time.sleep(0.005)
    seen, path = [], "trash/?page_size=1"
    while path and len(seen) < 3:
        page = admin.get(path).json()
        seen += [entry["study_uid"] for entry in page["results"]]
        path = page["next"]
    assert seen == studies[::-1], "the last removed first"
    shown = admin.get(f"trash/{studies[0]}/?limit=1").json()["images"]
    assert len(shown) == 1
    assert len(admin.get(f"trash/{studies[0]}/?after_id={shown[0]['id']}").json()["images"]) == 1


def test_an_offline_upload_goes_on_as_its_image_does(admin, technician):
    content = dicom_files.ct_slice()
    announced = {"image_uuid": "0b8f3c1e-6a43-4f0e-9d61-7f1f6f0a1b2c", "radiology_order_id": 8812,
                 "filename": "a.dcm", "file_size": len(content), "mime_type": "application/dicom",
                 "checksum": dicom_files.sha256(content)}
    technician.post("offline-images/upload-metadata/", json=announced)

    def send():
        return technician.post("offline-images/upload-binary/", data={"image_uuid": announced["image_uuid"]},
                               files={"file": ("a.dcm", content)})

    stored = send().json()
    acknowledge = {"image_uuid": announced["image_uuid"]}
    receipt = technician.post("offline-images/acknowledge/", json=acknowledge).json()["receipt"]
    admin.delete(f"images/{stored['id']}/")
    record = technician.get(f"offline-images/{announced['image_uuid']}/").json()
    assert record["status"] == "ACK_RECEIVED" and record["image_id"] is None and record["receipt"] == receipt
    again = send()
    assert again.status_code == 200 and again.json()["id"] == stored["id"]
    record = technician.get(f"offline-images/{announced['image_uuid']}/").json()
    assert record["status"] == "ACK_RECEIVED" and record["image_id"] == stored["id"]
    assert technician.post("offline-images/acknowledge/", json=acknowledge).json()["receipt"] == receipt


@pytest.mark.parametrize("moment", ["after hiding", "while purging"])
def test_kill_between_hiding_and_purging(tmp_path, moment):
    """What the trash has survives kill -9 with its tombstones; what was being purged never comes back torn."""
    server = ArchiveServer(tmp_path).start()
    api = CheckedApi(server, server.token)
    study = dicom_files.new_uid()
    contents = {}
    for number in range(150):
        content = dicom_files.ct_slice(study_uid=study, instance_number=number, seed=number)
        contents[api.store(content).json()["image_uid"]] = content
    api.delete(f"studies/{study}/")
    if moment == "while purging":
        def purge():
            with contextlib.suppress(requests.RequestException):  # the answer never comes
                server.session().delete(f"{server.api}/studies/{study}/?now=true", timeout=20)

        purging = threading.Thread(target=purge)
        purging.start()
        first = server.media / "radiology" / study
        count = len(contents)
        deadline = time.monotonic() + 20
        while count == len(contents) and time.monotonic() < deadline:
            count = sum(1 for _, _, files in os.walk(first) for _ in files)
        server.kill()
        purging.join()
        assert 0 < sum(1 for _, _, files in os.walk(first) for _ in files) < len(contents)
    else:
        server.kill()
    assert len(tombstones(server)) == len(contents), "of each, before any blob was deleted"
    server.start()
    api = CheckedApi(server, server.token)
    assert api.get(f"studies/{study}/").status_code == 404, "a restart brings nothing back"
    restored = api.post(f"studies/{study}/restore/")
    back = restored.json()["images_restored"] if restored.status_code == 200 else 0
    if moment == "after hiding":
        assert back == len(contents)
        assert tombstones(server) == []
    for uid, content in contents.items():
        answer = api.get(f"images/{uid}/url/")
        if answer.status_code == 404:
            continue
        assert requests.get(answer.json()["image_url"]).content == content, "a row without its bytes"
        back -= 1
    assert back == 0
    # The purge goes on by itself.
    deadline = time.monotonic() + 30
    while api.get("trash/").json()["results"] and time.monotonic() < deadline:
        time.sleep(0.2)
    assert api.get("trash/").json()["results"] == []
    on_disk = list((server.media / "radiology").rglob("*.dcm"))
    visible = api.get(f"studies/{study}/")
    assert len(on_disk) == (visible.json()["image_count"] if visible.status_code == 200 else 0)
    assert server.stop() == 0


def test_a_retention_of_no_days_deletes_at_once(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_TRASH_DAYS="0") as server:
        api = CheckedApi(server, server.token)
        stored = api.store(dicom_files.ct_slice()).json()
        assert api.delete(f"images/{stored['id']}/").json()["images_removed"] == 1
        assert not (server.media / stored["file_key"]).exists()
        assert [image["key"] for image in tombstones(server)] == [stored["file_key"]]
        assert api.get("trash/").json()["results"] == []
