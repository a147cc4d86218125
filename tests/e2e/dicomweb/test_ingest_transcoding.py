# timeout: 120
"""Transcoding on ingest by rule: copies of frames beside the index, never in the place of what is stored."""
import io
import re
import time

import pydicom
import pydicom.encaps

import dicom_files
from archive_server import ArchiveServer
from test_transcoding import again, get, grey, store, url_of

HTJ2K, RPCL = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"
JPEG_LS, JPEG = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.50"


def copies(server):
    return sorted((server.data / "transcoded").glob("*"))


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def metric(server, name):
    text = server.session().get(server.url + "/metrics", timeout=30).text
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def made(server):
    return metric(server, 'pacs_lite_transcoded_copies_total{outcome="made"}')


def refused(server):
    return metric(server, 'pacs_lite_transcoded_copies_total{outcome="refused"}')


def frame(server, stored, number=1, syntax=RPCL):
    answer = get(server, url_of(server, stored) + f"/frames/{number}", f"image/jphc; transfer-syntax={syntax}")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == f"image/jphc; transfer-syntax={syntax}"
    return answer.content


def test_a_new_image_gets_a_copy_and_stays_what_it_is(tmp_path):  # F4, F5
    _, content = grey(frames=3)
    with ArchiveServer(tmp_path) as server:
        stored = store(server, content)
        expected = [frame(server, stored, number) for number in (1, 2, 3)]
        assert not (server.data / "transcoded").exists(), "off by default"
    with ArchiveServer(tmp_path, PACS_LITE_TRANSCODE="htj2k") as server:
        fresh = store(server, again(content))
        wait_for(lambda: made(server) == 1, "the new image has a copy")
        assert len(copies(server)) == 1, "and the one from before the rule has none"
        assert [frame(server, fresh, number) for number in (1, 2, 3)] == expected
        assert frame(server, fresh, 2, HTJ2K) == expected[1]
        # The stored image is the one that was sent, and the same bytes again are a success.
        kept = get(server, url_of(server, fresh), "application/dicom; transfer-syntax=*").content
        assert kept == again_as(content, fresh)
        assert store(server, kept).SOPInstanceUID == fresh.SOPInstanceUID
        instance = pydicom.dcmread(io.BytesIO(get(server, url_of(server, fresh), f"application/dicom; transfer-syntax={RPCL}").content))
        assert list(pydicom.encaps.generate_pixel_data_frame(instance.PixelData, 3)) == [x + b"\0" * (len(x) % 2) for x in expected]
        # Who asks for an older image makes it wanted.
        frame(server, stored)
        wait_for(lambda: made(server) == 2, "a copy of what was asked for")
        # A single part is served in ranges, of which the first is the beginning of the same bytes.
        part = server.session().get(url_of(server, fresh) + "/frames/1", timeout=60,
                                    headers={"Accept": f"image/jphc; transfer-syntax={RPCL}", "Range": "bytes=0-99"})
        assert part.status_code == 206 and part.content == expected[0][:100]
        assert part.headers["Content-Range"] == f"bytes 0-99/{len(expected[0])}"
        server.kill()
        server.start()
        assert len(copies(server)) == 2
        # Bits that have turned, half of a file, none at all: made anew from what is stored.
        for number, damage in enumerate((lambda x: x[:50] + bytes([x[50] ^ 1]) + x[51:], lambda x: x[:len(x) // 2], None)):
            path = next(x for x in copies(server) if x.name.startswith("2-"))
            path.write_bytes(damage(path.read_bytes())) if damage else path.unlink()
            assert frame(server, fresh, 1) == expected[0]
            wait_for(lambda: made(server) == number + 1, "made again")
        # With the image its copy goes.
        assert server.session().delete(url_of(server, fresh), timeout=30).status_code == 204
        wait_for(lambda: not any(x.name.startswith("2-") for x in copies(server)), "the copy of a removed image")
        assert server.stop() == 0
    with ArchiveServer(tmp_path) as server:
        assert not (server.data / "transcoded").exists(), "off again"
        assert frame(server, stored) == expected[0]


def again_as(content, data_set):
    uid = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True).SOPInstanceUID
    return content.replace(uid.encode(), data_set.SOPInstanceUID.encode())


def test_only_what_the_rule_names_and_can_be_had_without_loss(tmp_path):  # F4
    pixels, content = grey(frames=2, bits=8)
    with ArchiveServer(tmp_path, PACS_LITE_TRANSCODE="htj2k", PACS_LITE_TRANSCODE_FROM="lossless") as server:
        stored = store(server, content)
        lossy = get(server, url_of(server, stored), f"application/dicom; transfer-syntax={JPEG}").content
        lossless = get(server, url_of(server, stored), f"application/dicom; transfer-syntax={JPEG_LS}").content
        store(server, again(lossy))
        store(server, again(lossless))
        # A damaged frame, and numbers with bits above Bits Stored, which HTJ2K cannot hold.
        data_set = pydicom.dcmread(io.BytesIO(lossless))
        good = list(pydicom.encaps.generate_pixel_data_frame(data_set.PixelData, 2))[0]
        data_set.PixelData = pydicom.encaps.encapsulate([good, good[:40] + b"\xff" * 60])
        data_set["PixelData"].is_undefined_length = True
        broken = io.BytesIO()
        data_set.save_as(broken, write_like_original=False)
        store(server, again(broken.getvalue()))
        _, deep = grey(bits=12)
        overlaid = pydicom.dcmread(io.BytesIO(deep))
        overlaid.PixelData = bytes(b | 0x80 if i % 2 else b for i, b in enumerate(overlaid.PixelData))
        out = io.BytesIO()
        overlaid.save_as(out, write_like_original=False)
        store(server, out.getvalue())
        store(server, dicom_files.ct_slice(PixelData=None, Rows=None))
        wait_for(lambda: refused(server) == 2, "two are refused")
        time.sleep(1.5)  # nobody tries again
        assert refused(server) == 2 and made(server) == 2
        assert sorted(x.name.split("-")[0] for x in copies(server)) == ["1", "3"]
        assert len(re.findall("not_transcoded", server.log())) == 2
        native = get(server, url_of(server, stored) + "/frames/2", "application/octet-stream").content
        assert native == pixels[1].tobytes()


def test_the_room_for_copies_has_a_limit(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_TRANSCODE="jpeg-ls", PACS_LITE_TRANSCODE_BYTES="1 MiB") as server:
        for seed in range(4):
            store(server, dicom_files.ct_slice(rows=512, columns=512, seed=seed))  # noise: 390 kB each
        wait_for(lambda: made(server) == 4, "all are made")
        assert [x.name.split("-")[0] for x in copies(server)] == ["3", "4"], "the oldest have gone"
        assert metric(server, "pacs_lite_transcoded_copies_bytes") <= 1 << 20
