# labels: crash
# timeout: 300
"""More senders than the disk can serve: the excess is told to come back, at once and with a time; what is
acknowledged is there; readers are served meanwhile; and when it is over everything is as before."""
import random
import threading
import time

import pytest

import faults as fault_control
from archive_client import LOST
from crash_server import CrashServer
from error_points import check_problem
from image_factory import make_spec, uid_from
from invariants import check_everything
from power_cuts import seed_of_run
from upload_load import Sent, send

SENDERS = 200  # 32 publish at once, 64 may wait
SYNC_MILLISECONDS = 50  # a busy disk: some 100 images a second
SECONDS = 4
READ_SECONDS_MAX = 2


class Crowd:
    """Each sender sends one image after the other, and comes back for one that was refused."""

    def __init__(self, server, rng):
        self.server = server
        self.stop = threading.Event()
        self.sent, self.refused, self.wrong, self.lost = [], [], [], 0
        self.threads = [threading.Thread(target=self.run, args=(random.Random(rng.random()),), daemon=True)
                        for _ in range(SENDERS)]

    def run(self, rng):
        client = self.server.client()
        study, series, one = uid_from(rng), uid_from(rng), None
        while not self.stop.is_set():
            if one is None or one.stored:
                one = Sent(make_spec(rng, study, series))
                self.sent.append(one)
            try:
                answer = client.store(one.spec.content())
            except LOST:  # told before its bytes were read, and the connection closed under them
                self.lost += 1
                continue
            if answer.status in (200, 201):
                one.stored = answer.json()
                one.receipt = one.stored["receipt"]
            elif answer.status == 503:
                self.refused.append(answer)
                self.stop.wait(float(answer.headers["Retry-After"]) * rng.uniform(0.1, 0.4))
            else:
                self.wrong.append(answer)
        client.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self.stop.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def faults(tmp_path):
    return fault_control.Faults(tmp_path)


@pytest.fixture
def server(tmp_path, faults):
    with CrashServer(tmp_path, tmp_path, **faults.settings) as running:
        yield running


def test_the_excess_is_told_to_come_back(server, faults):
    rng = random.Random(seed_of_run())
    first = Sent(make_spec(rng, uid_from(rng), uid_from(rng)))
    client = server.client()
    send(client, first)
    link = client.images_of_study(first.spec.study_uid)[first.spec.image_uid]
    faults.slow_down(["sync"], SYNC_MILLISECONDS)
    slowest_read = 0.0
    with Crowd(server, rng) as crowd:
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            begun = time.monotonic()
            answer = client.fetch(link)
            assert answer.status == 200 and answer.body == first.spec.content()
            slowest_read = max(slowest_read, time.monotonic() - begun)
            time.sleep(0.05)
    faults.off()
    assert not crowd.wrong, crowd.wrong[:3]
    assert crowd.refused, "it was not too much"
    for answer in crowd.refused:
        check_problem(answer)
        assert answer.json()["code"] == "busy" and int(answer.headers["Retry-After"]) > 0
    assert sum(1 for one in crowd.sent if one.stored) > SENDERS / 2, "it went on working"
    assert slowest_read < READ_SECONDS_MAX, "readers wait for senders"

    last, begun = Sent(make_spec(rng, uid_from(rng), uid_from(rng))), time.monotonic()
    send(server.client(), last)
    assert time.monotonic() - begun < READ_SECONDS_MAX, "it is calm again"
    assert not server.staged_files()
    # Whatever was told; an image that was refused at last may be sent again.
    check_everything(server, [first, last, *crowd.sent])
