"""STOW-RS of ZIP files (S4): as the body and as parts, whole, damaged and hostile ones."""
import io
import struct
import zipfile
import zlib

import dicom_files
from stow_client import failed, stored, value

ZIP = "application/zip"


class Unseekable(io.RawIOBase):
    """As a ZIP file is written to a network: sizes stand behind each member."""

    def __init__(self):
        self.content = b""

    def writable(self):
        return True

    def write(self, data):
        self.content += bytes(data)
        return len(data)


def packed(members, compression=zipfile.ZIP_DEFLATED, streamed=False):
    out = Unseekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.content if streamed else out.getvalue()


def post(server, body, content_type=ZIP, study=None):
    url = server.url + "/dicom-web/studies" + (f"/{study}" if study else "")
    return server.session().post(url, data=body, headers={"Content-Type": content_type}, timeout=60)


class Slices:
    def __init__(self, count):
        self.study = dicom_files.new_uid()
        self.uids = [dicom_files.new_uid() for _ in range(count)]
        self.contents = [dicom_files.ct_slice(study_uid=self.study, image_uid=uid, seed=n) for n, uid in enumerate(self.uids)]
        self.members = [(f"DICOM/IM{n}", content) for n, content in enumerate(self.contents)]

    def found(self, server):
        answer = server.session().get(server.url + "/dicom-web/instances", params={"StudyInstanceUID": self.study}, timeout=30)
        return {hit["00080018"]["Value"][0] for hit in answer.json()}

    def retrieved(self, server):
        url = f"{server.url}/dicom-web/studies/{self.study}"
        answer = server.session().get(url, headers={"Accept": ZIP}, timeout=30)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            return {archive.read(name) for name in archive.namelist()}


def test_s4_each_member_is_an_instance(shared_server):
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        for streamed in (False, True):
            slices = Slices(3)
            extra = [("DICOM/", b""), ("DICOMDIR", b"describes the others")]
            answer = post(shared_server, packed(extra + slices.members, compression, streamed), study=slices.study)
            assert answer.status_code == 200, answer.text
            assert stored(answer) == slices.uids and not failed(answer)
            assert value(answer.json(), "00081190") == f"{shared_server.url}/dicom-web/studies/{slices.study}"
            assert slices.retrieved(shared_server) == set(slices.contents)


def test_s4_what_this_server_sends_can_be_stored_again(shared_server, server):
    slices = Slices(3)
    assert post(shared_server, packed(slices.members)).status_code == 200
    url = f"{shared_server.url}/dicom-web/studies/{slices.study}"
    sent = shared_server.session().get(url, headers={"Accept": ZIP}, timeout=30).content
    answer = post(server, sent)
    assert answer.status_code == 200 and set(stored(answer)) == set(slices.uids)
    assert slices.retrieved(server) == set(slices.contents)


def test_s4_as_parts(shared_server):
    slices = Slices(4)
    parts = [packed(slices.members[:2]), packed(slices.members[2:3])]
    for root, kinds, contents in ((ZIP, (ZIP, None), parts), ("application/dicom", (ZIP, "application/dicom"), [parts[0], slices.contents[3]])):
        body = b"".join(b"--B\r\n" + (f"Content-Type: {kind}\r\n".encode() if kind else b"") + b"\r\n" + content + b"\r\n"
                        for kind, content in zip(kinds, contents)) + b"--B--\r\n"
        answer = post(shared_server, body, f'multipart/related; type="{root}"; boundary=B')
        assert answer.status_code == 200, answer.text
    assert stored(answer) == [slices.uids[n] for n in (0, 1, 3)]
    assert slices.found(shared_server) == set(slices.uids)


def with_flag(archive, name, flag):
    """Sets a bit of the general purpose flags, in the local header and in the directory."""
    content = bytearray(archive)
    for signature, at_flags, at_name in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        start = content.find(name.encode())
        while start >= 0 and content[start - at_name:start - at_name + 4] != signature:
            start = content.find(name.encode(), start + 1)
        flags, = struct.unpack_from("<H", content, start - at_name + at_flags)
        struct.pack_into("<H", content, start - at_name + at_flags, flags | flag)
    return bytes(content)


def test_s4_each_member_has_a_fate_of_its_own(shared_server):
    slices = Slices(2)
    others = Slices(3)
    inner = packed(others.members[:1])
    members = slices.members[:1] + [("README.TXT", b"hello"), ("INNER.ZIP", inner)] + slices.members[1:]
    answer = post(shared_server, packed(members))
    assert answer.status_code == 202 and stored(answer) == slices.uids
    assert [value(item, "00081197") for item in answer.json()["00081198"]["Value"]] == [0xC000, 0xC000]
    stranger = post(shared_server, packed(others.members[1:2]), study=slices.study)
    assert stranger.status_code == 409 and failed(stranger) == {others.uids[1]: 0xA901}

    for spoil in ("encrypted", "check sum", "size", "lzma", "deflate"):
        good, bad = Slices(2), Slices(1)
        members = [good.members[0], ("BAD", bad.contents[0]), good.members[1]]
        archive = packed(members, zipfile.ZIP_STORED)
        place = archive.index(b"BAD")
        if spoil == "encrypted":
            archive = with_flag(archive, "BAD", 1)
        elif spoil == "check sum":
            archive = archive[:place + 2000] + bytes([archive[place + 2000] ^ 1]) + archive[place + 2001:]
        else:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
                file.writestr(*members[0])
                file.writestr("BAD", bad.contents[0], zipfile.ZIP_LZMA if spoil == "lzma" else zipfile.ZIP_DEFLATED)
                file.writestr(*members[2])
            archive = bytearray(out.getvalue())
            place = archive.index(b"BAD")
            if spoil == "size":  # it states less than comes out
                struct.pack_into("<I", archive, place - 30 + 22, 1000)
            if spoil == "deflate":
                archive[place + 3] = 0xFF
        answer = post(shared_server, bytes(archive))
        assert answer.status_code == 202, (spoil, answer.text)
        assert stored(answer) == good.uids and list(failed(answer).values()) == [0xC000], spoil
        assert not bad.found(shared_server), spoil


def test_s4_s5_a_file_that_ends_early_says_what_is_stored(shared_server):
    for streamed in (False, True):
        slices = Slices(3)
        archive = packed(slices.members, streamed=streamed)
        last = archive.index(b"DICOM/IM2")
        directory = archive.index(b"PK\x01\x02")
        for end, count in ((last + 2000, 2), (last - 20, 2), (directory + 10, 3), (len(archive) - 22, 3)):
            answer = post(shared_server, archive[:end])
            assert answer.status_code == 400 and f"are stored: {count}" in answer.json()["detail"], (end, answer.text)
        assert slices.found(shared_server) == set(slices.uids)
    for body in (b"", b"no ZIP file at all", packed([]), packed([("DICOMDIR", b"alone"), ("A/", b"")])):
        assert post(shared_server, body).status_code == 400, body[:10]


def test_s4_a_bomb_ends_early_and_the_server_lives(shared_server):
    """Sixteen megabytes of zeros, eighty times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    chunk = packer.compress(bytes(16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    slices = Slices(1)
    start = packed(slices.members)
    start = start[:start.index(b"PK\x01\x02")]
    final = b"\x03\x00"

    data = chunk + final
    member = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(data), 16 << 20, 4, 0) + b"BOMB" + data
    bomb = member * 80
    assert len(bomb) < 2_000_000
    answer = post(shared_server, start + bomb)
    assert answer.status_code == 413, answer.text
    assert "are stored: 1" in answer.json()["detail"]
    assert slices.found(shared_server) == set(slices.uids)
