# timeout: 300
"""Frames and instances in other transfer syntaxes than the stored one: over HTTP, through decoder processes."""
import csv
import hashlib
import io
import os
import pathlib
import secrets
import shutil
import subprocess

import numpy
import pydicom
import pydicom.encaps
import pytest
from PIL import Image

import dicom_files
import multipart
from archive_server import REPOSITORY, ArchiveServer

CORPUS = pathlib.Path(os.environ.get("PACS_LITE_DICOM_CORPUS", REPOSITORY.parent / "shared" / "dicom"))
DIGESTS = REPOSITORY / "tests" / "corpus" / "decoded_digests.tsv"
NATIVE = "1.2.840.10008.1.2.1"
LOSSLESS = {"1.2.840.10008.1.2.5": "image/dicom-rle", "1.2.840.10008.1.2.4.70": "image/jpeg",
            "1.2.840.10008.1.2.4.80": "image/jls", "1.2.840.10008.1.2.4.90": "image/jp2",
            "1.2.840.10008.1.2.4.201": "image/jphc", "1.2.840.10008.1.2.4.202": "image/jphc"}
JPEG, NEAR_LOSSLESS, JPEG_2000 = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"


def store(server, content):
    part = b"--x\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--x--\r\n"
    answer = server.session().post(server.url + "/dicom-web/studies", data=part, timeout=60, headers={
        "Content-Type": 'multipart/related; type="application/dicom"; boundary=x'})
    assert answer.status_code == 200, answer.text
    return pydicom.dcmread(io.BytesIO(content), force=True)


def url_of(server, data_set):
    return (f"{server.url}/dicom-web/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
            f"/instances/{data_set.SOPInstanceUID}")


def get(server, url, accept):
    return server.session().get(url, headers={"Accept": accept}, timeout=60)


def slopes(frames, bits=12):
    rows, columns = numpy.mgrid[0:40, 0:56]
    wave = (numpy.sin(rows / 7) * numpy.cos(columns / 11) + 1) / 2 * ((1 << bits) - 1)
    values = numpy.stack([wave * (n + 1) / frames for n in range(frames)])
    return values.astype(numpy.uint16 if bits > 8 else numpy.uint8)


def grey(frames=1, bits=12):
    pixels = slopes(frames, bits)
    allocated = 16 if bits > 8 else 8
    return pixels, dicom_files.ct_slice(rows=40, columns=56, NumberOfFrames=frames, PixelData=pixels.tobytes(),
                                        BitsAllocated=allocated, BitsStored=bits, HighBit=bits - 1, PixelRepresentation=0)


def again(made):
    """The same under another UID of the same length, so that it can be stored beside; byte for byte, since this
    pydicom writes no HTJ2K."""
    uid = pydicom.dcmread(io.BytesIO(made), stop_before_pixels=True).SOPInstanceUID
    other = uid[:-9] + f"{secrets.randbelow(10**9):09d}"
    return made.replace(uid.encode(), other.encode())


@pytest.mark.skipif(shutil.which("gdcmconv") is None, reason="libgdcm-tools is missing (tools/install_dependencies.sh test)")
def test_gdcm_decodes_what_is_encoded(shared_server, tmp_path):  # R4, G6
    pixels, content = grey(frames=2)
    stored = store(shared_server, content)
    gdcm_knows = [syntax for syntax in LOSSLESS if "4.20" not in syntax]  # no HTJ2K
    assert len(gdcm_knows) == 4
    for syntax in gdcm_knows:
        made, native = tmp_path / f"{syntax}.dcm", tmp_path / f"{syntax}-native.dcm"
        made.write_bytes(get(shared_server, url_of(shared_server, stored), f"application/dicom; transfer-syntax={syntax}").content)
        told = subprocess.run(["gdcminfo", made], capture_output=True, text=True, timeout=30)
        assert told.returncode == 0 and f"TransferSyntax is {syntax}" in told.stdout, told.stdout + told.stderr
        done = subprocess.run(["gdcmconv", "--raw", made, native], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert pydicom.dcmread(native).pixel_array.tobytes() == pixels.tobytes(), syntax


def test_frames_are_encoded_for_who_asks_and_decoded_again(shared_server):  # F3, F4, F5, G6, R4
    pixels, content = grey(frames=3)
    stored = store(shared_server, content)
    for syntax, media_type in LOSSLESS.items():
        accept = f'multipart/related; type="{media_type}"; transfer-syntax={syntax}'
        parts = multipart.parse(get(shared_server, url_of(shared_server, stored) + "/frames/3,1", accept))
        assert [headers["Content-Type"] for headers, _ in parts] == [f"{media_type}; transfer-syntax={syntax}"] * 2
        instance = get(shared_server, url_of(shared_server, stored), f"application/dicom; transfer-syntax={syntax}")
        assert instance.headers["Content-Type"] == f"application/dicom; transfer-syntax={syntax}", instance.text[:300]
        made = pydicom.dcmread(io.BytesIO(instance.content))
        assert made.file_meta.TransferSyntaxUID == syntax and made.SOPInstanceUID == stored.SOPInstanceUID
        assert "LossyImageCompression" not in made and made.BitsStored == 12 and made.PatientName == stored.PatientName
        fragments = list(pydicom.encaps.generate_pixel_data_frame(made.PixelData, 3))
        assert [body + b"\0" * (len(body) % 2) for _, body in parts] == [fragments[2], fragments[0]], syntax
        # Stored as it came, it is decoded to what it was, frame by frame and as a whole.
        compressed = again(instance.content)
        other = store(shared_server, compressed)
        for octets in ('multipart/related; type="application/octet-stream"',
                       f'multipart/related; type="application/octet-stream"; transfer-syntax={NATIVE}'):
            parts = multipart.parse(get(shared_server, url_of(shared_server, other) + "/frames/1,2,3", octets))
            assert b"".join(body for _, body in parts) == pixels.tobytes(), syntax
            assert parts[0][0]["Content-Type"] == f"application/octet-stream; transfer-syntax={NATIVE}"
        native = get(shared_server, url_of(shared_server, other), f"application/dicom; transfer-syntax={NATIVE}")
        assert pydicom.dcmread(io.BytesIO(native.content)).PixelData == pixels.tobytes(), syntax
        # What is acceptable as it is stored leaves so [G8].
        kept = get(shared_server, url_of(shared_server, other), "application/dicom; transfer-syntax=*")
        assert kept.content == compressed and kept.headers["Content-Type"].endswith(syntax)
        single = get(shared_server, url_of(shared_server, other) + "/frames/2", media_type)
        assert single.headers["Content-Type"] == f"{media_type}; transfer-syntax={syntax}"


def test_loss_is_told_and_comes_only_when_it_is_asked_for(shared_server):  # F4, R4
    pixels, content = grey(bits=8)
    stored = store(shared_server, content)
    url = url_of(shared_server, stored)
    assert get(shared_server, url + "/frames/1", "image/jpeg").headers["Content-Type"].endswith(".4.70")
    single = get(shared_server, url + "/frames/1", f"image/jpeg; transfer-syntax={JPEG}")
    seen = numpy.asarray(Image.open(io.BytesIO(single.content))).astype(int)
    assert 0 < numpy.abs(seen - pixels[0]).max() <= 8
    for syntax, method in ((JPEG, "ISO_10918_1"), (NEAR_LOSSLESS, "ISO_14495_1"), (JPEG_2000, "ISO_15444_1")):
        made = pydicom.dcmread(io.BytesIO(get(shared_server, url, f"application/dicom; transfer-syntax={syntax}").content))
        assert made.LossyImageCompression == "01" and made.LossyImageCompressionMethod == method
        assert made.LossyImageCompressionRatio > 1


def test_colours_are_told_as_they_are_encoded(shared_server):  # R4
    rgb = numpy.stack([slopes(1, 8)[0], slopes(1, 8)[0][::-1], slopes(1, 8)[0][:, ::-1]], axis=-1)
    content = dicom_files.ct_slice(rows=40, columns=56, PixelData=rgb.tobytes(), BitsAllocated=8, BitsStored=8, HighBit=7,
                                   PixelRepresentation=0, SamplesPerPixel=3, PhotometricInterpretation="RGB",
                                   PlanarConfiguration=0)
    stored = store(shared_server, content)
    for syntax, colours in (("1.2.840.10008.1.2.4.90", "YBR_RCT"), ("1.2.840.10008.1.2.4.80", "RGB"), (JPEG, "YBR_FULL_422")):
        answer = get(shared_server, url_of(shared_server, stored), f"application/dicom; transfer-syntax={syntax}")
        made = pydicom.dcmread(io.BytesIO(answer.content))
        assert made.PhotometricInterpretation == colours
        other = store(shared_server, again(answer.content))
        native = get(shared_server, url_of(shared_server, other), f"application/dicom; transfer-syntax={NATIVE}")
        decoded = pydicom.dcmread(io.BytesIO(native.content))
        if syntax != JPEG:
            assert decoded.PhotometricInterpretation == "RGB" and decoded.PixelData == rgb.tobytes()
        else:
            assert decoded.PhotometricInterpretation == "YBR_FULL" and len(decoded.PixelData) == rgb.size


def test_big_endian_and_deflated_frames_are_native_ones(shared_server):  # F3, G7
    pixels, content = grey(frames=2)
    for syntax in (pydicom.uid.ExplicitVRBigEndian, pydicom.uid.DeflatedExplicitVRLittleEndian):
        data_set = pydicom.dcmread(io.BytesIO(content))
        data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = dicom_files.new_uid()
        data_set.file_meta.TransferSyntaxUID = syntax
        if syntax == pydicom.uid.ExplicitVRBigEndian:
            data_set.PixelData = pixels.byteswap().tobytes()
            data_set.is_little_endian = False
        out = io.BytesIO()
        data_set.save_as(out, write_like_original=False)
        store(shared_server, out.getvalue())
        for accept in ("*/*", 'multipart/related; type="application/octet-stream"; transfer-syntax=*'):
            parts = multipart.parse(get(shared_server, url_of(shared_server, data_set) + "/frames/2,1", accept))
            assert b"".join(body for _, body in parts) == pixels[::-1].tobytes(), syntax
        assert get(shared_server, url_of(shared_server, data_set) + "/frames/3", "*/*").status_code == 404


def test_what_cannot_be_encoded_or_decoded_is_406_with_the_reason(shared_server):  # G6, R5
    _, content = grey()
    stored = store(shared_server, content)
    url = url_of(shared_server, stored)
    deep = get(shared_server, url + "/frames/1", f"image/jpeg; transfer-syntax={JPEG}")
    assert deep.status_code == 406 and "8 bits" in deep.json()["detail"]
    assert get(shared_server, url, f"application/dicom; transfer-syntax={JPEG}").status_code == 406
    for unknown in ("1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2", "1.2.3"):
        assert get(shared_server, url, f"application/dicom; transfer-syntax={unknown}").status_code == 406, unknown
    # One broken frame of two costs itself alone; the stored bytes still leave.
    good = get(shared_server, url + "/frames/1", "image/jls").content
    data_set = pydicom.dcmread(io.BytesIO(content))
    data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = dicom_files.new_uid()
    data_set.NumberOfFrames = 2
    data_set.PixelData = pydicom.encaps.encapsulate([good, good[:40] + b"\xff" * 60])
    data_set["PixelData"].is_undefined_length = True
    data_set.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.80"
    out = io.BytesIO()
    data_set.save_as(out, write_like_original=False)
    store(shared_server, out.getvalue())
    url = url_of(shared_server, data_set)
    assert get(shared_server, url + "/frames/1", "application/octet-stream").status_code == 200
    broken = get(shared_server, url + "/frames/2", "application/octet-stream")
    assert broken.status_code == 406 and "frame 2" in broken.json()["detail"]
    assert get(shared_server, url, f"application/dicom; transfer-syntax={NATIVE}").status_code == 406
    assert get(shared_server, url + "/frames/2", "image/jls").status_code == 200


def test_decoder_processes_are_limited_counted_and_let_nothing_go(tmp_path):
    pixels, content = grey()
    with ArchiveServer(tmp_path, PACS_LITE_DECODER_PROCESSES="1", PACS_LITE_DECODER_SECONDS="5") as server:
        stored = store(server, content)
        made = get(server, url_of(server, stored), "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90").content
        other = store(server, again(made))
        url = url_of(server, other) + "/frames/1"
        for _ in range(3):
            assert get(server, url, "application/octet-stream").content == pixels.tobytes()
        children = [pid for pid in os.listdir("/proc") if pid.isdigit() and is_decoder(pid, server.process.pid)]
        assert len(children) == 1
        os.kill(int(children[0]), 9)
        assert get(server, url, "application/octet-stream").status_code in (200, 406)
        assert get(server, url, "application/octet-stream").content == pixels.tobytes()
        metrics = server.session().get(server.url + "/metrics", timeout=30).text
        assert 'pacs_lite_decoded_frames_total{outcome="decoded"}' in metrics


def is_decoder(pid, server_pid):
    try:
        line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        parent = int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, ValueError):
        return False
    return parent == server_pid and b"decode-frames" in line


@pytest.mark.skipif(not (CORPUS / "manifest.tsv").is_file(), reason=f"no DICOM corpus at {CORPUS}")
def test_real_files_decode_as_other_decoders_say(shared_server):  # F3
    """One small file of each transfer syntax that loses nothing, against tests/corpus/decoded_digests.tsv."""
    with open(CORPUS / "manifest.tsv", newline="", encoding="utf-8") as lines:
        syntaxes = {row["path"]: row["transfer_syntax"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    seen = set()
    for line in DIGESTS.read_text().splitlines():
        path, colours, kind, digest = line.split("\t")
        file = CORPUS / path
        if kind != "exact" or syntaxes.get(path) in seen or not file.is_file() or file.stat().st_size > 600_000:
            continue
        data_set = pydicom.dcmread(file)
        if int(data_set.get("NumberOfFrames") or 1) != 1 or data_set.BitsAllocated not in (8, 16) or "YBR" in colours:
            continue
        if data_set.get("PlanarConfiguration", 0) == 1 or not data_set.get("PatientID"):
            continue
        seen.add(syntaxes[path])
        store(shared_server, file.read_bytes())
        answer = get(shared_server, url_of(shared_server, data_set) + "/frames/1", f"application/octet-stream; transfer-syntax={NATIVE}")
        assert answer.status_code == 200, (path, answer.text)
        values = numpy.frombuffer(answer.content, "<u2" if data_set.BitsAllocated == 16 else "u1").astype("<i4")
        values &= (1 << data_set.BitsStored) - 1
        if data_set.PixelRepresentation == 1:
            values -= (values >> (data_set.BitsStored - 1)) << data_set.BitsStored
        assert hashlib.sha256(values.astype("<i4").tobytes()).hexdigest() == digest, path
    assert len(seen) >= 6, seen
