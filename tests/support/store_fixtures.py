"""For pytest: a real object store of a test file's own, boto3's client of it, and an archive's settings for it.
A file whose store is not installed skips, and says what it lacks."""
import os

import pytest

import object_stores

boto3 = pytest.importorskip("boto3", reason="python3-boto3 is missing (tools/install_dependencies.sh s3)")
import botocore.config  # noqa: E402

STORE = os.environ.get("PACS_LITE_TEST_STORE", "radosgw")  # for the files that any store will do for


def class_of(name):
    """What runs the store; to be asked for when the file is read, so that it skips as a whole."""
    missing, store_class = object_stores.store_named(name)
    if missing:
        pytest.skip(f"{name} needs {', '.join(missing)}", allow_module_level=True)
    return store_class


def gateway_of(name):
    """A fixture: the store, running."""
    store_class = class_of(name)

    @pytest.fixture(scope="module")
    def gateway():
        with store_class() as running:
            yield running

    return gateway


def client_of(gateway, service="s3"):
    return boto3.client(
        service, endpoint_url=gateway.endpoint, region_name=gateway.region,
        aws_access_key_id=gateway.access_key, aws_secret_access_key=gateway.secret_key,
        config=botocore.config.Config(signature_version="s3v4" if service == "s3" else "v4",
                                      s3={"addressing_style": "path"}))


@pytest.fixture(scope="module")
def s3(gateway):
    return client_of(gateway)


def settings_of(gateway, bucket):
    return {"RADIOLOGY_STORAGE": "s3", "AWS_STORAGE_BUCKET_NAME": bucket, "AWS_S3_ENDPOINT_URL": gateway.endpoint,
            "AWS_S3_REGION_NAME": gateway.region, "AWS_ACCESS_KEY_ID": gateway.access_key,
            "AWS_SECRET_ACCESS_KEY": gateway.secret_key}
