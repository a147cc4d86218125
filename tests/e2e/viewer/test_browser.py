# labels: e2e browser
"""A share link in a real browser: it opens the viewer, the viewer draws, and draws nothing that the link is not for."""
import requests

import dicom_files
from archive_server import ArchiveServer
from browser import VIEWER, asked, browse, most_colours, needs_browser


@needs_browser
def test_a_share_link_draws_its_study_and_no_other(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_VIEWER=str(VIEWER)) as server:
        shared, other = [server.session().post(server.api + "/images/", data=dicom_files.ct_slice(rows=128, columns=128, seed=seed),
                                               headers={"Content-Type": "application/dicom"}).json() for seed in range(2)]
        link = server.session().post(server.api + "/shares/", json={"studies": [shared["study_uid"]]}).json()["url"]
        place = requests.get(link, allow_redirects=False).headers["Location"].rstrip("/")
        session = [{"name": "pl_session", "value": server.token, "domain": "127.0.0.1", "path": path}
                   for path in ("/viewer", "/dicom-web")]
        opening = "/viewer/viewer?StudyInstanceUIDs="
        landing, drawn, forbidden, control = browse(
            {"url": link, "name": "landing"},
            {"url": server.url + place + opening + shared["study_uid"], "wait": "image", "name": "shared"},
            {"url": server.url + place + opening + other["study_uid"], "wait": "text", "text": "not available", "name": "forbidden"},
            {"url": server.url + opening + other["study_uid"], "cookies": session, "wait": "image", "name": "signed-in"})

        assert landing["address"] == server.url + place + "/" and "Open in the viewer" in landing["text"]
        assert drawn["found"] and most_colours(drawn) > 50, drawn["problems"]
        frames = asked(drawn, "/frames/1")
        assert frames and all(frame["url"].startswith(server.url + place) and frame["status"] == 200 for frame in frames)
        assert not [problem for problem in drawn["problems"] if "Content Security Policy" in problem]
        assert "token" not in drawn["address"] and link.split(".")[-1] not in drawn["address"]
        assert all(request["url"].startswith((server.url, "blob:", "data:")) for seen in (landing, drawn, control)
                   for request in seen["requests"]), "nothing leaves the server"
        assert drawn["isolated"] is True

        assert forbidden["found"] and most_colours(forbidden) <= 4 and not asked(forbidden, "/frames/")
        assert control["found"] and most_colours(control) > 50, "the same study for who may see it"
