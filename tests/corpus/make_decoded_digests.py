#!/usr/bin/env python3
"""Writes decoded_digests.tsv: the pixels of the corpus as other decoders see them.

Usage: make_decoded_digests.py CORPUS_FOLDER > decoded_digests.tsv
Needs of PyPI: pydicom>=3 pylibjpeg[all] pyjpegls numpy

A line a file: path, colours of the decoded frames, and of up to two frames (the first ones)
  exact   SHA-256 over the samples as 32-bit integers (little endian, sign by Bits Stored, the samples of
          a pixel side by side), of 32 bits and more over the bytes as they are
  near    where the codec loses information, and two right decoders differ by a step: the means of
          4 x 4 fields of each sample of the first frame
decoded_frames_test holds the decoders of src/pixel against it.
"""

import csv
import hashlib
import re
import sys
import warnings
from pathlib import Path

import numpy
import pydicom
from pydicom.pixels import get_decoder

FRAMES_MAX = 2
FIELDS = 4
PIXELS = {"PixelData", "FloatPixelData", "DoubleFloatPixelData"}
SEQUENTIAL = re.compile(rb"\xff[\xc0-\xc2]\x00\x0b|\xff[\xc0-\xc2]\x00\x11")
LOSSY = {"50", "51", "53", "55", "81", "91", "93", "203"}


def samples_of(array, data_set):
    bits = int(data_set.get("BitsStored", 0))
    if data_set.get("BitsAllocated", 8) >= 32 or array.dtype.kind == "f":
        return array.astype(array.dtype.newbyteorder("<"))
    values = array.astype("<i4") & ((1 << bits) - 1)
    if data_set.get("PixelRepresentation", 0) == 1:
        values -= (values >> (bits - 1)) << bits
    return values.astype("<i4")


def means_of(values):
    values = values.reshape(values.shape[0], values.shape[1], -1)
    rows, columns, samples = values.shape
    means = []
    for y in range(FIELDS):
        for x in range(FIELDS):
            field = values[y * rows // FIELDS : (y + 1) * rows // FIELDS,
                           x * columns // FIELDS : (x + 1) * columns // FIELDS]
            means += [f"{field[:, :, s].mean():.3f}" if field.size else "0" for s in range(samples)]
    return ",".join(means)


def describe(data_set):
    syntax = data_set.file_meta.TransferSyntaxUID
    # A JPEG stream that is lossy under any name.
    is_sequential = SEQUENTIAL.search(bytes(data_set.get("PixelData", b""))[:1000]) is not None
    is_lossy = is_sequential and "1.2.4." in syntax or syntax.split(".")[-1] in LOSSY and "1.2.4." in syntax
    count = min(int(data_set.get("NumberOfFrames") or 1), FRAMES_MAX)
    digest = hashlib.sha256()
    colours = ""
    frames = get_decoder(syntax).iter_array(data_set, indices=range(count), raw=True)
    for array, meta in frames:
        values = samples_of(array, data_set)
        # Its arrays have all chrominances.
        colours = meta["photometric_interpretation"].replace("YBR_FULL_422", "YBR_FULL")
        if is_lossy:
            return colours, "near", means_of(values)
        digest.update(numpy.ascontiguousarray(values).tobytes())
    return colours, "exact", digest.hexdigest()


def main():
    warnings.simplefilter("ignore")
    corpus = Path(sys.argv[1])
    with open(corpus / "manifest.tsv", newline="", encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        if not row["path"].startswith("valid/") or "1.2.1.99" in row["transfer_syntax"]:
            continue
        try:
            data_set = pydicom.dcmread(corpus / row["path"])
            if not PIXELS & {element.keyword for element in data_set}:
                continue
            print(row["path"], *describe(data_set), sep="\t")
        except Exception as error:  # pydicom cannot: nothing to compare with
            print(f"{row['path']}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
