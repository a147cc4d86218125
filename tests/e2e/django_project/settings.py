"""A minimal stand-in for the application that the archive serves. Everything comes from the environment."""
import os

SECRET_KEY = "test"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django_project.radiology", "pacs_lite_django"]
ROOT_URLCONF = "django_project.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DJANGO_TEST_DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

MEDIA_ROOT = os.environ["DJANGO_TEST_MEDIA_ROOT"]
MEDIA_URL = "/media/"
FILE_UPLOAD_PERMISSIONS = 0o440

PACS_LITE_URL = os.environ.get("DJANGO_TEST_ARCHIVE", "http://127.0.0.1:8042")
PACS_LITE_TOKEN = os.environ.get("DJANGO_TEST_TOKEN")
PACS_LITE_EXPORT = {"model": "radiology.Image", "fields": {
    "study_id": "study.id", "study_uid": "study.study_uid", "radiology_order_id": "study.radiology_order_id",
    "patient_id": "study.patient_id", "series_uid": "series_uid", "uploaded_by_name": "uploaded_by.username",
    "series_id": "series_number_that_is_not_there"}}
