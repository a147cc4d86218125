"""What cannot be seen over HTTP: that a plain fetch is sent by the kernel, and that commits which wait share an fsync."""
import concurrent.futures
import hashlib
import re
import shutil
import uuid

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
SENDERS = 16
FSYNC_DELAY_MICROSECONDS = 100_000  # long enough for all of the senders to come and wait


def traced_server(folder, *arguments):
    """The server under strace, and the lines that it has written so far."""
    trace = folder / "trace"
    wrapper = ["strace", "-f", "-y", "-qq", "-s", "16", *arguments, "-o", str(trace)]
    server = ArchiveServer(folder.resolve(), wrapper=wrapper)
    return server, lambda: trace.read_text(errors="replace").splitlines()


def test_a_plain_fetch_is_sent_by_sendfile(tmp_path):
    server, lines = traced_server(tmp_path, "-e", "trace=sendfile,sendto,writev,sendmsg")
    with server:
        content = dicom_files.ct_slice(rows=512, columns=512)
        session = server.session()
        image = session.post(server.api + "/images/", files={"file": ("a.dcm", content)}).json()
        url = session.get(f"{server.api}/images/{image['id']}/url/").json()["image_url"]
        before = len(lines())
        assert requests.get(url).content == content
        assert requests.get(url, headers={"Range": "bytes=1000-200999"}).content == content[1000:201_000]
    calls = [line for line in lines()[before:] if re.search(r"sendfile\(|sendfile resumed", line)]
    from_file = [line for line in calls if image["file_key"].rsplit("/", 1)[1] in line]
    assert from_file, "\n".join(lines()[before:])
    moved = sum(int(found.group(1)) for line in calls if (found := re.search(r"\)\s+= (\d+)$", line)))
    assert moved == len(content) + 200_000


def announce(server, session):
    content = uuid.uuid4().bytes
    answer = session.post(server.api + "/offline-images/upload-metadata/", json={
        "image_uuid": str(uuid.uuid4()), "radiology_order_id": 7, "file_size": len(content),
        "checksum": hashlib.sha256(content).hexdigest()})
    assert answer.status_code == 201, answer.text


def test_commits_that_wait_share_an_fsync(tmp_path):
    server, lines = traced_server(tmp_path, "-e", "trace=fsync,fdatasync",
                                  "-e", f"inject=fsync,fdatasync:delay_exit={FSYNC_DELAY_MICROSECONDS}")

    def syncs_of_the_log():
        return sum(bool(re.search(r"sync\(\d+<[^>]*/index\.db-wal>", line)) for line in lines())

    with server:
        sessions = [server.session() for _ in range(SENDERS)]
        for session in sessions:  # connected, and each of them known
            assert session.get(server.api + "/studies/").status_code == 200
        begin = syncs_of_the_log()
        for session in sessions[:4]:
            announce(server, session)
        one_after_the_other = syncs_of_the_log() - begin
        assert one_after_the_other >= 4, "each has its own, or this counts nothing"
        begin = syncs_of_the_log()
        with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
            for done in [pool.submit(announce, server, session) for session in sessions]:
                done.result()
        together = syncs_of_the_log() - begin
    assert 1 <= together < SENDERS, f"{together} for {SENDERS} commits"
