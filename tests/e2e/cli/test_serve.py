"""Starting, stopping, and everything that must keep a server from starting."""
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer, clean_environment, find_binary


@pytest.fixture
def archive(tmp_path):
    server = ArchiveServer(tmp_path)
    yield server
    server.stop()


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_an_archive_that_is_closed_to_others(archive):
    archive.start()
    assert mode_of(archive.data) == 0o700
    for name in ("admin-token", "pacs-lite.sock", "index.db", "lock"):
        assert mode_of(archive.data / name) == 0o600, name
    assert archive.token in archive.log()
    assert requests.get(archive.api + "/studies/").status_code == 401
    assert archive.session().get(archive.api + "/studies/").status_code == 200
    archive.stop()
    archive.log_path.unlink()
    archive.start()
    assert archive.token not in archive.log(), "the token is shown once"
    assert archive.session().get(archive.api + "/studies/").status_code == 200


def test_a_second_server_is_told_who_owns_the_data_folder(archive):
    archive.start()
    second = archive.command("serve", "--listen", "127.0.0.1:0")
    assert second.returncode == 1
    assert f"pid {archive.pid})" in second.stderr
    assert archive.session().get(archive.api + "/studies/").status_code == 200


def test_an_address_in_use_is_said_to_be(archive, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = archive.command("serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert done.returncode == 1
    assert "error: " in done.stderr
    archive.start()  # the failed start has let go of everything


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_requests_in_flight_finish(archive, number):
    archive.start()
    content = dicom_files.ct_slice(rows=256, columns=256)
    answers = []

    def slow_body():
        for begin in range(0, len(content), 16_384):
            yield content[begin:begin + 16_384]
            time.sleep(0.1)

    def upload():
        answers.append(archive.session().post(archive.api + "/images/", data=slow_body(),
                                              headers={"Content-Type": "application/dicom"}))

    sender = threading.Thread(target=upload)
    sender.start()
    time.sleep(0.4)
    os.kill(archive.pid, number)
    sender.join()
    assert answers[0].status_code == 201, answers[0].text
    assert archive.process.wait(timeout=30) == 0
    archive.start()
    uid = answers[0].json()["image_uid"]
    assert archive.session().get(f"{archive.api}/images/{uid}/").status_code == 200


def test_a_second_signal_ends_at_once(archive):
    archive.start()
    with socket.create_connection(("127.0.0.1", archive.port)) as stalled:
        stalled.sendall(b"POST /api/v1/radiology/images/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
                        b"Content-Type: application/dicom\r\nAuthorization: Bearer " + archive.token.encode() + b"\r\n\r\n")
        time.sleep(0.3)
        os.kill(archive.pid, signal.SIGTERM)
        time.sleep(0.3)
        assert archive.process.poll() is None, "it waits for the request"
        os.kill(archive.pid, signal.SIGTERM)
        assert archive.process.wait(timeout=5) == 128 + signal.SIGTERM


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
                   check=True, capture_output=True)


def served_certificate(port):
    return ssl.get_server_certificate(("127.0.0.1", port))


def start_with_tls(folder, name):
    """The server, ready, and its address."""
    make_certificate(folder, name)
    server = ArchiveServer(folder, PACS_LITE_TLS_CERTIFICATE=str(folder / "cert.pem"), PACS_LITE_TLS_KEY=str(folder / "key.pem"))
    server.launch()
    url = f"https://127.0.0.1:{server.port}"
    for _ in range(200):
        if "is ready at" in server.log():
            break
        time.sleep(0.05)
    assert f"is ready at {url}" in server.log()
    return server, url


def negotiated(port, version):
    """The version that a client gets which speaks this one alone, and would take it as weak as it may be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, context.wrap_socket(plain) as wrapped:
        return wrapped.version()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_below_1_2_is_refused(tmp_path):
    server, _ = start_with_tls(tmp_path, "x")
    try:
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with pytest.raises(ssl.SSLError, match="alert protocol version"):
                negotiated(server.port, version)
        assert negotiated(server.port, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        assert negotiated(server.port, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    finally:
        server.stop()


def test_sighup_reads_the_certificate_again(tmp_path):
    server, url = start_with_tls(tmp_path, "first")
    first = (tmp_path / "cert.pem").read_text()
    try:
        assert requests.get(url + "/healthz", verify=str(tmp_path / "cert.pem")).status_code == 200
        assert served_certificate(server.port).strip() == first.strip()

        make_certificate(tmp_path, "second")
        second = (tmp_path / "cert.pem").read_text()
        server.process.send_signal(signal.SIGHUP)
        for _ in range(100):
            if served_certificate(server.port).strip() == second.strip():
                break
            time.sleep(0.05)
        assert served_certificate(server.port).strip() == second.strip()

        (tmp_path / "cert.pem").write_text("damaged")
        server.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert served_certificate(server.port).strip() == second.strip(), "the old one stays in use"

        link = server.command("token", "create", "--name", "x", "--role", "reader")
        assert link.returncode == 0, "commands come over the socket, which has no TLS"
    finally:
        server.stop()


def test_an_unmounted_disk_is_not_an_empty_archive(archive, tmp_path):
    archive.start()
    archive.stop()
    archive.media.rename(tmp_path / "unmounted")
    archive.media.mkdir()
    refused = archive.command("serve")
    assert refused.returncode == 1
    assert "is its disk mounted" in refused.stderr
    shutil.rmtree(archive.media)
    (tmp_path / "unmounted").rename(archive.media)
    archive.start()


def test_two_archives_are_not_mixed(archive, tmp_path):
    archive.start()
    archive.stop()
    other = ArchiveServer(tmp_path / "other")
    with other:
        pass
    mixed = archive.command("serve", "--media-root", str(other.media))
    assert mixed.returncode == 1 and "do not belong together" in mixed.stderr
    without_index = archive.command("serve", "--data", str(tmp_path / "new"))
    assert without_index.returncode == 1 and "the index is empty" in without_index.stderr
    listed = archive.command("list", "--media-root", str(other.media))
    assert listed.returncode == 3, "no command works on two archives at once either"


def test_a_data_folder_with_a_very_long_path_works(tmp_path):
    folder = tmp_path / ("f" * 100) / ("g" * 60)
    folder.mkdir(parents=True)
    with ArchiveServer(folder) as server:
        assert server.command("list").returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_another_user_is_sent_away(archive):
    archive.start()
    done = subprocess.run([str(find_binary()), "list"], env=archive.environment, capture_output=True, text=True, user=65534,
                          group=65534, extra_groups=[], cwd="/")
    assert done.returncode == 3, done.stderr
    assert "run the command as the user of the server" in done.stderr


def test_a_failed_fsync_ends_the_process_so_that_it_is_started_anew(tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    server = ArchiveServer(tmp_path, wrapper=["strace", "-f", "-qq", "-o", str(tmp_path / "trace"), "-e",
                                              "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=40+"])
    server.start()
    session = server.session()
    code = 201
    for number in range(300):
        try:
            answer = session.post(server.api + "/images/", data=dicom_files.ct_slice(seed=number),
                                  headers={"Content-Type": "application/dicom"}, timeout=20)
        except requests.RequestException:
            break
        code = answer.status_code
        if code != 201:
            break
    assert code != 201 or server.process.poll() is not None
    assert server.process.wait(timeout=30) == 1
    assert "restart_required" in server.log()


def test_log_lines_are_json_when_asked_for(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_LOG_FORMAT="json") as server:
        requests.get(server.url + "/healthz")
    lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    assert any(line.get("event") == "ready" for line in lines), lines[:2]


def requests_in_the_log(server):
    lines = [json.loads(line) for line in server.log_path.read_text().splitlines() if line.startswith("{")]
    return {line["request_id"]: line for line in lines if line.get("event") == "http_request"}


def test_the_id_in_an_answer_finds_its_line_in_the_log(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_LOG_FORMAT="json") as server:
        found = server.session().get(server.api + "/studies/")
        missing = server.session().get(server.api + "/studies/4711/")
    assert missing.json()["request_id"] == missing.headers["X-Request-Id"]
    logged = requests_in_the_log(server)
    for answer, status in ((found, 200), (missing, 404)):
        line = logged[answer.headers["X-Request-Id"]]
        assert (line["method"], line["status"], line["complete"]) == ("GET", status, True)
        assert line["bytes"] == len(answer.content)
    assert logged[missing.headers["X-Request-Id"]]["route"] == "/api/v1/radiology/studies/{id}/"


def test_who_is_turned_away_by_a_full_server_is_in_its_log_too(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_LOG_FORMAT="json", PACS_LITE_MAX_CONNECTIONS="2") as server:
        held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
        answer = requests.get(server.api + "/studies/", timeout=20)
        for client in held:
            client.close()
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert requests_in_the_log(server)[answer.headers["X-Request-Id"]]["status"] == 503


def test_only_what_stores_makes_an_archive(tmp_path):
    """In a folder without settings: the default is ./data."""

    def run(*arguments):
        return subprocess.run([str(find_binary()), *arguments], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True)

    (tmp_path / "a.dcm").write_bytes(dicom_files.ct_slice())
    for arguments in (["list"], ["show", "1.2.3"], ["token", "list"], ["url", "1.2.3"]):
        done = run(*arguments)
        assert done.returncode == 3, done.stderr
        assert f"there is no archive in {tmp_path}/data" in done.stderr
        assert not (tmp_path / "data").exists()
    assert run("import", "a.dcm").returncode == 0
    assert "CT HEAD" in run("list").stdout
    assert list((tmp_path / "data" / "media" / "radiology").rglob("a.dcm"))
