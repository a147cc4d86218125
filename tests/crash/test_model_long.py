# labels: long crash root
# timeout: 10800
"""A hundred thousand operations, half of them with power cuts on each filesystem."""
import pytest

import loop_image
from test_model import check_model

OPERATIONS = 50_000


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_against_the_model(tmp_path, kind, tell):
    if loop_image.why_not(kind):
        check_model(tmp_path, tmp_path, operations=OPERATIONS, tell=tell)
        pytest.skip(loop_image.why_not(kind) + ". The same operations passed without power cuts")
    with loop_image.LoopImage(tmp_path, kind) as image:
        check_model(image.mount_point / "archive", tmp_path, image, OPERATIONS, tell)
