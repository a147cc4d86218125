"""Who may what: every route against every kind of principal, and what 401, 403 and 404 tell."""
import time

import pytest
import requests

import dicom_files
from checked_api import CheckedApi

# What each right of the OpenAPI document means for a token with exactly one role.
ROLES = {"reader": {"reader", "link"}, "uploader": {"uploader"}, "metrics": {"metrics"}}
OPEN = {None, "optional", "signature"}
# Opened by a link's cookie or by what the page asks for; no token helps, so that they are 401 for all.
PAGE = {"page"}


def every_operation(openapi):
    for path, methods in openapi.document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation.get("x-right")


def filled(path):
    for name in ("{id}", "{image_id}", "{image_uuid}", "{link}", "{share}", "{page}"):
        path = path.replace(name, "987654321")
    return path.replace("{key}", "radiology/1/2/3/x")


@pytest.fixture(scope="module")
def tokens(admin):
    return {role: admin.make_token(role) for role in ROLES}


def test_without_a_token_every_route_is_401_or_open(anybody):
    for method, path, right in every_operation(anybody.openapi):
        answer = anybody.request(method, filled(path))
        if right in OPEN:
            assert answer.status_code != 401, path
        else:
            assert answer.status_code == 401, (method, path, answer.text)
            if not path.startswith(("/ui/", "/viewer", "/s/", "/share/")):
                assert answer.headers["WWW-Authenticate"] == "Bearer" and answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("role", ROLES)
def test_a_missing_right_is_403_and_nothing_else_is(admin, tokens, role):
    api = admin.as_(tokens[role])
    for method, path, right in every_operation(admin.openapi):
        if right in OPEN:
            continue
        if right in PAGE:
            assert api.request(method, filled(path)).status_code == 401, path
            continue
        answer = api.request(method, filled(path))
        assert answer.status_code != 401, (method, path)
        assert (answer.status_code == 403) == (right not in ROLES[role]), (method, path, answer.status_code)


def test_an_administrator_may_everything(admin):
    for method, path, right in every_operation(admin.openapi):
        if right not in OPEN | PAGE and not path.endswith("keys/rotate/"):
            assert admin.request(method, filled(path)).status_code not in (401, 403), (method, path)


@pytest.mark.parametrize("header", [
    "Bearer", "Bearer ", "Bearer x", "Bearer pl_", "Bearer pl_" + "A" * 43, "Basic YTpi", "bearer", "Bearer a b",
    "Bearer pls_" + "A" * 43, "Token abc", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.",
    "Bearer " + "A" * 5000,
])
def test_a_token_that_is_not_good_is_401_with_one_text(anybody, header):
    answer = anybody.get("studies/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["detail"] == anybody.get("studies/").json()["detail"]


def test_expired_and_revoked_tokens(admin):
    short = admin.make_token("reader", expires_in=2)
    assert admin.as_(short).get("studies/").status_code == 200
    time.sleep(2.1)
    assert admin.as_(short).get("studies/").status_code == 401
    created = admin.post("/api/v1/archive/tokens/", {"name": "to go", "roles": "reader"}).json()
    api = admin.as_(created["token"])
    assert api.get("studies/").status_code == 200
    revoked = admin.delete(f"/api/v1/archive/tokens/{created['id']}/")
    assert revoked.status_code == 200 and revoked.json()["status"] == "revoked"
    assert api.get("studies/").status_code == 401, "at once"
    assert admin.delete(f"/api/v1/archive/tokens/{created['id']}/").status_code == 200


def test_secrets_are_shown_once(shared_server, admin):
    secret = admin.make_token("reader")
    assert secret not in admin.get("/api/v1/archive/tokens/").text
    assert secret not in shared_server.log()
    assert secret.encode() not in (shared_server.data / "index.db").read_bytes()


@pytest.mark.parametrize("body", [
    {}, {"name": "x"}, {"roles": ["reader"]}, {"name": "x", "roles": []}, {"name": "x", "roles": ["root"]},
    {"name": "x", "roles": [1]}, {"name": "x", "roles": {}}, {"name": 7, "roles": ["reader"]},
    {"name": "x" * 101, "roles": ["reader"]}, {"name": "x", "roles": ["reader"], "expires_in": -1},
    {"name": "x", "roles": ["reader"], "expires_in": 1.5}, {"name": "line\nbreak", "roles": ["reader"]},
])
def test_tokens_that_make_no_sense(admin, body):
    answer = admin.post("/api/v1/archive/tokens/", body)
    assert answer.status_code == 400, answer.text


def test_what_a_share_link_opens(admin, technician, reader):
    study = technician.store(dicom_files.ct_slice()).json()
    other = technician.store(dicom_files.ct_slice()).json()
    link = reader.get(f"studies/{study['study_uid']}/viewer-url/").json()["token"]
    shared = admin.as_(link)
    for path in ("studies/{study_uid}/", "studies/{study_uid}/images/", "series/{series_uid}/images/", "images/{id}/",
                 "images/{id}/url/"):
        assert shared.get(path.format(**study)).status_code == 200, path
        assert shared.get(path.format(**other)).status_code == 404, "like what does not exist"
    assert [s["study_uid"] for s in shared.get("studies/").json()["results"]] == [study["study_uid"]]
    assert shared.get(f"images/?study_uid={other['study_uid']}").json()["results"] == []
    for method, path in (("GET", f"studies/{study['study_uid']}/viewer-url/"), ("GET", "offline-images/"),
                         ("DELETE", f"images/{study['id']}/"), ("GET", "/api/v1/archive/tokens/"),
                         ("GET", "/api/v1/archive/audit/"), ("GET", "/metrics"), ("POST", "images/")):
        assert shared.request(method, path).status_code == 403, path
    listed = [token for token in admin.get("/api/v1/archive/tokens/").json() if token["kind"] == "share_link"]
    assert admin.delete(f"/api/v1/archive/tokens/{listed[0]['id']}/").status_code == 200
    assert shared.get(f"studies/{study['study_uid']}/").status_code == 401


def test_the_life_of_a_share_link_bounds_the_links_made_with_it(admin, technician, reader):
    study = technician.store(dicom_files.ct_slice()).json()
    link = reader.get(f"studies/{study['study_uid']}/viewer-url/?expires_in=100").json()
    assert link["expires_in"] == 100
    shared = admin.as_(link["token"])
    assert shared.get(f"images/{study['id']}/url/?expires_in=86400").json()["expires_in"] <= 100


def test_an_administrator_alone_may_have_the_audit_log_verified(admin, technician):
    answer = admin.get("/api/v1/archive/audit/verify/").json()
    assert answer["whole"] is True and answer["broken"] is None
    line = admin.get(f"/api/v1/archive/audit/?before_id={answer['newest']['id'] + 1}&limit=1").json()[0]
    assert line == answer["newest"], "so it can be looked up later"
    assert technician.get("/api/v1/archive/audit/verify/").status_code == 403


def test_reads_stand_in_the_audit_log_within_a_second(admin, technician, reader):
    stored = technician.store(dicom_files.ct_slice()).json()
    for _ in range(3):
        reader.get(f"studies/{stored['study_uid']}/")
    reader.get(f"images/{stored['id']}/url/")
    reader.get(f"studies/{stored['study_uid']}/viewer-url/")
    reader.delete(f"studies/{stored['study_uid']}/")
    time.sleep(1.1)
    lines = admin.get(f"/api/v1/archive/audit/?study_uid={stored['study_uid']}").json()
    actions = [line["action"] for line in lines]
    assert actions.count("study.read") == 1, "one line for each reader and minute"
    assert {"image.store", "url.make", "link.create"} <= set(actions)
    refused = admin.get("/api/v1/archive/audit/?action=administer").json()
    assert refused and refused[0]["outcome"] == "refused"
    assert admin.get("/api/v1/archive/audit/?from=not-a-time").status_code == 400
    page = admin.get("/api/v1/archive/audit/?limit=2")
    older = admin.get(page.links["next"]["url"]).json()
    assert len(page.json()) == 2 and older[0]["id"] < page.json()[1]["id"]


def test_wrong_tokens_are_slowed_down_and_good_ones_are_not(tmp_path):
    from archive_server import ArchiveServer
    with ArchiveServer(tmp_path) as server:
        api = CheckedApi(server, server.token)
        assert api.get("studies/").status_code == 200
        wrong = api.as_("pl_" + "B" * 43)
        answers = [wrong.get("studies/") for _ in range(1000)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert answers[0].status_code == 401 and len(refused) > 100
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
        assert api.get("studies/").status_code == 200


def test_a_proxy_names_users_only_when_it_is_trusted(tmp_path):
    from archive_server import ArchiveServer
    user = {"X-Auth-User": "anna", "X-Auth-Roles": "reader, application-role"}
    names = {"PACS_LITE_PROXY_USER_HEADER": "X-Auth-User", "PACS_LITE_PROXY_ROLES_HEADER": "X-Auth-Roles"}
    with ArchiveServer(tmp_path / "a", PACS_LITE_TRUSTED_PROXIES="192.0.2.0/24", **names) as server:
        assert requests.get(server.api + "/studies/", headers=user).status_code == 401
    with ArchiveServer(tmp_path / "b", PACS_LITE_TRUSTED_PROXIES="127.0.0.1", **names) as server:
        assert requests.get(server.api + "/studies/", headers=user).status_code == 200
        assert requests.get(server.api + "/studies/", headers={"X-Auth-User": "anna"}).status_code == 403
        both = {**user, "Authorization": "Bearer the-applications-own-token"}
        assert requests.get(server.api + "/studies/", headers=both).status_code == 200
        ours = {**user, "Authorization": "Bearer pl_" + "A" * 43}
        assert requests.get(server.api + "/studies/", headers=ours).status_code == 401, "a bad one of ours is refused"
