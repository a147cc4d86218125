# labels: crash root
# timeout: 900
"""Fifty power cuts on ext4 and fifty on XFS under eight senders: nothing acknowledged is lost, nothing is
torn. The long form, a thousand of them, is test_power_cut_long.py; the proof that this can fail is
test_control_run.py."""
import pytest

import loop_image
from power_cuts import cut_many_times, seed_of_run

CUTS = 50


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_power_cuts_under_load(tmp_path, kind, tell):
    if reason := loop_image.why_not(kind):
        pytest.skip(reason)
    tally = cut_many_times(tmp_path, kind, CUTS, seed_of_run())
    tell(tally.line(kind))
    assert tally.cuts == CUTS
    assert tally.acknowledged > CUTS, "the load is too small to show anything"
    assert tally.cut_off > 0, "no request was under way at any cut: the load is too small to show anything"
    assert tally.cut_between_pieces > 0, "no upload was between two pieces at any cut"
