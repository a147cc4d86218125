# labels: e2e concurrency
# timeout: 300
"""Uploads in pieces by tus 1.0: every rule of the protocol, then kill -9, dead connections and a full disk."""
import base64
import hashlib
import random
import socket
import subprocess
import threading
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer
from checked_api import CheckedApi, new_uuid

PIECE = "application/offset+octet-stream"


def encode(**metadata) -> str:
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in metadata.items())


def checksum(algorithm: str, content: bytes) -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


class Tus:
    """One client; every answer is held against the OpenAPI document and the rules for all answers."""

    def __init__(self, api: CheckedApi):
        self.api = api

    def request(self, method, path, headers=None, **options):
        answer = self.api.request(method, path, headers={"Tus-Resumable": "1.0.0", **(headers or {})}, **options)
        if method != "OPTIONS":
            assert answer.headers["Tus-Resumable"] == "1.0.0", "in every answer but that to OPTIONS"
        return answer

    def begin(self, length, body=b"", headers=None, **metadata):
        headers = {"Upload-Length": str(length), **(headers or {})}
        if metadata:
            headers["Upload-Metadata"] = encode(**metadata)
        if body:
            headers["Content-Type"] = PIECE
        return self.request("POST", "uploads/", headers, data=body)

    def begun(self, length, **metadata) -> str:
        answer = self.begin(length, **metadata)
        assert answer.status_code == 201, answer.text
        assert answer.headers["Location"].startswith("http")
        return answer.headers["Location"]

    def patch(self, url, offset, body, headers=None):
        return self.request("PATCH", url, {"Upload-Offset": str(offset), "Content-Type": PIECE, **(headers or {})},
                            data=body)

    def head(self, url):
        return self.request("HEAD", url)

    def offset(self, url) -> int:
        answer = self.head(url)
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["Cache-Control"] == "no-store"
        return int(answer.headers["Upload-Offset"])

    def outcome(self, url) -> dict:
        return self.api.get(url).json()

    def stored(self, url, content) -> dict:
        """The image that the upload has become, fetched and compared."""
        outcome = self.outcome(url)
        assert outcome["status"] == "STORED", outcome
        assert outcome["offset"] == outcome["length"] == len(content)
        assert outcome["image"]["checksum"] == dicom_files.sha256(content)
        link = self.api.get(f"images/{outcome['image']['image_uid']}/url/").json()["image_url"]
        assert requests.get(link, timeout=30).content == content
        return outcome


@pytest.fixture(scope="module")
def tus(technician):
    return Tus(technician)


# -- the rules of the protocol -------------------------------------------------------------------

def test_options_tells_what_the_server_knows_to_anybody(anybody, shared_server):
    for path in ("uploads/", "uploads/0123/"):
        answer = anybody.request("OPTIONS", path)
        assert answer.status_code == 200
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert set(answer.headers["Tus-Extension"].split(",")) == {
            "creation", "creation-with-upload", "checksum", "expiration", "termination"}
        assert "sha1" in answer.headers["Tus-Checksum-Algorithm"].split(",")
        assert answer.headers["Tus-Max-Size"] == str(4 << 30)
        assert "Tus-Resumable" not in answer.headers


def test_pieces_become_an_image(tus):
    content = dicom_files.ct_slice(rows=128, columns=128)
    url = tus.begun(len(content), filename="a b.dcm", radiology_order_id=5)
    assert tus.offset(url) == 0
    offset = 0
    for size in (1, 999, 1000, 20_000):
        answer = tus.patch(url, offset, content[offset:offset + size])
        offset += size
        assert answer.status_code == 204 and answer.headers["Upload-Offset"] == str(offset)
        assert "Upload-Expires" in answer.headers
        assert tus.offset(url) == offset
    head = tus.head(url)
    assert head.headers["Upload-Length"] == str(len(content))
    assert head.headers["Upload-Metadata"] == encode(filename="a b.dcm", radiology_order_id=5), "word for word"
    last = tus.patch(url, offset, content[offset:])
    assert last.status_code == 204 and last.headers["Upload-Offset"] == str(len(content))
    outcome = tus.stored(url, content)
    assert outcome["image"]["filename"] == "a_b.dcm" and outcome["image"]["radiology_order_id"] == 5
    assert outcome["receipt"]["sha256"] == dicom_files.sha256(content)


def test_a_lost_last_answer_is_learned_later(tus):
    content = dicom_files.ct_slice()
    url = tus.begun(len(content))
    assert tus.patch(url, 0, content).status_code == 204
    assert tus.offset(url) == len(content)
    again = tus.patch(url, len(content), b"")
    assert again.status_code == 204 and again.headers["Upload-Offset"] == str(len(content))
    assert tus.patch(url, 0, content).status_code == 409
    assert tus.outcome(url) == tus.stored(url, content)


def test_creation_with_upload(tus):
    content = dicom_files.ct_slice()
    part = tus.begin(len(content), content[:500])
    assert part.status_code == 201 and part.headers["Upload-Offset"] == "500"
    url = part.headers["Location"]
    assert tus.patch(url, 500, content[500:]).status_code == 204
    tus.stored(url, content)
    whole = tus.begin(len(content), content)
    assert whole.status_code == 201 and whole.headers["Upload-Offset"] == str(len(content))
    assert whole.json()["image"] == tus.stored(url, content)["image"], "the same image"


@pytest.mark.parametrize("headers, status", [
    ({}, 400),
    ({"Upload-Length": "-1"}, 400),
    ({"Upload-Length": "ten"}, 400),
    ({"Upload-Length": "1e3"}, 400),
    ({"Upload-Length": "99999999999999999999999"}, 400),
    ({"Upload-Length": str((4 << 30) + 1)}, 413),
    ({"Upload-Length": "0"}, 422),
    ({"Upload-Defer-Length": "1"}, 400),
    ({"Upload-Length": "10", "Upload-Concat": "partial"}, 400),
    ({"Upload-Length": "10", "Upload-Metadata": "filename ?"}, 400),
    ({"Upload-Length": "10", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
    ({"Upload-Length": "10", "Upload-Metadata": encode(image_uuid="7")}, 400),
    ({"Upload-Length": "10", "Upload-Metadata": encode(study_uid="../7")}, 400),
    ({"Upload-Length": "10", "Upload-Metadata": encode(file_size=11)}, 422),
    ({"Upload-Length": "10", "Tus-Resumable": "0.2.2"}, 412),
])
def test_a_creation_that_is_wrong_is_refused(tus, headers, status):
    refused = tus.request("POST", "uploads/", headers)
    assert refused.status_code == status, refused.text
    assert isinstance(refused.json()["detail"], str)
    if status == 412:
        assert refused.headers["Tus-Version"] == "1.0.0"


def test_pieces_that_are_wrong_are_refused_and_change_nothing(tus):
    content = dicom_files.ct_slice()
    url = tus.begun(len(content))
    assert tus.patch(url, 0, content[:100]).status_code == 204
    for headers, body, status in [
        ({"Upload-Offset": "99"}, b"x", 409),
        ({"Upload-Offset": "101"}, b"x", 409),
        ({"Upload-Offset": "0"}, content, 409),
        ({"Upload-Offset": "-100"}, b"x", 400),
        ({"Upload-Offset": ""}, b"x", 400),
        ({"Upload-Offset": "100", "Content-Type": "application/octet-stream"}, b"x", 415),
        ({"Upload-Offset": "100", "Tus-Resumable": "1.0.1"}, b"x", 412),
        ({"Upload-Offset": "100"}, content, 413),
        ({"Upload-Offset": "100", "Upload-Checksum": "crc32 AAAA"}, b"x", 400),
        ({"Upload-Offset": "100", "Upload-Checksum": "sha1 AAAA"}, b"x", 400),
        ({"Upload-Offset": "100", "Upload-Checksum": checksum("sha1", b"y")}, b"x", 460),
        ({"Upload-Offset": "100", "Upload-Checksum": checksum("sha256", b"y")}, b"x", 460),
    ]:
        refused = tus.patch(url, 0, body, headers)
        assert refused.status_code == status, (headers, refused.status_code, refused.text)
        assert tus.offset(url) == 100
    assert tus.patch(url, 0, content, {"Upload-Offset": "100"}).json()["code"] == "piece_too_long"
    missing = tus.request("PATCH", url, {"Content-Type": PIECE}, data=b"x")
    assert missing.status_code == 400
    assert tus.patch(url, 100, content[100:]).status_code == 204
    tus.stored(url, content)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checked_piece_counts_whole_or_not_at_all(tus, algorithm):
    content = dicom_files.ct_slice(rows=256, columns=256)
    url = tus.begun(len(content))
    half = len(content) // 2
    damaged = bytes([content[0] ^ 1]) + content[1:half]
    assert tus.patch(url, 0, damaged, {"Upload-Checksum": checksum(algorithm, content[:half])}).status_code == 460
    assert tus.offset(url) == 0
    assert tus.patch(url, 0, content[:half], {"Upload-Checksum": checksum(algorithm, content[:half])}).status_code == 204
    assert tus.patch(url, half, content[half:], {"Upload-Checksum": checksum(algorithm, content[half:])}).status_code == 204
    tus.stored(url, content)


def test_termination(tus, shared_server):
    content = dicom_files.ct_slice()
    url = tus.begun(len(content))
    assert tus.patch(url, 0, content[:5000]).status_code == 204
    staging = shared_server.media / ".pacs-lite" / "staging"
    before = len(list(staging.iterdir()))
    assert tus.request("DELETE", url).status_code == 204
    assert len(list(staging.iterdir())) == before - 1, "its bytes are gone"
    assert tus.head(url).status_code == 404
    assert tus.patch(url, 5000, b"x").status_code == 404
    assert tus.request("DELETE", url).status_code == 404


def test_methods_can_be_overridden(tus):
    content = dicom_files.ct_slice()
    url = tus.begun(len(content))
    sent = tus.request("POST", url, {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0", "Content-Type": PIECE},
                       data=content)
    assert sent.status_code == 204, sent.text
    tus.stored(url, content)
    assert tus.request("POST", url, {"X-HTTP-Method-Override": "DELETE"}).status_code == 204


def test_an_upload_is_its_principals_alone(tus, admin, reader, anybody):
    content = dicom_files.ct_slice()
    url = tus.begun(len(content))
    stranger = Tus(admin.as_(admin.make_token("uploader")))
    for other in (stranger, Tus(admin)):
        assert other.head(url).status_code == 404
        assert other.patch(url, 0, content).status_code == 404
        assert other.request("DELETE", url).status_code == 404
        assert other.api.get(url).status_code == 404
    assert Tus(reader).begin(10).status_code == 403
    assert Tus(anybody).begin(10).status_code == 401
    assert Tus(anybody).head(url).status_code == 401
    assert tus.patch(url, 0, content).status_code == 204


# -- with the offline upload -----------------------------------------------------------------------

def test_an_announced_image_walks_on_as_with_upload_binary(tus, technician):
    content, image_uuid = dicom_files.ct_slice(), new_uuid()
    assert technician.announce(content, image_uuid, radiology_order_id=77).status_code == 201
    assert tus.begin(len(content) + 1, image_uuid=image_uuid).status_code == 422
    url = tus.begun(len(content), image_uuid=image_uuid)
    assert tus.patch(url, 0, content[:300]).status_code == 204
    assert technician.get(f"offline-images/{image_uuid}/").json()["status"] == "METADATA_UPLOADED"
    assert tus.patch(url, 300, content[300:]).status_code == 204
    assert technician.get(f"offline-images/{image_uuid}/").json()["status"] == "BINARY_UPLOADED"
    outcome = tus.stored(url, content)
    assert outcome["image_uuid"] == image_uuid and outcome["receipt"] is None
    assert outcome["image"] == technician.send(image_uuid, content).json(), "what upload-binary would have told"
    receipt = technician.acknowledge(image_uuid).json()["receipt"]
    assert tus.outcome(url)["receipt"] == receipt


def test_an_announced_image_with_other_bytes_fails(tus, technician):
    content, image_uuid = dicom_files.ct_slice(), new_uuid()
    assert technician.announce(content, image_uuid).status_code == 201
    url = tus.begun(len(content), image_uuid=image_uuid)
    refused = tus.patch(url, 0, content[:-1] + bytes([content[-1] ^ 1]))
    assert refused.status_code == 422 and refused.json()["code"] == "checksum_mismatch"
    assert technician.get(f"offline-images/{image_uuid}/").json()["status"] == "FAILED"
    assert tus.head(url).status_code == 410
    assert tus.outcome(url)["error_code"] == "checksum_mismatch"
    anew = tus.begun(len(content), image_uuid=image_uuid)
    assert tus.patch(anew, 0, content).status_code == 204
    assert technician.acknowledge(image_uuid).status_code == 200


def test_a_conflict_is_not_409_which_would_mean_go_on(tus, technician):
    uid, study = dicom_files.new_uid(), dicom_files.new_uid()
    first = dicom_files.ct_slice(image_uid=uid, study_uid=study, seed=1)
    assert technician.store(first).status_code == 201
    other = dicom_files.ct_slice(image_uid=uid, study_uid=study, seed=2)
    url = tus.begun(len(other))
    refused = tus.patch(url, 0, other)
    assert refused.status_code == 422 and refused.json()["code"] == "uid_conflict"
    assert tus.patch(url, 0, other).json()["code"] == "uid_conflict"


# -- several at once, and dead connections -----------------------------------------------------------

def open_patch(server, url, token, offset, length, body) -> socket.socket:
    """A PATCH whose body stays behind what was declared."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    path = url[len(server.url):]
    connection.sendall(f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {token}\r\n"
                       f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\nContent-Type: {PIECE}\r\n"
                       f"Content-Length: {length}\r\n\r\n".encode() + body)
    return connection


def test_one_of_many_at_the_same_place_wins(tus, technician):
    content = dicom_files.ct_slice(rows=512, columns=512)
    url = tus.begun(len(content))
    statuses = []
    barrier = threading.Barrier(8)

    def send():
        client = Tus(technician.as_(technician.token))
        barrier.wait()
        statuses.append(client.patch(url, 0, content).status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(204) == 1 and set(statuses) <= {204, 409, 423}, statuses
    tus.stored(url, content)


def test_a_dead_connection_lets_go_within_seconds(tus, shared_server):
    content = dicom_files.ct_slice(rows=512, columns=512)
    url = tus.begun(len(content))
    dead = open_patch(shared_server, url, tus.api.token, 0, len(content), content[:100_000])
    time.sleep(1.3)
    start = time.monotonic()
    assert tus.offset(url) == 100_000, "what had arrived counts"
    assert tus.patch(url, 100_000, content[100_000:]).status_code == 204
    assert time.monotonic() - start < 5
    tus.stored(url, content)
    dead.close()


def test_a_patch_alone_takes_over_from_a_dead_connection(tus, shared_server):
    content = dicom_files.ct_slice(rows=512, columns=512)
    url = tus.begun(len(content))
    dead = open_patch(shared_server, url, tus.api.token, 0, len(content), content[:50_000])
    time.sleep(1.3)
    start = time.monotonic()
    assert tus.patch(url, 0, content).status_code == 409, "it has moved on meanwhile"
    assert time.monotonic() - start < 5
    assert tus.patch(url, 50_000, content[50_000:]).status_code == 204
    tus.stored(url, content)
    dead.close()


def test_a_connection_that_is_alive_keeps_its_turn(tus, shared_server):
    content = dicom_files.ct_slice(rows=512, columns=512)
    url = tus.begun(len(content))
    alive = open_patch(shared_server, url, tus.api.token, 0, len(content), content[:10_000])
    time.sleep(0.2)
    sent = 10_000
    for _ in range(3):
        refused = tus.patch(url, 0, content)
        assert refused.status_code == 423 and refused.json()["code"] == "upload_in_use"
        assert tus.offset(url) == 0, "nothing is durable yet"
        alive.sendall(content[sent:sent + 10_000])
        sent += 10_000
        time.sleep(0.2)
    alive.sendall(content[sent:])
    assert alive.recv(100).startswith(b"HTTP/1.1 204")
    tus.stored(url, content)
    alive.close()


# -- crashes, time, space --------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(3))
def test_kill_in_the_middle_of_a_piece(tmp_path, seed):
    rng = random.Random(seed)
    content = dicom_files.ct_slice(rows=3000, columns=3000, seed=seed)  # 18 MB: two checkpoints
    server = ArchiveServer(tmp_path).start()
    tus = Tus(CheckedApi(server, server.token))
    url = tus.begun(len(content))
    first = rng.randint(1, 1_000_000)
    assert tus.patch(url, 0, content[:first]).status_code == 204
    rest = rng.randint(9_000_000, len(content) - first - 1)
    connection = open_patch(server, url, server.token, first, len(content) - first, content[first:first + rest])
    deadline = time.monotonic() + 10
    while tus.offset(url) == first and time.monotonic() < deadline:
        time.sleep(0.02)
        connection.send(b"")
    told = tus.outcome(url)["offset"]
    assert told > first, "a checkpoint was made on the way"
    server.kill()
    connection.close()

    with ArchiveServer(tmp_path) as server:
        server_url = server.url + url[url.index("/api/"):]
        tus = Tus(CheckedApi(server, server.token))
        offset = tus.offset(server_url)
        assert told <= offset < len(content), "what was told before stays true"
        assert tus.patch(server_url, offset, content[offset:]).status_code == 204
        tus.stored(server_url, content)
        assert not list((server.media / ".pacs-lite" / "staging").iterdir())
        assert len(list((server.media / "radiology").rglob("*.dcm"))) == 1


def test_kill_at_random_moments_until_it_is_done(tmp_path):
    """The server is killed again and again while a client sends; it always goes on from what it was told."""
    rng = random.Random(7)
    content = dicom_files.ct_slice(rows=2000, columns=2000, seed=7)
    server = ArchiveServer(tmp_path).start()
    url, kills, told, was_last = None, 0, 0, False
    while True:
        timer = threading.Timer(rng.uniform(0.01, 0.15), server.kill) if kills < 6 else None
        if timer:
            timer.start()
        try:
            session = server.session()
            session.headers["Tus-Resumable"] = "1.0.0"
            if url is None:
                url = session.post(server.api + "/uploads/", headers={"Upload-Length": str(len(content))},
                                   timeout=20).headers["Location"]
            path = server.url + url[url.index("/api/"):]
            while True:
                offset = int(session.head(path, timeout=20).headers["Upload-Offset"])
                # Only while the image was being stored, whole, the upload itself may begin again.
                assert offset >= told or (offset == 0 and was_last), "an offset that was told is never taken back"
                told = offset
                if offset == len(content):
                    break
                piece = content[offset:offset + 40_000]  # many: a fast disk must not be done before
                was_last = offset + len(piece) == len(content)
                answer = session.patch(path, data=piece, timeout=20, headers={
                    "Upload-Offset": str(offset), "Content-Type": PIECE})
                assert answer.status_code == 204, answer.text
                told = int(answer.headers["Upload-Offset"])
            if timer:
                timer.cancel()
                timer.join()
            break
        except requests.RequestException:
            timer.join()
            kills += 1
            server = ArchiveServer(tmp_path).start()
    if server.process.poll() is not None:
        server = ArchiveServer(tmp_path).start()
    with server_of(server):
        Tus(CheckedApi(server, server.token)).stored(server.url + url[url.index("/api/"):], content)
    assert kills > 0, "the run is too short to show anything"


class server_of:
    def __init__(self, server):
        self.server = server

    def __enter__(self):
        return self.server

    def __exit__(self, *unused):
        self.server.stop()


def test_what_nobody_goes_on_with_expires(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_UPLOAD_LIFE_SECONDS="2") as server:
        api = CheckedApi(server, server.token)
        tus = Tus(api)
        content = dicom_files.ct_slice()
        url = tus.begun(len(content))
        assert tus.patch(url, 0, content[:5000]).status_code == 204
        staging = server.media / ".pacs-lite" / "staging"
        assert len(list(staging.iterdir())) == 1
        time.sleep(2.2)
        assert tus.head(url).status_code == 404
        deadline = time.monotonic() + 20
        while list(staging.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert not list(staging.iterdir()), "its bytes are gone"
        lines = api.get("/api/v1/archive/audit/?action=upload.expire").json()
        assert len(lines) == 1


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small disk needs the right to mount one (root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_answers_507_and_loses_nothing(tmp_path, small_disk):
    with ArchiveServer(tmp_path, MEDIA_ROOT=str(small_disk / "media"), PACS_LITE_MIN_FREE_BYTES="0") as server:
        tus = Tus(CheckedApi(server, server.token))
        content = dicom_files.ct_slice(rows=2000, columns=2000)
        url = tus.begun(len(content))
        assert tus.patch(url, 0, content[:1_000_000]).status_code == 204
        assert tus.begin(40_000_000).status_code == 507, "seen at once"
        ballast = small_disk / "ballast"
        with open(ballast, "wb") as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass
        refused = tus.patch(url, 1_000_000, content[1_000_000:])
        assert refused.status_code == 507, refused.text
        assert tus.offset(url) == 1_000_000
        ballast.unlink()
        assert tus.patch(url, 1_000_000, content[1_000_000:]).status_code == 204
        tus.stored(url, content)


def test_a_page_of_an_allowed_origin_may_upload(tmp_path):
    origin = "https://app.clinic.example"
    with ArchiveServer(tmp_path, PACS_LITE_CORS_ALLOWED_ORIGINS=origin) as server:
        wanted = ["authorization", "tus-resumable", "upload-offset", "content-type", "upload-checksum"]
        preflight = requests.options(server.api + "/uploads/0123/", timeout=20, headers={
            "Origin": origin, "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": ",".join(wanted)})
        assert preflight.ok and preflight.headers["Access-Control-Allow-Origin"] == origin
        assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
        allowed = preflight.headers["Access-Control-Allow-Headers"].lower()
        assert all(name in allowed for name in wanted)
        tus = Tus(CheckedApi(server, server.token))
        begun = tus.begin(10, headers={"Origin": origin})
        exposed = begun.headers["Access-Control-Expose-Headers"]
        assert all(name in exposed for name in ("Location", "Upload-Offset", "Upload-Length", "Upload-Expires",
                                                "Tus-Checksum-Algorithm"))
