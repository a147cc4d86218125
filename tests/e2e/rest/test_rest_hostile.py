"""Bad input: each gets a clear answer, and the server goes on."""
import gzip
import json
import re
import socket

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer
from checked_api import CheckedApi, new_uuid

METADATA = "offline-images/upload-metadata/"
GOOD = {"image_uuid": "550e8400-e29b-41d4-a716-446655440000", "radiology_order_id": 424242, "filename": "a.dcm",
        "file_size": 10, "mime_type": "application/dicom", "checksum": "a" * 64}


@pytest.mark.parametrize("text", [
    b"", b"{", b"[]", b"null", b"7", b'"text"', b"{'a': 1}", b'{"a": 1,}', b'{"image_uuid": NaN}', b"\xff\xfe{}",
    b'{"a": "\xff"}', b'{"a": "\\ud800"}', b'{"image_uuid": "x", "image_uuid": "y"}', b"[" * 10_000, b'{"a":' * 10_000,
    b'{"file_size": 1e999}', b'{"file_size": 123456789012345678901234567890}', b"\xef\xbb\xbf{}",
])
def test_bad_json(technician, text):
    answer = technician.request("POST", METADATA, data=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("bad_json", "bad_field", "missing_field")


@pytest.mark.parametrize("path, body, content_type", [
    (METADATA, json.dumps(GOOD).encode(), "application/json"), ("images/", dicom_files.ct_slice(), "application/dicom"),
])
def test_a_coded_body_is_not_taken_for_a_plain_one(technician, path, body, content_type):
    answer = technician.request("POST", path, data=gzip.compress(body),
                                headers={"Content-Type": content_type, "Content-Encoding": "gzip"})
    assert answer.status_code == 415 and answer.json()["code"] == "unsupported_content_coding", answer.text
    assert "gzip" in answer.json()["detail"]


@pytest.mark.parametrize("field, value", [
    ("image_uuid", None), ("image_uuid", 7), ("image_uuid", ""), ("image_uuid", "550e8400e29b41d4a716446655440000"),
    ("image_uuid", "550e8400-e29b-41d4-a716-44665544000g"), ("image_uuid", "../../550e8400-e29b-41d4-a716-446655440000"),
    ("image_uuid", ["550e8400-e29b-41d4-a716-446655440000"]),
    ("radiology_order_id", None), ("radiology_order_id", 0), ("radiology_order_id", -3), ("radiology_order_id", 1.5),
    ("radiology_order_id", "twelve"), ("radiology_order_id", True), ("radiology_order_id", 2**53),
    ("radiology_order_id", {"id": 3}),
    ("filename", 3), ("filename", "x" * 2000), ("mime_type", []), ("mime_type", "x" * 300),
    ("file_size", None), ("file_size", 0), ("file_size", -1), ("file_size", 2.5), ("file_size", "10"), ("file_size", True),
    ("checksum", None), ("checksum", "a" * 63), ("checksum", "g" * 64), ("checksum", "a" * 65), ("checksum", 5),
    ("image_metadata", "text"), ("image_metadata", [1]), ("image_metadata", 5),
    ("image_metadata", {"study_uid": 5}), ("image_metadata", {"study_uid": "1.2.3/../4"}),
    ("image_metadata", {"study_uid": "1." * 40}), ("image_metadata", {"series_uid": "hello"}),
    ("image_metadata", {"image_uid": ".1"}), ("image_metadata", {"study_date": "2026-13-01"}),
    ("image_metadata", {"study_date": "22.11.2026"}), ("image_metadata", {"study_date": 20261122}),
    ("image_metadata", {"series_number": "three"}), ("image_metadata", {"instance_number": 1.5}),
    ("image_metadata", {"patient_name": {"family": "Doe"}}), ("image_metadata", {"patient_id": "x" * 2000}),
])
def test_a_wrong_field_is_400_and_named(technician, field, value):
    answer = technician.post(METADATA, {**GOOD, field: value})
    assert answer.status_code == 400, answer.text
    named = field if not isinstance(value, dict) or field != "image_metadata" else next(iter(value))
    assert named in answer.json()["detail"]
    assert technician.get(f"offline-images/{GOOD['image_uuid']}/").status_code == 404, "nothing was kept"


def test_unknown_fields_are_ignored_and_logged(shared_server, technician):
    body = {**GOOD, "image_uuid": new_uuid(), "radiology_order_id": "424243", "favourite_colour": "blue"}
    assert technician.post(METADATA, body).status_code == 201
    assert "favourite_colour" in shared_server.log() and "blue" not in shared_server.log()


@pytest.mark.parametrize("path", [METADATA, "offline-images/acknowledge/", "sessions/"])
def test_a_form_where_json_is_wanted_is_415(technician, path):
    for options in ({"data": {"a": "1"}}, {"files": {"file": b"x"}}, {"data": b"{}", "headers": {"Content-Type": "text/plain"}}):
        answer = technician.request("POST", path, **options)
        assert answer.status_code == 415 and "JSON" in answer.json()["detail"]


def test_json_where_a_form_is_wanted_is_415(technician):
    answer = technician.post("offline-images/upload-binary/", {"image_uuid": new_uuid()})
    assert answer.status_code == 415 and "multipart/form-data" in answer.json()["detail"]


@pytest.mark.parametrize("body, boundary, status", [
    (b"", "B", 400), (b"nothing", "B", 400), (b"--B--\r\n", "B", 400), (b"--B\r\n\r\n", "B", 400),
    (b'--B\r\nContent-Disposition: form-data; name="image_uuid"\r\n\r\nx', "B", 400),
    (b'--B\r\nContent-Disposition: form-data; name="image_uuid"\r\n\r\nnot-a-uuid\r\n--B\r\n'
     b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--B--\r\n', "B", 400),
    (b'--B\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\nx\r\n--B--\r\n', "B", 400),
    (b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n'
     b"\r\ny\r\n--B--\r\n", "B", 400),
    (b"--B\r\n" + b"X: y\r\n" * 5000 + b"\r\n\r\n--B--\r\n", "B", 413),
    (b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 700_000 + b"\r\n--B--\r\n", "B", 413),
    (b"".join(b'--B\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % n for n in range(100)) + b"--B--\r\n",
     "B", 413),
    (b"--B--\r\n", "", 415), (b"--B--\r\n", "x" * 100, 400),
])
def test_bad_forms(technician, body, boundary, status):
    answer = technician.request("POST", "offline-images/upload-binary/", data=body,
                                headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
    assert answer.status_code == status, answer.text


def test_a_form_that_is_cut_stores_nothing(technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(content, image_uuid)
    form = (f'--B\r\nContent-Disposition: form-data; name="image_uuid"\r\n\r\n{image_uuid}\r\n--B\r\n'
            f'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n').encode() + content
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    cut = technician.request("POST", "offline-images/upload-binary/", data=form, headers=headers)
    assert cut.status_code == 400 and cut.json()["code"] == "bad_multipart"
    whole = technician.request("POST", "offline-images/upload-binary/", data=form + b"\r\n--B--\r\n", headers=headers)
    assert whole.status_code == 201


def test_a_client_that_goes_away_leaves_the_record_waiting(shared_server, technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(content, image_uuid)
    head = (f'--B\r\nContent-Disposition: form-data; name="image_uuid"\r\n\r\n{image_uuid}\r\n--B\r\n'
            f'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n').encode()
    request = (f"POST /api/v1/radiology/offline-images/upload-binary/ HTTP/1.1\r\nHost: x\r\n"
               f"Authorization: Bearer {technician.token}\r\nContent-Type: multipart/form-data; boundary=B\r\n"
               f"Content-Length: {len(head) + len(content) + 9}\r\n\r\n").encode()
    with socket.create_connection(("127.0.0.1", shared_server.port)) as connection:
        connection.sendall(request + head + content[:1000])
    record = technician.get(f"offline-images/{image_uuid}/").json()
    assert record["status"] == "METADATA_UPLOADED", "a broken link is no fault of the image"
    assert technician.send(image_uuid, content).status_code == 201


def test_fields_behind_the_file_are_refused(technician):
    content = dicom_files.ct_slice()
    image_uuid = new_uuid()
    technician.announce(content, image_uuid)
    file_part = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + content + b"\r\n"
    form = file_part + (f'--B\r\nContent-Disposition: form-data; name="image_uuid"\r\n\r\n{image_uuid}\r\n'
                        f"--B--\r\n").encode()
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    refused = technician.request("POST", "offline-images/upload-binary/", data=form, headers=headers)
    assert refused.status_code == 400 and "before the file" in refused.json()["detail"]
    by_query = technician.request("POST", f"offline-images/upload-binary/?image_uuid={image_uuid}",
                                  data=file_part + b"--B--\r\n", headers=headers)
    assert by_query.status_code == 201


def test_too_large(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_MAX_IMAGE_BYTES="1 MB") as server:
        api = CheckedApi(server, server.token)
        large = dicom_files.ct_slice(rows=1024, columns=1024)
        assert api.store(large).status_code == 413
        announced = api.announce(large)
        assert announced.status_code == 413 and "file_size" in announced.json()["detail"]
        image_uuid = new_uuid()
        assert api.announce(large[:1_000_000], image_uuid).status_code == 201
        too_much = api.send(image_uuid, large)
        assert too_much.status_code == 413, too_much.text

        def pieces():
            yield large
        chunked = api.request("POST", "images/", data=pieces(), headers={"Content-Type": "application/dicom"})
        assert chunked.status_code == 413
        small = dicom_files.ct_slice(rows=64, columns=64)
        assert api.store(small).status_code == 201
        assert api.request("POST", METADATA, data=b" " * 1_100_000,
                           headers={"Content-Type": "application/json"}).status_code == 413


def test_a_deeply_nested_data_set_is_refused(technician):
    item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    sequence = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff"
    content = dicom_files.ct_slice()
    tail = content.index(b"\x28\x00\x02\x00US")
    nested = content[:tail] + b"\x20\x00\x00\x40LT\x02\0x " + (sequence + item) * 5000
    refused = technician.store(nested)
    assert refused.status_code == 422, refused.text


def test_a_length_of_three_gigabytes_in_a_small_file(technician):
    content = dicom_files.ct_slice()
    at = content.index(b"\xe0\x7f\x10\x00OW") + 8
    refused = technician.store(content[:at] + (3 << 30).to_bytes(4, "little") + content[at + 4:])
    assert refused.status_code == 422 and refused.json()["code"] == "truncated"


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
def test_a_data_set_without_a_uid_is_refused_and_the_uid_is_named(technician, keyword):
    content = dicom_files.ct_slice(**{keyword: None})
    # The meta header's UID stands in for the data set's: take it away too.
    refused = technician.store(content.replace(b"\2\0\3\0UI", b"\2\0\4\0UI"))
    assert refused.status_code == 422 and refused.json()["code"] == "missing_attribute", refused.text
    assert keyword in refused.json()["detail"]


@pytest.mark.parametrize("place", ["study_uid", "series_uid", "image_uid"])
@pytest.mark.parametrize("trick", [b"../../../ab", b"1/2/3/4/5/6", b"1.2.3.4.5/6", b".2.3.4.5.6.", b"1.2..3.4.56", b"1.2.3\x004.5.6"])
def test_a_uid_in_a_file_leads_nowhere(shared_server, technician, place, trick):
    content = dicom_files.ct_slice(**{place: "1.2.3.4.5.6"})
    assert content.count(b"1.2.3.4.5.6") >= 1 and len(trick) == len(b"1.2.3.4.5.6")
    answer = technician.store(content.replace(b"1.2.3.4.5.6", trick))
    assert answer.status_code == 422 and answer.json()["code"] == "invalid_uid", answer.text


@pytest.mark.parametrize("date", [b"20269999", b"2026    ", b"--------", b"00000000"])
def test_a_wrong_date_in_a_file_loses_no_image(technician, date):
    stored = technician.store(dicom_files.ct_slice().replace(b"20261122", date))
    assert stored.status_code == 201, stored.text
    assert technician.get(f"studies/{stored.json()['study_uid']}/").json()["study_date"] is None


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "..\\..\\x.dcm", "/etc/passwd", "x/../../../y", "a\u202ebc.dcm"])
def test_path_tricks_in_the_names_of_an_offline_upload(shared_server, technician, name):
    content = dicom_files.ct_slice()
    stored = technician.upload(content, filename=name)
    announced = technician.get("offline-images/").json()[0]
    assert announced["filename"] == name, "told as it was sent"
    parts = stored["file_key"].split("/")
    assert len(parts) == 5 and ".." not in parts and "\u202e" not in parts[4]
    assert (shared_server.media / stored["file_key"]).read_bytes() == content
    assert stored["filename"] == parts[4]


def test_errors_tell_nothing_of_this_machine_or_of_patients(shared_server, technician):
    content = dicom_files.ct_slice(patient_name="Secret^Patient", patient_id="SECRET-ID")
    texts = [technician.store(content[:400]).text, technician.store(content, checksum="0" * 64).text,
             technician.get("studies/../../etc/passwd").text, technician.post(METADATA, {"image_uuid": "Secret"}).text]
    technician.store(content)
    texts.append(shared_server.log())
    for text in texts:
        assert "Secret^" not in text and "SECRET-ID" not in text
    for text in texts[:-1]:
        assert str(shared_server.data) not in text and str(shared_server.media) not in text


def test_browsers_of_other_origins(tmp_path):
    with ArchiveServer(tmp_path, PACS_LITE_CORS_ALLOWED_ORIGINS="https://app.example") as server:
        preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        good = requests.options(server.api + "/studies/", headers={"Origin": "https://app.example", **preflight})
        assert good.status_code == 204 and good.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert "authorization" in good.headers["Access-Control-Allow-Headers"].lower()
        assert "Access-Control-Allow-Credentials" not in good.headers
        bad = requests.options(server.api + "/studies/", headers={"Origin": "https://evil.example", **preflight})
        assert "Access-Control-Allow-Origin" not in bad.headers
        refused = requests.get(server.api + "/studies/", headers={"Origin": "https://app.example"})
        assert refused.status_code == 401 and refused.headers["Access-Control-Allow-Origin"] == "https://app.example"


def test_health_and_metrics(admin, anybody):
    assert anybody.get("/healthz").json() == {"status": "ok"}
    assert anybody.get("/readyz").json() == {"status": "ready"}
    admin.store(dicom_files.ct_slice())
    admin.store(b"no image")
    text = admin.get("/metrics").text
    assert "# TYPE pacs_lite_http_request_seconds histogram" in text
    assert 'pacs_lite_uploads_refused_total{reason="unsupported_media"}' in text
    assert "\npacs_lite_images_stored_total " in text
    assert json.dumps(text).count("SECRET") == 0


def test_fresh_metrics_are_small_and_well_formed(tmp_path):
    """A route that nobody has called has no histogram yet."""
    with ArchiveServer(tmp_path) as server:
        assert server.session().get(server.api + "/studies/").status_code == 200
        text = server.session().get(server.url + "/metrics").text
        assert len(text) < 40_000, f"{len(text)} bytes before anything was done"
        assert 'route="/api/v1/radiology/studies/"' in text and "/sessions/" not in text
        sample = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? (\+Inf|NaN|-?[0-9][0-9.e+-]*)')
        for line in text.splitlines():
            assert re.match(r"# (HELP|TYPE) [a-z_]+ ", line) or sample.fullmatch(line), line
