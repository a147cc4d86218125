# labels: e2e
"""Which fsyncs come before a piece of an upload is said to be durable, watched from outside with strace."""
import re
import shutil

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")

CALLS = "trace=fsync,fdatasync,linkat,unlinkat,sendto"


def completed_calls(trace: str):
    """(name, its line whole) in the order in which the calls returned with success."""
    begun = {}
    for line in trace.splitlines():
        process, rest = line.split(None, 1)
        if rest.endswith("<unfinished ...>"):
            begun[process] = rest[:-len("<unfinished ...>")]
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
        if resumed:
            rest = begun.pop(process, "") + resumed.group(1)
        call = re.match(r"(\w+)\(.*\)\s+= (\d+)", rest)
        if call:
            yield call.group(1), rest


def kinds_of(calls, media):
    """What the calls mean, in words."""
    for name, line in calls:
        if name == "sendto" and '"HTTP/1.1 204' in line:
            yield "answer"
        elif name == "linkat" and "/staging" in line and "radiology/" not in line:
            yield "named in staging"
        elif name == "linkat" and "slice.dcm" in line:
            yield "published"
        elif "sync" in name and "index.db-wal" in line:
            yield "index synced"
        elif "sync" in name and re.search(re.escape(str(media)) + r"/\.pacs-lite/staging>", line):
            yield "staging folder synced"
        elif "sync" in name and "/.pacs-lite/staging/" in line:
            yield "bytes synced"
        elif "sync" in name and re.search(r"radiology/[^/]+/[^/]+/[^/>]+>", line):
            yield "image folder synced"


def in_order(wanted, seen):
    position = iter(seen)
    return all(any(kind == step for kind in position) for step in wanted)


def test_nothing_is_told_before_it_is_synced(tmp_path):
    tmp_path = tmp_path.resolve()
    trace = tmp_path / "trace"
    content = dicom_files.ct_slice()
    pieces = [content[:3000], content[3000:6000], content[6000:]]
    assert all(pieces)
    server = ArchiveServer(tmp_path, wrapper=["strace", "-f", "-y", "-s", "32", "-e", CALLS, "-o", str(trace)])
    with server:
        session = server.session()
        session.headers["Tus-Resumable"] = "1.0.0"
        begun = session.post(server.api + "/uploads/", headers={
            "Upload-Length": str(len(content)), "Upload-Metadata": "filename c2xpY2UuZGNt"})
        assert begun.status_code == 201, begun.text
        offset = 0
        for piece in pieces:
            answer = session.patch(begun.headers["Location"], data=piece, headers={
                "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"})
            assert answer.status_code == 204, answer.text
            offset += len(piece)
        assert requests.get(server.url + "/healthz", timeout=20).status_code == 200

    seen, parts = [], []
    for kind in kinds_of(completed_calls(trace.read_text(errors="replace")), server.media):
        if kind == "answer":
            parts.append(seen)
            seen = []
        else:
            seen.append(kind)
    assert len(parts) == 3, parts
    # What was told before each of the three is in `parts`, so each must have its own syncs.
    assert in_order(["bytes synced", "named in staging", "staging folder synced", "index synced"], parts[0]), parts[0]
    assert in_order(["bytes synced", "index synced"], parts[1]), parts[1]
    assert "published" not in parts[0] + parts[1], "not before it is whole"
    assert in_order(["bytes synced", "published", "image folder synced", "index synced", "index synced"],
                    parts[2]), parts[2]
