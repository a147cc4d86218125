"""list, show, url, remove, token, receipt and test-storage: with a running server and without."""
import contextlib
import json
import pathlib
import sqlite3
import subprocess
import uuid

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer, find_binary


@pytest.fixture(params=["with a running server", "without a server"])
def archive(request, tmp_path):
    """Holds one study of two images; `images` has their bytes by UID."""
    with ArchiveServer(tmp_path) as server:
        server.study_uid = dicom_files.new_uid()
        server.series_uid = dicom_files.new_uid()
        server.images = {}
        for number in (1, 2):
            uid = dicom_files.new_uid()
            content = dicom_files.ct_slice(study_uid=server.study_uid, series_uid=server.series_uid, image_uid=uid,
                                           instance_number=number, patient_name="Müller^Jörg\x1b[2J", seed=number)
            answer = server.session().post(server.api + "/images/", data=content, headers={"Content-Type": "application/dicom"})
            assert answer.status_code == 201, answer.text
            server.images[uid] = content
        if request.param == "without a server":
            server.stop()
        yield server


def run(server, *arguments, code=0):
    done = server.command(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def run_json(server, *arguments):
    return json.loads(run(server, *arguments, "--json").stdout)


def test_list_shows_the_studies(archive):
    table = run(archive, "list").stdout
    assert archive.study_uid in table and "CT HEAD" in table and "TEST-1" in table
    assert "\x1b" not in table, "a name must not command the terminal"
    studies = run_json(archive, "list")
    assert [study["study_uid"] for study in studies] == [archive.study_uid]
    assert studies[0]["image_count"] == 2
    assert run_json(archive, "list", "--modality", "MR") == []
    assert len(run_json(archive, "list", "--patient-id", "TEST-1", "--study-date", "2026-11-01..2026-11-30")) == 1
    wrong = run(archive, "list", "--study-date", "yesterday", code=2)
    assert "study_date" in wrong.stderr


def test_list_goes_through_all_pages(archive):
    if archive.process.poll() is not None:
        archive.start()
    for number in range(7):
        archive.session().post(archive.api + "/images/", data=dicom_files.ct_slice(seed=number),
                               headers={"Content-Type": "application/dicom"}).raise_for_status()
    everything = run_json(archive, "list", "--limit", "0")
    assert len({study["study_uid"] for study in everything}) == 8
    assert len(run_json(archive, "list", "--limit", "3")) == 3
    assert "3 of 8 studies" in run(archive, "list", "--limit", "3").stdout


def test_show_finds_out_what_a_uid_names(archive):
    study = run_json(archive, "show", archive.study_uid)
    assert study["study_uid"] == archive.study_uid
    assert len(study["series"][0]["images"]) == 2
    uid = next(iter(archive.images))
    image = run_json(archive, "show", uid)
    assert image["image_uid"] == uid
    assert image["checksum"] == dicom_files.sha256(archive.images[uid])
    series = run_json(archive, "show", "series", archive.series_uid)
    assert len(series["images"]) == 2
    assert run_json(archive, "show", "study", str(study["id"]))["study_uid"] == archive.study_uid
    text = run(archive, "show", "study", str(study["id"])).stdout
    assert uid in text and "\x1b" not in text
    assert "there is no" in run(archive, "show", "1.2.3.4.5", code=1).stderr
    assert "study 12" in run(archive, "show", "12", code=2).stderr


def test_url_opens_the_image_until_it_expires(archive):
    uid = next(iter(archive.images))
    url = run(archive, "url", uid, "--expires-in", "5m").stdout.strip()
    assert url.startswith(archive.url + "/media/radiology/")
    if archive.process.poll() is not None:
        archive.start()
    assert requests.get(url).content == archive.images[uid]
    viewer = run(archive, "url", "study", archive.study_uid).stdout.strip()
    assert requests.get(viewer).status_code == 200
    assert "is not a time" in run(archive, "url", uid, "--expires-in", "soon", code=2).stderr
    assert run(archive, "url", uid, "--expires-in", "99w", code=2).stderr


def test_remove_asks_and_then_removes(archive):
    kept, gone = archive.images
    path = pathlib.Path(run_json(archive, "show", gone)["file_key"])
    assert (archive.media / path).is_file()
    assert "--yes" in run(archive, "remove", gone, code=2).stderr
    assert (archive.media / path).is_file(), "nobody said yes"
    assert run_json(archive, "remove", gone, "--yes")["images_removed"] == 1
    assert (archive.media / path).is_file(), "it is in the trash"
    run(archive, "show", gone, code=1)
    trash = run_json(archive, "trash")
    assert [(study["study_uid"], study["image_count"]) for study in trash] == [(archive.study_uid, 1)]
    assert archive.study_uid in run(archive, "trash").stdout
    assert run_json(archive, "restore", gone)["images_restored"] == 1
    assert run_json(archive, "show", gone)["image_uid"] == gone
    assert run_json(archive, "trash") == []
    run(archive, "restore", gone, code=1)
    assert run_json(archive, "remove", gone, "--yes", "--now")["images_removed"] == 1
    assert not (archive.media / path).exists()
    run(archive, "restore", gone, code=1)
    assert run_json(archive, "show", kept)["image_uid"] == kept
    assert "Removed 1 images" in run(archive, "remove", "study", archive.study_uid, "--yes").stdout
    assert run_json(archive, "list") == []
    run(archive, "remove", "study", archive.study_uid, "--yes", code=1)
    assert "Restored 1 images" in run(archive, "restore", "study", archive.study_uid).stdout


def test_a_held_study_is_not_removed(archive):
    study = archive.study_uid
    assert "may be removed" in run(archive, "hold", study).stdout
    assert "legal hold: case 7" in run(archive, "hold", study, "--reason", "case 7").stdout
    assert "case 7" in run(archive, "remove", "study", study, "--yes", code=1).stderr
    run(archive, "hold", study, "--set", "--release", code=2)
    assert run_json(archive, "hold", study, "--release", "--until", "2999-12-31")["retain_until"] == "2999-12-31"
    assert "2999-12-31" in run(archive, "remove", "study", study, "--yes", "--now", code=1).stderr
    run(archive, "hold", study, "--until", "tomorrow", code=2)
    assert run_json(archive, "hold", study, "--end-retention")["retain_until"] is None
    assert "Removed 2 images" in run(archive, "remove", "study", study, "--yes").stdout


def test_tokens_are_made_listed_and_revoked(archive):
    made = run(archive, "token", "create", "--name", "ward 3", "--role", "reader", "--role", "uploader", "--expires-in", "1d")
    secret = made.stdout.strip()
    assert secret.startswith("pl_") and "\n" not in secret
    listed = {token["name"]: token for token in run_json(archive, "token", "list")}
    assert listed["ward 3"]["roles"] == ["reader", "uploader"]
    assert listed["ward 3"]["status"] == "valid"
    assert secret not in json.dumps(listed)
    assert "ward 3" in run(archive, "token", "list").stdout
    if archive.process.poll() is not None:
        archive.start()
    assert archive.session(secret).get(archive.api + "/studies/").status_code == 200
    assert "opens nothing any more" in run(archive, "token", "revoke", str(listed["ward 3"]["id"])).stdout
    assert archive.session(secret).get(archive.api + "/studies/").status_code == 401
    assert run(archive, "token", "create", "--name", "x", "--role", "king", code=2).stderr
    assert run(archive, "token", "revoke", "999", code=1).stderr


def test_a_share_link_is_listed_with_the_study_that_it_opens(archive):
    study = run_json(archive, "list")[0]
    run(archive, "url", "study", str(study["id"]), "--expires-in", "1h")
    links = [token for token in run_json(archive, "token", "list") if token["kind"] == "share_link"]
    assert [link["study"] for link in links] == [study["id"]]
    header, *rows = [line for line in run(archive, "token", "list").stdout.splitlines() if line.strip()]
    column = header.index("STUDY")
    shown = {row[header.index("KIND"):].split()[0]: row[column:].split()[0] for row in rows}
    assert shown == {"share_link": str(study["id"]), "token": "-"}


def test_list_knows_both_kinds_of_order(archive):
    if archive.process.poll() is not None:
        archive.start()
    uid = dicom_files.new_uid()
    stored = archive.session().post(archive.api + "/images/", data=dicom_files.ct_slice(study_uid=uid),
                                    params={"radiology_request_id": 12}, headers={"Content-Type": "application/dicom"})
    assert stored.status_code == 201, stored.text
    assert [study["study_uid"] for study in run_json(archive, "list", "--request", "12")] == [uid]
    assert run_json(archive, "list", "--order", "12") == []


def test_output_that_is_lost_is_a_failure(archive):
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(find_binary()), "token", "create", "--name", "x", "--role", "reader"],
                              env=archive.environment, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "could not be written" in done.stderr


def test_test_storage_takes_every_step(archive):
    report = run_json(archive, "test-storage")
    assert report["ok"] is True
    assert [step["name"] for step in report["steps"]] == [
        "make a test image", "upload its metadata", "upload its bytes", "acknowledge, check the receipt",
        "verify the stored bytes", "make links", "fetch by link", "see an expired link refused",
        "see a forged link refused", "remove it"]
    assert all(step["ok"] and not step["skipped"] for step in report["steps"])
    assert [study["study_uid"] for study in run_json(archive, "list")] == [archive.study_uid], "it leaves nothing"
    lines = run(archive, "test-storage").stdout.splitlines()
    assert len(lines) == 10 and all(line.startswith("ok ") for line in lines)


def test_test_storage_sees_bytes_that_are_not_where_they_should_be(archive, tmp_path):
    """The command looks past the server, into the folder that its own settings name."""
    if archive.process.poll() is not None:
        archive.start()
    done = archive.command("test-storage", "--media-root", str(tmp_path / "elsewhere"))
    assert done.returncode == 1
    assert "FAILED" in done.stdout
    assert "ok       remove it" in done.stdout, "the image is removed in any case"


def upload_offline(server, content):
    session, image_uuid = server.session(), str(uuid.uuid4())
    base = server.api + "/offline-images/"
    session.post(base + "upload-metadata/", json={
        "image_uuid": image_uuid, "radiology_order_id": 12, "filename": "a.dcm", "file_size": len(content),
        "mime_type": "application/dicom", "checksum": dicom_files.sha256(content)}).raise_for_status()
    session.post(base + "upload-binary/", data={"image_uuid": image_uuid}, files={"file": ("a.dcm", content)}).raise_for_status()
    answer = session.post(base + "acknowledge/", json={"image_uuid": image_uuid})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_receipt_proves_that_these_bytes_are_held(archive, tmp_path):
    if archive.process.poll() is not None:
        archive.start()
    content = dicom_files.ct_slice(seed=99)
    acknowledgement = upload_offline(archive, content)
    key = requests.get(archive.url + "/api/v1/archive").json()["receipt_public_key"]
    image, receipt = tmp_path / "a.dcm", tmp_path / "receipt.json"
    image.write_bytes(content)

    receipt.write_text(json.dumps(acknowledgement))
    assert "valid" in run(archive, "receipt", "verify", str(receipt), "--image", str(image)).stdout
    receipt.write_text(json.dumps(acknowledgement["receipt"]))
    archive.stop()
    assert "valid" in run(archive, "receipt", "verify", str(receipt), "--public-key", key).stdout
    assert run_json(archive, "receipt", "verify", str(receipt))["sha256"] == dicom_files.sha256(content)

    image.write_bytes(content[:-1] + b"\x00" if content[-1] else content[:-1] + b"\x01")
    assert "other bytes" in run(archive, "receipt", "verify", str(receipt), "--image", str(image), code=1).stderr
    forged = dict(acknowledgement["receipt"], file_size=1)
    receipt.write_text(json.dumps(forged))
    assert "not valid" in run(archive, "receipt", "verify", str(receipt), code=1).stderr
    refusal = archive.command("receipt", "verify", str(receipt), "--json")
    assert refusal.returncode == 1 and json.loads(refusal.stdout)["valid"] is False
    receipt.write_text("no JSON")
    run(archive, "receipt", "verify", str(receipt), code=2)
    run(archive, "receipt", "verify", str(tmp_path / "none"), code=2)
    receipt.write_text(json.dumps(acknowledgement["receipt"]))
    other_key = key[:-2] + ("AA" if key[-2:] != "AA" else "BA")
    assert archive.command("receipt", "verify", str(receipt), "--public-key", other_key).returncode in (1, 2)
    run(archive, "receipt", "verify", str(receipt), "--public-key", "short", code=2)


def test_a_changed_line_of_the_audit_log_is_found(archive):
    whole = run_json(archive, "audit", "verify")
    assert whole["whole"] is True and whole["broken"] is None
    assert whole["newest"]["hash"] in run(archive, "audit", "verify").stdout
    with contextlib.closing(sqlite3.connect(archive.data / "index.db")) as index, index:
        line, chain, sequence = index.execute(
            "SELECT id, chain_id, sequence FROM audit_lines WHERE image_uid = ?", (next(iter(archive.images)),)).fetchone()
        index.execute("UPDATE audit_lines SET actor = 'somebody else' WHERE id = ?", (line,))
    done = run(archive, "audit", "verify", code=1)
    assert f"chain {chain}, line {sequence}." in done.stderr
    answer = archive.command("audit", "verify", "--json")
    assert answer.returncode == 1
    broken = json.loads(answer.stdout)["broken"]
    assert (broken["chain"], broken["sequence"]) == (chain, sequence)
