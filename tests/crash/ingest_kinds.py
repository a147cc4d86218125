"""What a client may be in the middle of when a call fails or the power goes. Each kind prepares what it
needs, then does one thing whose every system call is reached in turn."""
import contextlib
import random
import sqlite3
import time

from image_factory import make_spec, uid_from
from upload_load import (Pieces, Refused, Sent, accepted, begin_in_pieces, begin_with_piece, send, send_in_pieces,
                         send_one_piece)

PURGE_SECONDS_MAX = 20  # the trash is looked at each second


class Ingest:
    """Of a new image in a new study, so that all its folders are new as well."""
    order = None
    server = None  # given before act(), for a kind that no request does

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


class FirstPieceAtOnce(FirstPiece):
    """An upload in pieces that begins with the first of them in the same request."""

    def act(self, client) -> None:
        begin_with_piece(client, self.sent)


class OutOfTheTrash(Ingest):
    """Until it is answered the image may be there or not."""

    def prepare(self, client) -> None:
        send(client, self.sent)
        accepted(client.remove(self.sent.spec.image_uid), 200)
        self.sent.removal = "done"

    def act(self, client) -> None:
        self.sent.removal = "asked"
        self.bring_back(client)
        self.sent.removal = ""

    def bring_back(self, client) -> None:
        raise NotImplementedError

    def is_done(self) -> bool:
        return self.sent.removal == ""


class Restore(OutOfTheTrash):
    def bring_back(self, client) -> None:
        assert accepted(client.restore(self.sent.spec.image_uid), 200)["images_restored"] == 1


class ResendOfTrashed(OutOfTheTrash):
    """The same bytes again: who is told that they are stored may delete them."""

    def bring_back(self, client) -> None:
        receipt = accepted(client.store(self.sent.spec.content()), 200)["receipt"]
        assert receipt == self.sent.receipt


class BackgroundPurge(Ingest):
    """What is due in the trash is deleted for good, by the server itself. It has been there for long enough as
    soon as its row says so."""

    def prepare(self, client) -> None:
        send(client, self.sent)
        accepted(client.remove(self.sent.spec.image_uid), 200)
        self.sent.removal = "done"

    def act(self, client) -> None:
        self.make_due()
        deadline = time.monotonic() + PURGE_SECONDS_MAX
        while not self.is_done():
            if self.in_index("SELECT 1 FROM trashed_images WHERE purge_at > 1 AND image_uid = ?", "ro"):
                self.make_due()  # it could not be deleted and has been put off
            if self.server.process.poll() is not None:
                raise ConnectionResetError("the server is gone")
            if time.monotonic() > deadline:
                raise Refused("it is not purged")
            time.sleep(0.02)

    def is_done(self) -> bool:
        return not self.in_index("SELECT 1 FROM trashed_images WHERE image_uid = ?", "ro")

    def make_due(self) -> None:
        self.in_index("UPDATE trashed_images SET purge_at = 1 WHERE image_uid = ?", "rw")

    def in_index(self, statement: str, mode: str) -> list:
        """Read-only where nothing is written: else who closes the index of a dead server would tidy it up."""
        name = f"file:{self.server.data / 'index.db'}?mode={mode}"
        with contextlib.closing(sqlite3.connect(name, uri=True, timeout=10)) as index, index:
            return index.execute(statement, (self.sent.spec.image_uid,)).fetchall()


KINDS = (OneStepUpload, OfflineUpload, UploadIntoStudy, SameAgain, Conflict, Removal, RemovalForGood, Restore,
         ResendOfTrashed, FirstPiece, LastPiece)
# Neither is answered like a request that lacks memory: an upload whose beginning was never told stays in staging
# until its time is over, and nobody asks for a purge.
OTHER_KINDS = (FirstPieceAtOnce, BackgroundPurge)
ALL_KINDS = KINDS + OTHER_KINDS
