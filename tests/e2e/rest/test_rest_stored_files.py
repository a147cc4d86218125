"""Stored files under MEDIA_URL: links, their refusals, ranges and conditions."""
import email
import http.client
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer
from checked_api import CheckedApi


def raw_get(url):
    """Exactly these bytes: other clients mend a path before they send it."""
    parts = url.split("/", 3)
    connection = http.client.HTTPConnection(parts[2], timeout=30)
    connection.request("GET", "/" + parts[3])
    answer = connection.getresponse()
    answer.read()
    return answer


REFUSED = "this link is not valid or has expired"


@pytest.fixture(scope="module")
def image(technician):
    content = dicom_files.ct_slice(rows=256, columns=256)
    stored = technician.store(content, filename="Thorax (1) ü.dcm").json()
    url = technician.get(f"images/{stored['id']}/url/").json()
    assert url["expires_in"] == 3600 and url["image_uid"] == stored["image_uid"]
    return {"content": content, "url": url["image_url"], **stored}


def test_the_fields_of_the_answer(technician, image):
    answer = technician.as_(None).get(image["url"])
    assert answer.content == image["content"]
    fields = answer.headers
    assert fields["Content-Type"] == "application/dicom"
    assert fields["Content-Length"] == str(len(image["content"]))
    assert fields["ETag"] == f'"{image["checksum"]}"'
    assert fields["Accept-Ranges"] == "bytes" and fields["Cache-Control"] == "private, immutable"
    assert fields["X-Content-Type-Options"] == "nosniff"
    assert fields["Content-Disposition"].startswith("attachment;")
    head = requests.head(image["url"])
    assert head.status_code == 200 and head.content == b"" and head.headers["Content-Length"] == fields["Content-Length"]


def test_pictures_are_inline_and_documents_are_not(technician):
    for content, content_type, disposition in ((dicom_files.picture(seed=400), "image/jpeg", "inline"),
                                               (dicom_files.pdf("x"), "application/pdf", "attachment")):
        stored = technician.store(content, content_type).json()
        answer = requests.get(technician.get(f"images/{stored['id']}/url/").json()["image_url"])
        assert answer.headers["Content-Disposition"].startswith(disposition)
        assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("field, first, last", [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=-5", -5, None),
                                                ("bytes=131000-", 131000, None), ("bytes=0-99999999", 0, None)])
def test_one_range(image, field, first, last):
    answer = requests.get(image["url"], headers={"Range": field})
    assert answer.status_code == 206
    assert answer.content == image["content"][first:None if last is None else last + 1]
    assert answer.headers["Content-Range"].endswith(f"/{len(image['content'])}")


def test_several_ranges(image):
    answer = requests.get(image["url"], headers={"Range": "bytes=0-9,1000-1009,-4"})
    assert answer.status_code == 206
    message = email.message_from_bytes(b"Content-Type: " + answer.headers["Content-Type"].encode() + b"\r\n\r\n" +
                                       answer.content)
    parts = [part.get_payload(decode=True) for part in message.get_payload()]
    content = image["content"]
    assert len(parts) == 3
    assert message.get_payload()[1]["Content-Range"] == f"bytes 1000-1009/{len(content)}"


@pytest.mark.parametrize("headers, status", [
    ({"Range": "bytes=99999999-"}, 416), ({"Range": "lines=1-2"}, 200), ({"Range": "bytes=5-2"}, 200),
    ({"Range": "bytes=0-1", "If-Range": '"other"'}, 200), ({"If-None-Match": "*"}, 304), ({"If-Match": '"other"'}, 412),
])
def test_conditions_and_ranges_that_do_not_hold(image, headers, status):
    answer = requests.get(image["url"], headers=headers)
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(image['content'])}"


def test_conditions_that_hold(image):
    etag = f'"{image["checksum"]}"'
    assert requests.get(image["url"], headers={"If-None-Match": f'"x", {etag}'}).status_code == 304
    answer = requests.get(image["url"], headers={"Range": "bytes=0-1", "If-Range": etag})
    assert answer.status_code == 206 and answer.content == image["content"][:2]
    assert requests.get(image["url"], headers={"If-Match": etag}).status_code == 200


def test_every_other_spelling_is_refused_with_one_text(image, technician):
    path, query = image["url"].split("?")
    parameters = query.split("&")
    other = path.rsplit("/", 1)[0] + "/other.dcm"
    spellings = [
        path, path + "?", other + "?" + query, image["url"] + "&x=1", image["url"] + "&" + parameters[0],
        path + "?" + "&".join(parameters[:2]), path + "?" + "&".join(parameters[1:]),
        image["url"].replace("expires=", "expires=1"), image["url"].replace("expires=", "expires=0"),
        image["url"][:-1] + ("A" if image["url"][-1] != "A" else "B"), image["url"] + "=", image["url"].replace("kid=", "kid=x"),
        image["url"].replace("kid=", "KID="),
        path.replace("/radiology/", "/radiology//") + "?" + query, path + "/?" + query,
        path.split("/radiology/")[0] + "/radiology/nothing/here?" + query,
        path.split("/radiology/")[0] + "/.pacs-lite/archive-id?" + query, path + "?expires=never&kid=&signature=",
    ]
    for spelling in spellings:
        answer = requests.get(spelling)
        assert answer.status_code == 403 and answer.json()["detail"] == REFUSED, spelling
    assert raw_get(image["url"].replace("radiology", "%72adiology")).status == 403, "the signature is over the raw path"
    assert raw_get(image["url"].replace("/media/", "/media/x/../")).status == 400
    assert raw_get(image["url"]).status == 200
    assert requests.get(path, headers={"Authorization": f"Bearer {technician.token}"}).status_code == 403
    assert requests.post(image["url"]).status_code == 405


@pytest.mark.parametrize("seconds", ["0", "-1", "604801", "x", "1.5"])
def test_the_life_of_a_link_has_bounds(technician, image, seconds):
    assert technician.get(f"images/{image['id']}/url/?expires_in={seconds}").status_code == 400


def test_a_link_expires(technician, image):
    short = technician.get(f"images/{image['id']}/url/?expires_in=2").json()
    assert short["expires_in"] == 2 and requests.get(short["image_url"]).status_code == 200
    time.sleep(2.1)
    expired = requests.get(short["image_url"])
    assert expired.status_code == 403 and expired.json()["detail"] == REFUSED


def test_keys_rotate_and_old_links_live_until_they_are_dropped(tmp_path):
    with ArchiveServer(tmp_path) as server:
        admin = CheckedApi(server, server.token)
        stored = admin.store(dicom_files.ct_slice()).json()
        old = admin.get(f"images/{stored['id']}/url/").json()["image_url"]
        assert admin.post("/api/v1/archive/keys/rotate/", {}).json()["valid_keys"] == 2
        assert requests.get(old).status_code == 200
        new = admin.get(f"images/{stored['id']}/url/").json()["image_url"]
        server.stop()
        server.start()
        assert requests.get(old).status_code == 200 and requests.get(new).status_code == 200, "keys survive a restart"
        assert admin.post("/api/v1/archive/keys/rotate/", {"drop_old": True}).json()["valid_keys"] == 1
        assert requests.get(old).status_code == 403 and requests.get(new).status_code == 403


def test_where_links_alone_open_nothing(tmp_path):
    with ArchiveServer(tmp_path, RADIOLOGY_SIGNED_URLS="false") as server:
        admin = CheckedApi(server, server.token)
        content = dicom_files.picture(seed=410)
        stored = admin.store(content, "image/jpeg").json()
        image = admin.get(f"images/{stored['id']}/").json()
        assert requests.get(image["image_url"]).status_code == 401
        assert admin.get(image["image_url"]).content == content
        assert admin.as_(admin.make_token("uploader")).get(image["image_url"]).status_code == 403
        thumbnail = requests.get(image["thumbnail_url"])
        assert thumbnail.status_code == 200 and thumbnail.headers["Content-Type"] == "image/svg+xml"
        link = admin.get(f"studies/{stored['study_uid']}/viewer-url/").json()
        page = requests.get(f"{server.url}/ui/studies/{stored['study_uid']}/?token={link['token']}")
        source = page.text.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
        assert requests.get(server.url + source).content == content, "the page shows its pictures all the same"


def test_a_public_url_is_the_base_of_every_link(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_PUBLIC_URL="https://pacs.example/archive") as server:
        admin = CheckedApi(server, server.token)
        stored = admin.store(dicom_files.ct_slice()).json()
        image = admin.get(f"images/{stored['id']}/").json()
        for url in (image["image_url"], image["thumbnail_url"],
                    admin.get(f"studies/{stored['study_uid']}/viewer-url/").json()["viewer_url"]):
            assert url.startswith("https://pacs.example/archive/"), url
        inner = image["image_url"].replace("https://pacs.example/archive", server.url)
        assert requests.get(inner).status_code == 200, "a proxy takes the prefix off, and the signature holds"


def test_a_damaged_file_is_never_sent(tmp_path):
    with ArchiveServer(tmp_path) as server:
        admin = CheckedApi(server, server.token)
        stored = admin.store(dicom_files.ct_slice()).json()
        url = admin.get(f"images/{stored['id']}/url/").json()["image_url"]
        file = server.media / stored["file_key"]
        file.chmod(0o640)
        damaged = bytearray(file.read_bytes())
        damaged[500] ^= 1
        file.write_bytes(damaged)
        answer = requests.get(url)
        assert answer.status_code == 500 and answer.json()["code"] == "damaged"
        file.unlink()
        assert requests.get(url).status_code == 500
        assert admin.store(bytes(dicom_files.ct_slice(image_uid=stored["image_uid"]))).status_code == 409
