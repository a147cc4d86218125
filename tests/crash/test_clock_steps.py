# labels: crash
# timeout: 300
"""The wall clock jumps by an hour, a day and a year, either way, under a server that is at work: uploads go
on, receipts stay as they were, links close and open with the clock, nothing is lost, and nothing ends that is only
kept for a while. libfaketime moves the clock; the monotonic one, by which the server times out, it leaves alone."""
import json
import pathlib
import random
import re
import time

import pytest

from archive_client import API
from crash_server import CrashServer
from image_factory import make_spec, uid_from
from invariants import Findings, check_everything, check_receipts
from power_cuts import seed_of_run
from upload_load import Pieces, Sent, accepted, begin_in_pieces, send, send_in_pieces, send_one_piece

HOUR, DAY, YEAR = 3600, 86400, 365 * 86400
STEPS = (HOUR, -HOUR, DAY, -DAY, YEAR, -YEAR)
LINK_SECONDS = 600
PURGE_SECONDS = 2.5  # the trash is looked at each second
LIBRARY = "libfaketimeMT.so.1"


def faketime() -> pathlib.Path:
    for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
        for found in sorted(pathlib.Path(folder).rglob(LIBRARY)):
            return found
    pytest.skip(f"NOT SHOWN on this machine: steps of the clock; {LIBRARY} is missing (tools/install_dependencies.sh "
                "test). The process alone is to see another time: setting the machine's would hit everybody")


class SteppedClock:
    def __init__(self, folder):
        self.file = pathlib.Path(folder) / "clock"
        self.set(0)
        self.settings = {"LD_PRELOAD": str(faketime()), "FAKETIME_TIMESTAMP_FILE": str(self.file),
                         "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    def set(self, offset: int) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{offset:+d}")
        new.rename(self.file)  # the server reads it whole, before or after

    @staticmethod
    def clean_up() -> None:
        """Of libfaketime's own files those of processes that are gone."""
        for left in pathlib.Path("/dev/shm").glob("*faketime_*_*"):
            if not pathlib.Path("/proc", left.name.rsplit("_", 1)[1]).exists():
                left.unlink(missing_ok=True)


def upload(client, rng, number) -> Sent:
    sent = Sent(make_spec(rng, uid_from(rng), uid_from(rng)), rng.randrange(1, 1 << 30) if number % 2 else None)
    send(client, sent)
    return sent


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_the_clock(tmp_path, step):
    clock = SteppedClock(tmp_path)
    rng = random.Random(seed_of_run())
    with CrashServer(tmp_path, tmp_path, **clock.settings) as server:
        client = server.client()
        all_sent = [upload(client, rng, number) for number in range(4)]
        link = client.call("GET", f"/api/v1/radiology/images/{all_sent[0].spec.image_uid}/url/"
                                  f"?expires_in={LINK_SECONDS}").json()
        assert client.fetch(link).status == 200

        clock.set(step)
        assert client.fetch(link).status == (403 if step > 0 else 200), "links go by the clock"
        all_sent += [upload(client, rng, number) for number in range(4)]
        stored_at = all_sent[-1].receipt["stored_at"]
        assert stored_at[:4] != all_sent[0].receipt["stored_at"][:4] or abs(step) != YEAR, "the server saw the step"
        findings = Findings()
        check_receipts(server, all_sent, findings)
        findings.raise_if_any()
        check_everything(server, all_sent)
        assert {study["study_uid"] for study in client.call("GET", "/api/v1/radiology/studies/").json()["results"]} \
            == {sent.spec.study_uid for sent in all_sent}

        clock.set(0)
        assert client.fetch(link).status == 200, "and open again when it comes back in time"
        all_sent += [upload(client, rng, number) for number in range(2)]
        check_everything(server, all_sent)
        server.kill()

    clock.set(step)  # the next start is under the other time
    with CrashServer(tmp_path, tmp_path, **clock.settings) as server:
        check_everything(server, all_sent)
    clock.clean_up()


class KeptForAWhile:
    """What a server ends by itself when its time is over: two images in the trash, one of them held, a study that
    must be kept until a day, and an upload in pieces."""

    def __init__(self, client, rng):
        self.trashed, self.held, self.retained = (upload(client, rng, 0) for _ in range(3))
        for sent in (self.trashed, self.held):
            accepted(client.remove(sent.spec.image_uid), 200)
        accepted(self.put(client, self.held, "hold", {"reason": "case 7"}), 200)
        until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 10 * DAY))
        accepted(self.put(client, self.retained, "retention", {"retain_until": until}), 200)
        self.in_pieces = Sent(make_spec(rng, uid_from(rng), uid_from(rng)), None, Pieces())
        begin_in_pieces(client, self.in_pieces)
        send_one_piece(client, self.in_pieces)

    @staticmethod
    def put(client, sent, what, document):
        return client.call("PUT", f"{API}/studies/{sent.spec.study_uid}/{what}/", json.dumps(document),
                           {"Content-Type": "application/json"})

    def check(self, client) -> None:
        listed = {study["study_uid"] for study in accepted(client.call("GET", API + "/trash/"), 200)["results"]}
        assert listed == {self.trashed.spec.study_uid, self.held.spec.study_uid}
        refused = client.call("DELETE", f"{API}/studies/{self.retained.spec.study_uid}/?now=true")
        assert (refused.status, refused.json()["code"]) == (409, "retention_date"), refused
        refused = client.call("DELETE", f"{API}/studies/{self.held.spec.study_uid}/?now=true")
        assert (refused.status, refused.json()["code"]) == (409, "study_held"), refused
        begin_in_pieces(client, self.in_pieces)  # asks, and minds that what was told is there

    def bring_back(self, client) -> None:
        for sent in (self.trashed, self.held):
            restored = client.call("POST", f"{API}/studies/{sent.spec.study_uid}/restore/", b"")
            assert accepted(restored, 200)["images_restored"] == 1
        send_in_pieces(client, self.in_pieces)

    @property
    def all_sent(self) -> list:
        return [self.trashed, self.held, self.retained, self.in_pieces]


def is_in_doubt(client) -> bool:
    text = client.call("GET", "/metrics").body.decode()
    return float(re.search(r"^pacs_lite_clock_in_doubt (\S+)$", text, re.M).group(1)) == 1


@pytest.mark.parametrize("step", (YEAR, -YEAR))
def test_a_wrong_clock_ends_nothing_that_is_kept_for_a_while(tmp_path, step):
    clock = SteppedClock(tmp_path)
    settings = clock.settings | {"PACS_LITE_TRASH_DAYS": "2", "PACS_LITE_UPLOAD_LIFE_SECONDS": str(2 * DAY)}
    with CrashServer(tmp_path, tmp_path, **settings) as server:
        client = server.client()
        kept = KeptForAWhile(client, random.Random(seed_of_run()))
        kept.check(client)
        assert not is_in_doubt(client)
        clock.set(step)
        time.sleep(PURGE_SECONDS)
        assert is_in_doubt(client)
        kept.check(client)
        client.close()
    # Each stop looks once more for what is over, and each start begins with it.
    with CrashServer(tmp_path, tmp_path, **settings) as server:
        client = server.client()
        time.sleep(PURGE_SECONDS)
        assert is_in_doubt(client), "the index remembers the time of before"
        kept.check(client)
        client.close()
    clock.set(0)
    with CrashServer(tmp_path, tmp_path, **settings) as server:
        client = server.client()
        time.sleep(PURGE_SECONDS)
        assert not is_in_doubt(client), "the clock was put right"
        kept.check(client)
        kept.bring_back(client)
        client.close()
        check_everything(server, kept.all_sent)
    clock.clean_up()
