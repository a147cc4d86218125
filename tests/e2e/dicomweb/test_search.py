"""QIDO-RS (PS3.18 10.6) against a running server. The letters and numbers of the tests (Q1 to Q21, G…) are
those of docs/conformance.md."""
import pydicom
import pydicom.sequence
import pytest

import dicom_files

JSON = "application/dicom+json"
STUDY = {name: dicom_files.new_uid() for name in ("doe", "mueller", "yamada")}
SERIES = {name: dicom_files.new_uid() for name in ("axial", "scout", "knee", "chest")}
IMAGE = {name: dicom_files.new_uid() for name in ("axial1", "axial2", "scout", "knee", "chest")}


def item(**attributes):
    dataset = pydicom.Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def with_private(content: bytes) -> bytes:
    """The same file with a private block."""
    dataset = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    block = dataset.private_block(0x0009, "ACME 1.0", create=True)
    block.add_new(0x01, "LO", "Blue Scanner")
    block.add_new(0x02, "IS", "42")
    block.add_new(0x03, "UN", b"Green ")
    out = pydicom.filebase.DicomBytesIO()
    dataset.save_as(out)
    return out.getvalue()


def files():
    doe = dict(study_uid=STUDY["doe"], patient_id="P-1", patient_name="Doe^Jane", AccessionNumber="ACC-1", StudyID="S1",
               PatientBirthDate="19700102", PatientSex="F", ReferringPhysicianName="House^Gregory",
               StudyDate="20260101", StudyTime="203000", TimezoneOffsetFromUTC="+0100")
    requests_of = [item(ScheduledProcedureStepID="STEP1", RequestedProcedureID="REQ1"),
                   item(ScheduledProcedureStepID="STEP2", RequestedProcedureID="REQ2")]
    for number in (1, 2):
        yield with_private(dicom_files.ct_slice(
            series_uid=SERIES["axial"], image_uid=IMAGE[f"axial{number}"], instance_number=number, KVP=str(100 + number),
            ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], InstitutionName="Saint Elsewhere", SeriesDate="20260101",
            RequestAttributesSequence=pydicom.sequence.Sequence(requests_of), **doe))
    yield dicom_files.ct_slice(series_uid=SERIES["scout"], image_uid=IMAGE["scout"], SeriesNumber=1, Modality="PT",
                               SeriesDescription="SCOUT", **doe)
    yield dicom_files.ct_slice(study_uid=STUDY["mueller"], series_uid=SERIES["knee"], image_uid=IMAGE["knee"],
                               patient_id="P-2", patient_name="Müller^Jürgen", Modality="MR", StudyDate="20260201",
                               StudyTime="081500", StudyDescription="MR KNEE", AccessionNumber="ACC-2", StudyID=None)
    yield dicom_files.ct_slice(study_uid=STUDY["yamada"], series_uid=SERIES["chest"], image_uid=IMAGE["chest"],
                               patient_id="P-3", patient_name="Yamada^Tarou=山田^太郎=やまだ^たろう", StudyDate="20260301",
                               StudyDescription=None, Modality="US")


@pytest.fixture(scope="module")
def archive(shared_server):
    session = shared_server.session()
    for content in files():
        stored = session.post(shared_server.api + "/images/", data=content, headers={"Content-Type": "application/dicom"})
        assert stored.status_code == 201, stored.text
    return shared_server


@pytest.fixture(scope="module")
def ask(archive):
    """ask("/studies?PatientID=P-1"): the answer, whatever it is."""
    session = archive.session()

    def get(path, **headers):
        return session.get(archive.url + "/dicom-web" + path, headers={"Accept": JSON, **headers})
    return get


@pytest.fixture(scope="module")
def found(ask):
    """The hits of a search that is answered."""
    def get(path, **headers):
        answer = ask(path, **headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == JSON
        return answer.json()
    return get


@pytest.fixture(scope="module")
def studies(found):
    """The names of the studies that a query finds, in the order of the answer."""
    names = {uid: name for name, uid in STUDY.items()}
    return lambda query: [names[value(hit, "0020000D")] for hit in found("/studies?" + query)]


def value(hit, tag):
    return hit[tag]["Value"][0]


def uids(hits, tag):
    return sorted(value(hit, tag) for hit in hits)


def test_q1_six_resources(found):
    assert len(found("/studies")) == 3
    assert uids(found("/series"), "0020000E") == sorted(SERIES.values())
    assert uids(found("/instances"), "00080018") == sorted(IMAGE.values())
    doe = "/studies/" + STUDY["doe"]
    assert uids(found(doe + "/series"), "0020000E") == sorted([SERIES["axial"], SERIES["scout"]])
    assert uids(found(doe + "/instances"), "00080018") == sorted([IMAGE["axial1"], IMAGE["axial2"], IMAGE["scout"]])
    axial = f"{doe}/series/{SERIES['axial']}/instances"
    assert [value(hit, "00200013") for hit in found(axial)] == [1, 2]
    assert found(f"/studies/{STUDY['mueller']}/series/{SERIES['axial']}/instances") == [], "of another study"


@pytest.mark.parametrize("key", ["00100020", "PatientID", "patientid", "PATIENTID"])
def test_q2_tags_and_keywords_in_any_case(studies, key):
    assert studies(key + "=P-2") == ["mueller"]


def test_q2_attributes_in_sequences_by_dotted_path(found, studies):
    assert studies("RequestAttributesSequence.ScheduledProcedureStepID=STEP2") == ["doe"]
    assert studies("00400275.00400009=STEP2&00400275.requestedprocedureid=REQ2") == ["doe"]
    assert studies("00400275.00400009=STEP2&00400275.00401001=REQ1") == [], "of two items"
    assert len(found("/instances?00400275.00400009=STEP*")) == 2


def test_q3_what_the_tables_ask_for_is_there_even_when_empty(found):
    study = found("/studies?PatientID=P-2")[0]
    for tag in ("00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 00100040 "
                "0020000D 00200010 00201206 00201208").split():
        assert "vr" in study[tag], tag
    assert study["00200010"] == {"vr": "SH"}, "no study id"
    assert study["00080020"]["Value"] == ["20260201"] and study["00080030"]["Value"] == ["081500"]
    assert study["00100010"]["Value"] == [{"Alphabetic": "Müller^Jürgen"}]
    assert "00081030" not in study and "00080201" not in study

    doe = found("/studies?PatientID=P-1")[0]
    assert value(doe, "00200010") == "S1" and value(doe, "00080201") == "+0100"
    series = found(f"/studies/{STUDY['doe']}/series")
    assert [value(hit, "00200011") for hit in series] == [1, 2]
    for tag in "00080060 0008103E 00081190 0020000E 00200011 00201209 00400244 00400245 00400275".split():
        assert "vr" in series[0][tag], tag
    assert len(series[1]["00400275"]["Value"]) == 2
    assert "00100010" not in series[0]
    assert value(found("/series?PatientID=P-1")[0], "00100010") == {"Alphabetic": "Doe^Jane"}, "of all studies"

    instance = found(f"/studies/{STUDY['doe']}/instances?SOPInstanceUID={IMAGE['axial2']}")[0]
    assert {tag: value(instance, tag) for tag in ("00080016", "00080018", "00080056", "00200013", "00280010", "00280011",
                                                  "00280100", "00280008")} == {
        "00080016": pydicom.uid.CTImageStorage, "00080018": IMAGE["axial2"], "00080056": "ONLINE", "00200013": 2,
        "00280010": 64, "00280011": 64, "00280100": 16, "00280008": 1}
    assert value(instance, "00080060") == "CT", "with that of its series"


def test_q4_includefield(found, ask):
    hit = found("/studies?PatientID=P-1&includefield=00081030,InstitutionName&includefield=StudyDescription")[0]
    assert value(hit, "00081030") == "CT HEAD" and "00080080" not in hit
    hit = found(f"/studies/{STUDY['doe']}/series?SeriesNumber=2&includefield=00080080%2C00080021")[0]
    assert value(hit, "00080080") == "Saint Elsewhere" and value(hit, "00080021") == "20260101"
    private = found("/studies?PatientID=P-1&includefield=00091001")[0]
    assert value(private, "00091001") == "Blue Scanner" and value(private, "00090010") == "ACME 1.0"
    sequence = found("/instances?SOPInstanceUID=" + IMAGE["axial1"] + "&includefield=RequestAttributesSequence")[0]
    assert value(sequence, "00400275")["00400009"]["Value"] == ["STEP1"]

    everything = found("/studies?PatientID=P-1&includefield=all")[0]
    assert "00081030" in everything and "00180060" not in everything
    everything = found("/instances?SOPInstanceUID=" + IMAGE["axial1"] + "&includefield=all")[0]
    assert value(everything, "00180060") == 101 and everything["00080008"]["Value"] == ["ORIGINAL", "PRIMARY", "AXIAL"]
    assert "BulkDataURI" not in str(everything)

    # What is not honoured is told (Q18).
    answer = ask("/studies?includefield=SOPInstanceUID&includefield=NoSuchThing")
    assert answer.status_code == 200 and "00080018" not in answer.json()[0]
    warning = answer.headers["Warning"]
    assert warning.startswith("299 http://") and "SOPInstanceUID" in warning and "NoSuchThing" in warning


def test_q5_limit_and_offset(studies, found, ask):
    every = studies("")
    assert every == ["yamada", "mueller", "doe"], "newest first"
    assert [studies(f"limit=1&offset={offset}")[0] for offset in range(3)] == every
    assert studies("limit=2") == every[:2] and studies("offset=2") == every[2:]
    assert studies("limit=0") == [] and studies("offset=3") == []
    pages = [found(f"/instances?limit=2&offset={offset}") for offset in (0, 2, 4)]
    assert sorted(value(hit, "00080018") for page in pages for hit in page) == sorted(IMAGE.values())
    for query in ("limit=-1", "limit=x", "limit=", "offset=1.5", "offset=99999999999999999999", "limit=1&limit=2"):
        answer = ask("/studies?" + query)
        assert answer.status_code == 400, query
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_q7_wildcards(studies):
    assert studies("StudyDescription=*KNEE") == ["mueller"]
    assert studies("StudyDescription=?T HEAD") == ["doe"]
    assert studies("PatientID=P-*") == ["yamada", "mueller", "doe"]
    assert studies("AccessionNumber=ACC-?") == ["mueller", "doe"]
    assert studies("ModalitiesInStudy=M*") == ["mueller"]
    assert studies("ReferringPhysicianName=house*") == ["doe"]


def test_q8_names_are_blind_to_case_and_accents_and_others_are_not(studies):
    assert studies("PatientName=DOE*") == ["doe"]
    assert studies("PatientName=doe^jane") == ["doe"]
    assert studies("PatientName=muller*") == ["mueller"]
    assert studies("PatientName=Doe") == []
    assert studies("StudyDescription=ct head") == []
    assert studies("PatientID=p-1") == []


def test_q9_fuzzy_names(studies):
    assert studies("PatientName=mueler&fuzzymatching=true") == ["mueller"]
    assert studies("PatientName=jane doh&fuzzymatching=true") == ["doe"], "by sound, in any order"
    assert studies("PatientName=mueler&fuzzymatching=false") == []
    assert studies("PatientName=schmidt&fuzzymatching=true") == []


def test_q10_dates_and_times(studies, found):
    assert studies("StudyDate=20260201") == ["mueller"]
    assert studies("StudyDate=20260101-20260201") == ["mueller", "doe"]
    assert studies("StudyDate=20260201-") == ["yamada", "mueller"]
    assert studies("StudyDate=-20260131") == ["doe"]
    assert studies("StudyTime=08-12") == ["yamada", "mueller"]
    assert studies("StudyTime=-1000") == ["mueller"]
    assert studies("StudyTime=2000-0900") == ["mueller", "doe"]
    # The evening of one day to the morning of another (PS3.4 C.2.2.2.5).
    assert studies("StudyDate=20260101-20260201&StudyTime=2000-0900") == ["mueller", "doe"]
    assert studies("StudyDate=20260101-20260201&StudyTime=2100-0900") == ["mueller"]
    assert len(found("/series?SeriesDate=20260101")) == 1


def test_q11_uid_lists(studies, found):
    both = f"{STUDY['doe']},{STUDY['mueller']}"
    assert studies("StudyInstanceUID=" + both) == ["mueller", "doe"]
    assert studies("0020000D=" + both.replace(",", "\\")) == ["mueller", "doe"]
    assert studies("StudyInstanceUID=1.2.3") == []
    assert len(found(f"/instances?SeriesInstanceUID={SERIES['axial']},{SERIES['knee']}")) == 3
    assert studies("SOPInstanceUID=" + IMAGE["knee"]) == ["mueller"], "by what is below"


def test_q12_empty_and_multiple_values(studies):
    assert studies('AccessionNumber=""&emptyvaluematching=true') == ["yamada"]
    assert studies('AccessionNumber=""') == []
    assert studies("ModalitiesInStudy=CT%5CPT&multiplevaluematching=true") == ["doe"]
    assert studies("ModalitiesInStudy=CT%5CMR&multiplevaluematching=true") == []
    assert studies("ModalitiesInStudy=CT%5CMR") == ["mueller", "doe"]


def test_q13_the_time_zone_of_the_question(studies):
    # 20:30 in +0100 is 19:30 in UTC, and the next day in +0500.
    assert studies("StudyDate=20260102&TimezoneOffsetFromUTC=%2B0500") == ["doe"]
    assert studies("StudyDate=20260101&TimezoneOffsetFromUTC=%2B0500") == []
    assert studies("StudyDate=20260101-20260101&StudyTime=1900-2000&TimezoneOffsetFromUTC=+0000") == ["doe"]
    assert studies("StudyDate=20260201&TimezoneOffsetFromUTC=-0500") == ["mueller"], "it does not say where it was"


def test_q14_what_is_counted(found):
    doe = found("/studies?PatientID=P-1&includefield=SOPClassesInStudy")[0]
    assert sorted(doe["00080061"]["Value"]) == ["CT", "PT"]
    assert (value(doe, "00201206"), value(doe, "00201208"), value(doe, "00080056")) == (2, 3, "ONLINE")
    assert doe["00080062"]["Value"] == [pydicom.uid.CTImageStorage]
    series = found(f"/studies/{STUDY['doe']}/series?SeriesNumber=2")[0]
    assert value(series, "00201209") == 2
    assert len(found("/studies?NumberOfStudyRelatedInstances=3")) == 1
    assert len(found(f"/studies?SOPClassesInStudy={pydicom.uid.CTImageStorage}")) == 3
    assert found(f"/studies?SOPClassesInStudy={pydicom.uid.MRImageStorage}") == []


def test_q14_retrieve_urls(archive, found):
    root = archive.url + "/dicom-web/studies/"
    assert value(found("/studies?PatientID=P-2")[0], "00081190") == root + STUDY["mueller"]
    instance = found("/instances?SOPInstanceUID=" + IMAGE["knee"])[0]
    assert value(instance, "00081190") == (
        f"{root}{STUDY['mueller']}/series/{SERIES['knee']}/instances/{IMAGE['knee']}")


@pytest.mark.parametrize("name", ["山田*", "*太郎", "やまだ^たろう", "%E5%B1%B1%E7%94%B0*", "YAMADA^TAROU"])
def test_q15_names_in_other_scripts(found, name):
    hits = found("/studies?PatientName=" + name)
    assert [hit["00100010"]["Value"][0] for hit in hits] == [
        {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"}]


def test_q16_g2_g3_g4_g9_media_types(archive, ask):
    for accept in (JSON, "*/*", "application/*", "application/json", "text/html, */*;q=0.1"):
        assert ask("/studies", Accept=accept).headers["Content-Type"] == JSON, accept
    assert ask("/studies", Accept="image/png").status_code == 406
    assert ask("/studies?accept=application/dicom%2Bjson", Accept="image/png").status_code == 200
    assert ask("/studies?accept=image/png").status_code == 406


def test_g10_answers_are_utf_8(ask, found):
    assert found("/studies?charset=UTF-8")[0]["00080005"]["Value"] == ["ISO_IR 192"]
    answer = ask("/studies?charset=iso-8859-1")
    assert answer.status_code == 200 and "UTF-8" in answer.headers["Warning"]


def test_q17_no_match_is_an_empty_list(found):
    assert found("/studies?PatientID=nobody") == []
    assert found("/studies/1.2.3/series") == []
    assert found("/studies/1.2.3/series/4.5/instances") == []


@pytest.mark.parametrize("query", ["PatientNam=x", "0010001=x", "00108888=x", "PatientID.PatientName=x", "=x",
                                   "StudyDate=yesterday", "StudyDate=20260201-20260101", "StudyTime=25",
                                   "StudyInstanceUID=1.2.*", "InstanceNumber=one", "RequestAttributesSequence=x",
                                   "fuzzymatching=maybe", "TimezoneOffsetFromUTC=CET", "orderby=Rows",
                                   "orderby=StudyDate,PatientID", "%zz=1"])
def test_q18_bad_questions_are_told(ask, query):
    answer = ask("/studies?" + query)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


def test_q18_g24_bad_uids_in_the_path(ask):
    for path in ("/studies/x/series", "/studies/1.2/series/y/instances", "/studies/" + "1." * 40 + "1/series"):
        assert ask(path).status_code == 400, path


def test_q20_any_attribute_private_ones_too(studies, found):
    assert studies("00091001=Blue*") == ["doe"]
    assert studies("00091002=42") == ["doe"]
    assert studies("00091002=43") == []
    assert studies("00091003=Green") == ["doe"], "of a VR that nobody knows"
    assert studies("StudyID=S1") == ["doe"]
    assert studies("InstitutionName=*Elsewhere") == ["doe"], "of a series"
    assert studies("KVP=102") == ["doe"], "of an instance that is not the first"
    assert studies("KVP=102&InstanceNumber=1") == [], "of one instance together"
    assert uids(found("/series?KVP=101"), "0020000E") == [SERIES["axial"]]
    assert uids(found("/instances?KVP=101"), "00080018") == [IMAGE["axial1"]]
    assert uids(found("/instances?ImageType=AXIAL"), "00080018") == sorted([IMAGE["axial1"], IMAGE["axial2"]])


def test_q21_orderby(studies, found):
    assert studies("orderby=StudyDate") == ["doe", "mueller", "yamada"]
    assert studies("orderby=-StudyDate") == ["yamada", "mueller", "doe"]
    assert studies("orderby=%2BPatientName") == ["doe", "mueller", "yamada"]
    assert studies("orderby=-00100020&limit=1") == ["yamada"]
    axial = f"/studies/{STUDY['doe']}/series/{SERIES['axial']}/instances?orderby=-InstanceNumber"
    assert [value(hit, "00200013") for hit in found(axial)] == [2, 1]
    assert [value(hit, "00200011") for hit in found(f"/studies/{STUDY['doe']}/series?orderby=-SeriesNumber")] == [2, 1]


def test_q5_pages_by_their_links(archive, ask):
    def pages(path, session):
        url, hits = archive.url + "/dicom-web" + path, []
        while url:
            answer = session.get(url)
            assert answer.status_code == 200, answer.text
            hits.append(answer.json())
            url = answer.links.get("next", {}).get("url")
            assert url is None or "offset" not in url, "the cursor says where to go on"
        return hits

    session = archive.session()
    for path, tag in (("/studies?orderby=PatientName&", "0020000D"), ("/series?", "0020000E"), ("/instances?", "00080018"),
                      (f"/studies/{STUDY['doe']}/instances?", "00080018")):
        whole = [value(hit, tag) for hit in ask(path).json()]
        paged = pages(path + "limit=2", session)
        assert [value(hit, tag) for page in paged for hit in page] == whole and len(paged) == (len(whole) + 1) // 2
        skipped = [value(hit, tag) for page in pages(path + "limit=1&offset=1", session) for hit in page]
        assert skipped == whole[1:]
    first = ask("/instances?limit=2&includefield=KVP", Accept='multipart/related; type="application/dicom+xml"',
                Origin="https://viewer.example")
    assert first.status_code == 200 and "next" in first.links
    assert "next" not in ask("/studies?limit=3").links and "next" not in ask("/studies?limit=0").links


def test_q5_a_cursor_is_good_for_its_search_and_its_reader_alone(archive, ask):
    session = archive.session()
    link = ask("/studies?limit=1&orderby=StudyDate").links["next"]["url"]
    cursor = link.split("cursor=")[1]
    assert session.get(link.replace("limit=1", "limit=2")).status_code == 200, "the size of a page may change"
    shared = archive.session(session.get(f"{archive.api}/studies/{STUDY['doe']}/viewer-url/").json()["token"])
    refused = [session.get(link + "&PatientID=P-1"), session.get(link.replace("=StudyDate", "=-StudyDate")),
               session.get(link.replace("/studies?", "/series?")), session.get(link + "&offset=1"),
               session.get(link + "&cursor=" + cursor), session.get(link[:-1] + ("A" if link[-1] != "A" else "B")),
               session.get(link.replace("cursor=", "cursor=x")), shared.get(link)]
    refused += [ask("/studies?orderby=StudyDate&cursor=" + text) for text in ("", "1", "...", "%00", "x" * 9000)]
    for answer in refused:
        assert answer.status_code == 400, answer.url
        assert answer.json()["reason" if "reason" in answer.json() else "detail"]


def test_ohif_the_list_and_its_filters(found, studies):
    common = ("limit=101&offset=0&fuzzymatching=true&"
              "includefield=00081030%2C00080060%2C00080090%2C00100030")
    hits = found("/studies?" + common)
    assert len(hits) == 3
    for hit in hits:
        for tag in ("0020000D 00080020 00080030 00080050 00080061 00080090 00081030 00100010 00100020 00100030 00201206 "
                    "00201208").split():
            assert tag in hit, tag
    for query, names in {
            "PatientName=*do*": ["doe"], "PatientName=*JURG*": ["mueller"], "00100020=*p-2*": ["mueller"],
            "AccessionNumber=*acc-1*": ["doe"], "StudyDescription=*head*": ["doe"],
            "ModalitiesInStudy=CT,US": ["yamada", "doe"], "StudyDate=20260101-20260131": ["doe"],
            "00100020=P-1": ["doe"], "StudyInstanceUID=" + STUDY["doe"]: ["doe"]}.items():
        assert studies(f"{common}&{query}") == names, query


def test_ohif_the_series_of_a_study(found):
    chosen = found(f"/studies/{STUDY['doe']}/series?includefield=0008103E,00080021")
    assert [value(hit, "0008103E") for hit in chosen] == ["SCOUT", "AXIAL"]
    opened = found(f"/studies/{STUDY['doe']}/series?includefield=00080021,00080031,0008103E,00200011")
    assert all("00080031" in hit for hit in opened)


def test_g13_g18_g21_of_every_resource(archive, ask):
    session = archive.session()
    url = archive.url + "/dicom-web/studies"
    head = session.head(url, headers={"Accept": JSON})
    assert head.status_code == 200 and head.content == b"" and head.headers["Content-Type"] == JSON
    anonymous = archive.session("nonsense").get(url)
    assert anonymous.status_code == 401 and "Bearer" in anonymous.headers["WWW-Authenticate"]
    assert ask("/studies").headers["Cache-Control"] == "no-store"


def test_a_token_of_one_study_sees_that_study_alone(archive):
    made = archive.session().get(f"{archive.api}/studies/{STUDY['doe']}/viewer-url/")
    assert made.status_code == 200, made.text
    shared = archive.session(made.json()["token"])
    root = archive.url + "/dicom-web"

    def hits(path):
        answer = shared.get(root + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert [value(hit, "0020000D") for hit in hits("/studies")] == [STUDY["doe"]]
    assert len(hits("/series")) == 2 and len(hits("/instances")) == 3
    assert len(hits(f"/studies/{STUDY['doe']}/series")) == 2
    for path in ("/studies?PatientID=P-2", f"/studies?StudyInstanceUID={STUDY['mueller']}",
                 f"/studies/{STUDY['mueller']}/series", f"/studies/{STUDY['mueller']}/instances",
                 f"/studies/{STUDY['mueller']}/series/{SERIES['knee']}/instances",
                 f"/instances?SOPInstanceUID={IMAGE['knee']}", "/studies?PatientName=M*&fuzzymatching=true",
                 "/studies/1.2.3/series"):
        assert hits(path) == [], path
    everything = archive.session().get(f"{root}/studies?PatientID=P-2").json()
    assert len(everything) == 1, "others do see it"


def test_a_picture_and_a_removed_study(server):
    session = server.session()
    picture = session.post(server.api + "/images/", data=dicom_files.picture(), headers={"Content-Type": "image/jpeg"},
                           params={"study_uid": "1.2.3.4", "patient_name": "Doe^Jane"})
    assert picture.status_code == 201, picture.text
    root = server.url + "/dicom-web"
    instance = session.get(root + "/instances").json()[0]
    assert value(instance, "00080016") == "1.2.840.10008.5.1.4.1.1.7" and value(instance, "00280010") == 32
    study = picture.json()["study_uid"]
    assert session.delete(f"{server.api}/studies/{study}/").status_code in (200, 204)
    assert session.get(root + "/studies").json() == []  # X2


def test_every_search_is_in_the_audit_log(archive, ask):
    ask("/studies?PatientName=Secret*")
    lines = archive.session().get(archive.url + "/api/v1/archive/audit/").text
    assert "study.search" in lines and "Secret" not in lines


def test_what_is_stored_shows_at_once(archive):  # Q19
    uid, study = dicom_files.new_uid(), dicom_files.new_uid()
    for fields in ({}, {"Cache-Control": "no-cache"}, {"Cache-Control": "max-age=0", "Pragma": "no-cache"}):
        session = archive.session()
        query = {"StudyInstanceUID": study}
        before = session.get(archive.url + "/dicom-web/instances", params=query, headers=fields, timeout=30)
        assert before.headers["Cache-Control"] == "no-store"
        content = dicom_files.ct_slice(study_uid=study, image_uid=uid)
        session.post(archive.api + "/images/", data=content, headers={"Content-Type": "application/dicom"}, timeout=30)
        found = session.get(archive.url + "/dicom-web/instances", params=query, headers=fields, timeout=30).json()
        assert len(found) == len(before.json()) + 1 and uid in [hit["00080018"]["Value"][0] for hit in found]
        uid = dicom_files.new_uid()
