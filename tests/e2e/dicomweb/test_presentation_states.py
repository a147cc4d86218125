# timeout: 120
"""Presentation states over the URI service and as rendered resources, against dcmp2pgm of DCMTK and by numbers."""
import io
import shutil
import subprocess

import numpy
import PIL.Image
import pydicom
import pydicom.uid
import pytest

import dicom_files
from test_rendered import Reader, image_file, picture, store

GREY_STATE = "1.2.840.10008.5.1.4.1.1.11.1"
COLOUR_STATE = "1.2.840.10008.5.1.4.1.1.11.2"
PSEUDO_COLOUR_STATE = "1.2.840.10008.5.1.4.1.1.11.3"


def item(**attributes):
    made = pydicom.Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def reference(image, frames=None):
    made = item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)
    if frames:
        made.ReferencedFrameNumber = frames
    return made


def voi(center, width, images=None, **more):
    made = item(WindowCenter=center, WindowWidth=width, **more)
    if images:
        made.ReferencedImageSequence = [reference(image) for image in images]
    return made


def state_of(images, area=None, sop_class=GREY_STATE, frames=None, **attributes):
    """A presentation state of images of one series, as a file."""
    first = images[0]
    state = pydicom.dcmread(io.BytesIO(dicom_files.ct_slice(
        study_uid=first.StudyInstanceUID, PixelData=None, Rows=None, Columns=None, BitsAllocated=None, BitsStored=None,
        HighBit=None, PixelRepresentation=None, SamplesPerPixel=None, PhotometricInterpretation=None)))
    state.SOPClassUID = state.file_meta.MediaStorageSOPClassUID = sop_class
    state.Modality, state.SeriesNumber = "PR", 9
    state.ContentLabel, state.ContentDescription, state.ContentCreatorName = "TEST", "", ""
    state.PresentationCreationDate, state.PresentationCreationTime = "20261129", "120000"
    state.PatientBirthDate = state.PatientSex = state.ReferringPhysicianName = state.AccessionNumber = state.StudyID = ""
    state.Manufacturer = "test"
    state.ReferencedSeriesSequence = [item(SeriesInstanceUID=first.SeriesInstanceUID,
                                           ReferencedImageSequence=[reference(image, frames) for image in images])]
    rows, columns = first.Rows, first.Columns
    top_left, bottom_right = area or ([1, 1], [columns, rows])
    state.DisplayedAreaSelectionSequence = [item(
        DisplayedAreaTopLeftHandCorner=top_left, DisplayedAreaBottomRightHandCorner=bottom_right,
        PresentationSizeMode="SCALE TO FIT", PresentationPixelAspectRatio=[1, 1])]
    if sop_class == GREY_STATE and "PresentationLUTSequence" not in attributes:
        state.PresentationLUTShape = "IDENTITY"
    for keyword, value in attributes.items():
        setattr(state, keyword, value)
    out = io.BytesIO()
    state.save_as(out, write_like_original=False)
    return out.getvalue(), state


def slice_of(rows=48, columns=64, **more):
    y, x = numpy.mgrid[0:rows, 0:columns]
    pixels = ((x * 37 + y * 91) % 4096).astype(numpy.uint16)
    return image_file(pixels, **({"BitsStored": 12, "HighBit": 11, "RescaleSlope": 1, "RescaleIntercept": -1024} | more))


def read(content):
    return pydicom.dcmread(io.BytesIO(content))


@pytest.fixture(scope="module")
def reader(shared_server):
    return Reader(shared_server)


def shown(reader, url, **query):
    return numpy.asarray(picture(reader.get(url + "/rendered", "image/png", **query))).astype(int)


def by_uri(reader, image, state, **more):
    return reader.get(f"{reader.server.url}/dicom-web/wado", requestType="WADO", studyUID=image.StudyInstanceUID,
                      seriesUID=image.SeriesInstanceUID, objectUID=image.SOPInstanceUID, contentType="image/png",
                      presentationUID=state.SOPInstanceUID, presentationSeriesUID=state.SeriesInstanceUID, **more)


def lut_item(first, values, bits=16, **more):
    made = item(LUTData=numpy.asarray(values, numpy.uint16).tobytes(), **more)
    made.add_new(0x00283002, "US", [len(values) % 65536, first, bits])
    made["LUTData"].VR = "OW"
    return made


STATES = {
    "window": {"RescaleSlope": 1, "RescaleIntercept": -1024, "RescaleType": "HU", "SoftcopyVOILUTSequence": [voi(400, 1800)]},
    "no window": {"RescaleSlope": 1, "RescaleIntercept": -1024, "RescaleType": "HU"},
    "no modality": {"SoftcopyVOILUTSequence": [voi(2000, 900)]},
    "inverse": {"SoftcopyVOILUTSequence": [voi(2000, 3000)], "PresentationLUTShape": "INVERSE"},
    "voi table": {"SoftcopyVOILUTSequence": [item(VOILUTSequence=[lut_item(0, (numpy.arange(4096) // 16) ** 2)])]},
    "presentation table": {"SoftcopyVOILUTSequence": [voi(2000, 3000)],
                           "PresentationLUTSequence": [lut_item(0, (numpy.arange(256) ** 2), 16)]},
    "turned": {"SoftcopyVOILUTSequence": [voi(2000, 3000)], "ImageRotation": 90, "ImageHorizontalFlip": "N"},
    "turned and flipped": {"SoftcopyVOILUTSequence": [voi(2000, 3000)], "ImageRotation": 270, "ImageHorizontalFlip": "Y"},
    "flipped": {"SoftcopyVOILUTSequence": [voi(2000, 3000)], "ImageRotation": 0, "ImageHorizontalFlip": "Y"},
}


@pytest.mark.skipif(not shutil.which("dcmp2pgm"), reason="dcmp2pgm of DCMTK is not installed")
@pytest.mark.parametrize("name", STATES)
def test_as_dcmtk_shows_it(reader, shared_server, tmp_path, name):
    content = slice_of(PhotometricInterpretation="MONOCHROME1" if name == "no modality" else "MONOCHROME2")
    image = read(content)
    store(shared_server, content)
    made, state = state_of([image], **STATES[name])
    url = store(shared_server, made)
    (tmp_path / "image").write_bytes(content)
    (tmp_path / "state").write_bytes(made)
    subprocess.run(["dcmp2pgm", "-p", tmp_path / "state", tmp_path / "image", tmp_path / "out"], check=True, timeout=60)
    expected = numpy.asarray(PIL.Image.open(tmp_path / "out")).astype(int)
    ours = shown(reader, url)
    assert ours.shape == expected.shape
    assert numpy.abs(ours - expected).max() <= 2, numpy.abs(ours - expected).max()
    assert (numpy.asarray(picture(by_uri(reader, image, state))) == ours).all()


def body():
    rows, columns = 40, 60
    y, x = numpy.mgrid[0:rows, 0:columns]
    return ((x + y * 2) % 256).astype(numpy.uint8)


def body_file(**more):
    return image_file(body(), **({"WindowCenter": 128, "WindowWidth": 256} | more))


FULL = {"SoftcopyVOILUTSequence": [voi(128, 256)]}


def test_displayed_area_and_shutters(reader, shared_server):
    content = body_file()
    image = read(content)
    store(shared_server, content)

    def by(area=None, **attributes):
        return shown(reader, store(shared_server, state_of([image], area, **(FULL | attributes))[0]))

    pixels = body().astype(int)
    y, x = numpy.mgrid[1:41, 1:61]
    assert (by() == pixels).all()
    assert (by(([11, 6], [30, 25])) == pixels[5:25, 10:30]).all()
    wide = by(([-9, -4], [70, 45]))
    assert wide.shape == (50, 80) and (wide[5:45, 10:70] == pixels).all() and wide[:5].max() == wide[:, :10].max() == 0
    # The corners are those of what is shown once it is turned.
    turned = by(([11, 25], [30, 6]), ImageRotation=90, ImageHorizontalFlip="N")
    assert (turned == numpy.rot90(pixels[5:25, 10:30], -1)).all()
    box = by(ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge=10, ShutterRightVerticalEdge=50,
             ShutterUpperHorizontalEdge=5, ShutterLowerHorizontalEdge=30, ShutterPresentationValue=0x8000)
    inside = (x >= 10) & (x <= 50) & (y >= 5) & (y <= 30)
    assert (box == numpy.where(inside, pixels, 128)).all()
    circle = by(ShutterShape="CIRCULAR", CenterOfCircularShutter=[20, 30], RadiusOfCircularShutter=15, ShutterPresentationValue=0)
    assert (circle == numpy.where(numpy.hypot(y - 20, x - 30) <= 15, pixels, 0)).all()
    both = by(ShutterShape=["RECTANGULAR", "POLYGONAL"], ShutterLeftVerticalEdge=1, ShutterRightVerticalEdge=30,
              ShutterUpperHorizontalEdge=1, ShutterLowerHorizontalEdge=40, ShutterPresentationValue=0,
              VerticesOfThePolygonalShutter=[1, 10, 39, 10, 39, 50])  # a triangle: row, column of each corner
    triangle = (x - 10 < (y - 1) * 40 / 38) & (x >= 10) & (y < 39) & (x <= 30)
    assert (both == numpy.where(triangle, pixels, 0)).mean() > 0.99


def test_which_frames_it_shows(reader, shared_server):
    frames = numpy.stack([body(), body()[::-1], body()[:, ::-1]])
    content = image_file(frames, WindowCenter=128, WindowWidth=256)
    image = read(content)
    cine = store(shared_server, content)
    second = dicom_files.new_uid()
    other_content = body_file()
    other = read(other_content)
    other.StudyInstanceUID, other.SeriesInstanceUID = image.StudyInstanceUID, image.SeriesInstanceUID
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = second
    out = io.BytesIO()
    other.save_as(out, write_like_original=False)
    store(shared_server, out.getvalue())
    stranger = body_file()  # of another study
    store(shared_server, stranger)
    made, state = state_of([image], frames=[3, 2], **FULL)
    state.ReferencedSeriesSequence[0].ReferencedImageSequence += [reference(other), reference(read(stranger))]
    state.SoftcopyVOILUTSequence = [voi(128, 256, [image]), voi(64, 128, [other])]
    out = io.BytesIO()
    state.save_as(out, write_like_original=False)
    url = store(shared_server, out.getvalue())
    parts = __import__("multipart").parse(reader.get(url + "/rendered", 'multipart/related; type="image/png"'))
    seen = [numpy.asarray(PIL.Image.open(io.BytesIO(part))).astype(int) for _, part in parts]
    assert len(seen) == 3 and (seen[0] == frames[2]).all() and (seen[1] == frames[1]).all()
    doubled = numpy.clip(numpy.rint((body().astype(float) - 0.5) / 127 * 255), 0, 255)
    assert numpy.abs(seen[2] - doubled).max() <= 1
    assert picture(reader.get(url + "/thumbnail", "image/png")).size == (60, 40)
    assert "TEST" in reader.get(url + "/rendered", "text/plain").text
    # Frame by frame over the URI service: what the state does not refer to is not found.
    assert by_uri(reader, image, state, frameNumber=2).status_code == 200
    assert by_uri(reader, image, state, frameNumber=1).status_code == 404
    assert by_uri(reader, image, state, frameNumber=2, windowCenter=1, windowWidth=2).status_code == 400
    assert by_uri(reader, image, state, frameNumber=2, rows=20).status_code == 200
    assert by_uri(reader, read(stranger), state).status_code == 404
    one = reader.get(f"{reader.server.url}/dicom-web/wado", requestType="WADO", studyUID=image.StudyInstanceUID,
                     seriesUID=image.SeriesInstanceUID, objectUID=image.SOPInstanceUID, presentationUID=state.SOPInstanceUID)
    assert one.status_code == 400
    assert picture(reader.get(cine + "/frames/1/rendered", "image/png")).size == (60, 40)


def test_what_cannot_be_shown_by_a_state(reader, shared_server):
    colours = image_file(numpy.zeros((8, 8, 3), numpy.uint8) + numpy.uint8(77), rgb=True)
    image = read(colours)
    store(shared_server, colours)
    grey_state = store(shared_server, state_of([image], **FULL)[0])
    assert reader.get(grey_state + "/rendered", "image/png").status_code == 406
    colour_state = store(shared_server, state_of([image], ([1, 1], [4, 8]), COLOUR_STATE)[0])
    assert (shown(reader, colour_state) == numpy.full((8, 4, 3), 77)).all()
    pseudo = store(shared_server, state_of([image], None, PSEUDO_COLOUR_STATE)[0])
    assert reader.get(pseudo + "/rendered").headers["Content-Type"].startswith("text/html")
    # Numbers that no state should have.
    content = body_file()
    image = read(content)
    store(shared_server, content)
    for area in (([-2**31, 1], [2**31 - 1, 2]), ([1, 1], [2**24, 2**24]), ([0, 0], [0, 0])):
        url = store(shared_server, state_of([image], area, **FULL)[0])
        assert reader.get(url + "/rendered", "image/png").status_code in (200, 406)
    empty = store(shared_server, state_of([read(body_file())], **FULL)[0])  # its image is not here
    assert reader.get(empty + "/rendered").headers["Content-Type"].startswith("text/html")


def drawing(graphics=(), texts=(), images=None):
    made = item(GraphicLayer="L")
    if images:
        made.ReferencedImageSequence = [reference(image) for image in images]
    if graphics:
        made.GraphicObjectSequence = [
            item(GraphicAnnotationUnits=units, GraphicDimensions=2, NumberOfGraphicPoints=len(points) // 2, GraphicData=points,
                 GraphicType=kind, GraphicFilled=filled) for units, kind, filled, points in graphics]
    if texts:
        made.TextObjectSequence = [
            item(UnformattedTextValue=text, BoundingBoxAnnotationUnits=units, BoundingBoxTopLeftHandCorner=place,
                 BoundingBoxBottomRightHandCorner=place, BoundingBoxTextHorizontalJustification="LEFT") for units, text, place in texts]
    return made


def test_graphics_and_text(reader, shared_server):
    content = image_file(numpy.zeros((40, 60), numpy.uint8), WindowCenter=128, WindowWidth=256)
    image = read(content)
    store(shared_server, content)

    def by(*annotations, area=None, **attributes):
        return shown(reader, store(shared_server, state_of([image], area, **(
            FULL | {"GraphicAnnotationSequence": list(annotations)} | attributes))[0])) == 255

    y, x = numpy.mgrid[0:40, 0:60]
    line = by(drawing([("PIXEL", "POLYLINE", "N", [5.5, 10.5, 20.5, 10.5, 20.5, 30.5])]))
    assert (line == ((y == 10) & (x >= 5) & (x <= 20) | (x == 20) & (y >= 10) & (y <= 30))).all()
    box = by(drawing([("PIXEL", "POLYLINE", "Y", [10.5, 5.5, 30.5, 5.5, 30.5, 25.5, 10.5, 25.5, 10.5, 5.5])]))
    assert (box == ((x >= 10) & (x <= 30) & (y >= 5) & (y <= 25))).all()
    for kind, points in (("CIRCLE", [30, 20, 40, 20]), ("ELLIPSE", [20, 20, 40, 20, 30, 10, 30, 30])):
        ring = by(drawing([("PIXEL", kind, "N", points)]))
        away = numpy.abs(numpy.hypot(x + 0.5 - 30, y + 0.5 - 20) - 10)
        assert ring.sum() > 50 and away[ring].max() < 1.2, kind
    dot = by(drawing([("PIXEL", "POINT", "N", [30.5, 20.5])]))
    assert dot[20, 30] and dot.sum() == 9
    shares = by(drawing([("DISPLAY", "POLYLINE", "N", [0, 0.5, 0.999, 0.5])]), area=([11, 11], [30, 30]))
    assert shares.shape == (20, 20) and shares[10].all() and shares.sum() == 20
    # What is turned and cut turns its graphics, too.
    mark = drawing([("PIXEL", "POINT", "N", [20.5, 10.5])])
    for rotation, flip in ((0, "Y"), (90, "N"), (180, "Y"), (270, "N"), (270, "Y")):
        seen = by(mark, area=([11, 6], [40, 25]), ImageRotation=rotation, ImageHorizontalFlip=flip)
        expected = numpy.zeros((20, 30), bool)
        expected[5, 8:13] = expected[3:8, 10] = True  # row 10 of 5…, column 20 of 10…
        expected[5, 7] = False
        turned = numpy.rot90(expected, -rotation // 90)
        turned = turned[:, ::-1] if flip == "Y" else turned
        assert (seen == turned).mean() > 0.985 and seen.sum() == 9, (rotation, flip)
    text = by(drawing(texts=[("PIXEL", "Arrow", [10, 12])]))
    assert text.sum() > 20 and text[:12].sum() == 0 and text[:, :10].sum() == 0 and text[26:].sum() == 0
    # Of another image; what no graphic can be; what is far away or far too much.
    other = read(body_file())
    assert by(drawing([("PIXEL", "POINT", "N", [30.5, 20.5])], images=[other])).sum() == 0
    assert by(drawing([("PIXEL", "CIRCLE", "N", [1, 2]), ("PIXEL", "ELLIPSE", "Y", [1, 2, 3, 4]), ("PIXEL", "POLYLINE", "Y", [3, 4]),
                       ("PIXEL", "POLYLINE", "Y", [float("nan"), 4, 3, 2]), ("PIXEL", "CIRCLE", "Y", [1e30, 0, 0, 0]),
                       ("PIXEL", "POLYLINE", "N", [-1e9, 5, 1e9, 5])])).sum() == 0
