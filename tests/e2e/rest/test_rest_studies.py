"""Studies, series, images: listing, paging, filters, the shapes that the application expects."""
import io
import threading

import PIL.Image
import pytest
import requests

import dicom_files
from checked_api import new_uuid


@pytest.fixture(scope="module")
def studies(technician):
    """Twelve studies of four patients in two modalities over twelve days."""
    made = []
    for number in range(12):
        uid = dicom_files.new_uid()
        content = dicom_files.ct_slice(
            study_uid=uid, patient_id=f"LIST-{number % 4}", patient_name=f"Müller{number % 4}^Änne",
            Modality="CT" if number % 2 else "MR", StudyDate=f"202601{number + 1:02d}",
            StudyDescription=f"Knee {number}", AccessionNumber=f"ACC{number:03d}")
        assert technician.store(content).status_code == 201
        made.append(uid)
    return made


def uids(answer):
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [study["study_uid"] for study in (body if isinstance(body, list) else body["results"])]


def test_newest_first_twenty_a_page(reader, studies):
    answer = reader.get("studies/")
    assert uids(answer)[:12] == studies[::-1] and len(uids(answer)) <= 20
    assert answer.json()["count"] >= 12


@pytest.mark.parametrize("query, wanted", [
    ("patient_id=LIST-2", [2, 6, 10]),
    ("patient_id=list-2", []),
    ("patient_name=müller3", [3, 7, 11]),
    ("patient_name=änne mÜLLER3", [3, 7, 11]),
    ("modality=MR", [0, 2, 4, 6, 8, 10]),
    ("study_date=2026-01-03", [2]),
    ("study_date=2026-01-03..2026-01-05", [2, 3, 4]),
    ("study_date=2026-01-11..2026-12-31", [10, 11]),
    ("study_date=..2026-01-02", [0, 1]),
    ("search=ACC005", [5]),
    ("search=knee 7", [7]),
    ("search=knee LIST-1", [1, 5, 9]),
    ("patient_id=LIST-2&modality=MR&study_date=2026-01-07", [6]),
    ("patient_id=LIST-2&modality=US", []),
])
def test_filters(reader, studies, query, wanted):
    found = uids(reader.get(f"studies/?page_size=500&{query}"))
    assert [uid for uid in found if uid in studies] == [studies[number] for number in wanted[::-1]]


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "study_date", "-study_date", "patient_name",
                                      "-patient_name"])
def test_every_ordering_pages_forwards_and_back_without_a_gap(reader, studies, ordering):
    whole = uids(reader.get(f"studies/?page_size=500&ordering={ordering}&search=knee"))
    assert len(whole) == 12
    pages, url = [], f"studies/?page_size=5&ordering={ordering}&search=knee"
    answers = []
    while url:
        answers.append(reader.get(url))
        pages += uids(answers[-1])
        url = answers[-1].json()["next"]
    assert pages == whole
    assert uids(reader.get(answers[-1].json()["previous"])) == uids(answers[-2])
    assert answers[0].json()["previous"] is None


def test_paging_neither_skips_nor_repeats_while_studies_arrive(technician):
    before = [technician.store(dicom_files.ct_slice(StudyDescription="arrival")).json()["study_uid"] for _ in range(30)]
    stop = threading.Event()

    def arrive():
        sender = technician.as_(technician.token)
        while not stop.is_set():
            sender.store(dicom_files.ct_slice(StudyDescription="arrival"))
    thread = threading.Thread(target=arrive)
    thread.start()
    try:
        seen, url = [], "studies/?page_size=3&search=arrival"
        while url:
            answer = technician.get(url)
            seen += uids(answer)
            url = answer.json()["next"]
    finally:
        stop.set()
        thread.join()
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)


def test_a_cursor_is_good_for_its_own_question_and_reader(admin, reader, studies):
    following = reader.get("studies/?page_size=2&modality=MR").json()["next"]
    assert reader.get(following).status_code == 200
    assert reader.get(following.replace("page_size=2", "page_size=4")).status_code == 200, "the size is no part of it"
    for changed in (following.replace("MR", "CT"), following + "&search=x", following[:-1],
                    following.replace("modality=MR&", ""), following.replace("cursor=", "cursor=A")):
        refused = reader.get(changed)
        assert refused.status_code == 400, changed
    assert admin.get(following).json()["code"] == "bad_cursor"
    assert admin.as_(admin.make_token("reader")).get(following).status_code == 400
    assert reader.get("images/?study_uid=" + studies[0] + "&cursor=" + following.split("cursor=")[1]).status_code == 400


@pytest.mark.parametrize("query", [
    "page_size=0", "page_size=501", "page_size=-1", "page_size=ten", "ordering=size", "ordering=",
    "study_date=yesterday", "study_date=2026-02-30", "study_date=20260101", "study_date=2026-01-02..2026-01-01",
    "radiology_order_id=abc", "radiology_order_id=-1", "radiology_order_id=9007199254740992", "cursor=x",
    "patient_name=" + "x" * 257, "search=%ff",
])
def test_parameters_out_of_bounds(reader, query):
    answer = reader.get("studies/?" + query)
    assert answer.status_code == (200 if query == "ordering=" else 400), answer.text


def test_unknown_parameters_are_ignored_and_logged(shared_server, reader):
    assert reader.get("studies/?colour=blue").status_code == 200
    assert "colour" in shared_server.log()


def test_with_an_order_the_list_is_bare(technician, reader):
    first = technician.upload(dicom_files.ct_slice(), radiology_order_id=555)
    second = technician.upload(dicom_files.ct_slice(), radiology_order_id=555)
    third = technician.upload(dicom_files.ct_slice(), radiology_request_id=555)
    answer = reader.get("studies/?radiology_order_id=555")
    assert isinstance(answer.json(), list)
    assert set(uids(answer)) == {first["study_uid"], second["study_uid"]}
    assert uids(reader.get("studies/?radiology_request_id=555")) == [third["study_uid"]]
    assert reader.get("studies/?radiology_order_id=556").json() == []


def test_a_study_by_its_number_and_its_uid(reader, studies):
    by_uid = reader.get(f"studies/{studies[0]}/").json()
    assert reader.get(f"studies/{by_uid['id']}").json() == by_uid
    assert by_uid["study_description"] == by_uid["description"] == "Knee 0"
    assert by_uid["study_date"] == "2026-01-01" and by_uid["patient_name"] == "Müller0^Änne"
    assert by_uid["image_count"] == 1 and by_uid["series_count"] == 1 and by_uid["pixels"] == "available"


def test_a_uuid_is_found_in_both_its_spellings(technician, reader):
    stored = technician.store(dicom_files.picture(seed=300), "image/jpeg").json()
    import uuid
    dotted = f"2.25.{uuid.UUID(stored['study_uid']).int}"
    assert reader.get(f"studies/{dotted}/").json()["study_uid"] == stored["study_uid"]
    assert reader.get(f"studies/{stored['study_uid'].upper()}/").status_code == 200


def test_the_images_of_a_study(technician, reader):
    study, series = dicom_files.new_uid(), [dicom_files.new_uid(), dicom_files.new_uid()]
    contents = {}
    for number in (3, 1, 2):
        content = dicom_files.ct_slice(study_uid=study, series_uid=series[number % 2], instance_number=number,
                                       SeriesNumber=1 + number % 2)
        contents[number] = content
        technician.store(content, filename=f"slice {number}.dcm")
    body = reader.get(f"studies/{study}/images/").json()
    assert body["study_uid"] == study and body["study"]["image_count"] == 3
    assert [entry["series_uid"] for entry in body["series"]] == series, "by series number"
    assert [image["instance_number"] for image in body["series"][1]["images"]] == [1, 3]
    for entry in body["series"]:
        assert entry["series_description"] == entry["description"] == "AXIAL" and entry["body_part"] == "HEAD"
        for image in entry["images"]:
            assert requests.get(image["image_url"]).content == contents[image["instance_number"]]
            thumbnail = requests.get(image["thumbnail_url"])
            assert thumbnail.status_code == 200 and thumbnail.headers["Content-Type"] == "image/jpeg"
            with PIL.Image.open(io.BytesIO(thumbnail.content)) as picture:
                assert picture.size == (64, 64) and len(picture.getcolors(1 << 16)) > 50, "the image itself is seen"
    assert reader.get(f"series/{series[0]}/images/").json()["images"] == reader.get(
        f"series/{body['series'][0]['id']}/images/").json()["images"]
    assert reader.get(f"images/?study_uid={study}").json()["count"] == 3
    assert reader.get(f"images/?series_uid={series[1]}&page_size=1").json()["next"]


def test_a_picture_is_its_own_thumbnail(technician, reader):
    content = dicom_files.picture(seed=301)
    stored = technician.store(content, "image/jpeg").json()
    image = reader.get(f"images/{stored['id']}/").json()
    assert requests.get(image["thumbnail_url"]).content == content


def test_what_is_announced_is_seen_as_pending(technician, reader):
    study, series = dicom_files.new_uid(), dicom_files.new_uid()
    there = dicom_files.ct_slice(study_uid=study, series_uid=series, instance_number=1)
    coming = dicom_files.ct_slice(study_uid=study, series_uid=series, instance_number=2)
    image_uuid = new_uuid()
    technician.store(there, radiology_order_id=88)
    technician.announce(coming, image_uuid, radiology_order_id=88,
                        image_metadata={"study_uid": study, "series_uid": series, "instance_number": 2})
    assert reader.get(f"studies/{study}/").json()["pixels"] == "partial"
    images = reader.get(f"studies/{study}/images/").json()["series"][0]["images"]
    assert [image["pixels"] for image in images] == ["available", "pending"]
    assert images[1]["image_url"] is None and images[1]["image_uuid"] == image_uuid
    assert requests.get(images[1]["thumbnail_url"]).headers["Content-Type"] == "image/svg+xml"
    technician.send(image_uuid, coming)
    assert reader.get(f"studies/{study}/").json()["pixels"] == "available"
    images = reader.get(f"studies/{study}/images/").json()["series"][0]["images"]
    assert [image["pixels"] for image in images] == ["available", "available"]


@pytest.mark.parametrize("path", ["studies/{}/", "studies/{}/images/", "studies/{}/viewer-url/", "series/{}/images/",
                                  "images/{}/", "images/{}/url/"])
@pytest.mark.parametrize("unknown", ["987654321", "1.2.3.4.5.6.7.8.9", "0", "-1", "abc", "1e3", "99999999999999999999999",
                                     "%2e%2e%2fetc", "1%00", "%f0%9f%92%a9"])
def test_what_is_not_there_is_404(reader, path, unknown):
    answer = reader.get(path.format(unknown))
    assert answer.status_code == (400 if unknown == "1%00" else 404), answer.text


def test_images_never_change(admin, technician):
    stored = technician.store(dicom_files.ct_slice()).json()
    for method in ("PUT", "PATCH"):
        answer = admin.request(method, f"images/{stored['id']}/", json={"filename": "other"})
        assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def test_removing(admin, technician, reader):
    study = dicom_files.new_uid()
    stored = [technician.store(dicom_files.ct_slice(study_uid=study)).json() for _ in range(2)]
    url = reader.get(f"images/{stored[0]['id']}/url/").json()["image_url"]
    removed = admin.delete(f"images/{stored[0]['id']}/?now=true")
    assert removed.status_code == 200 and removed.json()["images_removed"] == 1 and removed.json()["files_left"] == 0
    gone = requests.get(url)
    assert gone.status_code == 410 and gone.json()["code"] == "gone"
    assert reader.get(f"studies/{study}/").json()["image_count"] == 1
    assert admin.delete(f"images/{stored[0]['id']}/").status_code == 404
    assert admin.delete(f"studies/{study}/").json()["images_removed"] == 1
    assert reader.get(f"studies/{study}/").status_code == 404
    again = technician.store(dicom_files.ct_slice(study_uid=study, image_uid=stored[0]["image_uid"]))
    assert again.status_code == 201 and again.json()["id"] not in [image["id"] for image in stored], "no id twice"


def test_removing_a_series(admin, technician, reader):
    study, series = dicom_files.new_uid(), dicom_files.new_uid()
    technician.store(dicom_files.ct_slice(study_uid=study, series_uid=series))
    technician.store(dicom_files.ct_slice(study_uid=study))
    assert admin.delete(f"series/{series}/").json()["images_removed"] == 1
    assert reader.get(f"series/{series}/images/").status_code == 404
    assert reader.get(f"studies/{study}/").json()["series_count"] == 1
