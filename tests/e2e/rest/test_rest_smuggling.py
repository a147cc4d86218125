"""Requests that two readers could cut in two ways. Behind a proxy the second half would be somebody else's
request: it is never looked at."""
import socket

import pytest

import dicom_files

HEAD = "POST /api/v1/radiology/offline-images/acknowledge/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def talk(server, data: bytes) -> bytes:
    """All that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def smuggled(admin, study) -> str:
    """What would remove the study, were it taken for a request."""
    return (f"DELETE /api/v1/radiology/studies/{study}/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin.token}\r\n"
            f"Connection: close\r\n\r\n")


@pytest.fixture
def study(technician):
    return technician.store(dicom_files.ct_slice()).json()["study_uid"]


def test_the_second_request_is_one_that_would_be_obeyed(shared_server, admin, study):
    """Without this the other tests could not fail."""
    answer = talk(shared_server, ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled(admin, study)).encode())
    assert answer.count(b"HTTP/1.1 200") == 2
    assert admin.get(f"studies/{study}/").status_code == 404


@pytest.mark.parametrize("fields, body", [
    ("Content-Length: 2\r\nContent-Length: {all}\r\n", "{}"),
    ("Content-Length: {all}\r\nContent-Length: 2\r\n", "{}"),
    ("Content-Length: 2, {all}\r\n", "{}"),
    ("Content-Length: +2\r\n", "{}"),
    ("Content-Length: 0x2\r\n", "{}"),
    ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nContent-Length: {all}\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding:\x0bchunked\r\n", "0\r\n\r\n"),
    ("X: y\r\n Content-Length: 2\r\n", "{}"),
    ("X: y\r\n\tTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ("X: y\rContent-Length: 2\r\n", "{}"),
    ("X: y\nContent-Length: 2\r\n", "{}"),
    ("X: y\0z\r\nContent-Length: 2\r\n", "{}"),
    ("Content-Length 2\r\n", "{}"),
], ids=lambda value: repr(value)[:60])
def test_what_can_be_cut_in_two_ways_is_refused_whole(shared_server, admin, study, fields, body):
    second = smuggled(admin, study)
    fields = fields.replace("{all}", str(len(body) + len(second)))
    answer = talk(shared_server, (HEAD + fields + "\r\n" + body + second).encode("latin-1"))
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1, "the rest of the connection is read by nobody"
    assert b"application/problem+json" in answer
    assert admin.get(f"studies/{study}/").status_code == 200


@pytest.mark.parametrize("chunks", [
    "2\r\n{}\r\n0\r\nX: y\r\n z\r\n\r\n",  # a folded trailer
    "2\n{}\n0\n\n",
    "2\r{}\r\n0\r\n\r\n",
    "2 \r\n{}\r\n0\r\n\r\n",
    "0x2\r\n{}\r\n0\r\n\r\n",
    "-2\r\n{}\r\n0\r\n\r\n",
    "2;\n\r\n{}\r\n0\r\n\r\n",
    "2\r\n{}0\r\n\r\n",
    "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
], ids=repr)
def test_chunks_that_can_be_cut_in_two_ways_end_the_connection(shared_server, admin, study, chunks):
    authorised = HEAD + f"Authorization: Bearer {admin.token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = talk(shared_server, (authorised + chunks + smuggled(admin, study)).encode())
    assert b"HTTP/1.1 400 " in answer and answer.count(b"HTTP/1.1 ") == 1, answer[:300]
    assert admin.get(f"studies/{study}/").status_code == 200
