"""DICOM files, JPEGs, PNGs and PDFs that the tests make themselves."""
import hashlib
import io
import uuid

import numpy
import PIL.Image
import pydicom
import pydicom.dataset
import pydicom.uid


def new_uid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def saved(data_set, syntax=pydicom.uid.ExplicitVRLittleEndian) -> bytes:
    data_set.file_meta.TransferSyntaxUID = syntax
    data_set.is_implicit_VR = syntax == pydicom.uid.ImplicitVRLittleEndian
    data_set.is_little_endian = True
    out = io.BytesIO()
    data_set.save_as(out, write_like_original=False)
    return out.getvalue()


def ct_slice(study_uid=None, series_uid=None, image_uid=None, rows=64, columns=64, instance_number=1,
             patient_id="TEST-1", patient_name="Doe^Jane", transfer_syntax=pydicom.uid.ExplicitVRLittleEndian,
             seed=0, **attributes) -> bytes:
    dataset = pydicom.dataset.Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = pydicom.uid.CTImageStorage
    dataset.SOPInstanceUID = image_uid or new_uid()
    dataset.StudyInstanceUID = study_uid or new_uid()
    dataset.SeriesInstanceUID = series_uid or new_uid()
    dataset.PatientID = patient_id
    dataset.PatientName = patient_name
    dataset.Modality = "CT"
    dataset.StudyDate = "20261122"
    dataset.StudyTime = "101500"
    dataset.StudyDescription = "CT HEAD"
    dataset.SeriesDescription = "AXIAL"
    dataset.SeriesNumber = 2
    dataset.InstanceNumber = instance_number
    dataset.BodyPartExamined = "HEAD"
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    pixels = numpy.random.default_rng(seed).integers(0, 4096, (rows, columns), dtype=numpy.uint16)
    dataset.PixelData = pixels.tobytes()
    for keyword, value in attributes.items():
        if value is None:
            if keyword in dataset:
                delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    meta = pydicom.dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", pydicom.uid.CTImageStorage)
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", new_uid())
    meta.TransferSyntaxUID = transfer_syntax
    file = pydicom.dataset.FileDataset(None, dataset, file_meta=meta, preamble=b"\0" * 128)
    file.is_little_endian = True
    file.is_implicit_VR = transfer_syntax == pydicom.uid.ImplicitVRLittleEndian
    out = io.BytesIO()
    file.save_as(out, write_like_original=False)
    return out.getvalue()


def picture(kind="JPEG", size=(48, 32), seed=0) -> bytes:
    pixels = numpy.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=numpy.uint8)
    out = io.BytesIO()
    PIL.Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def pdf(text="report") -> bytes:
    body = f"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
           f"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n% {text}\n"
    return (body + f"xref\n0 1\n0000000000 65535 f \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n").encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
