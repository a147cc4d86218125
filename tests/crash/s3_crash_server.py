"""A server that is going to be killed, with its images in a bucket: the store goes on, the server's own disk, with
the index and what is staged, does not."""
import pathlib
import time

import object_stores
from crash_server import CrashServer
from store_fixtures import client_of, settings_of


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
    settings = settings_of(gateway, bucket) | {"RADIOLOGY_SIGNED_URLS": "false"}
    return lambda disk, outside, **more: S3CrashServer(disk, outside, s3, bucket, **(settings | more))
