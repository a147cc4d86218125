# labels: e2e browser
"""The pages of our own in a real browser: nothing on them hinders who sees little, uses a keyboard or a small screen
(axe-core: WCAG 2 A and AA, and its best practices), in light and in dark."""
import pytest
import requests

import dicom_files
from archive_server import ArchiveServer
from browser import AXE, browse, missing_browser

WHY_NOT = missing_browser() or (None if AXE.is_file() else "there is no axe-core of npm (tools/install_dependencies.sh test)")


@pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")
def test_nothing_hinders_anybody_on_our_pages(tmp_path):
    viewer = tmp_path / "viewer"
    viewer.mkdir()
    (viewer / "index.html").write_text("<!doctype html><html lang=en><title>x</title>")
    with ArchiveServer(tmp_path, PACS_LITE_VIEWER=str(viewer)) as server:
        session = server.session()
        study_uid = dicom_files.new_uid()
        for name, content in {"slice.dcm": dicom_files.ct_slice(study_uid=study_uid, patient_name="Doe^Jane", patient_id="PAGE-1"),
                              "photo.jpg": dicom_files.picture(seed=1), "letter.pdf": dicom_files.pdf("page")}.items():
            named = {} if name.endswith(".dcm") else {"study_uid": study_uid, "patient_id": "PAGE-1"}
            stored = session.post(server.api + "/images/", files={"file": (name, content)}, data=named)
            assert stored.status_code == 201, stored.text
        study = session.get(server.api + "/studies/", params={"study_uid": study_uid}).json()["results"][0]
        def share(**order):
            return session.post(server.api + "/shares/", json={"studies": [study_uid], **order}).json()["url"]

        token = session.get(f"{server.api}/studies/{study['id']}/viewer-url/").json()["token"]
        pages = {
            "study": (f"{server.url}/ui/studies/{study_uid}/?token={token}", "Doe, Jane"),
            "shared": (share(), "A study was shared with you"),
            "pin": (share(pin="24680"), "This link has a PIN"),
            "sign-in": (server.url + "/viewer/", "Sign in to the viewer"),
            "no link": (server.url + "/s/AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA", "This link does not open anything"),
        }
        seen = browse(*({"url": url, "name": name, "axe": str(AXE)} for name, (url, _) in pages.items()))
        for (name, (_, title)), page in zip(pages.items(), seen):
            assert title in page["text"], name
            assert not page["hindrances"], (name, page["hindrances"])
