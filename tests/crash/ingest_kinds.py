"""What a client may be in the middle of when a call fails or the power goes. Each kind prepares what it
needs, then does one thing whose every system call is reached in turn."""
import random

from image_factory import make_spec, uid_from
from upload_load import (Pieces, Refused, Sent, accepted, begin_in_pieces, send, send_in_pieces,
                         send_one_piece)


class Ingest:
    """Of a new image in a new study, so that all its folders are new as well."""
    order = None

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.sent = Sent(make_spec(rng, uid_from(rng), uid_from(rng), side=64), self.order)

    def prepare(self, client) -> None:
        """With nothing failing."""

    def act(self, client) -> None:
        """Raises archive_client.LOST without an answer, Refused with one that is no success."""
        send(client, self.sent)

    @property
    def all_sent(self) -> list:
        return [self.sent]

    def is_done(self) -> bool:
        return self.sent.receipt is not None


class OneStepUpload(Ingest):
    pass


class OfflineUpload(Ingest):
    def __init__(self, rng: random.Random):
        self.order = rng.randrange(1, 1 << 30)
        super().__init__(rng)


class UploadIntoStudy(Ingest):
    """The second image of a series: other folders are new, other rows are written."""

    def __init__(self, rng: random.Random):
        super().__init__(rng)
        self.first = self.sent
        self.sent = Sent(make_spec(rng, self.first.spec.study_uid, self.first.spec.series_uid, side=64))

    def prepare(self, client) -> None:
        send(client, self.first)

    @property
    def all_sent(self) -> list:
        return [self.first, self.sent]


class SameAgain(Ingest):
    """Of an image that was acknowledged: whatever happens now, it stays."""

    def prepare(self, client) -> None:
        send(client, self.sent)

    def act(self, client) -> None:
        receipt = accepted(client.store(self.sent.spec.content()), 200)["receipt"]
        assert receipt == self.sent.receipt


class Conflict(Ingest):
    """Other bytes under the UID of an acknowledged image."""

    def __init__(self, rng: random.Random):
        super().__init__(rng)
        self.done = False

    def prepare(self, client) -> None:
        send(client, self.sent)

    def act(self, client) -> None:
        answer = client.store(self.sent.spec.other_bytes().content())
        if answer.status != 409:
            raise Refused(f"{answer}, but 409 was to be expected")
        self.done = True

    def is_done(self) -> bool:
        return self.done


class Removal(Ingest):
    for_good = False

    def prepare(self, client) -> None:
        send(client, self.sent)

    def act(self, client) -> None:
        self.sent.removal = "asked"
        accepted(client.remove(self.sent.spec.image_uid, self.for_good), 200)
        self.sent.removal = "done"

    def is_done(self) -> bool:
        return self.sent.removal == "done"


class RemovalForGood(Removal):
    """Not into the trash: the bytes are deleted as well."""
    for_good = True


class FirstPiece(Ingest):
    """Of an upload in pieces: what is told to be there is there."""

    def __init__(self, rng: random.Random):
        super().__init__(rng)
        self.sent.pieces = Pieces()

    def act(self, client) -> None:
        begin_in_pieces(client, self.sent)
        send_one_piece(client, self.sent)

    def is_done(self) -> bool:
        return self.sent.pieces.told > 0


class LastPiece(FirstPiece):
    """The bytes that make an image of it."""

    def prepare(self, client) -> None:
        begin_in_pieces(client, self.sent)
        send_one_piece(client, self.sent)

    def act(self, client) -> None:
        send_in_pieces(client, self.sent)

    def is_done(self) -> bool:
        return self.sent.stored is not None


KINDS = (OneStepUpload, OfflineUpload, UploadIntoStudy, SameAgain, Conflict, Removal, RemovalForGood, FirstPiece,
         LastPiece)
