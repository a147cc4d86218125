# labels: e2e
"""Share links as browsers, programs and strangers meet them: /s/ID.SIGNATURE, the cookie of its own path, and what lies below."""
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

JSON = {"Accept": "application/dicom+json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ArchiveServer(tmp_path_factory.mktemp("share")) as server:
        yield server


@pytest.fixture(scope="module")
def studies(server):
    """Three studies of one patient, and of another the fourth."""
    stored = []
    for patient in ("SAME", "SAME", "SAME", "OTHER"):
        content = dicom_files.ct_slice(patient_id=patient)
        answer = server.session().post(server.api + "/images/", data=content, headers={"Content-Type": "application/dicom"})
        assert answer.status_code == 201, answer.text
        stored.append({**answer.json(), "content": content})
    return stored


def make(server, *studies, session=None, **order):
    answer = (session or server.session()).post(
        server.api + "/shares/", json={"studies": [study["study_uid"] for study in studies], "expires_in": 600, **order})
    assert answer.status_code == 201, answer.text
    return answer.json()


def opened(link, **form):
    """A browser's session that has opened the link, and the address of its own pages."""
    browser = requests.Session()
    browser.trust_env = False
    answer = browser.post(link["url"], data=form, allow_redirects=False) if form else browser.get(link["url"], allow_redirects=False)
    assert answer.status_code == 303, answer.text
    return browser, link["url"].split("/s/")[0] + answer.headers["Location"].rstrip("/")


def uids(answer):
    assert answer.status_code == 200, answer.text
    return {hit["0020000D"]["Value"][0] for hit in answer.json()}


def test_a_link_becomes_a_cookie_for_its_own_path(server, studies):
    link = make(server, studies[0])
    answer = requests.get(link["url"], allow_redirects=False)
    place = answer.headers["Location"].rstrip("/")
    assert answer.status_code == 303 and place == "/share/" + link["url"].split("/s/")[1].split(".")[0]
    cookie = answer.headers["Set-Cookie"]
    parts = {part.strip().split("=")[0]: part.strip().partition("=")[2] for part in cookie.split(";")}
    assert parts["Path"] == place and "HttpOnly" in parts and parts["SameSite"] == "Lax" and 590 < int(parts["Max-Age"]) <= 600
    assert link["url"].split(".")[-1] not in cookie, "the address cannot be told from the cookie"
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_secure_behind_a_proxy_with_tls(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_TRUSTED_PROXIES="127.0.0.1") as server:
        stored = server.session().post(server.api + "/images/", data=dicom_files.ct_slice(),
                                       headers={"Content-Type": "application/dicom"}).json()
        link = make(server, stored)
        plain = requests.get(link["url"], allow_redirects=False)
        over_tls = requests.get(link["url"], allow_redirects=False, headers={"X-Forwarded-Proto": "https"})
        assert "; Secure" not in plain.headers["Set-Cookie"] and "; Secure" in over_tls.headers["Set-Cookie"]


def test_it_opens_its_studies_and_no_other(server, studies):
    shared, other = studies[0], studies[1]
    browser, place = opened(make(server, shared))
    everything = server.session()
    root = place + "/dicom-web"
    # The same patient's other studies are there, and this link does not tell.
    assert uids(everything.get(server.url + "/dicom-web/studies?PatientID=SAME", headers=JSON)) >= {s["study_uid"] for s in studies[:3]}
    for query in ("", "?PatientID=SAME", "?00100020=SAME&limit=101&offset=0", f"?StudyInstanceUID={shared['study_uid']}"):
        assert uids(browser.get(root + "/studies" + query, headers=JSON)) == {shared["study_uid"]}, query
    assert browser.get(f"{root}/studies?StudyInstanceUID={other['study_uid']}", headers=JSON).json() == []
    below = "/studies/{study_uid}/series/{series_uid}/instances/{image_uid}"
    for path, accept in (("/metadata", "application/dicom+json"), ("/frames/1", "*/*"), ("", "application/dicom")):
        for study, status in ((shared, 200), (other, 404)):
            address = below.format(**study) + path
            assert browser.get(root + address, headers={"Accept": accept}).status_code == status, address
            assert everything.get(server.url + "/dicom-web" + address, headers={"Accept": accept}).status_code == 200, "the control"
    missing = browser.get(root + below.format(**other).replace(other["study_uid"], "1.2.3.4"), headers={"Accept": "application/dicom"})
    assert missing.status_code == 404, "what is not shared looks like what is not there"


def test_addresses_in_answers_stay_below_it(server, studies):
    browser, place = opened(make(server, studies[0]))
    found = browser.get(place + "/dicom-web/studies", headers=JSON).json()[0]
    assert found["00081190"]["Value"][0].startswith(place + "/dicom-web/studies/")
    metadata = browser.get(f"{place}/dicom-web/studies/{studies[0]['study_uid']}/metadata", headers=JSON).json()[0]
    bulk = metadata["7FE00010"]["BulkDataURI"]
    assert bulk.startswith(place + "/dicom-web/"), bulk
    assert browser.get(bulk, headers={"Accept": "application/octet-stream"}).status_code == 200
    assert server.session().get(server.url + "/dicom-web/studies", headers=JSON).json()[0]["00081190"]["Value"][0].startswith(
        server.url + "/dicom-web/")


def test_nothing_can_be_changed_by_it(server, studies):
    browser, place = opened(make(server, studies[0]))
    assert browser.post(place + "/dicom-web/studies", data=b"x", headers={"Content-Type": "application/dicom"}).status_code == 405
    assert browser.delete(f"{place}/dicom-web/studies/{studies[0]['study_uid']}").status_code in (404, 405)
    assert uids(browser.get(place + "/dicom-web/studies", headers=JSON)) == {studies[0]["study_uid"]}


def test_neither_a_token_nor_another_links_cookie_counts_below_it(server, studies):
    first, place = opened(make(server, studies[0]))
    second, other_place = opened(make(server, studies[1]))
    assert requests.get(place + "/dicom-web/studies", headers=JSON).status_code == 401
    assert server.session().get(place + "/dicom-web/studies", headers=JSON).status_code == 401, "an administrator's token"
    stolen = {"Cookie": "pl_share=" + second.cookies.get("pl_share")}
    assert requests.get(place + "/dicom-web/studies", headers={**JSON, **stolen}).status_code == 401
    assert requests.get(other_place + "/dicom-web/studies", headers={**JSON, **stolen}).status_code == 200, "the control"
    assert requests.get(server.url + "/dicom-web/studies", headers={**JSON, **stolen}).status_code == 401


def test_a_forged_expired_or_revoked_one_opens_nothing(server, studies):
    link = make(server, studies[0])
    short = make(server, studies[0], expires_in=1)
    revoked = make(server, studies[0])
    browser, place = opened(short)
    gone, gone_place = opened(revoked)
    assert server.session().delete(f"{server.api}/shares/{revoked['id']}/").json()["status"] == "revoked"
    time.sleep(1.1)
    forged = link["url"][:-2] + ("AA" if not link["url"].endswith("AA") else "EE")
    without_dot = "".join(link["url"].rsplit(".", 1))
    for address in (forged, short["url"], revoked["url"], server.url + "/s/nothing", without_dot):
        answer = requests.get(address, allow_redirects=False)
        assert answer.status_code == 401 and "does not open anything" in answer.text and "Set-Cookie" not in answer.headers, address
    for session, address in ((browser, place), (gone, gone_place)):
        assert session.get(address + "/", headers={"Cookie": "pl_share=x"}).status_code == 401
        assert session.get(address + "/dicom-web/studies", headers=JSON).status_code == 401
    assert opened(link)[0].cookies, "the control"


def test_a_pin_is_asked_for_and_wrong_ones_wait(server, studies):
    link = make(server, studies[0], pin="24680")
    asked = requests.get(link["url"], allow_redirects=False)
    assert asked.status_code == 200 and 'name="pin"' in asked.text and "Set-Cookie" not in asked.headers
    assert "form-action 'self'" in asked.headers["Content-Security-Policy"]
    wrong = requests.post(link["url"], data={"pin": "11111"}, allow_redirects=False)
    assert wrong.status_code == 403 and "not the PIN" in wrong.text
    other_site = requests.post(link["url"], data={"pin": "24680"}, headers={"Sec-Fetch-Site": "cross-site"}, allow_redirects=False)
    assert other_site.status_code == 403 and "Set-Cookie" not in other_site.headers
    browser, place = opened(link, pin="24680")
    assert uids(browser.get(place + "/dicom-web/studies", headers=JSON)) == {studies[0]["study_uid"]}
    for _ in range(3):
        assert requests.post(link["url"], data={"pin": "11111"}, allow_redirects=False).status_code == 403
    assert requests.post(link["url"], data={"pin": "24680"}, allow_redirects=False).status_code == 429, "even the right one waits"


def test_several_studies_and_their_page(server, studies):
    link = make(server, studies[0], studies[2], label="Dr. Lee")
    browser, place = opened(link)
    assert uids(browser.get(place + "/dicom-web/studies", headers=JSON)) == {studies[0]["study_uid"], studies[2]["study_uid"]}
    page = browser.get(place + "/")
    assert page.status_code == 200 and "2 studies were shared with you" in page.text and page.headers["Cache-Control"] == "no-store"
    assert "<html lang=\"en\">" in page.text and "script" not in page.headers["Content-Security-Policy"]
    listed = browser.get(f"{place}/ui/studies/{studies[2]['study_uid']}/")
    assert listed.status_code == 200 and "download=1" in listed.text
    file = listed.text.split('href="')[1:]
    downloads = [each.split('"')[0] for each in file if "download=1" in each.split('"')[0]]
    assert browser.get(server.url + downloads[0].replace("&amp;", "&")).content == studies[2]["content"]
    assert browser.get(f"{place}/ui/studies/{studies[1]['study_uid']}/").status_code == 404


def test_links_are_listed_counted_and_ended_by_who_made_them(server, studies):
    made = server.session().post(server.url + "/api/v1/archive/tokens/", json={"name": "ward", "roles": ["reader"]}).json()
    reader = server.session(made["token"])
    link = make(server, studies[0], session=reader, label="second opinion")
    admins = make(server, studies[0])
    opened(link)
    opened(link)
    mine = reader.get(server.api + "/shares/").json()
    assert [each["id"] for each in mine] == [link["id"]], "one's own alone"
    assert mine[0]["use_count"] == 2 and mine[0]["label"] == "second opinion" and mine[0]["url"] == link["url"]
    assert mine[0]["status"] == "valid" and mine[0]["has_pin"] is False and mine[0]["last_used_at"]
    assert {link["id"], admins["id"]} <= {each["id"] for each in server.session().get(server.api + "/shares/").json()}
    assert reader.delete(f"{server.api}/shares/{admins['id']}/").status_code == 404
    assert reader.delete(f"{server.api}/shares/{link['id']}/").json()["url"] is None
    lines = server.session().get(server.url + "/api/v1/archive/audit/?action=link.open&limit=500").json()
    assert sum(line["actor"] == f"link:{link['id']}" for line in lines) == 2


@pytest.mark.parametrize("order, status", [
    ({"studies": []}, 400), ({"studies": ["1.2.3.4"]}, 404), ({}, 400), ({"studies": "x"}, 400), ({"studies": [True]}, 400),
    ({"expires_in": 0}, 400), ({"expires_in": 604801}, 400), ({"pin": "123"}, 400), ({"pin": ""}, 400), ({"label": "x" * 201}, 400),
])
def test_orders_that_make_no_sense(server, studies, order, status):
    body = {"studies": [studies[0]["study_uid"]], "expires_in": 60, **order}
    if not order:
        del body["studies"]
    assert server.session().post(server.api + "/shares/", json=body).status_code == status


def test_a_link_ends_with_its_study(server):
    stored = server.session().post(server.api + "/images/", data=dicom_files.ct_slice(),
                                   headers={"Content-Type": "application/dicom"}).json()
    link = make(server, stored)
    browser, place = opened(link)
    assert browser.get(place + "/").status_code == 200
    assert server.session().delete(f"{server.api}/studies/{stored['study_uid']}/").status_code == 200
    assert browser.get(place + "/").status_code == 401
    assert requests.get(link["url"], allow_redirects=False).status_code == 401


def test_a_new_key_after_a_leak_ends_links(tmp_path):
    with ArchiveServer(tmp_path) as server:
        stored = server.session().post(server.api + "/images/", data=dicom_files.ct_slice(),
                                       headers={"Content-Type": "application/dicom"}).json()
        link = make(server, stored)
        browser, place = opened(link)
        server.session().post(server.url + "/api/v1/archive/keys/rotate/", json={"drop_old": True})
        assert requests.get(link["url"], allow_redirects=False).status_code == 401
        assert browser.get(place + "/").status_code == 401


def test_by_the_command(server, studies):
    made = server.command("share", "create", studies[0]["study_uid"], "--expires-in", "1h", "--label", "by hand")
    assert made.returncode == 0, made.stderr
    answer = requests.get(made.stdout.strip(), allow_redirects=False)
    assert answer.status_code == 303
    listed = server.command("share", "list")
    row = next(line for line in listed.stdout.splitlines() if "by hand" in line)
    assert "valid" in row
    assert server.command("share", "revoke", row.split()[0]).returncode == 0
    assert requests.get(made.stdout.strip(), allow_redirects=False).status_code == 401


def test_too_many_forged_ones_wait(tmp_path):
    with ArchiveServer(tmp_path) as server:
        session = requests.Session()
        forged = f"{server.url}/s/{'A' * 16}.{'B' * 43}"
        tries = 0  # ten a second are forgiven, so that it takes more on a slow machine
        while tries < 2000 and session.get(forged, allow_redirects=False).status_code == 401:
            tries += 1
        assert 250 < tries < 2000 and session.get(forged, allow_redirects=False).status_code == 429
