"""kill -9 in the middle of parallel uploads: what was acknowledged is there with the right hash, what
was not is absent or whole, and the same upload again succeeds."""
import random
import threading
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

SENDERS = 8


class Sender(threading.Thread):
    """Uploads images until the server is gone, and remembers what was acknowledged."""

    def __init__(self, server, number):
        super().__init__()
        self.session = server.session()
        self.url = server.api + "/images/"
        self.study_uid = dicom_files.new_uid()
        self.number = number
        self.sent = {}
        self.acknowledged = {}

    def run(self):
        for index in range(10_000):
            uid = dicom_files.new_uid()
            content = dicom_files.ct_slice(study_uid=self.study_uid, image_uid=uid, instance_number=index,
                                           rows=128, columns=128, seed=self.number * 100_000 + index)
            self.sent[uid] = content
            try:
                answer = self.session.post(self.url, data=content, headers={"Content-Type": "application/dicom"},
                                           timeout=20)
            except requests.RequestException:
                return
            if answer.status_code == 201:
                self.acknowledged[uid] = answer.json()


def fetch(server, session, uid):
    answer = session.get(f"{server.api}/images/{uid}/url/")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    url = answer.json()["image_url"]
    content = requests.get(url if url.startswith("http") else server.url + url)
    assert content.status_code == 200, content.text
    return content.content


@pytest.mark.parametrize("round_number", range(3))
def test_kill_in_the_middle_of_parallel_uploads(tmp_path, round_number):
    server = ArchiveServer(tmp_path).start()
    senders = [Sender(server, number) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    time.sleep(random.Random(round_number).uniform(0.6, 1.6))
    server.kill()
    for sender in senders:
        sender.join()
    acknowledged = {uid: content for s in senders for uid, content in s.sent.items() if uid in s.acknowledged}
    cut = {uid: content for s in senders for uid, content in s.sent.items() if uid not in s.acknowledged}
    assert acknowledged, "the run is too short to show anything"

    with ArchiveServer(tmp_path) as server:
        session = server.session()
        for uid, content in acknowledged.items():
            assert fetch(server, session, uid) == content, f"acknowledged and lost: {uid}"
        for uid, content in cut.items():
            assert fetch(server, session, uid) in (None, content), f"torn: {uid}"
        staging = server.media / ".pacs-lite" / "staging"
        assert not staging.exists() or not list(staging.iterdir()), "staging is clean after the start"

        for content in cut.values():
            answer = session.post(server.api + "/images/", data=content, headers={"Content-Type": "application/dicom"})
            assert answer.status_code in (200, 201), answer.text
        for uid, content in cut.items():
            assert fetch(server, session, uid) == content
        stored = list((server.media / "radiology").rglob("*.dcm"))
        assert len(stored) == len(acknowledged) + len(cut), "one object an image"
