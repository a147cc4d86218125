# labels: crash concurrency
# timeout: 600
"""Many senders of one image at once, the same bytes and different ones, by one way and by all of them, while others
read it: one object, one winner, and never a byte that is not the winner's."""
import dataclasses
import hashlib
import random
import threading
import uuid

import pytest

from archive_client import LOST
from crash_server import CrashServer
from image_factory import make_spec, uid_from
from power_cuts import seed_of_run
from upload_load import accepted

SENDERS = 32
READERS = 4
ROUNDS = 6
SIDE = 400  # 320 kB: long enough to meet in the middle of
WAYS_SENDERS = 4  # of each of the three ways
WAYS_ROUNDS = 4
ORDER = 77


@pytest.fixture
def server(tmp_path):
    with CrashServer(tmp_path, tmp_path) as running:
        yield running


class Readers:
    """Read the image again and again as long as the senders are at it."""

    def __init__(self, server, study_uid, image_uid):
        self.server, self.study_uid, self.image_uid = server, study_uid, image_uid
        self.stop = threading.Event()
        self.seen, self.wrong = set(), []
        self.threads = [threading.Thread(target=self.read, daemon=True) for _ in range(READERS)]

    def read(self):
        client = self.server.client()
        try:
            while not self.stop.is_set():
                image = client.images_of_study(self.study_uid).get(self.image_uid)
                if image is None:
                    continue
                answer = client.fetch(image)
                if answer.status != 200:
                    self.wrong.append(str(answer))
                    continue
                digest = hashlib.sha256(answer.body).hexdigest()
                if digest != image["checksum"]:
                    self.wrong.append(f"{digest} instead of {image['checksum']}")
                self.seen.add(digest)
        except (AssertionError, *LOST) as failure:
            self.wrong.append(repr(failure))
        client.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def send_at_once(server, contents) -> list:
    """The answers, in the order of the contents; all leave at the same moment."""
    barrier = threading.Barrier(len(contents))
    answers = [None] * len(contents)

    def send(number):
        client = server.client()
        client.call("GET", "/healthz")  # the connection is there
        barrier.wait()
        answers[number] = client.store(contents[number])
        client.close()

    threads = [threading.Thread(target=send, args=(number,), daemon=True) for number in range(len(contents))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def each_way(server, contents_of, spec_of) -> list:
    """The same image UID by one step, offline and in pieces, a few senders each: all but the request that makes an
    image of it is done before, that one leaves at the same moment. The answers."""
    count = WAYS_SENDERS * 3
    barrier = threading.Barrier(count)
    answers = [None] * count

    def send(number):
        client, content, spec = server.client(), contents_of(number), spec_of(number)
        if number % 3 == 0:
            client.call("GET", "/healthz")
            barrier.wait()
            answers[number] = client.store(content)
        elif number % 3 == 1:
            announced = client.announce(spec.announcement(ORDER))
            assert announced.status == 201, announced
            barrier.wait()
            answers[number] = client.send_binary(spec.image_uuid, spec.filename, content)
        else:
            path = client.upload_path(client.begin_upload(len(content)))
            half = len(content) // 2
            assert client.send_piece(path, 0, content[:half]).status == 204
            barrier.wait()
            answers[number] = client.send_piece(path, half, content[half:])
        client.close()

    threads = [threading.Thread(target=send, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in answers, "a sender gave up"
    return answers


def announced_as_another(rng, spec):
    """The same image under an announcement of its own."""
    return dataclasses.replace(spec, image_uuid=str(uuid.UUID(int=rng.getrandbits(128), version=4)))


@pytest.mark.parametrize("round_number", range(WAYS_ROUNDS))
def test_the_same_bytes_by_each_way(server, round_number):
    rng = random.Random(seed_of_run() + round_number)
    spec = make_spec(rng, uid_from(rng), uid_from(rng), side=SIDE)
    content = spec.content()
    specs = [announced_as_another(rng, spec) for _ in range(WAYS_SENDERS * 3)]
    with Readers(server, spec.study_uid, spec.image_uid) as readers:
        answers = each_way(server, lambda number: content, specs.__getitem__)
    assert {answer.status for answer in answers} <= {200, 201, 204}, answers
    assert not readers.wrong, readers.wrong
    stored = objects_of(server, spec)
    assert len(stored) == 1 and stored[0].read_bytes() == content
    assert not server.staged_files()
    client = server.client()
    receipts = [client.store(content).json()["receipt"]]
    receipts += [accepted(client.acknowledge(specs[number].image_uuid), 200)["receipt"]
                 for number in range(len(specs)) if number % 3 == 1]
    for receipt in receipts:
        assert (receipt["image_uid"], receipt["sha256"]) == (spec.image_uid, hashlib.sha256(content).hexdigest())
    assert len({(receipt["file_key"], receipt["stored_at"]) for receipt in receipts}) == 1, "of one stored image"


@pytest.mark.parametrize("round_number", range(WAYS_ROUNDS))
def test_different_bytes_under_one_uid_by_each_way(server, round_number):
    rng = random.Random(seed_of_run() + round_number)
    spec = make_spec(rng, uid_from(rng), uid_from(rng), side=SIDE)
    specs, other = [], spec
    for _ in range(WAYS_SENDERS * 3):
        specs.append(announced_as_another(rng, other))
        other = other.other_bytes()
    contents = [one.content() for one in specs]
    with Readers(server, spec.study_uid, spec.image_uid) as readers:
        answers = each_way(server, contents.__getitem__, specs.__getitem__)
    winners = [number for number, answer in enumerate(answers) if answer.status in (201, 204)]
    assert len(winners) == 1, answers
    for number, answer in enumerate(answers):
        if number not in winners:  # a client in pieces takes 409 for "go on" (docs/api.md)
            refused = 422 if number % 3 == 2 else 409
            assert (answer.status, answer.json()["code"]) == (refused, "uid_conflict"), answers
    winner = contents[winners[0]]
    assert not readers.wrong, readers.wrong
    assert readers.seen <= {hashlib.sha256(winner).hexdigest()}, "somebody saw the bytes of a loser"
    stored = objects_of(server, spec)
    assert len(stored) == 1 and stored[0].read_bytes() == winner
    assert not server.staged_files()
    assert server.client().store(winner).status == 200


def objects_of(server, spec) -> list:
    return [path for path in server.stored_files() if path.parent.name == spec.image_uid]


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_the_same_bytes_from_many_senders(server, round_number):
    rng = random.Random(seed_of_run() + round_number)
    spec = make_spec(rng, uid_from(rng), uid_from(rng), side=SIDE)
    content = spec.content()
    with Readers(server, spec.study_uid, spec.image_uid) as readers:
        answers = send_at_once(server, [content] * SENDERS)
    assert sorted(answer.status for answer in answers) == [200] * (SENDERS - 1) + [201], answers
    receipts = {str(answer.json()["receipt"]) for answer in answers}
    assert len(receipts) == 1, "all of them hold the same receipt"
    assert not readers.wrong, readers.wrong
    assert readers.seen <= {hashlib.sha256(content).hexdigest()}
    stored = objects_of(server, spec)
    assert len(stored) == 1 and stored[0].read_bytes() == content
    assert not server.staged_files()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_different_bytes_under_one_uid(server, round_number):
    rng = random.Random(seed_of_run() + round_number)
    spec = make_spec(rng, uid_from(rng), uid_from(rng), side=SIDE)
    contents, other = [], spec
    for _ in range(SENDERS):
        contents.append(other.content())
        other = other.other_bytes()
    with Readers(server, spec.study_uid, spec.image_uid) as readers:
        answers = send_at_once(server, contents)
    assert sorted(answer.status for answer in answers) == [201] + [409] * (SENDERS - 1), answers
    assert {answer.json()["code"] for answer in answers if answer.status == 409} == {"uid_conflict"}
    winner = next(content for content, answer in zip(contents, answers) if answer.status == 201)
    assert not readers.wrong, readers.wrong
    assert readers.seen <= {hashlib.sha256(winner).hexdigest()}, "somebody saw the bytes of a loser"
    stored = objects_of(server, spec)
    assert len(stored) == 1 and stored[0].read_bytes() == winner
    assert not server.staged_files()
    answer = server.client().store(winner)
    assert answer.status == 200, "the winner's own repeat is no conflict"


def test_senders_against_removals(server):
    """An image that is sent and removed by turns from both sides: what a sender was told last is what is there."""
    rng = random.Random(seed_of_run())
    spec = make_spec(rng, uid_from(rng), uid_from(rng), side=64)
    content = spec.content()
    wrong = []

    def send_and_remove(number):
        client = server.client()
        for _ in range(40):
            answer = client.store(content) if number % 2 else client.remove(spec.image_uid)
            if answer.status not in ((200, 201) if number % 2 else (200, 404)):
                wrong.append(str(answer))
        client.close()

    with Readers(server, spec.study_uid, spec.image_uid) as readers:
        threads = [threading.Thread(target=send_and_remove, args=(number,), daemon=True) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong, wrong
    # A link that was made before a removal leads to nothing afterwards, and says so.
    assert not [line for line in readers.wrong if not line.startswith(("410", "404"))], readers.wrong
    assert server.client().store(content).status in (200, 201)
    assert len(objects_of(server, spec)) == 1
    image = server.client().images_of_study(spec.study_uid)[spec.image_uid]
    assert server.client().fetch(image).body == content
