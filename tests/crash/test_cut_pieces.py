# labels: crash root
# timeout: 300
"""An upload in pieces goes on, after a power cut, from exactly what its sender was told; with the fsync of the index
or of the staged bytes taken away, the same check must fail."""
import random

import pytest

import faults
import loop_image
from crash_points import Restarted
from image_factory import make_spec, uid_from
from invariants import Findings, check_stored_images
from power_cuts import seed_of_run
from upload_load import Pieces, Refused, Sent, begin_in_pieces, send, send_one_piece

PIECES = 8
SIDE = 256  # 128 kB: pieces of several pages


def go_on_after_a_cut(folder, kind: str, lie_about: str = "") -> None:
    """One cut behind each piece but the last. `lie_about` names the files whose fsync says that it has flushed and
    has not."""
    rng, control = random.Random(seed_of_run()), faults.Faults(folder)
    sent = Sent(make_spec(rng, uid_from(rng), uid_from(rng), side=SIDE), pieces=Pieces(PIECES))
    with loop_image.LoopImage(folder, kind) as image:
        archive = Restarted(image.mount_point / "archive", folder, image, control)
        try:
            begin_in_pieces(archive.server.client(), sent)
            image.flush()
            for number in range(1, PIECES):
                if lie_about:
                    control.arm(faults.PRETEND, ("sync",), path_holds=lie_about)
                send_one_piece(archive.server.client(), sent)
                assert not lie_about or control.fired, f"no fsync of {lie_about} was seen"
                told = sent.pieces.told
                image.cut_power()
                archive.server.kill()
                image.remount()
                archive.server = archive.new_server()
                begin_in_pieces(archive.server.client(), sent)  # asks how far it is
                if sent.pieces.told != told:
                    raise Refused(f"after piece {number} {told} bytes were told, and then {sent.pieces.told}")
            send(archive.server.client(), sent)
            findings = Findings()
            check_stored_images(archive.server, [sent], findings)
            findings.raise_if_any()
            assert not archive.server.staged_files()
            archive.server.stop()
        finally:
            archive.abandon()


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_what_was_told_is_there_after_a_cut(tmp_path, kind):
    if reason := loop_image.why_not(kind):
        pytest.skip(reason)
    go_on_after_a_cut(tmp_path, kind)


@pytest.mark.parametrize("lie_about", ("index.db-wal", ".pacs-lite/staging"))
def test_without_its_fsync_it_is_not(tmp_path, lie_about, tell):
    if reason := loop_image.why_not("ext4"):
        pytest.skip(reason)
    with pytest.raises(Refused) as refused:
        go_on_after_a_cut(tmp_path, "ext4", lie_about)
    tell(f"pieces without the fsyncs of {lie_about}: noticed, as it must be: {str(refused.value)[:100]}")
