# labels: e2e crash
# timeout: 240
"""verify: real damage to a real archive is found, told, not served, and repaired without deleting anything."""
import json
import os
import re
import subprocess
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer, find_binary

STUDY = "1.2.826.0.1.3680043.10.543"
ATTRIBUTES = "user.pacs-lite"


def store(server, number, **options):
    """An image of the study; the answer of the server with its bytes."""
    content = dicom_files.ct_slice(study_uid=STUDY, series_uid=STUDY + ".1", image_uid=f"{STUDY}.1.{number}",
                                   instance_number=number, seed=number, **options)
    answer = server.session().post(server.api + "/images/", data=content, headers={"Content-Type": "application/dicom"})
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "content": content, "path": server.media / answer.json()["file_key"]}


def writable(path):
    path.chmod(0o640)
    return path


def truncate(path):
    subprocess.run(["truncate", "--size", "1000", writable(path)], check=True)


def flip_a_bit(path):
    """In the pixels, so that the header stays as it was."""
    size = path.stat().st_size
    byte = path.read_bytes()[size - 10] ^ 1
    subprocess.run(["dd", f"of={writable(path)}", "bs=1", f"seek={size - 10}", "conv=notrunc", "status=none"],
                   input=bytes([byte]), check=True)


def leave_cut_ingest(server, image, number, age_days=0):
    """A whole blob without a row, as an ingest leaves it that was cut: made from a stored one."""
    attributes = json.loads(os.getxattr(image["path"], ATTRIBUTES))
    uid = f"{STUDY}.1.{number}"
    content = dicom_files.ct_slice(study_uid=STUDY, series_uid=STUDY + ".1", image_uid=uid, seed=number)
    path = server.media / "radiology" / STUDY / (STUDY + ".1") / uid / "cut.dcm"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    stored_at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - age_days * 86400))
    attributes.update({"image-uid": uid, "sha256": dicom_files.sha256(content), "size": str(len(content)),
                       "stored-at": stored_at})
    os.setxattr(path, ATTRIBUTES, json.dumps(attributes, sort_keys=True, separators=(",", ":")).encode())
    return path


def tree(server):
    """Each entry below MEDIA_ROOT: what it is, its bytes, and when it was last touched. Not the staging folder
    itself, in which each start of a server tries whether it can stage."""
    entries = {}
    for path in sorted(server.media.rglob("*")):
        if path == server.media / ".pacs-lite/staging":
            continue
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        entries[str(path)] = (status.st_mode, status.st_ino, status.st_ctime_ns, content)
    return entries


def verify(server, *arguments, code):
    done = server.command("verify", "--json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def kinds(report):
    return sorted(finding["kind"] for finding in report["findings"])


def quarantined(server):
    return [path for path in (server.media / ".pacs-lite/quarantine").iterdir() if path.suffix != ".json"]


def audit_lines(server, action):
    answer = server.session().get(server.url + "/api/v1/archive/audit/", params={"action": action, "limit": 1000})
    assert answer.status_code == 200, answer.text
    return answer.json()


def served(server, image):
    link = server.session().get(f"{server.api}/images/{image['id']}/url/").json()["image_url"]
    return requests.get(link, timeout=20)


def test_each_image_tells_when_it_was_last_found_right(tmp_path):
    def oldest():
        metrics = server.session().get(server.url + "/metrics").text
        return float(re.search(r"^pacs_lite_oldest_verified_timestamp_seconds (\S+)$", metrics, re.M).group(1))

    def verified_at(image):
        return server.session().get(f"{server.api}/images/{image['id']}/").json()["verified_at"]

    with ArchiveServer(tmp_path) as server:
        begun = time.time()
        whole, flipped = store(server, 1), store(server, 2)
        flip_a_bit(flipped["path"])
        assert verified_at(whole) is None and verified_at(flipped) is None
        verify(server, "--quick", code=0)
        assert verified_at(whole) is None, "its size is right, its bytes were not read"
        report = verify(server, code=1)
        assert kinds(report) == ["wrong_bytes"]
        assert report["started_at"] <= verified_at(whole) <= report["ended_at"]
        assert verified_at(flipped) is None
        shown = server.command("show", "image", str(whole["id"])).stdout
        assert re.search(r"^verified_at +" + re.escape(verified_at(whole)), shown, re.M), shown
        assert begun - 1 < oldest() <= time.time(), "the damaged one was right when it was stored"


@pytest.mark.parametrize("running", [True, False], ids=["with a running server", "without a server"])
def test_each_damage_is_found_and_told_and_nothing_is_changed(tmp_path, running):
    with ArchiveServer(tmp_path) as server:
        whole, truncated, flipped, missing, linked, bare = (store(server, number) for number in range(1, 7))
        report = verify(server, code=0)
        assert report["state"] == "finished" and report["images"] == 6 and report["findings"] == []
        truncate(truncated["path"])
        flip_a_bit(flipped["path"])
        subprocess.run(["rm", "-f", missing["path"]], check=True)
        subprocess.run(["rm", "-f", linked["path"]], check=True)
        subprocess.run(["ln", "-s", whole["path"], linked["path"]], check=True)
        os.removexattr(writable(bare["path"]), ATTRIBUTES)
        cut = leave_cut_ingest(server, whole, 7)
        (server.media / "radiology/readme.txt").write_text("no image")
        if not running:
            server.stop()
        before = tree(server)
        report = verify(server, code=1)
        assert kinds(report) == sorted(["truncated", "wrong_bytes", "missing_blob", "missing_blob", "symbolic_link",
                                        "wrong_attributes", "cut_ingest", "foreign_file"])
        assert report["needing_attention"] == 7, "a cut ingest needs nobody"
        assert {f["kind"]: f["image_uid"] for f in report["findings"]}["truncated"] == f"{STUDY}.1.2"
        assert {f["kind"]: f["path"] for f in report["findings"]}["cut_ingest"] == str(cut.relative_to(server.media))
        assert all(finding["repair"] == "not_asked" for finding in report["findings"])
        assert kinds(verify(server, "--quick", code=1)) == sorted(
            ["truncated", "missing_blob", "missing_blob", "symbolic_link", "cut_ingest", "foreign_file"])
        assert tree(server) == before
        if running:
            assert len(audit_lines(server, "verify.finding")) == 8 + 6
            for damaged in (truncated, flipped, missing, linked):
                answer = served(server, damaged)
                assert (answer.status_code, answer.json()["code"]) == (500, "damaged")
                served(server, damaged)
            assert len(audit_lines(server, "image.damaged")) == 4, "one line for many reads"
            assert served(server, whole).content == whole["content"]
            metrics = server.session().get(server.url + "/metrics").text
            assert "pacs_lite_damaged_images_total 8" in metrics
            assert 'pacs_lite_verify_findings_total{kind="wrong_bytes"} 1' in metrics
            log = server.log_path.read_text()
            assert "image_damaged" in log and "verify_finding" in log


def test_repair_deletes_nothing_and_a_resend_heals(server):
    whole, flipped, bare, renamed = (store(server, number) for number in range(1, 5))
    flip_a_bit(flipped["path"])
    damaged_bytes = flipped["path"].read_bytes()
    os.removexattr(writable(bare["path"]), ATTRIBUTES)
    renamed["path"].rename(renamed["path"].parent / "other.dcm")
    young = leave_cut_ingest(server, whole, 7)
    old = leave_cut_ingest(server, whole, 8, age_days=2)
    (server.media / "radiology/link").symlink_to("/etc/passwd")
    report = verify(server, "--repair", code=1)
    assert {finding["kind"]: finding["repair"] for finding in report["findings"]} == {
        "wrong_bytes": "left", "wrong_attributes": "repaired", "missing_blob": "left", "wrong_key": "repaired",
        "cut_ingest": "left", "orphan": "repaired", "symbolic_link": "repaired"}
    assert young.exists() and old.exists()
    assert damaged_bytes in [path.read_bytes() for path in quarantined(server) if not path.is_symlink()]
    assert served(server, renamed).content == renamed["content"]
    again = server.session().get(f"{server.api}/images/{STUDY}.1.8/")
    assert again.status_code == 200, "of a time that the index knows nothing of: it may have been acknowledged"

    assert kinds(verify(server, code=1)) == ["cut_ingest", "missing_blob"]
    answer = server.session().post(server.api + "/images/", data=flipped["content"],
                                   headers={"Content-Type": "application/dicom"})
    assert answer.status_code == 200, answer.text
    assert served(server, flipped).content == flipped["content"]
    assert kinds(verify(server, code=0)) == ["cut_ingest"]


def test_a_repair_that_was_killed_is_finished_by_the_next(tmp_path):
    with ArchiveServer(tmp_path) as server:
        images = [store(server, number) for number in range(1, 31)]
        for image in images[:20]:
            flip_a_bit(image["path"])
        for number in range(100, 140):
            flip_a_bit(leave_cut_ingest(server, images[-1], number))
        expected = 20 + 40
        command = subprocess.Popen([str(find_binary()), "verify", "--repair"], env=server.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not 0 < len(quarantined(server)) < expected and time.monotonic() < deadline:
            time.sleep(0.0005)
        server.kill()
        command.wait(timeout=60)
        assert 0 < len(quarantined(server)), "the kill came too early to show anything"
        server.start()
        verify(server, "--repair", code=1)
        assert len(quarantined(server)) == expected, "each moved once, none lost"
        assert kinds(verify(server, code=1)) == ["missing_blob"] * 20
        for image in images[20:]:
            assert served(server, image).content == image["content"]


def test_the_server_verifies_by_itself_and_remembers_after_kill(tmp_path):
    def errors(server):
        for line in server.session().get(server.url + "/metrics").text.splitlines():
            if line.startswith('pacs_lite_verify_errors{pass="hashes"}'):
                return float(line.split()[-1])
        return None

    with ArchiveServer(tmp_path, PACS_LITE_VERIFY_HASHES_SECONDS="1", PACS_LITE_VERIFY_PRESENCE_SECONDS="0") as server:
        flip_a_bit(store(server, 1)["path"])
        deadline = time.monotonic() + 30
        while errors(server) != 1 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert errors(server) == 1
        shown = server.session().get(server.url + "/api/v1/archive/verify/").json()
        assert shown["trigger"] == "schedule" and not shown["repair"]
        time.sleep(2.5)  # progress is kept every two seconds, and at the end of a pass
        server.kill()
        server.environment["PACS_LITE_VERIFY_HASHES_SECONDS"] = "86400"
        server.start()
        assert errors(server) == 1, "known before anything was verified again"


def test_exit_codes(tmp_path):
    server = ArchiveServer(tmp_path)
    assert server.command("verify").returncode == 3, "no archive there"
    assert server.command("verify", "--hashes-only").returncode == 2
    with server:
        done = server.command("verify")
        assert done.returncode == 0 and "0 findings" in done.stdout
        (server.media / "radiology").mkdir(exist_ok=True)
        (server.media / "radiology/readme.txt").write_text("no image")
        done = server.command("verify")
        assert done.returncode == 1 and "foreign_file  radiology/readme.txt" in done.stdout
