"""The Native DICOM Model in answers (MD2, Q16, S6), held against DCMTK's dcm2xml and the JSON of the same resource."""
import subprocess
import xml.etree.ElementTree

import pydicom

import dicom_files

NAMESPACE = "{http://dicom.nema.org/PS3.19/models/NativeDICOM}"
XML = 'multipart/related; type="application/dicom+xml"'


def parts(answer):
    boundary = answer.headers["Content-Type"].split("boundary=")[1]
    assert answer.headers["Content-Type"].startswith(XML)
    body = answer.content.decode()
    assert body.endswith(f"\r\n--{boundary}--\r\n")
    found = []
    for part in body.split(f"--{boundary}\r\n")[1:]:
        head, content = part.split("\r\n\r\n", 1)
        assert head == "Content-Type: application/dicom+xml"
        found.append(xml.etree.ElementTree.fromstring(content.split(f"\r\n--{boundary}--")[0].strip()))
    return found


def contents(node):
    """{tag: (vr, values)} of a data set, items likewise; bulk data by their being there."""
    found = {}
    for attribute in node.findall(NAMESPACE + "DicomAttribute"):
        values = []
        for child in attribute:
            name = child.tag.removeprefix(NAMESPACE)
            if name == "Item":
                values.append(contents(child))
            elif name == "PersonName":
                values.append([(part.tag, part.text) for group in child for part in group])
            elif name in ("BulkData", "InlineBinary"):
                values.append("bytes")
            elif child.text:
                values.append(child.text.strip())
        found[attribute.get("tag")] = (attribute.get("vr"), attribute.get("keyword"), values)
    return found


def test_metadata_and_search_as_xml(shared_server, tmp_path):  # MD2, Q16
    item = pydicom.dataset.Dataset()
    item.CodeValue, item.CodeMeaning = "T-1", "Head & <neck>"
    content = dicom_files.ct_slice(patient_name="Yamada^Tarou=\u5c71\u7530^\u592a\u90ce", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
                                   AnatomicRegionSequence=[item], PixelSpacing=["0.5", "0.25"])
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    session = shared_server.session()
    session.post(shared_server.api + "/images/", files={"file": ("a.dcm", content)}, timeout=30).raise_for_status()
    url = f"{shared_server.url}/dicom-web/studies/{data_set.StudyInstanceUID}"
    answer = session.get(url + "/metadata", headers={"Accept": XML}, timeout=30)
    model, = parts(answer)
    ours = contents(model)
    (tmp_path / "a.dcm").write_bytes(content)
    theirs = contents(xml.etree.ElementTree.fromstring(subprocess.run(
        ["dcm2xml", "--native-format", "--use-xml-namespace", str(tmp_path / "a.dcm")], capture_output=True, check=True).stdout))
    theirs = {tag: value for tag, value in theirs.items() if not tag.startswith("0002")}
    told = {"00080056": "CS", "00081190": "UR", "00083002": "UI"}  # MD6
    assert {tag: ours.pop(tag)[0] for tag in told} == told
    assert ours.keys() == theirs.keys()
    for tag, (vr, keyword, values) in ours.items():
        assert (vr, keyword) == theirs[tag][:2], tag
        if tag != "7FE00010":  # dcm2xml leaves its place empty
            assert values == theirs[tag][2], tag
    bulk = model.find(f"{NAMESPACE}DicomAttribute[@tag='7FE00010']/{NAMESPACE}BulkData").get("uri")
    assert session.get(bulk, timeout=30).content == data_set.PixelData
    assert session.get(url + "/metadata", headers={"Accept": XML, "If-None-Match": answer.headers["ETag"]}, timeout=30).status_code == 304
    found = session.get(shared_server.url + "/dicom-web/studies", params={"StudyInstanceUID": data_set.StudyInstanceUID},
                        headers={"Accept": XML}, timeout=30)
    hit, = parts(found)
    assert contents(hit)["0020000D"][2] == [data_set.StudyInstanceUID]
    nothing = session.get(shared_server.url + "/dicom-web/studies", params={"StudyInstanceUID": "1.2.3.4.5.6"},
                          headers={"Accept": XML}, timeout=30)
    assert nothing.status_code == 204 and not nothing.content
    assert session.get(url + "/metadata", headers={"Accept": "application/dicom+xml"}, timeout=30).status_code == 406


def test_a_store_is_answered_as_xml(shared_server):  # S6
    content = dicom_files.ct_slice()
    data_set = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    answer = shared_server.session().post(
        shared_server.url + "/dicom-web/studies", data=content, timeout=30,
        headers={"Content-Type": "application/dicom", "Accept": "application/dicom+xml"})
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/dicom+xml"
    told = contents(xml.etree.ElementTree.fromstring(answer.content))
    assert told["00081190"][2][0].endswith("/studies/" + data_set.StudyInstanceUID)
    assert told["00081199"][2][0]["00081155"][2] == [data_set.SOPInstanceUID]
