# labels: e2e
"""The OHIF viewer's files and the sign-in of a browser, over a folder that stands for a built viewer."""
import gzip
import re

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

SCRIPT = "app.bundle.0123456789abcdef.js"
PAGE = {"Accept": "text/html,application/xhtml+xml"}
JSON = {"Accept": "application/dicom+json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("viewer")
    built = folder / "built"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(f'<!doctype html><script src="/viewer/{SCRIPT}"></script>')
    (built / SCRIPT).write_text("console.log(1)" * 100)
    (built / (SCRIPT + ".gz")).write_bytes(gzip.compress(b"console.log(1)" * 100))
    for name in ("plain.js", "codec.wasm", "app.css", "assets/favicon.ico", "a34f9d1faa5f3315.woff2", "manifest.json"):
        (built / name).write_bytes(b"x" * 10)
    (built / ".hidden.js").write_text("secret")
    (built / "LICENSE").write_text("licence")
    (folder / "outside.js").write_text("secret")
    (built / "link.js").symlink_to(folder / "outside.js")
    with ArchiveServer(folder, PACS_LITE_VIEWER=str(built)) as server:
        yield server


@pytest.mark.parametrize("name, media_type", [
    ("plain.js", "text/javascript; charset=utf-8"), ("codec.wasm", "application/wasm"), ("app.css", "text/css; charset=utf-8"),
    ("assets/favicon.ico", "image/x-icon"), ("a34f9d1faa5f3315.woff2", "font/woff2"), ("manifest.json", "application/json")])
def test_files_have_their_types_and_tags(server, name, media_type):
    answer = requests.get(f"{server.url}/viewer/{name}")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == media_type and answer.content == b"x" * 10
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin" and answer.headers["X-Content-Type-Options"] == "nosniff"
    again = requests.get(f"{server.url}/viewer/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.content


def test_packed_files_and_how_long_they_are_kept(server):
    packed = requests.get(f"{server.url}/viewer/{SCRIPT}", headers={"Accept-Encoding": "gzip"})
    plain = requests.get(f"{server.url}/viewer/{SCRIPT}", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert packed.content == plain.content and packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"] and "immutable" in packed.headers["Cache-Control"]
    assert requests.get(f"{server.url}/viewer/plain.js").headers["Cache-Control"] == "public, no-cache", "its name has no hash"


@pytest.mark.parametrize("name", [".hidden.js", "link.js", "%2e%2e/outside.js", "assets/..%2f..%2foutside.js", "LICENSE.js", "absent.js",
                                  "assets//favicon.ico", "assets%2ffavicon.ico", "made-of.js", SCRIPT + ".gz.js"])
def test_nothing_else_is_given_out(server, name):
    session = requests.Session()
    request = requests.Request("GET", server.url).prepare()
    request.url = f"{server.url}/viewer/{name}"
    answer = session.send(request)
    assert answer.status_code in (400, 404) and "secret" not in answer.text


def policy_of(answer):
    return dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))


def test_eval_is_for_scripts_that_run_on_their_own_and_not_for_the_page(server):
    page = server.session().get(server.url + "/viewer/")
    assert page.status_code == 200 and "script-src" in page.headers["Content-Security-Policy"]
    scripts = policy_of(page)["script-src"]
    assert "'unsafe-eval'" not in scripts and "'unsafe-inline'" not in scripts and "'self'" in scripts
    assert "'unsafe-eval'" in policy_of(requests.get(f"{server.url}/viewer/plain.js"))["script-src"]
    assert "'unsafe-eval'" not in policy_of(requests.get(f"{server.url}/viewer/app.css"))["script-src"]
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin" and page.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert page.headers["Cache-Control"] == "private, no-store"


def test_each_of_its_pages_is_the_same_file(server):
    for path in ("/viewer", "/viewer/", "/viewer/viewer?StudyInstanceUIDs=1.2.3", "/viewer/segmentation"):
        answer = server.session().get(server.url + path)
        assert answer.status_code == 200 and SCRIPT in answer.text, path


def sign_in(server, token, **fields):
    browser = requests.Session()
    browser.trust_env = False
    return browser, browser.post(server.url + "/viewer/login", data={"token": token, **fields}, allow_redirects=False)


def test_a_browser_signs_in_reads_and_signs_out(server):
    assert requests.get(server.url + "/viewer/viewer?StudyInstanceUIDs=1.2", headers=PAGE, allow_redirects=False).headers["Location"] == \
        "/viewer/login?next=%2Fviewer%2Fviewer%3FStudyInstanceUIDs%3D1.2"
    assert requests.get(server.url + "/dicom-web/studies", headers=JSON).status_code == 401
    browser, answer = sign_in(server, server.token, next="/viewer/viewer?StudyInstanceUIDs=1.2")
    assert answer.status_code == 303 and answer.headers["Location"] == "/viewer/viewer?StudyInstanceUIDs=1.2"
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert len(cookies) == 2 and all("HttpOnly" in cookie and "Max-Age" not in cookie for cookie in cookies)
    assert any("Path=/dicom-web;" in cookie and "SameSite=Strict" in cookie for cookie in cookies)
    assert browser.get(server.url + "/dicom-web/studies", headers=JSON).status_code == 200
    assert browser.get(server.url + "/viewer/", headers=PAGE, allow_redirects=False).status_code == 200
    assert "signed in as" in browser.get(server.url + "/viewer/login").text
    assert browser.post(server.url + "/viewer/logout").status_code == 200
    assert browser.get(server.url + "/dicom-web/studies", headers=JSON).status_code == 401


def test_the_cookie_reads_and_changes_nothing(server):
    content = dicom_files.ct_slice()
    cookie = {"Cookie": "pl_session=" + server.token}
    stored = requests.post(server.url + "/dicom-web/studies", data=content, headers={"Content-Type": "application/dicom", **cookie})
    assert stored.status_code == 401, "another site may have made the browser send it"
    assert requests.delete(server.url + "/dicom-web/studies/1.2.3", headers=cookie).status_code == 401
    assert requests.get(server.url + "/dicom-web/studies", headers={**JSON, **cookie}).status_code == 200, "the control"


def test_what_cannot_sign_in(server):
    uploader = server.session().post(server.url + "/api/v1/archive/tokens/", json={"name": "up", "roles": ["uploader"]}).json()["token"]
    for token in ("pl_" + "A" * 43, "nonsense", "", uploader, "a b", "x; Path=/"):
        _, answer = sign_in(server, token)
        assert answer.status_code == 401 and "Set-Cookie" not in answer.headers and "not good here" in answer.text, token
    browser = requests.Session()
    other_site = browser.post(server.url + "/viewer/login", data={"token": server.token}, headers={"Origin": "https://evil.example"},
                              allow_redirects=False)
    assert other_site.status_code == 403 and "Set-Cookie" not in other_site.headers


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/viewer/", "/\\evil.example", "/viewer/\u00e4", "/ui/x", ""])
def test_signing_in_leads_to_the_viewer_alone(server, wanted):
    _, answer = sign_in(server, server.token, next=wanted)
    assert answer.status_code == 303 and answer.headers["Location"] == "/viewer/"
    shown = requests.get(server.url + "/viewer/login", params={"next": wanted}).text
    assert 'name="next" value="/viewer/"' in shown


def test_an_address_with_a_token_of_a_link_shows_the_viewer(server):
    answer = requests.get(server.url + "/viewer/viewer?StudyInstanceUIDs=1.2&token=pls_x", headers=PAGE, allow_redirects=False)
    assert answer.status_code == 200 and SCRIPT in answer.text, "the viewer itself takes it from there"


def test_where_it_was_not_built_the_page_says_how(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_VIEWER=str(tmp_path / "nowhere"), PACS_LITE_PUBLIC_URL="https://pacs.example/archive") as server:
        answer = server.session().get(server.url + "/viewer/")
        assert answer.status_code == 404 and "make viewer" in answer.text and 'href="/archive/ui/viewer.css"' in answer.text
        assert re.search(r"<h1>The viewer is not installed</h1>", answer.text)


def test_behind_a_path_its_addresses_have_that_path(server, tmp_path):
    built = server.environment["PACS_LITE_VIEWER"]
    with ArchiveServer(tmp_path, PACS_LITE_VIEWER=built, PACS_LITE_PUBLIC_URL="https://pacs.example/archive") as proxied:
        page = proxied.session().get(proxied.url + "/viewer/").text
        assert f'src="/archive/viewer/{SCRIPT}"' in page
        _, answer = sign_in(proxied, proxied.token)
        assert answer.headers["Location"] == "/archive/viewer/" and "Path=/archive/dicom-web" in answer.headers["Set-Cookie"]
        assert "; Secure" in answer.headers["Set-Cookie"]
