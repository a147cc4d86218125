"""One JSON line an image, as `pacs-lite import --manifest` takes them.

Which model holds the images, and which of its attributes means what, stands in the settings:

    PACS_LITE_EXPORT = {
        "model": "radiology.RadiologyImage",
        "fields": {"study_id": "series.study.id", "study_uid": "series.study.study_uid", …},
    }

A field is a path of attributes from the image on; what a path does not reach is left out."""
import json
import sys

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

DEFAULT_FIELDS = {
    "study_id": "series.study.id", "series_id": "series.id", "image_id": "id",
    "study_uid": "series.study.study_uid", "series_uid": "series.series_uid", "image_uid": "image_uid",
    "image_uuid": "image_uuid", "key": "file.name", "checksum": "checksum", "file_size": "file_size",
    "filename": "filename", "radiology_order_id": "series.study.radiology_order_id",
    "radiology_request_id": "series.study.radiology_request_id", "uploaded_by_name": "uploaded_by",
    "modality": "series.modality", "patient_id": "series.study.patient_id", "patient_name": "series.study.patient_name",
    "study_date": "series.study.study_date", "study_description": "series.study.study_description",
    "series_description": "series.series_description", "series_number": "series.series_number",
    "instance_number": "instance_number", "body_part": "series.body_part",
}
METADATA = ("modality", "patient_id", "patient_name", "study_date", "study_description", "series_description",
            "series_number", "instance_number", "body_part")


def value_at(image, path):
    value = image
    for name in path.split("."):
        value = getattr(value, name, None)
        if value is None:
            return None
    return value if isinstance(value, (int, str)) else str(value)


def manifest_line(image, fields):
    line, metadata = {}, {}
    for name, path in fields.items():
        value = value_at(image, path)
        if value is None or value == "":
            continue
        (metadata if name in METADATA else line)[name] = value
    if metadata:
        line["image_metadata"] = metadata
    return line


class Command(BaseCommand):
    help = "Writes one JSON line an image for `pacs-lite import --manifest`. See PACS_LITE_EXPORT in the README."

    def add_arguments(self, parser):
        parser.add_argument("--output", default="-", help="a file; - for standard output (default)")

    def handle(self, *args, **options):
        wanted = getattr(settings, "PACS_LITE_EXPORT", {})
        if "model" not in wanted:
            raise CommandError('PACS_LITE_EXPORT["model"] must name the model of the images, as in "radiology.RadiologyImage"')
        model = apps.get_model(wanted["model"])
        fields = {**DEFAULT_FIELDS, **wanted.get("fields", {})}
        out = sys.stdout if options["output"] == "-" else open(options["output"], "w", encoding="utf-8")
        count = 0
        try:
            for image in model._default_manager.order_by("pk").iterator():
                line = manifest_line(image, fields)
                if "key" not in line:
                    self.stderr.write(f"image {image.pk} has no file and is left out")
                    continue
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
                count += 1
        finally:
            if out is not sys.stdout:
                out.close()
        self.stderr.write(f"{count} images")
