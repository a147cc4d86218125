"""The built-in page of one study: what a person with a link sees, and what scripts in names do not."""
import html.parser
import io
import time

import PIL.Image
import pytest
import requests

import dicom_files
from archive_server import ArchiveServer
from checked_api import CheckedApi, new_uuid


class Page(html.parser.HTMLParser):
    """The tags with their attributes, and the text, as a browser would have them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def open_page(url):
    answer = requests.get(url)
    assert answer.status_code == 200, answer.text
    return answer, Page(answer.text)


@pytest.fixture(scope="module")
def study(technician):
    """A CT image, a photograph and a report in one study."""
    uid = dicom_files.new_uid()
    files = {"dicom": dicom_files.ct_slice(study_uid=uid, patient_name="Doe^Jane", patient_id="PAGE-1"),
             "jpeg": dicom_files.picture(seed=600), "pdf": dicom_files.pdf("page")}
    for kind, content in files.items():
        stored = technician.store(content, study_uid=uid, filename=f"the {kind}", patient_id="PAGE-1") if kind != "dicom" \
            else technician.store(content, filename="slice.dcm")
        assert stored.status_code == 201, stored.text
    return {"uid": uid, **files}


def seen_size(url):
    """Of a JPEG on which something is to be seen."""
    answer = requests.get(url)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/jpeg", answer.text
    with PIL.Image.open(io.BytesIO(answer.content)) as picture:
        assert len(picture.getcolors(1 << 16)) > 50
        return picture.size


def page_url(server_url, link):
    """The built-in page by the link's secret, as a program that shows it in a frame has it."""
    return f"{server_url}/ui/studies/{link['study_uid']}/?token={link['token']}"


@pytest.fixture
def url(shared_server, reader, study):
    return page_url(shared_server.url, reader.get(f"studies/{study['uid']}/viewer-url/").json())


def test_the_page_shows_pictures_documents_and_attributes(shared_server, study, url):
    answer, page = open_page(url)
    assert "Doe, Jane" in page.text and "PAGE-1" in page.text and "CT HEAD" in page.text
    assert "2026-11-22" in page.text
    pictures = [tag for tag in page.all("img") if "/file/" in tag["src"]]
    assert [requests.get(shared_server.url + tag["src"]).content for tag in pictures] == [study["jpeg"]]
    documents = page.all("object")
    assert len(documents) == 1 and documents[0]["type"] == "application/pdf"
    shown = requests.get(shared_server.url + documents[0]["data"])
    assert shown.content == study["pdf"] and shown.headers["Content-Disposition"].startswith("inline")
    for name in ("PatientName", "StudyInstanceUID", "BodyPartExamined", "Doe^Jane", "HEAD"):
        assert name in page.text
    downloads = [tag["href"] for tag in page.all("a") if "download=1" in tag["href"]]
    contents = [requests.get(shared_server.url + href) for href in downloads]
    assert {c.content for c in contents} == {study["dicom"], study["jpeg"], study["pdf"]}
    assert all(c.headers["Content-Disposition"].startswith("attachment") for c in contents)
    small = [tag["src"] for tag in page.all("img") if "/picture/" in tag["src"]]
    assert len(small) == 1, "the DICOM image; the others are shown as they are"
    assert seen_size(shared_server.url + small[0]) == (64, 64)
    attributes = [tag["href"] for tag in page.all("a") if tag["href"].split("?")[0].endswith("/") and "/images/" in tag["href"]
                  and "/file/" not in tag["href"]]
    _, detail = open_page(shared_server.url + attributes[0])
    assert "(0010,0010)" in detail.text and "SOPInstanceUID" in detail.text
    large = [tag["src"] for tag in detail.all("img")]
    assert len(large) == 1 and seen_size(shared_server.url + large[0]) == (64, 64), "nothing is enlarged"


def test_the_page_needs_no_script_and_allows_none(shared_server, url):
    answer, page = open_page(url)
    assert not page.all("script") and not page.all("style") and not page.all("form") and not page.all("iframe")
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and "script-src" not in policy and policy["frame-ancestors"] == "'self'"
    assert policy["base-uri"] == "'none'" and policy["form-action"] == "'none'"
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    for link in [tag["href"] for tag in page.all("link")] + [tag["src"] for tag in page.all("img")]:
        assert link.startswith("/ui/"), "everything comes from here"
        assert requests.get(shared_server.url + link).status_code == 200


def test_scripts_in_names_are_text(shared_server, technician, reader):
    uid = dicom_files.new_uid()
    evil = "<script>alert(1)</script>"
    content = dicom_files.ct_slice(study_uid=uid, patient_name=evil + "^\"><img src=x onerror=alert(2)>", patient_id="'><svg/onload=1>",
                                   StudyDescription="</title><script>alert(3)</script>", SeriesDescription="{{7*7}}<b>",
                                   BodyPartExamined="<I>")
    assert technician.store(content, filename="<iframe src=javascript:alert(4)>.dcm").status_code == 201
    answer, page = open_page(page_url(shared_server.url, reader.get(f"studies/{uid}/viewer-url/").json()))
    assert not page.all("script") and not page.all("svg") and not page.all("iframe") and not page.all("b")
    assert all(tag["src"].startswith("/ui/") for tag in page.all("img"))
    assert evil in page.text and "{{7*7}}<b>" in page.text, "shown as it was written"


def test_a_link_opens_its_study_until_it_expires(shared_server, technician, reader, study):
    other = technician.store(dicom_files.ct_slice()).json()
    link = reader.get(f"studies/{study['uid']}/viewer-url/?expires_in=2").json()
    assert link["expires_in"] == 2 and link["study_uid"] == study["uid"]
    url = page_url(shared_server.url, link)
    assert requests.get(url).status_code == 200
    token = url.split("token=")[1]
    assert requests.get(url.replace(study["uid"], other["study_uid"])).status_code == 404
    for part in ("file", "picture"):
        stranger = f"{shared_server.url}/ui/studies/{study['uid']}/images/{other['id']}/{part}/?token={token}"
        assert requests.get(stranger).status_code == 404
    for broken in (url[:-1], url.split("?")[0], url.split("?")[0] + "?token=", url + "x", url + "&token=" + token[::-1]):
        answer = requests.get(broken)
        expected = (200, 401) if broken.startswith(url + "&") else (401,)
        assert answer.status_code in expected, broken
        assert answer.headers["Content-Type"].startswith("text/html")
    time.sleep(2.1)
    expired = requests.get(url)
    assert expired.status_code == 401 and "new one" in expired.text


@pytest.mark.parametrize("seconds", ["0", "604801", "abc"])
def test_the_life_of_a_link_has_bounds(reader, study, seconds):
    assert reader.get(f"studies/{study['uid']}/viewer-url/?expires_in={seconds}").status_code == 400


def test_an_ordinary_token_does_not_belong_in_an_address(shared_server, admin, study):
    for token in (admin.token, admin.make_token("reader")):
        assert requests.get(f"{shared_server.url}/ui/studies/{study['uid']}/?token={token}").status_code == 401


def test_a_large_study_comes_in_pages(technician, reader, shared_server):
    uid, series = dicom_files.new_uid(), dicom_files.new_uid()
    for number in range(205):
        assert technician.store(dicom_files.ct_slice(study_uid=uid, series_uid=series, instance_number=number + 1,
                                                     rows=4, columns=4)).status_code == 201
    url = page_url(shared_server.url, reader.get(f"studies/{uid}/viewer-url/").json())
    _, page = open_page(url)
    more = [tag["href"] for tag in page.all("a") if "after=" in tag["href"]]
    assert len(more) == 1
    _, second = open_page(shared_server.url + more[0])
    first_files = {tag["href"] for tag in page.all("a") if "download=1" in tag["href"]}
    second_files = {tag["href"] for tag in second.all("a") if "download=1" in tag["href"]}
    assert len(first_files) == 200 and len(second_files) == 5 and not first_files & second_files
    assert "Image 205" in second.text


def test_images_on_their_way_are_mentioned(shared_server, technician, reader):
    uid = dicom_files.new_uid()
    technician.announce(b"later", new_uuid(), image_metadata={"study_uid": uid, "patient_name": "Later^Lena"})
    _, page = open_page(page_url(shared_server.url, reader.get(f"studies/{uid}/viewer-url/").json()))
    assert "Lena" in page.text and "1 image announced" in page.text


def test_who_may_frame_the_page_and_another_viewer(tmp_path):
    settings = {"PACS_LITE_FRAME_ANCESTORS": "https://emr.example,https://*.clinic.example",
                "OHIF_VIEWER_URL": "https://viewer.clinic.example/viewer/"}
    with ArchiveServer(tmp_path, **settings) as server:
        api = CheckedApi(server, server.token)
        stored = api.store(dicom_files.picture(seed=610), "image/jpeg").json()
        link = api.get(f"studies/{stored['study_uid']}/viewer-url/").json()["viewer_url"]
        assert link.startswith("https://viewer.clinic.example/viewer?StudyInstanceUIDs=2.25.") and "&token=pls_" in link
        page = requests.get(f"{server.url}/ui/studies/{stored['study_uid']}/?token={link.split('token=')[1]}")
        assert "frame-ancestors https://emr.example https://*.clinic.example" in page.headers["Content-Security-Policy"]
