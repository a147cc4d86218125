"""Several senders at once, until the server is gone; what each was told is kept here, outside of its disk."""
import dataclasses
import random
import threading
import time

from archive_client import LOST
from image_factory import ImageSpec, make_spec, uid_from

SENDERS = 8
REMOVED_SHARE = 0.05  # of its own stored images a sender removes so many again
PIECES_SHARE = 0.5  # of the images that are not sent offline
PIECES = (2, 4, 8)
JPEG_SHARE = 0.2  # of the offline uploads: what their bytes do not tell must survive as well


@dataclasses.dataclass
class Pieces:
    """How far an upload in pieces is, as its sender was told."""
    count: int = 2
    path: str | None = None
    told: int = 0
    was_last: bool = False  # all bytes have been sent: the upload itself may then begin again
    is_sure: bool = True  # its beginning was told before the power went
    untold: int = 0  # so many may have begun, with bytes, without that anybody was told where
    answered: list = dataclasses.field(default_factory=list)  # each (moment, told), by the monotonic clock

    def note(self, told: int) -> None:
        self.told = told
        self.answered.append((time.monotonic(), told))

    def forget_after(self, moment: float) -> bool:
        """As Sent does. The path stays, to be asked for: somebody has to end what was begun there."""
        known = [told for at, told in self.answered if at < moment]
        if len(known) == len(self.answered):
            return False
        self.told, self.is_sure = (known[-1], True) if known else (0, False)
        del self.answered[len(known):]
        return True


@dataclasses.dataclass
class Sent:
    """One image, and what its sender was told about it before the power went."""
    spec: ImageSpec
    order: int | None = None  # of an offline upload; None: in one step, or in pieces
    pieces: Pieces | None = None
    announced: bool = False
    stored: dict | None = None  # the answer that said so: from then on it must be there
    receipt: dict | None = None
    removal: str = ""  # "asked", then "done": from then on it must not be there
    answered_at: dict = dataclasses.field(default_factory=dict)  # by field: when, by the monotonic clock

    def note(self, field: str, value) -> None:
        setattr(self, field, value)
        self.answered_at[field] = time.monotonic()

    def forget_after(self, moment: float) -> bool:
        """What was told after this moment was never told; whether there was such a thing."""
        late = [field for field, at in self.answered_at.items() if at >= moment]
        for field in late:
            setattr(self, field, {"removal": "asked", "announced": False}.get(field))
            del self.answered_at[field]
        late_piece = self.pieces is not None and self.pieces.forget_after(moment)
        return bool(late) or late_piece

    @property
    def waits_for_pieces(self) -> bool:
        """Bytes of it may lie in staging until its sender goes on."""
        return self.pieces is not None and not self.stored


class Refused(Exception):
    """An answer that no client should ever get here."""


def accepted(answer, *statuses) -> dict:
    if answer.status not in statuses:
        raise Refused(f"{answer}, but {statuses} was to be expected")
    return answer.json()


def send(client, sent: Sent) -> None:
    """All of the steps that are not done yet, each noted when its answer is here."""
    spec = sent.spec
    if sent.waits_for_pieces:
        send_in_pieces(client, sent)
    if sent.order is None:
        media_type = "image/jpeg" if spec.kind == "jpeg" else "application/dicom"
        right = (200,) if sent.stored else (200, 201)  # what was told to be stored is not stored anew
        sent.note("stored", accepted(client.store(spec.content(), media_type), *right))
        sent.note("receipt", sent.stored["receipt"])
        return
    if not sent.announced:
        accepted(client.announce(spec.announcement(sent.order)), 200, 201)
        sent.note("announced", True)
    if not sent.stored:
        sent.note("stored", accepted(client.send_binary(spec.image_uuid, spec.filename, spec.content()), 200, 201))
    if not sent.receipt:
        sent.note("receipt", accepted(client.acknowledge(spec.image_uuid), 200)["receipt"])


def begin_in_pieces(client, sent: Sent) -> None:
    """What was told stays, after whatever crash; an upload whose beginning was never told begins again."""
    pieces, size = sent.pieces, len(sent.spec.content())
    if pieces.path is not None:
        asked = client.ask_upload(pieces.path)
        if asked.status == 404 and not pieces.is_sure:
            pieces.path = None
    if pieces.path is not None:
        accepted_head(asked)
        offset = int(asked.headers["Upload-Offset"])
        if offset < pieces.told and not pieces.was_last:
            raise Refused(f"{offset} bytes are durable, and {pieces.told} were told")
        pieces.note(offset)
        return
    answer = client.begin_upload(size)
    if answer.status != 201:
        raise Refused(f"{answer}, but 201 was to be expected")
    pieces.path = client.upload_path(answer)
    pieces.note(0)


def begin_with_piece(client, sent: Sent) -> None:
    """Beginning and first piece in one request."""
    pieces, content = sent.pieces, sent.spec.content()
    piece = content[:-(-len(content) // pieces.count)]
    pieces.untold += 1
    answer = client.begin_upload(len(content), piece)
    if answer.status != 201:
        raise Refused(f"{answer}, but 201 was to be expected")
    pieces.untold -= 1
    pieces.path = client.upload_path(answer)
    pieces.note(int(answer.headers["Upload-Offset"]))


def accepted_head(answer) -> None:
    if answer.status != 200:
        raise Refused(f"{answer}, but 200 was to be expected")


def send_one_piece(client, sent: Sent) -> None:
    """The next, as long as each of them, or what is left of the image."""
    pieces, content = sent.pieces, sent.spec.content()
    piece = content[pieces.told:pieces.told + -(-len(content) // pieces.count)]
    pieces.was_last = pieces.told + len(piece) == len(content)
    answer = client.send_piece(pieces.path, pieces.told, piece)
    if answer.status != 204:
        raise Refused(f"{answer}, but 204 was to be expected")
    pieces.note(int(answer.headers["Upload-Offset"]))


def send_in_pieces(client, sent: Sent) -> None:
    begin_in_pieces(client, sent)
    while sent.pieces.told < len(sent.spec.content()):
        send_one_piece(client, sent)
    sent.note("stored", {"upload": sent.pieces.path})


class Sender(threading.Thread):
    """Half of them send in one step or in pieces, the others offline. Each has a study of its own."""

    def __init__(self, server, number: int, seed: int, image_count=1_000_000, removes=True):
        super().__init__(daemon=True)
        self.rng = random.Random(seed)
        self.client = server.client()
        self.order = seed % (1 << 30) + 1 if number % 2 else None
        self.study_uid, self.series_uid = uid_from(self.rng), uid_from(self.rng)
        self.image_count, self.removes = image_count, removes
        self.all_sent = []
        self.refused, self.refused_at = None, 0.0

    def run(self) -> None:
        try:
            for _ in range(self.image_count):
                self.send_one()
        except LOST:
            pass
        except Refused as refused:  # told by upload_until: a thread cannot fail a test
            self.refused, self.refused_at = str(refused), time.monotonic()
        self.client.close()

    def send_one(self) -> None:
        is_jpeg = self.order is not None and self.rng.random() < JPEG_SHARE
        sent = Sent(make_spec(self.rng, self.study_uid, self.series_uid, side=20 if is_jpeg else None,
                              kind="jpeg" if is_jpeg else "dicom"), self.order)
        if self.order is None and self.rng.random() < PIECES_SHARE:
            sent.pieces = Pieces(self.rng.choice(PIECES))
        self.all_sent.append(sent)
        send(self.client, sent)
        if self.removes and self.rng.random() < REMOVED_SHARE:
            sent.removal = "asked"
            accepted(self.client.remove(sent.spec.image_uid), 200)
            sent.note("removal", "done")


class UploadLoad:
    """`with` starts the senders; they end by themselves when the server is gone."""

    def __init__(self, server, rng: random.Random, senders=SENDERS):
        self.power_gone_at = float("inf")
        self.senders = [Sender(server, number, rng.getrandbits(48)) for number in range(senders)]

    def __enter__(self) -> "UploadLoad":
        for sender in self.senders:
            sender.start()
        return self

    def __exit__(self, *unused) -> None:
        for sender in self.senders:
            sender.join()

    @property
    def all_sent(self) -> list:
        return [sent for sender in self.senders for sent in sender.all_sent]

    def stored_count(self) -> int:
        return sum(1 for sender in self.senders for sent in sender.all_sent if sent.stored)

    def power_goes(self) -> None:
        """Called just before the cut. No answer leaves a machine without power, but here the processes live on
        for a moment, and an fsync that is under way while the filesystem goes down may return 0 without having
        written: a loop of pwrite and fdatasync alone shows it, on ext4 and on XFS. So what is told after this
        moment does not count."""
        self.power_gone_at = time.monotonic()

    def forget_late_answers(self) -> int:
        return sum(sent.forget_after(self.power_gone_at) for sent in self.all_sent)

    def refusals(self) -> list:
        """Answers that nobody should get. A server whose disk has just gone may say so, by 500, 503 or 507."""
        return [sender.refused for sender in self.senders if sender.refused and not
                (sender.refused_at >= self.power_gone_at and sender.refused.startswith(("500", "503", "507")))]
