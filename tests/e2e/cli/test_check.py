"""`pacs-lite check`: each finding has its remedy, and the exit code tells whether there is an error."""
import contextlib
import functools
import glob
import http.server
import json
import os
import sqlite3
import subprocess
import threading

import pytest

import dicom_files
from archive_server import ArchiveServer, find_binary, free_port

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


def findings(server, *arguments):
    done = server.command("check", "--json", *arguments)
    report = json.loads(done.stdout)
    assert done.returncode == (1 if report["errors"] else 0)
    for finding in report["findings"]:
        assert finding["severity"] in ("ok", "skipped") or finding["remedy"], finding
    return {finding["subject"]: finding for finding in report["findings"]}


@pytest.fixture
def archive(tmp_path):
    """Not started yet."""
    server = ArchiveServer(tmp_path)
    yield server
    server.stop()


def test_before_the_first_start_all_that_is_needed_is_said_to_come(archive):
    found = findings(archive)
    assert not [f for f in found.values() if f["severity"] == "error"]
    assert "will be made by the first start" in found["data folder"]["text"]
    assert found["server"]["severity"] == "skipped"
    assert not archive.data.exists(), "a check changes nothing"


def test_a_running_server_is_found_ready(archive):
    archive.start()
    found = findings(archive)
    assert found["server"] == {"severity": "ok", "subject": "server", "remedy": None,
                               "text": f"process {archive.pid} is ready"}
    assert found["index"]["severity"] == "ok" and "write-ahead log" in found["index"]["text"]
    assert found["URL signing keys"]["severity"] == "ok"
    assert "mode 0700" in found["data folder"]["text"]
    lines = archive.command("check").stdout
    assert "0 errors" in lines and "data folder" in lines


def test_an_unsigned_url_must_be_refused_by_this_server(archive):
    archive.start()
    archive.session().post(archive.api + "/images/", data=dicom_files.ct_slice(),
                           headers={"Content-Type": "application/dicom"}).raise_for_status()
    found = findings(archive, "--public-url", archive.url)
    assert found["unsigned URL"]["severity"] == "ok", found["unsigned URL"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *unused):
        pass


class MediaServer(Quiet):
    """What a careless `location /media/ { alias MEDIA_ROOT; }` does."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/media"))


class Redirecting(Quiet):
    def do_GET(self):
        self.send_response(301)
        self.send_header("Location", "https://pacs.example" + self.path)
        self.end_headers()


class Nothing(Quiet):
    def do_GET(self):
        self.send_error(404)


@pytest.mark.parametrize("handler, says", [
    (MediaServer, "anybody can read the images"),
    (Redirecting, "a redirect to https://pacs.example/media/"),
    (Nothing, "answers 404"),
])
def test_a_web_server_in_front_that_answers_itself_is_an_error(archive, handler, says):
    archive.start()
    archive.session().post(archive.api + "/images/", data=dicom_files.ct_slice(),
                           headers={"Content-Type": "application/dicom"}).raise_for_status()
    front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(archive.media)))
    threading.Thread(target=front.serve_forever, daemon=True).start()
    try:
        found = findings(archive, "--public-url", f"http://127.0.0.1:{front.server_port}")
    finally:
        front.shutdown()
        front.server_close()
    assert found["unsigned URL"]["severity"] == "error"
    assert says in found["unsigned URL"]["text"]


def test_a_public_url_that_nobody_answers_is_an_error(archive):
    found = findings(archive, "--public-url", f"http://127.0.0.1:{free_port()}")
    assert found["unsigned URL"]["severity"] == "error"
    assert "cannot be reached" in found["unsigned URL"]["text"]


def test_what_others_may_do_is_found(archive):
    archive.start()
    archive.stop()
    keys = next(path for path in archive.data.iterdir() if "signing" in path.name)
    os.chmod(keys, 0o644)
    os.chmod(archive.data, 0o755)
    os.chmod(archive.media, 0o2777)
    found = findings(archive)
    assert found["URL signing keys"]["severity"] == "error"
    assert f"chmod 600 {keys}" in found["URL signing keys"]["remedy"]
    assert found["data folder"]["severity"] == "warning"
    assert found["media root"]["severity"] == "error"
    assert f"chmod o-w {archive.media}" in found["media root"]["remedy"]


def test_a_damaged_index_is_found_without_being_touched(archive):
    archive.start()
    archive.stop()
    index = archive.data / "index.db"
    index.write_bytes(b"no database" + index.read_bytes()[11:])
    before = index.read_bytes()
    assert findings(archive)["index"]["severity"] == "error"
    assert index.read_bytes() == before


def test_an_index_that_another_program_has_opened_is_found(archive):
    archive.start()
    archive.stop()
    index = archive.data / "index.db"
    with contextlib.closing(sqlite3.connect(index)) as database:
        assert database.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    found = findings(archive)["index"]
    assert found["severity"] == "warning" and "not in write-ahead mode" in found["text"]
    archive.start()
    assert findings(archive)["index"]["severity"] == "ok", "the remedy helps"
    archive.stop()
    index.chmod(0o644)
    found = findings(archive)["index"]
    assert found["severity"] == "error" and found["remedy"] == f"run: chmod 600 {index}"


def test_too_few_open_files_for_the_connections_are_found(archive):
    def found_with(files):
        done = subprocess.run(["prlimit", f"--nofile={files}", str(find_binary()), "check", "--json", "--max-connections", "500"],
                              env=archive.environment, capture_output=True, text=True, timeout=60)
        return next(f for f in json.loads(done.stdout)["findings"] if f["subject"] == "open files")

    few = found_with(1000)
    assert few["severity"] == "warning" and "LimitNOFILE=1524" in few["remedy"]
    assert found_with(1524)["severity"] == "ok"


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
def test_a_clock_that_cannot_be_right_is_found(archive):
    archive.environment.update(LD_PRELOAD=FAKETIME, FAKETIME="@2021-03-04 05:06:07", FAKETIME_DONT_RESET="1")
    found = findings(archive)["clock"]
    assert found["severity"] == "error" and found["text"].startswith("says 2021-03-04T") and "NTP" in found["remedy"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting takes root")
@pytest.mark.parametrize("inodes, severity", [(900, "error"), (5_000, "warning"), (20_000, "ok")])
def test_few_inodes_are_found(tmp_path, inodes, severity):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"nr_inodes={inodes},size=64m", "tmpfs", str(place)],
                             capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    try:
        (place / "media").mkdir()
        found = findings(ArchiveServer(tmp_path, MEDIA_ROOT=str(place / "media")))["media root inodes"]
        assert found["severity"] == severity, found
        assert f" of {inodes} inodes free" in found["text"]
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_folder_that_cannot_be_made_is_found(tmp_path):
    server = ArchiveServer(tmp_path, MEDIA_ROOT=str(tmp_path / "not" / "there" / "media"))
    found = findings(server)
    assert found["media root"]["severity"] == "error"
    assert f"mkdir -p {tmp_path}/not/there" in found["media root"]["remedy"]


def test_wrong_settings_are_findings(tmp_path):
    server = ArchiveServer(tmp_path, MEDIA_URL="/static/files/")
    found = findings(server)
    assert found["MEDIA_URL"]["severity"] == "error"
    assert "overlaps STATIC_URL" in found["MEDIA_URL"]["text"]
