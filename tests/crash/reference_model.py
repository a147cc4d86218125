"""What an archive is, in a hundred lines and in memory: a few places for images, each empty or holding one of
two contents that claim the same UID. The model says which answers are right, and what must be there after."""
import dataclasses
import random
import uuid

from image_factory import ImageSpec, make_spec, uid_from

REMOVABLE_STUDIES = 4
OFFLINE_STUDIES = 2  # nothing is removed from these, so that what an upload's record says is certain
SERIES_OF_STUDY = 2
PLACES_OF_SERIES = 3
VARIANTS = (0, 1)


class Disagreement(AssertionError):
    """The archive and the model are not of one mind."""


def agree(holds: bool, what: str) -> None:
    if not holds:
        raise Disagreement(what)


@dataclasses.dataclass
class Place:
    """One image UID."""
    specs: tuple  # the two contents
    order: int | None  # of its study, where that takes offline uploads
    held: int | None = None  # which of the contents is stored
    removed: int | None = None  # what is in the trash
    number: int | None = None  # its id; stays through the trash, and is never given again after that
    gone: set = dataclasses.field(default_factory=set)  # the ids of what was deleted for good
    strays: set = dataclasses.field(default_factory=set)  # contents that a crash may have left without a row
    one_step_receipt: dict | None = None
    uploads: dict = dataclasses.field(default_factory=dict)  # by variant: announced, stored, acknowledged
    upload_receipts: dict = dataclasses.field(default_factory=dict)

    @property
    def uid(self) -> str:
        return self.specs[0].image_uid

    @property
    def study_uid(self) -> str:
        return self.specs[0].study_uid

    @property
    def series_uid(self) -> str:
        return self.specs[0].series_uid

    def content(self, variant: int) -> bytes:
        return self.specs[variant].content()

    # What an answer may be, and what it changes. An answer that never came may have changed it or not.

    def right_store_answers(self, variant: int) -> tuple:
        if self.held is not None:
            return (200,) if self.held == variant else (409,)
        if self.removed is not None:
            return (200,) if self.removed == variant else (409,)  # out of the trash, or in its way
        if self.strays - {variant}:
            return (201, 409)  # key_occupied: other bytes lie there until an operator has looked
        return (201,)

    def was_stored(self, variant: int) -> None:
        if self.held is None:
            if self.removed != variant:
                self.one_step_receipt = None
            self.held, self.removed, self.strays = variant, None, set()

    def was_removed(self) -> None:
        if self.held is not None:
            self.held, self.removed, self.one_step_receipt = None, self.held, None

    def was_restored(self) -> None:
        if self.removed is not None:
            self.held, self.removed = self.removed, None

    def was_deleted(self) -> None:
        """For good, from wherever it was."""
        if self.held is not None or self.removed is not None:
            self.held, self.removed, self.one_step_receipt = None, None, None
            self.gone |= {self.number} - {None}
            self.number = None

    def saw_number(self, number: int) -> None:
        agree(number not in self.gone, f"{self.uid} has the id {number} of an image that was deleted")
        agree(self.number in (None, number), f"{self.uid} had the id {self.number}, and now {number}")
        self.number = number


class ReferenceModel:
    def __init__(self, rng: random.Random):
        self.places, self.ids = [], {}
        self.held_studies = set()  # under a legal hold
        for number in range(REMOVABLE_STUDIES + OFFLINE_STUDIES):
            order = rng.randrange(1, 1 << 30) if number >= REMOVABLE_STUDIES else None
            study = uid_from(rng)
            for _ in range(SERIES_OF_STUDY):
                series = uid_from(rng)
                self.places += [make_place(rng, study, series, order) for _ in range(PLACES_OF_SERIES)]

    def any_place(self, rng: random.Random) -> Place:
        return rng.choice(self.places)

    def removable_place(self, rng: random.Random) -> Place:
        return rng.choice([place for place in self.places if place.order is None])

    def offline_place(self, rng: random.Random) -> Place:
        return rng.choice([place for place in self.places if place.order is not None])

    def places_in(self, level: str, place: Place) -> list:
        """Those that go with this one when its image, series or study is removed."""
        return [other for other in self.places if getattr(other, level + "_uid", other.uid) ==
                getattr(place, level + "_uid", place.uid)]

    def saw_id(self, number: int, image_uid: str) -> None:
        """Ids are never given again."""
        known = self.ids.setdefault(number, image_uid)
        agree(known == image_uid, f"the id {number} of {known} was given again, to {image_uid}")


def make_place(rng: random.Random, study: str, series: str, order) -> Place:
    first = make_spec(rng, study, series, side=rng.choice((16, 64)))
    second: ImageSpec = dataclasses.replace(first.other_bytes(),
                                            image_uuid=str(uuid.UUID(int=rng.getrandbits(128), version=4)))
    return Place((first, second), order)
