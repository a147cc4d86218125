# labels: crash
# timeout: 300
"""A disk that cannot read: of one image, which is told and hits no other; and below the index, at each single read
and write of an upload."""
import errno
import random
import re

import faults as fault_control
import ingest_kinds
from archive_client import LOST
from crash_server import CrashServer
from error_points import fail_at_every_point
from image_factory import make_spec, uid_from
from invariants import check_everything
from power_cuts import seed_of_run
from upload_load import Sent, send
from verification import verification_report, verify_is_quiet

LARGE_SIDE = 1500  # 4.5 MB: more than a socket takes at once


def stored(client, rng, side=64) -> Sent:
    sent = Sent(make_spec(rng, uid_from(rng), uid_from(rng), side=side))
    send(client, sent)
    return sent


def fetch(client, sent):
    return client.fetch(client.images_of_study(sent.spec.study_uid)[sent.spec.image_uid])


def damaged_total(client) -> float:
    text = client.call("GET", "/metrics").body.decode()
    return float(re.search(r"^pacs_lite_damaged_images_total (\S+)$", text, re.M).group(1))


def test_a_disk_that_cannot_read_one_image(tmp_path):
    control = fault_control.Faults(tmp_path)
    with CrashServer(tmp_path, tmp_path, **control.settings) as server:
        client, rng = server.client(), random.Random(seed_of_run())
        broken, *others = all_sent = [stored(client, rng) for _ in range(3)]
        control.arm(fault_control.FAIL, ("read",), error=errno.EIO, path_holds=broken.spec.image_uid)
        answer = fetch(client, broken)
        assert (answer.status, answer.json()["code"]) == (500, "damaged"), answer
        assert control.fired > 0
        for sent in others:
            assert fetch(client, sent).body == sent.spec.content()
        others.append(stored(client, rng))
        assert damaged_total(client) == 1
        lines = client.call("GET", "/api/v1/archive/audit/?action=image.damaged").json()
        assert [line["image_uid"] for line in lines] == [broken.spec.image_uid]
        report = verification_report(server)
        assert [(finding["kind"], finding["image_uid"]) for finding in report["findings"]] \
            == [("unreadable", broken.spec.image_uid)], report
        assert report["state"] == "finished" and report["needing_attention"] == 1
        assert client.call("GET", "/readyz").status == 200
        control.off()
        assert fetch(client, broken).body == broken.spec.content(), "the disk was only out of order"
        verify_is_quiet(server)
        check_everything(server, all_sent + others[2:])


def test_each_read_of_an_image_that_is_sent_fails_once(tmp_path, tell):
    """Whoever got a whole answer got the right bytes."""
    control = fault_control.Faults(tmp_path)
    answers = []
    with CrashServer(tmp_path, tmp_path, **control.settings) as server:
        client, rng = server.client(), random.Random(seed_of_run())
        sent = stored(client, rng, LARGE_SIDE)
        image = client.images_of_study(sent.spec.study_uid)[sent.spec.image_uid]
        for at in range(1, 200):
            control.arm(fault_control.FAIL, ("read",), at=at, error=errno.EIO, path_holds=sent.spec.image_uid)
            try:
                answer = client.fetch(image)
                assert answer.status == 500 or answer.body == sent.spec.content(), answer
                answers.append(str(answer.status))
            except LOST:
                answers.append("cut")
            if not control.fired:
                break
        control.off()
        assert answers[-1] == "200", "it passed untouched"
        assert answers[0] == "500" and len(answers) > 2, answers
        tell(f"an image of {len(sent.spec.content()) >> 20} MB, a read failed at each of {len(answers) - 1} points: "
             f"{answers}")
        check_everything(server, [sent])


def test_each_read_and_write_below_the_index_fails_once(tmp_path, tell):
    outcome = fail_at_every_point(tmp_path, ingest_kinds.OneStepUpload, ("read", "write"), errno.EIO,
                                  random.Random(seed_of_run()), path_holds="index.db")
    tell(outcome.line("OneStepUpload, EIO below the index"))
    assert outcome.points > 10, "an upload reads and writes more"
    assert outcome.answers["500"] + outcome.answers["503"] > 0, outcome.answers
