# labels: long crash root
# timeout: 7200
"""A thousand power cuts, half of them on each filesystem."""
import pytest

import loop_image
from power_cuts import cut_many_times, seed_of_run

CUTS = 500


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_a_thousand_power_cuts_under_load(tmp_path, kind, tell):
    if reason := loop_image.why_not(kind):
        pytest.skip(reason)
    tally = cut_many_times(tmp_path, kind, CUTS, seed_of_run())
    tell(tally.line(kind))
    assert tally.cuts == CUTS
    assert tally.acknowledged > CUTS, "the load is too small to show anything"
    assert tally.cut_between_pieces > 0, "no upload was between two pieces at any cut"
