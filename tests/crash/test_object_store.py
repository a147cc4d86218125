# labels: crash root peer server
# timeout: 900
"""The images lie in a real object store, the server's own disk loses its power, and the server is killed at random:
what was acknowledged is there, nothing is torn, and the model of an archive holds as it does on a disk."""
import os
import pathlib
import random
import sys

import pytest

import loop_image
from power_cuts import CutArchive, Tally, seed_of_run
from test_model import check_model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from s3_crash_server import servers_of_new_bucket  # noqa: E402
from store_fixtures import gateway_of  # noqa: E402

gateway = gateway_of("radosgw")
CUTS = int(os.environ.get("PACS_LITE_STORE_CUTS", 8))
OPERATIONS = 400


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_power_cuts_under_load(tmp_path, gateway, kind, tell):
    if reason := loop_image.why_not(kind):
        pytest.skip(reason)
    tally = Tally()
    with loop_image.LoopImage(tmp_path, kind) as image:
        archive = CutArchive(image, tmp_path, random.Random(seed_of_run()), tally, servers_of_new_bucket(gateway))
        try:
            for _ in range(CUTS):
                archive.cut_under_load()
            archive.close()
        finally:
            archive.abandon()
    tell(tally.line(f"images in radosgw, index on {kind}"))
    assert tally.acknowledged > CUTS, "the load is too small to show anything"
    assert tally.cut_off > 0, "no request was under way at any cut: the load is too small to show anything"


def test_against_the_model(tmp_path, gateway, tell):
    check_model(tmp_path, tmp_path, operations=OPERATIONS, tell=tell, make_server=servers_of_new_bucket(gateway))
