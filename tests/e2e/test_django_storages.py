# labels: e2e peer server
# timeout: 120
"""A Django project with django-storages on the bucket of the archive: with the settings that both read from one
environment it opens our keys and finds the same bytes, and its own links open them too."""
import json
import os
import pathlib
import subprocess
import sys

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import object_stores  # noqa: E402
from store_fixtures import gateway_of, s3, settings_of  # noqa: E402, F401

MISSING = "is missing (tools/install_dependencies.sh test s3)"
pytest.importorskip("django", reason=f"python3-django {MISSING}")
pytest.importorskip("storages", reason=f"python3-django-storages {MISSING}")

gateway = gateway_of("radosgw")
SHARED = ("AWS_STORAGE_BUCKET_NAME", "AWS_S3_ENDPOINT_URL", "AWS_S3_REGION_NAME", "AWS_ACCESS_KEY_ID",
          "AWS_SECRET_ACCESS_KEY")
PROJECT = """
import json, os, sys
import django
from django.conf import settings
settings.configure(DEFAULT_FILE_STORAGE=os.environ["RADIOLOGY_STORAGE"], AWS_S3_FILE_OVERWRITE=False,
                   AWS_S3_SIGNATURE_VERSION="s3v4", AWS_S3_ADDRESSING_STYLE="path", AWS_QUERYSTRING_EXPIRE=60,
                   **{name: os.environ[name] for name in json.loads(os.environ["SHARED"])})
django.setup()
from django.core.files.storage import default_storage
key = sys.argv[1]
with default_storage.open(key) as file:
    sys.stdout.buffer.write(file.read())
print(json.dumps({"size": default_storage.size(key), "exists": default_storage.exists(key),
                  "other": default_storage.exists(key + "x"), "url": default_storage.url(key),
                  "listed": default_storage.listdir(key.rsplit("/", 1)[0])[1]}), file=sys.stderr)
"""


@pytest.mark.parametrize("name, content", [
    ("chest pa.dcm", dicom_files.ct_slice(seed=1)),
    ("Thorax – Übersicht (1) + 2.dcm", dicom_files.ct_slice(seed=2)),
    ("large.dcm", dicom_files.ct_slice(rows=3000, columns=3000, seed=3)),
], ids=("plain", "signs", "in parts"))
def test_django_opens_what_the_archive_has_stored(tmp_path, gateway, s3, name, content):
    bucket = f"django-{os.urandom(4).hex()}"
    object_stores.make_bucket(s3, bucket)
    settings = settings_of(gateway, bucket) | {"RADIOLOGY_STORAGE": "storages.backends.s3boto3.S3Boto3Storage"}
    with ArchiveServer(tmp_path, **settings) as archive:
        answer = archive.session().post(archive.api + "/images/", files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        key = answer.json()["file_key"]
        done = subprocess.run([sys.executable, "-c", PROJECT, key], capture_output=True, timeout=60, cwd="/",
                              env={"PATH": os.environ["PATH"], "SHARED": json.dumps(SHARED), **settings})
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert done.stdout == content
    found = json.loads(done.stderr.decode().splitlines()[-1])
    assert found["size"] == len(content) and found["exists"] and not found["other"]
    assert found["listed"] == [key.rsplit("/", 1)[1]]
    opened = requests.get(found["url"], timeout=20)
    assert opened.status_code == 200 and opened.content == content
