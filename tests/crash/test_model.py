# labels: crash root
# timeout: 600
"""Random operations and crashes, held against a model of an archive. PACS_LITE_CRASH_SEED repeats a run,
PACS_LITE_MODEL_OPERATIONS says how long it is."""
import os

import pytest

import loop_image
from model_run import ModelRun
from power_cuts import seed_of_run

OPERATIONS = 1500


def check_model(disk, outside, image=None, operations=OPERATIONS, tell=print, **more) -> None:
    operations = int(os.environ.get("PACS_LITE_MODEL_OPERATIONS", operations))
    done = ModelRun(disk, outside, seed_of_run(), image, **more).run(operations)
    counts = ", ".join(f"{name} {count}" for name, count in done.most_common())
    tell(f"{sum(done.values())} operations as the model says: {counts}")
    assert sum(done.values()) == operations
    assert done["kill"] + done["kill_while_at_work"] > 0 and done["remove"] > 0


def test_against_the_model(tmp_path, tell):
    check_model(tmp_path, tmp_path, tell=tell)


def test_against_the_model_with_power_cuts(tmp_path, tell):
    if reason := loop_image.why_not("ext4"):
        pytest.skip(reason)
    with loop_image.LoopImage(tmp_path, "ext4") as image:
        check_model(image.mount_point / "archive", tmp_path, image, tell=tell)
