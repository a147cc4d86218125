"""Many different images quickly: a file that pydicom made once, with other UIDs and pixels put into it."""
import dataclasses
import functools
import hashlib
import random
import struct
import uuid

import dicom_files

UID_DIGITS = 38  # with the leading 1: a UUID's decimal value has up to 39, and all UIDs are equally long
PLACES = {name: "2.25.1" + str(number) * UID_DIGITS for number, name in enumerate(("study", "series", "image"), 2)}


def uid_from(rng: random.Random) -> str:
    return "2.25.1" + "".join(rng.choices("0123456789", k=UID_DIGITS))


@functools.cache
def template(side: int) -> tuple:
    """The file and where its pixels begin."""
    content = dicom_files.ct_slice(study_uid=PLACES["study"], series_uid=PLACES["series"],
                                   image_uid=PLACES["image"], rows=side, columns=side)
    return content, len(content) - side * side * 2


@functools.cache
def picture_template() -> bytes:
    return dicom_files.picture()


@dataclasses.dataclass(frozen=True)
class ImageSpec:
    """What makes an image's bytes again whenever they are wanted, so that nobody has to keep them."""
    study_uid: str
    series_uid: str
    image_uid: str
    seed: int
    side: int = 64
    kind: str = "dicom"  # or "jpeg", which has no UIDs of its own
    image_uuid: str = ""  # for the offline upload

    def content(self) -> bytes:
        noise = random.Random(self.seed).randbytes(self.side * self.side * 2)
        if self.kind == "jpeg":  # a comment right behind the start of the picture makes it one of its own
            comment = noise[:1000]
            return picture_template()[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + \
                picture_template()[2:]
        head, pixels_at = template(self.side)
        head = head[:pixels_at]
        for name, uid in (("study", self.study_uid), ("series", self.series_uid), ("image", self.image_uid)):
            head = head.replace(PLACES[name].encode(), uid.encode())
        return head + noise

    @property
    def filename(self) -> str:
        return f"{self.seed}.{'jpg' if self.kind == 'jpeg' else 'dcm'}"

    def other_bytes(self) -> "ImageSpec":
        """Another image that claims the same UIDs."""
        return dataclasses.replace(self, seed=self.seed + (1 << 40))

    def announcement(self, order: int) -> dict:
        content = self.content()
        document = {"image_uuid": self.image_uuid, "radiology_order_id": order, "filename": self.filename,
                    "file_size": len(content), "checksum": hashlib.sha256(content).hexdigest()}
        if self.kind == "jpeg":
            document["image_metadata"] = {"study_uid": self.study_uid, "series_uid": self.series_uid,
                                          "image_uid": self.image_uid, "modality": "XC"}
        return document


def make_spec(rng: random.Random, study_uid: str, series_uid: str, side=None, kind="dicom") -> ImageSpec:
    """Mostly small: what counts is how many are on their way at once. Some need several writes."""
    if side is None:
        side = rng.choice((16, 64, 64, 128, 400))
    return ImageSpec(study_uid=study_uid, series_uid=series_uid, image_uid=uid_from(rng), seed=rng.getrandbits(40),
                     side=side, kind=kind, image_uuid=str(uuid.UUID(int=rng.getrandbits(128), version=4)))
