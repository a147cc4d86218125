"""Rendered resources, thumbnails and the pictures of the URI service against a real server; names and comments bear
the numbers of the terms in docs/conformance.md. Pillow and pydicom judge what comes out."""
import io
import os
import pathlib

import numpy
import PIL.Image
import PIL.ImageCms
import PIL.ImageOps
import pydicom
import pytest
import requests

import dicom_files
import multipart
from archive_server import REPOSITORY

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"


def store(server, content, name="a.dcm"):
    answer = server.session().post(server.api + "/images/", files={"file": (name, content)}, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    image = answer.json()
    study = f"{server.url}/dicom-web/studies/{image['study_uid']}"
    return f"{study}/series/{image['series_uid']}/instances/{image['image_uid']}"


def ramp(columns=256, rows=100):
    return numpy.tile(numpy.arange(columns, dtype=numpy.uint16), (rows, 1))


def image_file(pixels, **attributes):
    """Grey or RGB, one frame or (with four axes, or three of grey) many."""
    rgb = attributes.pop("rgb", False)
    shape = pixels.shape[-3:-1] if rgb else pixels.shape[-2:]
    frames = pixels.size // (shape[0] * shape[1] * (3 if rgb else 1))
    bits = pixels.dtype.itemsize * 8
    more = {"NumberOfFrames": frames} if frames > 1 else {}
    if rgb:
        more |= {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    return dicom_files.ct_slice(rows=shape[0], columns=shape[1], **(more | {
        "BitsAllocated": bits, "BitsStored": bits, "HighBit": bits - 1, "PixelData": pixels.tobytes()} | attributes))


def picture(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Accept" in answer.headers["Vary"]
    return PIL.Image.open(io.BytesIO(answer.content))


class Reader:
    def __init__(self, server):
        self.server, self.session = server, server.session()

    def get(self, url, media=None, **query):
        return self.session.get(url, headers={"Accept": media}, params=query, timeout=30)

    def pixels(self, url, **query):
        return numpy.asarray(picture(self.get(url, "image/png", **query))).astype(int)


@pytest.fixture(scope="module")
def reader(shared_server):
    return Reader(shared_server)


@pytest.fixture(scope="module")
def grey(shared_server):
    """A ramp from 0 to 255 of 16 bits with the window that shows it as it is."""
    return store(shared_server, image_file(ramp(), WindowCenter=128, WindowWidth=256))


@pytest.fixture(scope="module")
def cine(shared_server):
    frames = numpy.stack([ramp(32, 24) * 8 + n for n in range(4)]).astype(numpy.uint8)
    return store(shared_server, image_file(frames, WindowCenter=128, WindowWidth=256, FrameTime=200))


def test_types_and_forms_of_one_frame(reader, grey):  # N1, N2, N9, G4, G12
    assert picture(reader.get(grey + "/rendered")).format == "JPEG"
    assert picture(reader.get(grey + "/frames/1/rendered", BROWSER)).format == "JPEG"
    assert picture(reader.get(grey + "/rendered", "image/png;q=0.5,image/gif")).format == "GIF"
    assert picture(reader.get(grey + "/rendered", "image/gif", accept="image/png")).format == "PNG"
    assert (reader.pixels(grey + "/rendered") == ramp()).all()
    gif = picture(reader.get(grey + "/rendered", "image/gif"))
    assert (numpy.asarray(gif.convert("L")) == ramp()).all()
    (headers, body), = multipart.parse(reader.get(grey + "/rendered", 'multipart/related; type="image/png"'))
    assert headers["Content-Type"] == "image/png" and headers["Content-Location"] == grey + "/frames/1/rendered"
    assert body == reader.get(grey + "/rendered", "image/png").content
    for other in ("application/pdf", "text/plain", "video/mp4"):  # N14
        refused = reader.get(grey + "/rendered", other)
        assert refused.status_code == 406 and "image/jpeg" in refused.json()["detail"]
    assert reader.get(grey + "/frames/2/rendered").status_code == 404
    assert reader.get(grey + "/frames/x/rendered").status_code == 400


def test_quality(reader, grey):  # N3
    sizes = [len(reader.get(grey + "/rendered", "image/jpeg", quality=quality).content) for quality in (1, 50, 100)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2]
    assert reader.get(grey + "/rendered", "image/png", quality=1).content == reader.get(grey + "/rendered", "image/png").content
    for wrong in ("0", "101", "-1", "90.5", "high"):
        assert reader.get(grey + "/rendered", quality=wrong).status_code == 400, wrong


def test_viewport(reader, grey):  # N4
    assert reader.pixels(grey + "/rendered", viewport="128,128").shape == (50, 128)
    assert reader.pixels(grey + "/rendered", viewport="512,200").shape == (200, 512)
    region = reader.pixels(grey + "/rendered", viewport="20,10,100,,20,10")
    assert (region == ramp()[:10, 100:120]).all()
    flipped = reader.pixels(grey + "/rendered", viewport="256,100,,,-256,")
    assert (flipped == ramp()[:, ::-1]).all()
    assert (reader.pixels(grey + "/rendered", viewport="128,50")[0] == (numpy.arange(128) * 4 + 2) // 2).all()
    for wrong in ("100", "0,100", "100,x", "1,1,1,1,1,1,1", "10,10,250,0,20,20", "99999,1", "10,10,-1", "10,10,0,0,0,0", ""):
        assert reader.get(grey + "/rendered", viewport=wrong).status_code == 400, wrong


def test_window(reader, grey):  # N5
    exact = reader.pixels(grey + "/rendered", window="128,64,linear-exact")[0]
    assert exact[95] == 0 and exact[128] == 128 and exact[161] == 255
    sigmoid = reader.pixels(grey + "/rendered", window="128,64,sigmoid")[0]
    assert sigmoid[128] == 128 and abs(sigmoid[160] - 255 / (1 + numpy.exp(-2))) <= 1
    for wrong in ("128", "128,64", "128,64,cubic", "128,0,linear", "nan,1,linear", "1,2,sigmoid,3", "1,0.5,linear"):
        assert reader.get(grey + "/rendered", window=wrong).status_code == 400, wrong


def test_annotation_burns_text_and_only_when_asked_for(reader, grey):  # N6
    plain = reader.pixels(grey + "/rendered")
    patient = reader.pixels(grey + "/rendered", annotation="patient")
    technique = reader.pixels(grey + "/rendered", annotation="technique")
    both = reader.pixels(grey + "/rendered", annotation="patient,technique")
    assert (patient[:40] != plain[:40]).any() and (patient[60:] == plain[60:]).all()
    assert (technique[60:] != plain[60:]).any() and (technique[:40] == plain[:40]).all()
    assert (both[:40] == patient[:40]).all() and (both[60:] == technique[60:]).all()
    assert reader.get(grey + "/rendered", annotation="everything").status_code == 400


def assert_is_srgb(profile, mode, colours):
    """LittleCMS takes a colour through it and through one of its own to the same."""
    turn = PIL.ImageCms.buildTransform(profile, PIL.ImageCms.createProfile("sRGB"), mode, "RGB")
    for colour in colours:
        turned = PIL.ImageCms.applyTransform(PIL.Image.new(mode, (1, 1), colour), turn).getpixel((0, 0))
        expected = colour if mode == "RGB" else (colour,) * 3
        assert max(abs(a - b) for a, b in zip(turned, expected)) <= 1, (colour, turned)


def test_icc_profile(reader, grey, shared_server):  # N7
    assert "icc_profile" not in picture(reader.get(grey + "/rendered", "image/png")).info
    for accept in ("image/png", "image/jpeg"):
        for wanted in ("yes", "srgb"):
            profile = picture(reader.get(grey + "/rendered", accept, iccprofile=wanted)).info["icc_profile"]
            opened = PIL.ImageCms.ImageCmsProfile(io.BytesIO(profile))
            assert "sRGB" in PIL.ImageCms.getProfileDescription(opened)
            assert_is_srgb(opened, "L", (0, 100, 200, 255))
    colours = store(shared_server, image_file(numpy.zeros((8, 8, 3), numpy.uint8), rgb=True))
    profile = picture(reader.get(colours + "/rendered", "image/png", iccprofile="srgb")).info["icc_profile"]
    assert_is_srgb(PIL.ImageCms.ImageCmsProfile(io.BytesIO(profile)), "RGB",
                   ((200, 30, 90), (0, 0, 0), (255, 255, 255), (12, 250, 128)))
    own = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    with_own = store(shared_server, image_file(numpy.zeros((8, 8, 3), numpy.uint8), rgb=True, ICCProfile=own))
    assert picture(reader.get(with_own + "/rendered", "image/png", iccprofile="yes")).info["icc_profile"] == own
    assert reader.get(with_own + "/rendered", iccprofile="srgb").status_code == 200
    assert reader.get(grey + "/rendered", iccprofile="cmyk").status_code == 400


SPACES = {"srgb": "sRGB", "adobergb": "Adobe", "rommrgb": "ROMM", "displayp3": "P3"}


def test_colours_are_converted(reader, grey, shared_server):  # N7
    """Into each space, and back by Pillow's Little CMS; from each, as Pillow does."""
    random = numpy.random.default_rng(1)
    pixels = random.integers(40, 216, (16, 16, 3), dtype=numpy.uint8)
    plain = store(shared_server, image_file(pixels, rgb=True))
    srgb = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB"))
    profiles = {}
    for name, described in SPACES.items():
        for media in ("image/png", "image/jpeg"):
            shown = picture(reader.get(plain + "/rendered", media, iccprofile=name))
            profiles[name] = shown.info["icc_profile"]
            opened = PIL.ImageCms.ImageCmsProfile(io.BytesIO(profiles[name]))
            assert described in PIL.ImageCms.getProfileDescription(opened)
            if media == "image/png":
                back = PIL.ImageCms.profileToProfile(shown, opened, srgb)
                assert numpy.abs(numpy.asarray(back).astype(int) - pixels).max() <= 4, name
                assert name == "srgb" or (numpy.asarray(shown) != pixels).any()
    grey_p3 = picture(reader.get(grey + "/rendered", "image/png", iccprofile="displayp3"))
    assert grey_p3.mode == "RGB" and grey_p3.info["icc_profile"] == profiles["displayp3"]
    for source in ("adobergb", "rommrgb"):
        for where in ("data set", "optical path"):
            path = pydicom.Dataset()
            path.OpticalPathIdentifier, path.ICCProfile = "1", profiles[source]
            own = {"ICCProfile": profiles[source]} if where == "data set" else {"OpticalPathSequence": [path]}
            url = store(shared_server, image_file(pixels, rgb=True, **own))
            opened = PIL.ImageCms.ImageCmsProfile(io.BytesIO(profiles[source]))
            expected = PIL.ImageCms.profileToProfile(PIL.Image.fromarray(pixels), opened, srgb)
            for name in ("srgb", "yes"):
                shown = picture(reader.get(url + "/rendered", "image/png", iccprofile=name))
                wanted = expected if name == "srgb" else pixels
                assert numpy.abs(numpy.asarray(shown).astype(int) - numpy.asarray(wanted)).max() <= 2, (source, name)
    corpus = pathlib.Path(os.environ.get("PACS_LITE_DICOM_CORPUS", REPOSITORY.parent / "shared" / "dicom"))
    for file in ("pydicom_pydicom/palettes/spring.dcm",  # Hewlett-Packard's sRGB: tables for curves
                 "ImagingDataCommons_highdicom/seg_image_sm_control_labelmap_palette_color.dcm"):
        if not (corpus / "valid" / file).is_file():
            continue
        own = pydicom.dcmread(corpus / "valid" / file).ICCProfile
        opened = PIL.ImageCms.ImageCmsProfile(io.BytesIO(own))
        expected = PIL.ImageCms.profileToProfile(PIL.Image.fromarray(pixels), opened, srgb)
        url = store(shared_server, image_file(pixels, rgb=True, ICCProfile=own))
        ours = numpy.asarray(picture(reader.get(url + "/rendered", "image/png", iccprofile="srgb"))).astype(int)
        assert numpy.abs(ours - numpy.asarray(expected)).max() <= 2, file
    lab = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("LAB")).tobytes()
    for broken in (lab, profiles["srgb"][:128] + b"\xff" * 300, b"no profile", b"\0" * (2 << 20)):
        url = store(shared_server, image_file(pixels, rgb=True, ICCProfile=broken))
        assert reader.get(url + "/rendered", iccprofile="adobergb").status_code == 406
        assert reader.get(url + "/rendered").status_code == 200


def test_many_frames(reader, cine):  # N1, N2, F8
    parts = multipart.parse(reader.get(cine + "/rendered", 'multipart/related; type="image/png"'))
    assert [headers["Content-Location"] for headers, _ in parts] == [f"{cine}/frames/{n}/rendered" for n in (1, 2, 3, 4)]
    firsts = [numpy.asarray(PIL.Image.open(io.BytesIO(body)))[0, 0] for _, body in parts]
    assert firsts == [0, 1, 2, 3]
    some = multipart.parse(reader.get(cine + "/frames/3,1/rendered", 'multipart/related; type="image/png"'))
    assert [body for _, body in some] == [parts[2][1], parts[0][1]]
    assert reader.get(cine + "/frames/3,1/rendered", "image/png").status_code == 406
    assert len(multipart.parse(reader.get(cine + "/frames/3,1/rendered"))) == 2
    assert picture(reader.get(cine + "/rendered")).format == "JPEG"  # the first, which a browser shows
    animation = picture(reader.get(cine + "/rendered", "image/gif"))
    assert animation.n_frames == 4 and animation.info["duration"] == 200 and animation.info["loop"] == 0
    for frame in range(4):
        animation.seek(frame)
        expected = numpy.asarray(PIL.Image.open(io.BytesIO(parts[frame][1])))
        assert (numpy.asarray(animation.convert("L")) == expected).all(), frame
    two = picture(reader.get(cine + "/frames/2,4/rendered", "image/gif"))
    assert two.n_frames == 2


def test_colour(reader, shared_server):  # N9
    pixels = numpy.random.default_rng(1).integers(0, 256, (30, 40, 3), dtype=numpy.uint8)
    url = store(shared_server, image_file(pixels, rgb=True))
    assert (reader.pixels(url + "/rendered") == pixels).all()
    gif = numpy.asarray(picture(reader.get(url + "/rendered", "image/gif")).convert("RGB")).astype(int)
    assert numpy.abs(gif - pixels).max() <= 26  # six levels of each


def test_series_and_study(reader, shared_server):  # N1, N11
    study, series = dicom_files.new_uid(), dicom_files.new_uid()
    urls = [store(shared_server, image_file(ramp(16, 16) * n, study_uid=study, series_uid=series, instance_number=n,
                                            WindowCenter=128, WindowWidth=256)) for n in (1, 2, 3)]
    study_url, series_url = urls[0].split("/series/")[0], urls[0].split("/instances/")[0]
    for url in (study_url, series_url):
        parts = multipart.parse(reader.get(url + "/rendered"))
        assert [headers["Content-Location"] for headers, _ in parts] == [one + "/frames/1/rendered" for one in urls]
        assert {headers["Content-Type"] for headers, _ in parts} == {"image/jpeg"}
        assert reader.get(url + "/rendered", "image/jpeg").status_code == 406
        middle = reader.get(url + "/thumbnail", "image/png")
        assert middle.content == reader.get(urls[1] + "/thumbnail", "image/png").content
    tagged = reader.session.get(study_url + "/rendered", timeout=30)
    again = reader.session.get(study_url + "/rendered", headers={"If-None-Match": tagged.headers["ETag"]}, timeout=30)
    assert again.status_code == 304 and not again.content  # G14
    tag = reader.get(urls[0] + "/rendered", "image/jpeg").headers["ETag"]
    other = reader.session.get(urls[0] + "/rendered", timeout=30,
                               headers={"If-None-Match": tag, "Accept": "image/png"})
    assert other.status_code == 200, "who has the JPEG does not have the PNG"
    assert "private" in tagged.headers["Cache-Control"]  # G19


def test_thumbnails(reader, grey, cine):  # N11
    assert picture(reader.get(grey + "/thumbnail")).size == (256, 100)
    small = picture(reader.get(grey + "/thumbnail", "image/jpeg", viewport="64,64"))
    assert small.format == "JPEG" and small.size == (64, 25)
    assert reader.get(grey + "/thumbnail", "image/jpeg", viewport="64,64").content == \
        reader.get(grey + "/thumbnail", "image/jpeg", viewport="64,64").content
    assert reader.get(grey + "/thumbnail", viewport="64,64,0,0,1,1").status_code == 400
    assert reader.get(grey + "/thumbnail", "image/webp").status_code == 406
    third = numpy.asarray(picture(reader.get(cine + "/frames/4/thumbnail", "image/png")))
    assert third[0, 0] == 3 and numpy.asarray(picture(reader.get(cine + "/thumbnail", "image/png")))[0, 0] == 2
    assert reader.get(cine + "/frames/5/thumbnail").status_code == 404
    plain = reader.get(grey + "/thumbnail", "image/png")
    assert reader.get(grey + "/thumbnail", "image/png", annotation="patient").content == plain.content


def report(text):
    name = pydicom.dataset.Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "1", "99T", "Findings"
    item = pydicom.dataset.Dataset()
    item.RelationshipType, item.ValueType, item.TextValue, item.ConceptNameCodeSequence = "CONTAINS", "TEXT", text, [name]
    return dicom_files.ct_slice(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR", PixelData=None, Rows=None,
                                Columns=None, ValueType="CONTAINER", ContentSequence=[item], ConceptNameCodeSequence=[name])


def encapsulated(document):
    return dicom_files.ct_slice(SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", Modality="DOC", PixelData=None, Rows=None,
                                Columns=None, MIMETypeOfEncapsulatedDocument="application/pdf",
                                EncapsulatedDocument=document + b"\0" * (len(document) % 2))


def test_reports_as_text(reader, shared_server):  # N2, N8, N14
    url = store(shared_server, report("größer <script>alert(1)</script> & more"))
    page = reader.get(url + "/rendered", BROWSER)
    assert page.status_code == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "größer &lt;script&gt;" in page.text and "<script" not in page.text and "Doe^Jane" in page.text
    assert "sandbox" in page.headers["Content-Security-Policy"]
    plain = reader.get(url + "/rendered", "text/plain")
    assert "Findings: größer <script>" in plain.text and plain.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reader.get(url + "/rendered", "text/plain", charset="UTF-8").content == plain.content
    assert reader.get(url + "/rendered", charset="iso-8859-1").status_code == 406
    assert reader.get(url + "/rendered", "image/jpeg").status_code == 406
    assert reader.get(url + "/frames/1/rendered").status_code == 406
    assert picture(reader.get(url + "/thumbnail")).size == (256, 256)  # N12


def test_documents_as_pdf(reader, shared_server):  # N2, N12, G16
    document = dicom_files.pdf("a report")
    whole = document + b"\0" * (len(document) % 2)
    for url in (store(shared_server, encapsulated(document)), store(shared_server, document, "a.pdf")):
        answer = reader.get(url + "/rendered", BROWSER)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
        assert answer.content in (document, whole)
        part = reader.session.get(url + "/rendered", headers={"Range": "bytes=0-3"}, timeout=30)
        assert part.status_code == 206 and part.content == b"%PDF"
        assert picture(reader.get(url + "/thumbnail")).size == (256, 256)
        assert reader.get(url + "/rendered", "image/png").status_code == 406


def test_photographs(reader, shared_server):  # N2, N11
    for kind, name in (("JPEG", "a.jpg"), ("PNG", "a.png")):
        content = dicom_files.picture(kind)
        url = store(shared_server, content, name)
        expected = numpy.asarray(PIL.Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
        assert numpy.abs(reader.pixels(url + "/rendered") - expected).max() <= (4 if kind == "JPEG" else 0)
        assert picture(reader.get(url + "/thumbnail", viewport="24,24")).size == (24, 16)


def test_photographs_stand_upright(reader, shared_server):  # N9
    pixels = numpy.repeat(numpy.repeat(numpy.random.default_rng(3).integers(0, 256, (3, 4), dtype=numpy.uint8), 16, 0), 16, 1)
    for orientation in (3, 6, 8):
        out, exif = io.BytesIO(), PIL.Image.Exif()
        exif[0x0112] = orientation
        PIL.Image.fromarray(pixels).save(out, "JPEG", quality=100, exif=exif)
        expected = PIL.ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(out.getvalue())))
        shown = reader.pixels(store(shared_server, out.getvalue(), f"{orientation}.jpg") + "/rendered")
        assert shown.shape == expected.size[::-1] and numpy.abs(shown - numpy.asarray(expected).astype(int)).max() <= 2, orientation


@pytest.mark.parametrize("syntax", [pydicom.uid.DeflatedExplicitVRLittleEndian, pydicom.uid.ExplicitVRBigEndian,
                                    pydicom.uid.ImplicitVRLittleEndian])
def test_other_encodings_of_native_pixels(reader, shared_server, syntax):  # N9
    frames = numpy.stack([ramp(16, 8) * 16 + n for n in range(2)])
    data_set = pydicom.dcmread(io.BytesIO(image_file(frames, WindowCenter=128, WindowWidth=256)))
    data_set.file_meta.TransferSyntaxUID = syntax
    data_set.is_little_endian = syntax != pydicom.uid.ExplicitVRBigEndian
    data_set.is_implicit_VR = syntax == pydicom.uid.ImplicitVRLittleEndian
    if not data_set.is_little_endian:
        data_set.PixelData = frames.astype(">u2").tobytes()
    out = io.BytesIO()
    data_set.save_as(out, write_like_original=False)
    url = store(shared_server, out.getvalue())
    assert (reader.pixels(url + "/frames/2/rendered") == frames[1]).all()
    assert reader.get(url + "/frames/3/rendered").status_code == 404
    assert picture(reader.get(url + "/thumbnail")).size == (16, 8)


def test_pixels_that_cannot_be_decoded(reader, shared_server):  # N14, G11
    syntax = "1.2.840.10008.1.2.4.50"
    broken = dicom_files.ct_slice(transfer_syntax=pydicom.uid.UID(syntax), BitsAllocated=8, BitsStored=8, HighBit=7,
                                  PixelData=pydicom.encaps.encapsulate([b"\xff\xd8 no JPEG at all \xff\xd9"]))
    url = store(shared_server, broken)
    refused = reader.get(url + "/rendered", "image/jpeg")
    assert refused.status_code == 406 and "retrieved as it is" in refused.json()["detail"]
    assert picture(reader.get(url + "/thumbnail")).size == (256, 256)
    assert reader.get(url, 'multipart/related; type="application/dicom"; transfer-syntax=*').status_code == 200


def test_the_uri_service(reader, grey, cine, shared_server):  # C2
    def wado(url, **more):
        words = url.split("/")
        query = {"requestType": "WADO", "studyUID": words[-5], "seriesUID": words[-3], "objectUID": words[-1]} | more
        return reader.get(shared_server.url + "/dicom-web/wado", "image/webp", **query)

    def png(url, **more):
        return numpy.asarray(picture(wado(url, contentType="image/png", **more))).astype(int)

    assert picture(wado(grey)).format == "JPEG"
    assert picture(wado(grey, contentType="image/webp,image/gif")).format == "GIF"
    assert (png(grey) == ramp()).all()
    assert png(grey, rows=50).shape == (50, 128) and png(grey, rows=50, columns=64).shape == (25, 64)
    assert (png(grey, region="0.5,0,1,0.5") == ramp()[:50, 128:]).all()
    assert (png(grey, windowCenter=64, windowWidth=2)[0] == numpy.where(numpy.arange(256) >= 64, 255, 0)).all()
    assert (png(grey, annotation="patient") != ramp()).any()
    assert len(wado(grey, imageQuality=1).content) < len(wado(grey, imageQuality=100).content)
    assert png(cine, frameNumber=3)[0, 0] == 2
    assert picture(wado(cine, contentType="image/gif")).n_frames == 4
    text = store(shared_server, report("something"))
    assert wado(text).headers["Content-Type"] == "text/html; charset=utf-8"
    assert "something" in wado(text, contentType="text/plain").text
    assert wado(store(shared_server, encapsulated(dicom_files.pdf())), contentType="application/pdf").content[:4] == b"%PDF"
    for wrong in ({"rows": 0}, {"columns": "x"}, {"region": "0,0,1"}, {"region": "0.5,0,0.5,1"}, {"region": "0,0,2,1"},
                  {"windowCenter": 1}, {"imageQuality": 101}, {"frameNumber": 2}, {"frameNumber": 0}, {"annotation": "x"},
                  {"transferSyntax": "*"}, {"contentType": "application/dicom", "rows": 10}, {"requestType": "WADOX"},
                  {"contentType": "application/dicom", "anonymize": "no"}):
        assert wado(grey, **wrong).status_code == 400, wrong
    for refused in ({"contentType": "video/mp4"}, {"charset": "latin1"}):
        assert wado(grey, **refused).status_code == 406, refused
    assert wado(grey, presentationUID="1.2", presentationSeriesUID="1").status_code == 404


def test_rights(grey, shared_server):  # G21, C7
    for rest in ("/rendered", "/thumbnail", "/frames/1/rendered", "/frames/1/thumbnail"):
        assert requests.get(grey + rest, timeout=30).status_code == 401
    unknown = grey[:-1] + ("1" if grey[-1] != "1" else "2")
    assert Reader(shared_server).get(unknown + "/rendered").status_code == 404


def test_head_has_the_length_and_no_body(reader, grey):  # G13
    head = reader.session.head(grey + "/rendered", headers={"Accept": "image/png"}, timeout=30)
    whole = reader.get(grey + "/rendered", "image/png")
    assert int(head.headers["Content-Length"]) == len(whole.content) and not head.content
