"""An image that is larger than anybody wants to hold in memory: its bytes are made while they are sent."""
import hashlib
import random
import struct

import dicom_files

BLOCK = 1 << 20
ROW_BYTES = 1 << 16  # of 32,768 pixels of 16 bits: Rows is a 16-bit number, and 2 GB are 32,768 of them


class LargeImage:
    """`size_bytes` of pixels, a multiple of a row."""

    def __init__(self, size_bytes: int, seed: int):
        assert size_bytes % BLOCK == 0
        self.pixel_bytes, self.seed = size_bytes, seed
        self.study_uid, self.image_uid = dicom_files.new_uid(), dicom_files.new_uid()
        head = dicom_files.ct_slice(study_uid=self.study_uid, image_uid=self.image_uid, PixelData=None,
                                    Rows=size_bytes // ROW_BYTES, Columns=ROW_BYTES // 2)
        self.head = head + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, size_bytes)  # PS3.5 7.1.2
        self.sha256 = None

    def __len__(self) -> int:
        return len(self.head) + self.pixel_bytes

    def blocks(self):
        """Once: afterwards `sha256` is known."""
        rng, digest = random.Random(self.seed), hashlib.sha256(self.head)
        yield self.head
        for _ in range(self.pixel_bytes // BLOCK):
            block = rng.randbytes(BLOCK)
            digest.update(block)
            yield block
        self.sha256 = digest.hexdigest()


def stream_through(server, image: LargeImage) -> None:
    """Up and down again, nothing of it held here either."""
    client = server.client()
    answer = client.call("POST", "/api/v1/radiology/images/", image.blocks(),
                         {"Content-Type": "application/dicom", "Content-Length": str(len(image))}, timeout=600)
    assert answer.status == 201, answer
    assert answer.json()["checksum"] == image.sha256
    listed = client.images_of_study(image.study_uid)[image.image_uid]
    digest, size = hashlib.sha256(), 0
    client.connection.request("GET", "/" + listed["image_url"].split("://", 1)[1].split("/", 1)[1])
    response = client.connection.getresponse()
    assert response.status == 200
    while block := response.read(BLOCK):
        digest.update(block)
        size += len(block)
    client.close()
    assert size == len(image) and digest.hexdigest() == image.sha256
