# labels: e2e peer
# timeout: 180
"""Many who hold a connection and say nothing, or next to nothing, leave the server to those who ask."""

import pathlib
import resource
import socket
import time

import pytest

from archive_server import ArchiveServer

IDLE_CONNECTIONS = 10_000
MEMORY_KIB_MAX = 100 * 1000  # with that many idle: what the design promises
DESCRIPTORS_BESIDE = 500
SLOW_CLIENTS = 400
# Loopback gives each pair of addresses its own ports: one source address would run out of them.
SOURCES = ("127.0.0.2", "127.0.0.3")


@pytest.fixture
def many_descriptors():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE_CONNECTIONS + DESCRIPTORS_BESIDE
    if before[1] != resource.RLIM_INFINITY and before[1] < wanted:
        pytest.skip(f"the hard limit of open files is {before[1]}, and {wanted} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def memory_kib(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def connect(server: ArchiveServer, number: int) -> socket.socket:
    source = SOURCES[number % len(SOURCES)]
    return socket.create_connection(("127.0.0.1", server.port), timeout=10, source_address=(source, 0))


def test_ten_thousand_idle_connections_stay_small_and_others_are_served(tmp_path, many_descriptors):
    with ArchiveServer(tmp_path) as server:
        idle = []
        try:
            for number in range(IDLE_CONNECTIONS):
                client = connect(server, number)
                idle.append(client)
                if number % 10 == 0:  # some have been served once and are kept alive
                    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    assert client.recv(4096).startswith(b"HTTP/1.1 200")
            assert server.session().get(server.api + "/studies/", timeout=10).status_code == 200
            used = memory_kib(server.pid)
            # The last and the first are still there: a request on each is answered.
            for client in (idle[0], idle[-1]):
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(4096).startswith(b"HTTP/1.1 200")
        finally:
            for client in idle:
                client.close()
        print(f"{IDLE_CONNECTIONS} idle connections: {used} KiB resident")
        assert used < MEMORY_KIB_MAX
        # What they held is given back.
        descriptors = pathlib.Path(f"/proc/{server.pid}/fd")
        deadline = time.monotonic() + 20
        while len(list(descriptors.iterdir())) > DESCRIPTORS_BESIDE and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(list(descriptors.iterdir())) < DESCRIPTORS_BESIDE


def test_heads_that_trickle_in_do_not_stop_others(tmp_path):
    with ArchiveServer(tmp_path) as server:
        head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 200
        slow = [connect(server, number) for number in range(SLOW_CLIENTS)]
        try:
            session = server.session()
            for i in range(40):
                for client in slow:
                    client.sendall(head[i : i + 1])
                answer = session.get(server.api + "/studies/", timeout=10)
                assert answer.status_code == 200
            # None of the slow ones was answered: their heads have not ended.
            slow[0].setblocking(False)
            with pytest.raises(BlockingIOError):
                slow[0].recv(1)
        finally:
            for client in slow:
                client.close()
