"""The real object stores of the tests, by name, each on loopback and only while it is needed.

    object_stores.py STORE -- PROGRAM ARGUMENT…   runs the program beside a store, with PACS_LITE_S3_ENDPOINT,
                                                  _REGION, _ACCESS_KEY and _SECRET_KEY set; exit code 77 where
                                                  the store is not installed

STORE: radosgw (tests/support/s3_server.py), swift (swift_server.py), minio (minio_server.py).
"""
import os
import signal
import socket
import subprocess
import sys
import time

SKIPPED = 77


def free_ports(count):
    """Of the kernel's choice; all held at once, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def store_named(name):
    """(what is missing for it, the class that runs it)"""
    if name == "radosgw":
        import s3_server
        return s3_server.missing_programs(), s3_server.S3Server
    if name == "swift":
        import swift_server
        return swift_server.missing_programs(), swift_server.SwiftServer
    if name == "minio":
        import minio_server
        return minio_server.missing_programs(), minio_server.MinioServer
    raise ValueError(f"no such store: {name}; radosgw, swift and minio are known")


def make_bucket(s3, name):
    """s3: boto3's client."""
    region = s3.meta.region_name  # "us-east-1" is the default, and must not be named
    more = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **more)


def environment_of(server):
    return {
        "PACS_LITE_S3_STORE": server.name,
        "PACS_LITE_S3_ENDPOINT": server.endpoint,
        "PACS_LITE_S3_REGION": server.region,
        "PACS_LITE_S3_ACCESS_KEY": server.access_key,
        "PACS_LITE_S3_SECRET_KEY": server.secret_key,
    }


def main(arguments):
    if len(arguments) < 3 or arguments[1] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    missing, store = store_named(arguments[0])
    if missing:
        print(f"skipped: {arguments[0]} needs {', '.join(missing)}")
        return SKIPPED
    # The end of a test that takes too long must take the servers along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    with store() as server:
        print(f"{server.name} answers after {time.monotonic() - began:.1f} s", flush=True)
        return subprocess.run(arguments[2:], env=os.environ | environment_of(server), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
