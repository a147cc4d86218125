"""Which fsyncs come before each acknowledgement, watched from outside with strace: ext4 and XFS forgive
a missing fsync of a folder in a simulated power cut, the contract does not."""
import hashlib
import re
import shutil
import uuid

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

CALLS = "trace=fsync,fdatasync,linkat,mkdirat,renameat,renameat2,unlinkat,sendto"

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")


SYNC = ("fsync", "fdatasync")
RENAME = ("renameat", "renameat2")


def is_call(line, calls) -> bool:
    """The beginning of one."""
    return re.match(r"\d+\s+(\w+)\(", line) is not None and re.match(r"\d+\s+(\w+)\(", line).group(1) in calls


def returned(lines, begun) -> int:
    """Where a call has come back that another thread's may have interrupted in the trace."""
    if "<unfinished" not in lines[begun]:
        return begun
    thread = lines[begun].split(None, 1)[0]
    return next(i for i in range(begun + 1, len(lines)) if lines[i].split(None, 1)[0] == thread and "resumed>" in lines[i])


class Trace:
    """What the server did, as (call, path) in the order in which the calls returned."""

    def __init__(self, path, media, index):
        self.media, self.index = str(media), str(index)
        self.lines = path.read_text(errors="replace").splitlines()

    def answers(self):
        """Where those leave that say 200 or 201."""
        return [i for i, line in enumerate(self.lines) if re.search(r'sendto\(.*"HTTP/1\.1 20[01]', line)]

    def answer_count(self):
        return len(self.answers())

    def before_answer(self, answer_number):
        """The calls between the answer before and this one."""
        answers = self.answers()
        start = answers[answer_number - 1] if answer_number else 0
        return self.lines[start:answers[answer_number]]

    def synced_files_and_folders(self, lines):
        synced, pending = [], {}
        for line in lines:
            pid = line.split(None, 1)[0]
            whole = re.search(r"(?:fsync|fdatasync)\(\d+<([^>]*)>(?:\(deleted\))?\)\s+= 0", line)
            begun = re.search(r"(?:fsync|fdatasync)\(\d+<([^>]*)>.*<unfinished", line)
            if whole:
                synced.append(whole.group(1))
            elif begun:
                pending[pid] = begun.group(1)
            elif re.search(r"<\.\.\. f(?:data)?sync resumed>.*= 0", line) and pid in pending:
                synced.append(pending.pop(pid))
        return synced

    def assert_order(self, answer_number, steps):
        """Each of these calls returned behind the one before, and all of them before the answer. A step is the
        name of a call, or several, and what its line holds."""
        lines = self.before_answer(answer_number)
        text = "\n".join(lines)
        at = 0
        for calls, part in steps:
            found = next((i for i in range(at, len(lines)) if is_call(lines[i], calls) and part in lines[i]), None)
            assert found is not None, f"no {calls} of {part} behind line {at}, before the acknowledgement:\n{text}"
            at = returned(lines, found) + 1

    def assert_durable_before(self, answer_number, key, new_folders):
        lines = self.before_answer(answer_number)
        text = "\n".join(lines)
        published = next((i for i, line in enumerate(lines) if "linkat(" in line and key.rsplit("/", 1)[1] in line), None)
        assert published is not None, f"{key} was not published before its acknowledgement:\n{text}"
        before, after = (self.synced_files_and_folders(part) for part in (lines[:published], lines[published:]))
        assert any(path.startswith(f"{self.media}/") and "radiology/" not in path for path in before), \
            f"the staged file was not synced before it was published:\n{text}"
        image_folder = f"{self.media}/{key.rsplit('/', 1)[0]}"
        assert image_folder in after, f"the folder of the image was not synced after it was published:\n{text}"
        for folder in new_folders:
            assert folder in before + after, f"{folder} was not synced:\n{text}"
        wal = [i for i, line in enumerate(lines) if re.search(r"sync\(\d+<[^>]*index\.db-wal>", line)]
        assert wal and wal[-1] > published, f"the row was not synced after the publish:\n{text}"


def traced_server(tmp_path):
    tmp_path = tmp_path.resolve()
    trace = tmp_path / "trace"
    server = ArchiveServer(tmp_path, wrapper=["strace", "-f", "-y", "-s", "32", "-e", CALLS, "-o", str(trace)])
    return server, trace


def test_one_step_upload(tmp_path):
    server, trace = traced_server(tmp_path)
    study, series = dicom_files.new_uid(), dicom_files.new_uid()
    with server:
        session = server.session()
        requests.get(server.url + "/healthz")
        keys = []
        for number in range(2):
            content = dicom_files.ct_slice(study_uid=study, series_uid=series, seed=number, instance_number=number)
            answer = session.post(server.api + "/images/", files={"file": (f"slice-{number}.dcm", content)})
            assert answer.status_code == 201, answer.text
            keys.append(answer.json()["file_key"])
    seen = Trace(trace, server.media, server.data / "index.db")
    first = next(i for i in range(100) if any("slice-0.dcm" in line for line in seen.before_answer(i)))
    root = f"{server.media}/radiology"
    seen.assert_durable_before(first, keys[0], [root, f"{root}/{study}", f"{root}/{study}/{series}"])
    seen.assert_durable_before(first + 1, keys[1], [f"{root}/{study}/{series}"])


def test_offline_upload(tmp_path):
    server, trace = traced_server(tmp_path)
    content = dicom_files.ct_slice()
    image_uuid = str(uuid.uuid4())
    with server:
        session = server.session()
        announced = session.post(server.api + "/offline-images/upload-metadata/", json={
            "image_uuid": image_uuid, "radiology_order_id": 12, "filename": "offline.dcm", "file_size": len(content),
            "mime_type": "application/dicom", "checksum": hashlib.sha256(content).hexdigest()})
        assert announced.status_code == 201, announced.text
        uploaded = session.post(server.api + "/offline-images/upload-binary/", data={"image_uuid": image_uuid},
                                files={"file": ("offline.dcm", content)})
        assert uploaded.status_code == 201, uploaded.text
        acknowledged = session.post(server.api + "/offline-images/acknowledge/", json={"image_uuid": image_uuid})
        assert acknowledged.status_code == 200, acknowledged.text
    seen = Trace(trace, server.media, server.data / "index.db")
    binary = next(i for i in range(100) if any("offline.dcm" in line and "linkat" in line for line in seen.before_answer(i)))
    seen.assert_durable_before(binary, uploaded.json()["file_key"], [])
    for answer in (binary - 1, binary + 1):  # metadata, acknowledgement
        assert any("index.db-wal" in path for path in seen.synced_files_and_folders(seen.before_answer(answer))), \
            "the state was not synced before it was told"


def test_removal_and_both_ways_back(tmp_path):
    """A tombstone is there before its image is gone, and gone before the image is told to be back."""
    server, trace = traced_server(tmp_path)
    content = dicom_files.ct_slice()
    with server:
        session = server.session()
        answer = session.post(server.api + "/images/", files={"file": ("slice.dcm", content)})
        assert answer.status_code == 201, answer.text
        image = f"{server.api}/images/{answer.json()['id']}/"
        for bring_back in (lambda: session.post(image + "restore/"),
                           lambda: session.post(server.api + "/images/", files={"file": ("slice.dcm", content)})):
            removed = session.delete(image)
            assert removed.status_code == 200, removed.text
            back = bring_back()
            assert back.status_code == 200, back.text
    seen = Trace(trace, server.media, server.data / "index.db")
    tombstones = f"{server.media}/.pacs-lite/tombstones"
    removals = [i for i in range(seen.answer_count()) if any(is_call(line, RENAME) for line in seen.before_answer(i))]
    assert len(removals) == 2, removals
    for removal in removals:
        seen.assert_order(removal, [(SYNC, "index.db-wal>"), (SYNC, f"<{tombstones}/"), (RENAME, f"<{tombstones}>"),
                                    (SYNC, f"<{tombstones}>"), (SYNC, "index.db-wal>")])
        seen.assert_order(removal + 1, [(SYNC, "index.db-wal>"), (("unlinkat",), f"<{tombstones}>"),
                                        (SYNC, f"<{tombstones}>")])


def test_an_upload_that_begins_with_its_first_piece(tmp_path):
    server, trace = traced_server(tmp_path)
    content = dicom_files.ct_slice()
    with server:
        answer = server.session().post(server.api + "/uploads/", data=content[:1000], headers={
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)),
            "Content-Type": "application/offset+octet-stream"})
        assert answer.status_code == 201, answer.text
        assert answer.headers["Upload-Offset"] == "1000"
    seen = Trace(trace, server.media, server.data / "index.db")
    staging = f"{server.media}/.pacs-lite/staging"
    seen.assert_order(seen.answer_count() - 1, [(SYNC, f"<{staging}/"), (("linkat",), staging), (SYNC, f"<{staging}>"),
                                                (SYNC, "index.db-wal>")])
