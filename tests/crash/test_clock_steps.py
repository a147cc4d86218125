# labels: crash
# timeout: 300
"""The wall clock jumps by an hour, a day and a year, either way, under a server that is at work: uploads go
on, receipts stay as they were, links close and open with the clock, nothing is lost. libfaketime moves the
clock; the monotonic one, by which the server times out, it leaves alone."""
import pathlib
import random

import pytest

from crash_server import CrashServer
from image_factory import make_spec, uid_from
from invariants import Findings, check_everything, check_receipts
from power_cuts import seed_of_run
from upload_load import Sent, send

HOUR, DAY, YEAR = 3600, 86400, 365 * 86400
STEPS = (HOUR, -HOUR, DAY, -DAY, YEAR, -YEAR)
LINK_SECONDS = 600
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
    for left in pathlib.Path("/dev/shm").glob("*faketime_*_*"):  # libfaketime's own, of processes that are gone
        if not pathlib.Path("/proc", left.name.rsplit("_", 1)[1]).exists():
            left.unlink(missing_ok=True)
