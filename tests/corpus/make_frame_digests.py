#!/usr/bin/python3
"""Writes frame_digests.tsv: what pydicom finds as the frames of the corpus.

Usage: make_frame_digests.py CORPUS_FOLDER > frame_digests.tsv

A line a file that has several frames or encapsulated ones: path, number of frames, and SHA-256 over
each frame's length (8 bytes, little endian) and bytes. Frames that are not whole bytes are left out.
dicom_corpus_test holds our frame tables against it.
"""

import csv
import hashlib
import struct
import sys
from pathlib import Path

import pydicom
from pydicom.encaps import generate_pixel_data_frame


def frames_of(data_set):
    count = int(data_set.get("NumberOfFrames") or 1)
    if data_set.file_meta.TransferSyntaxUID.is_encapsulated:
        return list(generate_pixel_data_frame(data_set.PixelData, count))
    if count == 1:
        return None
    bits = data_set.Rows * data_set.Columns * data_set.SamplesPerPixel * data_set.BitsAllocated
    if bits % 8:
        return None
    size = bits // 8
    return [data_set.PixelData[i * size : (i + 1) * size] for i in range(count)]


def main():
    corpus = Path(sys.argv[1])
    with open(corpus / "manifest.tsv", newline="", encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        if not row["path"].startswith("valid/") or "1.2.1.99" in row["transfer_syntax"]:
            continue
        try:
            data_set = pydicom.dcmread(corpus / row["path"])
            if "PixelData" not in data_set:
                continue
            frames = frames_of(data_set)
        except Exception as error:  # pydicom cannot: nothing to compare with
            print(f"{row['path']}: {error}", file=sys.stderr)
            continue
        if frames is None:
            continue
        digest = hashlib.sha256()
        for frame in frames:
            digest.update(struct.pack("<Q", len(frame)) + frame)
        print(row["path"], len(frames), digest.hexdigest(), sep="\t")


if __name__ == "__main__":
    main()
