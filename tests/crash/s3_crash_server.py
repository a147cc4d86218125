"""A server that is going to be killed, with its images in a bucket: the store goes on, the server's own disk, with
the index and what is staged, does not."""
import pathlib
import time

import boto3
import botocore.config
import object_stores
from crash_server import CrashServer


def client_of(gateway):
    return boto3.client(
        "s3", endpoint_url=gateway.endpoint, region_name=gateway.region,
        aws_access_key_id=gateway.access_key, aws_secret_access_key=gateway.secret_key,
        config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))


class S3CrashServer(CrashServer):
    """Its links open nothing: images come through it, as from a disk."""

    def __init__(self, disk, outside, s3, bucket, **settings):
        super().__init__(disk, outside, **settings)
        self.s3, self.bucket = s3, bucket

    def staged_files(self) -> list:
        staging = self.data / "staging"
        return sorted(staging.iterdir()) if staging.is_dir() else []

    def stored_files(self) -> list:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="radiology/")
        return [pathlib.PurePosixPath(entry["Key"]) for page in pages for entry in page.get("Contents", [])]

    def read_stored(self, path) -> bytes:
        return self.s3.get_object(Bucket=self.bucket, Key=str(path))["Body"].read()


def servers_of_new_bucket(gateway):
    """What makes servers on one new bucket, one after another."""
    s3, bucket = client_of(gateway), f"crash-{time.monotonic_ns()}"
    object_stores.make_bucket(s3, bucket)
    settings = {"RADIOLOGY_STORAGE": "s3", "AWS_STORAGE_BUCKET_NAME": bucket, "AWS_S3_ENDPOINT_URL": gateway.endpoint,
                "AWS_S3_REGION_NAME": gateway.region, "AWS_ACCESS_KEY_ID": gateway.access_key,
                "AWS_SECRET_ACCESS_KEY": gateway.secret_key, "RADIOLOGY_SIGNED_URLS": "false"}
    return lambda disk, outside, **more: S3CrashServer(disk, outside, s3, bucket, **(settings | more))
