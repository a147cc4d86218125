# labels: e2e
# timeout: 600
"""STOW-RS, removal and capabilities over HTTP. S1 … S14, X1 … X4, C1 and G20 are lines of the checklist of
PS3.18 that each test is for."""
import pathlib
import socket
import subprocess
import threading
import time
import xml.etree.ElementTree

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer
from stow_client import (CT_STORAGE, SliceMaker, content_type, failed, multipart, open_post, part, stored, stow, value)

WADL = "{http://wadl.dev.java.net/2009/02}"


def fetch(server, session, uid):
    """The stored bytes, or None when there is no such image."""
    answer = session.get(f"{server.api}/images/{uid}/url/")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    content = requests.get(answer.json()["image_url"])
    assert content.status_code == 200, content.text
    return content.content


def peak_kilobytes(server) -> int:
    for line in pathlib.Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError("the kernel does not tell the peak")


def staged_files(server) -> list:
    staging = server.media / ".pacs-lite" / "staging"
    return list(staging.iterdir()) if staging.exists() else []


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def test_s1_s2_s6_s8_what_viewers_send_is_stored_byte_for_byte(shared_server):
    study, session = dicom_files.new_uid(), shared_server.session()
    uids = [dicom_files.new_uid() for _ in range(3)]
    contents = [dicom_files.ct_slice(study_uid=study, image_uid=uid, seed=i) for i, uid in enumerate(uids)]
    answer = stow(shared_server, contents[:2], study=study)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/dicom+json"
    assert stored(answer) == uids[:2] and not failed(answer)
    assert value(answer.json(), "00081190") == f"{shared_server.url}/dicom-web/studies/{study}"
    first = answer.json()["00081199"]["Value"][0]
    assert value(first, "00081150") == CT_STORAGE
    assert "00081196" not in first and "04000561" not in first, "nothing is changed, so nothing is warned of"
    assert value(first, "00081190").startswith(f"{shared_server.url}/dicom-web/studies/{study}/series/")
    assert value(first, "00081190").endswith(f"/instances/{uids[0]}")

    single = session.post(shared_server.url + "/dicom-web/studies", data=contents[2],
                          headers={"Content-Type": "application/dicom"})
    assert single.status_code == 200 and stored(single) == uids[2:]
    for uid, content in zip(uids, contents):
        assert fetch(shared_server, session, uid) == content


def test_s7_s9_s10_s11_s12_each_instance_has_a_fate_of_its_own(shared_server):
    study, session = dicom_files.new_uid(), shared_server.session()
    good, known, no_study, stranger = (dicom_files.new_uid() for _ in range(4))
    kept = dicom_files.ct_slice(study_uid=study, image_uid=known, seed=1)
    assert stow(shared_server, [kept]).status_code == 200
    assert stow(shared_server, [kept]).status_code == 200, "the same again"
    answer = stow(shared_server, [
        dicom_files.ct_slice(study_uid=study, image_uid=good),
        dicom_files.ct_slice(study_uid=study, image_uid=known, seed=2),
        dicom_files.ct_slice(image_uid=no_study, StudyInstanceUID=None),
        dicom_files.ct_slice(image_uid=stranger),
        dicom_files.picture(),
        kept,
    ], study=study)
    assert answer.status_code == 202, answer.text
    assert stored(answer) == [good, known]
    assert failed(answer) == {known: 0x0111, no_study: 0xA900, stranger: 0xA901, None: 0xC000}
    assert fetch(shared_server, session, known) == kept, "the first bytes stay"
    assert fetch(shared_server, session, stranger) is None
    nothing = stow(shared_server, [dicom_files.picture("PNG"), dicom_files.ct_slice(image_uid=stranger)], study=study)
    assert nothing.status_code == 409 and failed(nothing) == {None: 0xC000, stranger: 0xA901}


def test_s5_statuses_of_the_request_as_a_whole(shared_server):
    url, session = shared_server.url + "/dicom-web/studies", shared_server.session()
    body = multipart([dicom_files.ct_slice()], "B")
    for type_text, status in (("multipart/related; type=\"application/dicom\"; boundary=\"B\"", 200),
                              ("multipart/related; type=\"text/xml\"; boundary=B", 415), ("image/jpeg", 415),
                              ("multipart/related; type=\"application/dicom\"", 400),
                              ("multipart/related; type=\"application/dicom\"; boundary=other", 400)):
        answer = session.post(url, data=body, headers={"Content-Type": type_text})
        assert answer.status_code == status, (type_text, answer.text)
    assert requests.post(url, data=body, headers={"Content-Type": content_type("B")}).status_code == 401
    cut = session.post(url, data=body[:-20], headers={"Content-Type": content_type("B")})
    assert cut.status_code == 400 and cut.headers["Content-Type"] == "application/problem+json"
    assert session.post(url + "/no-uid", data=body, headers={"Content-Type": content_type("B")}).status_code == 400


def test_s5_the_limit_of_an_image_is_not_that_of_a_request(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_MAX_IMAGE_BYTES="1000000") as server:
        large = dicom_files.ct_slice(rows=1024, columns=1024)
        answer = server.session().post(server.url + "/dicom-web/studies", data=large,
                                       headers={"Content-Type": "application/dicom"})
        assert answer.status_code == 413
        small = [dicom_files.ct_slice(study_uid="1.2.3", rows=256, columns=256, seed=i) for i in range(20)]
        mixed = stow(server, [large, *small])
        assert mixed.status_code == 202 and len(stored(mixed)) == 20
        assert list(failed(mixed).values()) == [0xA700]


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small disk needs the right to mount one (root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_s5_a_full_disk_answers_507_and_says_when_to_come_again(tmp_path, small_disk):
    slices = SliceMaker(dicom_files.ct_slice, dicom_files.new_uid(), rows=512, columns=512)
    with ArchiveServer(tmp_path, MEDIA_ROOT=str(small_disk / "media"), PACS_LITE_MIN_FREE_BYTES="0") as server:
        session = server.session()
        contents = [slices.slice(number) for number in range(60)]
        answer = stow(server, contents)
        assert answer.status_code == 202, "what fits is stored and told"
        there = stored(answer)
        assert there and set(failed(answer).values()) == {0xA700}
        for uid in there[:3] + there[-3:]:
            assert fetch(server, session, uid) == slices.slice(int(uid.rsplit(".", 1)[1]) - 10 ** 6)
        refused = stow(server, contents[-5:])
        assert refused.status_code == 507 and int(refused.headers["Retry-After"]) > 0, refused.text
        assert not staged_files(server)


def test_s13_the_client_may_wait_for_100_continue_and_send_chunks(shared_server):
    uid = dicom_files.new_uid()
    body = multipart([dicom_files.ct_slice(image_uid=uid)], "B")
    head = (f"POST /dicom-web/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {shared_server.token}\r\n"
            f"Content-Type: {content_type('B')}\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
            "Connection: close\r\n\r\n")
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for start in range(0, len(body), 1000):
            piece = body[start:start + 1000]
            connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
        answer = b""
        while received := connection.recv(65536):
            answer += received
    assert answer.startswith(b"HTTP/1.1 200 ") and uid.encode() in answer

    # One who may not store is told before he sends anything.
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=30) as connection:
        connection.sendall(head.replace(shared_server.token, "wrong").encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_s1_two_thousand_instances_in_one_request_in_flat_memory(tmp_path):
    count, growth_kilobytes_max = 2000, 40_000
    study = dicom_files.new_uid()
    slices = SliceMaker(dicom_files.ct_slice, study, rows=160, columns=160)
    with ArchiveServer(tmp_path) as server:
        session = server.session()
        # Caches and threads that any first requests make are no growth.
        assert stow(server, [slices.slice(count + i) for i in range(50)]).status_code == 200
        before = peak_kilobytes(server)

        def body():
            for number in range(count):
                yield part(slices.slice(number), "B")
            yield b"\r\n--B--"

        answer = session.post(server.url + "/dicom-web/studies", data=body(),
                              headers={"Content-Type": content_type("B")}, timeout=300)
        assert answer.status_code == 200, answer.text[:2000]
        assert stored(answer) == [slices.uid(number) for number in range(count)]
        assert count * len(slices.slice(0)) // 1024 > 2 * growth_kilobytes_max, "the run could not show anything"
        assert peak_kilobytes(server) - before < growth_kilobytes_max
        assert session.get(f"{server.api}/studies/{study}/").json()["image_count"] == count + 50


def test_s14_a_client_that_goes_half_way_leaves_nothing_half_visible(server):
    study = dicom_files.new_uid()
    slices = SliceMaker(dicom_files.ct_slice, study, rows=64, columns=64)
    session = server.session()
    connection = open_post(server, {"Content-Type": content_type("B"), "Content-Length": "10000000"})
    for number in range(20):
        connection.send(part(slices.slice(number), "B"))
    connection.send(part(slices.slice(20), "B")[:4000])
    connection.close()
    # The last whole one is only known to be whole when the boundary behind it has come: it has.
    wait_until(lambda: not staged_files(server) and fetch(server, session, slices.uid(19)) is not None)
    assert fetch(server, session, slices.uid(20)) is None
    for number in range(20):
        assert fetch(server, session, slices.uid(number)) == slices.slice(number)
    again = stow(server, [slices.slice(number) for number in range(21)])
    assert again.status_code == 200 and len(stored(again)) == 21


@pytest.mark.parametrize("round_number", range(3))
def test_s14_a_kill_in_the_middle_of_a_request_tears_nothing(tmp_path, round_number):
    slices = SliceMaker(dicom_files.ct_slice, dicom_files.new_uid(), rows=64, columns=64)
    count = 400
    server = ArchiveServer(tmp_path).start()
    sent_all = threading.Event()

    def send():
        connection = open_post(server, {"Content-Type": content_type("B"), "Content-Length": "100000000"})
        try:
            for number in range(count):
                connection.send(part(slices.slice(number), "B"))
            sent_all.set()
            connection.getresponse()
        except OSError:
            pass

    sender = threading.Thread(target=send)
    sender.start()
    wait_until(lambda: len(list((server.media / "radiology").rglob("*.dcm"))) > 10 + 20 * round_number)
    server.kill()
    sender.join()

    with ArchiveServer(tmp_path) as server:
        session = server.session()
        there = [fetch(server, session, slices.uid(number)) for number in range(count)]
        assert any(there) and not all(there), "the kill came too early or too late to show anything"
        for number, content in enumerate(there):
            assert content in (None, slices.slice(number)), f"torn: {number}"
        assert not staged_files(server), "staging is clean after the start"
        again = stow(server, [slices.slice(number) for number in range(count)])
        assert again.status_code == 200 and len(stored(again)) == count
        assert len(list((server.media / "radiology").rglob("*.dcm"))) == count, "one object an image, no orphan"


def test_s1_parts_of_one_request_become_durable_together(tmp_path):
    """What the parts wait for overlaps: a request of many is much faster than many requests of one."""
    count = 150
    slices = SliceMaker(dicom_files.ct_slice, dicom_files.new_uid(), rows=16, columns=16)
    with ArchiveServer(tmp_path) as server:
        session = server.session()
        start = time.monotonic()
        for number in range(count):
            assert stow(server, [slices.slice(number)], session=session).status_code == 200
        one_by_one = time.monotonic() - start
        start = time.monotonic()
        assert stow(server, [slices.slice(count + number) for number in range(count)]).status_code == 200
        together = time.monotonic() - start
        print(f"one by one {one_by_one:.2f} s, together {together:.2f} s")
        assert together < one_by_one / 2


def test_x1_x2_x3_x4_removal_and_restoring(shared_server):
    study, series, session = dicom_files.new_uid(), dicom_files.new_uid(), shared_server.session()
    uids = [dicom_files.new_uid() for _ in range(3)]
    contents = [dicom_files.ct_slice(study_uid=study, series_uid=series, image_uid=uid, seed=i)
                for i, uid in enumerate(uids)]
    assert stow(shared_server, contents).status_code == 200
    root = f"{shared_server.url}/dicom-web/studies/{study}"

    held = session.put(f"{shared_server.api}/studies/{study}/hold/", json={"reason": "case 7"})
    assert held.status_code == 200
    for path in (root, f"{root}/series/{series}", f"{root}/series/{series}/instances/{uids[0]}"):
        refused = session.delete(path)
        assert refused.status_code == 409 and "case 7" in refused.json()["detail"], refused.text
    assert session.delete(f"{shared_server.api}/studies/{study}/hold/").status_code in (200, 204)

    gone = session.delete(f"{root}/series/{series}/instances/{uids[0]}")
    assert gone.status_code == 204 and not gone.content
    assert session.get(f"{shared_server.api}/images/{uids[0]}/").status_code == 404
    assert session.delete(f"{root}/series/{series}/instances/{uids[0]}").status_code == 404
    assert session.delete(root).status_code == 204
    assert session.get(f"{shared_server.api}/studies/{study}/").status_code == 404, "X2: at once"
    assert session.delete(root).status_code == 404

    assert session.post(f"{shared_server.api}/studies/{study}/restore/").json()["images_restored"] == 3
    for uid, content in zip(uids, contents):
        assert fetch(shared_server, session, uid) == content


def test_c1_g20_capabilities_and_preflights(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_CORS_ALLOWED_ORIGINS="https://viewer.example") as server:
        wadl = requests.options(server.url + "/dicom-web")
        assert wadl.status_code == 200 and wadl.headers["Content-Type"] == "application/vnd.sun.wadl+xml"
        tree = xml.etree.ElementTree.fromstring(wadl.content)
        resources = tree.find(f"{WADL}resources")
        assert resources.get("base") == server.url + "/dicom-web"
        described = requests.options(server.url + "/dicom-web/", headers={"Accept": "application/json"}).json()
        in_json = {(r["path"].lstrip("/"), m["name"]) for r in described["resources"] for m in r["methods"]}
        in_wadl = {(r.get("path"), m.get("name")) for r in resources for m in r.findall(f"{WADL}method")}
        assert in_json == in_wadl and ("studies/{study}", "POST") in in_wadl and ("", "OPTIONS") in in_wadl

        # What is described is there: no path of it answers that nothing is served under it.
        session = server.session()
        for path, method in in_wadl:
            answer = session.request(method, f"{server.url}/dicom-web/{path}".replace("{", "").replace("}", ""))
            assert answer.status_code not in (404, 405) or answer.json()["code"] not in (
                "no_such_route", "method_not_allowed"), (method, path, answer.text)

        for path in ("/dicom-web", "/dicom-web/studies"):
            preflight = requests.options(server.url + path, headers={
                "Origin": "https://viewer.example", "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type"})
            assert preflight.status_code == 204, preflight.text
            assert preflight.headers["Access-Control-Allow-Origin"] == "https://viewer.example"
            assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        cross = requests.options(server.url + "/dicom-web", headers={"Origin": "https://viewer.example"})
        assert cross.status_code == 200 and cross.headers["Access-Control-Allow-Origin"] == "https://viewer.example"
        assert "Origin" in cross.headers["Vary"]
