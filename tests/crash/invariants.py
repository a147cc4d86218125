"""What must hold after any crash, whatever was cut off. Each function raises Lost with all that it found."""
import hashlib
import random

from upload_load import Sent, accepted, send
from verification import verify_is_quiet

REPEATED_MAX = 8  # of the images that were acknowledged long ago so many are sent again


class Lost(AssertionError):
    """The archive broke a promise. The control runs must see this, everybody else never."""


class Findings:
    def __init__(self):
        self.lines = []

    def expect(self, holds: bool, line: str) -> bool:
        if not holds:
            self.lines.append(line)
        return holds

    def raise_if_any(self) -> None:
        if self.lines:
            raise Lost(f"{len(self.lines)} promises broken:\n" + "\n".join(line[:300] for line in self.lines[:30]))


def check_stored_images(server, all_sent: list, findings: Findings, only=None) -> None:
    """Each acknowledged image is listed and comes back with its bytes; each other one is absent or whole; what
    was removed stays away; nothing else is listed. `only` names those whose bytes are fetched."""
    client = server.client()
    by_study = {}
    for sent in all_sent:
        by_study.setdefault(sent.spec.study_uid, []).append(sent)
    for study_uid, of_study in by_study.items():
        listed = client.images_of_study(study_uid)
        for sent in of_study:
            image = listed.pop(sent.spec.image_uid, None)
            if only is None or sent in only:
                check_one(client, sent, image, findings)
        findings.expect(not listed, f"images that nobody sent in study {study_uid}: {sorted(listed)}")
    client.close()


def check_one(client, sent: Sent, image, findings: Findings) -> None:
    uid = sent.spec.image_uid
    if image is None:
        findings.expect(not sent.stored or sent.removal != "", f"acknowledged and lost: {uid}")
        return
    findings.expect(sent.removal != "done", f"removed and back again: {uid}")
    answer = client.fetch(image)
    what = "acknowledged" if sent.stored else "never acknowledged, but listed"
    if findings.expect(answer.status == 200, f"{what} and not readable: {uid}: {answer}"):
        findings.expect(answer.body == sent.spec.content(), f"{what} and with wrong bytes: {uid}")


def check_receipts(server, all_sent: list, findings: Findings) -> None:
    """Asking again gives the receipt that was given, word for word."""
    client = server.client()
    for sent in all_sent:
        if not sent.receipt or sent.removal:
            continue
        if sent.order is None:
            again = client.store(sent.spec.content(), "application/dicom")
        else:
            again = client.acknowledge(sent.spec.image_uuid)
        if findings.expect(again.status == 200, f"{sent.spec.image_uid} again: {again}"):
            findings.expect(again.json()["receipt"] == sent.receipt, f"another receipt: {sent.spec.image_uid}")
    client.close()


def check_tree(server, known_hashes: set, findings: Findings, only_new_in: set | None = None, waiting=0) -> None:
    """No file below radiology/ is torn, whether a row points to it or not, and nothing is left in staging but
    what so many uploads in pieces wait for. `only_new_in` holds the paths that were read before and takes those
    that are new."""
    for path in server.stored_files():
        if only_new_in is not None:
            if path in only_new_in:
                continue
            only_new_in.add(path)
        content = server.read_stored(path)
        findings.expect(hashlib.sha256(content).digest() in known_hashes, f"torn: {path} ({len(content)} bytes)")
    findings.expect(len(server.staged_files()) <= waiting, f"left in staging: {server.staged_files()}")


def waiting_uploads(all_sent: list) -> int:
    """Also those that nobody goes on with, since what was told of them crossed a power cut."""
    return sum(1 for sent in all_sent if sent.waits_for_pieces) + \
        sum(sent.pieces.untold for sent in all_sent if sent.pieces is not None)


def check_resend(server, all_sent: list, findings: Findings) -> None:
    """The same request again succeeds, and there is one object."""
    client = server.client()
    files = {}
    for sent in all_sent:
        if sent.removal:
            continue
        try:
            send(client, sent)
        except Exception as failure:  # pylint: disable=broad-except
            findings.expect(False, f"sending {sent.spec.image_uid} again: {failure}")
    for path in server.stored_files():
        files.setdefault(path.parent.name, []).append(path)
    for sent in all_sent:
        if not sent.removal:
            count = len(files.get(sent.spec.image_uid, []))
            findings.expect(count == 1, f"{count} objects of {sent.spec.image_uid}")
    client.close()


def check_after_crash(server, fresh: list, before: list, rng: random.Random, seen_files: set) -> None:
    """`fresh` were under way when it happened, `before` are those of earlier crashes."""
    findings = Findings()
    hashes = {hashlib.sha256(sent.spec.content()).digest() for sent in fresh}
    check_stored_images(server, fresh, findings)
    check_tree(server, hashes, findings, seen_files, waiting_uploads(fresh + before))
    verify_is_quiet(server, Lost)
    known = [sent for sent in fresh if sent.receipt]
    check_receipts(server, rng.sample(known, min(REPEATED_MAX, len(known))), findings)
    cut = [sent for sent in fresh if not sent.receipt]
    check_resend(server, cut, findings)
    check_stored_images(server, fresh, findings, only=cut)
    check_receipts(server, rng.sample(before, min(REPEATED_MAX, len(before))), findings)
    for sent in cut:  # written by the resend
        hashes.add(hashlib.sha256(sent.spec.content()).digest())
    check_tree(server, hashes, findings, seen_files, waiting_uploads(fresh + before))
    findings.raise_if_any()


def check_everything(server, all_sent: list) -> None:
    """Also what no crash was near to."""
    findings = Findings()
    check_stored_images(server, all_sent, findings)
    hashes = {hashlib.sha256(sent.spec.content()).digest() for sent in all_sent}
    check_tree(server, hashes, findings, waiting=waiting_uploads(all_sent))
    check_resend(server, all_sent, findings)
    findings.raise_if_any()
    assert accepted(server.client().call("GET", "/readyz"), 200) == {"status": "ready"}
