"""Images of about 220 kB in an object store and out of it again, beside the same server on its disk, and beside the
bare store: presigned URLs that curl sends and fetches in parallel, with no archive in between."""
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "support"))

SIDE = 331  # pixels: 220 kB
IMAGES = 1635
BUCKET = "bench"


def settings_of(gateway):
    return {"RADIOLOGY_STORAGE": "s3", "AWS_STORAGE_BUCKET_NAME": BUCKET, "AWS_S3_ENDPOINT_URL": gateway.endpoint,
            "AWS_S3_REGION_NAME": gateway.region, "AWS_ACCESS_KEY_ID": gateway.access_key,
            "AWS_SECRET_ACCESS_KEY": gateway.secret_key}


def links_of(server):
    """Of every image: its signed URL, and its path under the API."""
    links, paths = [], []
    page = "/api/v1/radiology/studies/?page_size=100"
    while page:
        studies = server.get(page)
        for study in studies["results"]:
            for series in server.get(f"/api/v1/radiology/studies/{study['id']}/images/")["series"]:
                links += [image["image_url"] for image in series["images"]]
                paths += [f"/api/v1/radiology/images/{image['id']}/file/?redirect=never" for image in series["images"]]
        page = studies.get("next") and "/" + studies["next"].split("/", 3)[3]
    return links, paths


class ObjectStoreBench:
    def __init__(self, bench, gateway, s3):
        self.bench, self.gateway, self.s3 = bench, gateway, s3
        self.images = 200 if bench.quick else IMAGES
        self.number = 0

    def empty_bucket(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        for page in pages:
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if keys:
                self.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})

    def archive(self, connections, **settings):
        """Images a second in, then out by link and through the server."""
        server = self.bench.new_server("objects", **settings)
        drive, folder = self.bench.drive, self.bench.folder
        self.number += 1
        try:
            stored = drive("upload", "127.0.0.1", server.port, server.token, connections, self.images, self.number, SIDE)
            links, paths = links_of(server)
            host, port = links[0].split("/")[2].split(":")
            (folder / "links.txt").write_text("\n".join("/" + link.split("/", 3)[3] for link in links) + "\n")
            (folder / "paths.txt").write_text("\n".join(paths) + "\n")
            by_link = drive("fetch", host, port, folder / "links.txt", connections, self.images)
            through = drive("fetch", "127.0.0.1", server.port, folder / "paths.txt", connections, self.images, server.token)
            return stored[0], stored[2], by_link[0], through[0]
        finally:
            server.stop()

    def curl(self, connections, lines):
        """Objects a second; all of them on `connections` connections that are kept."""
        config = self.bench.folder / "curl.txt"
        config.write_text("next\n".join(lines))
        begin = time.monotonic()
        parallel = ["--parallel", "--parallel-max", str(connections)] if connections > 1 else []
        done = subprocess.run(["curl", "--silent", "--show-error", *parallel, "--config", str(config)],
                              capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            raise RuntimeError(f"curl: {done.stderr[-2000:]}")
        return self.images / (time.monotonic() - begin)

    def bare(self, connections):
        """Objects a second into the bare store, and out of it."""
        file = self.bench.folder / "object"
        file.write_bytes(bytes(range(256)) * (220_000 // 256))

        def urls(method):
            return [self.s3.generate_presigned_url(method, Params={"Bucket": BUCKET, "Key": f"radiology/bare/{number}"})
                    for number in range(self.images)]
        put = [f'url = "{url}"\nupload-file = "{file}"\nheader = "Expect:"\nfail\n' for url in urls("put_object")]
        got = [f'url = "{url}"\noutput = "/dev/null"\nfail\n' for url in urls("get_object")]
        return self.curl(connections, put), self.curl(connections, got)

    def measure(self, connections):
        rows = []
        for _ in range(self.bench.rounds):
            bare = self.bare(connections)
            self.empty_bucket()
            disk = self.archive(connections)
            rows.append(disk + self.archive(connections, **settings_of(self.gateway)) + bare)
            self.empty_bucket()
        median = [statistics.median(column) for column in zip(*rows)]
        disk_in, _, disk_link, disk_out, ours_in, p50, link, through, bare_in, bare_out = median
        ratio_in = statistics.median(min(row[0], row[8]) / row[4] for row in rows)
        ratio_out = statistics.median(min(row[3], row[9]) / row[7] for row in rows)
        print(f"| {connections} connections, stored | {disk_in:.0f} | {ours_in:.0f} ({p50:.1f} ms) | | {bare_in:.0f} | "
              f"{ratio_in:.2f} |\n| {connections} connections, fetched | {disk_link:.0f} ({disk_out:.0f} by id) | "
              f"{through:.0f} | {link:.0f} | {bare_out:.0f} | {ratio_out:.2f} |", flush=True)


def measure(bench):
    try:
        import boto3
        import botocore.config
        import s3_server
    except ImportError as missing:
        return print(f"\nobjects: skipped, {missing} (tools/install_dependencies.sh s3)")
    if missing := s3_server.missing_programs():
        return print(f"\nobjects: skipped, {', '.join(missing)}")
    with s3_server.S3Server() as gateway:
        s3 = boto3.client("s3", endpoint_url=gateway.endpoint, region_name=gateway.region,
                          aws_access_key_id=gateway.access_key, aws_secret_access_key=gateway.secret_key,
                          config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        s3.create_bucket(Bucket=BUCKET)
        print("\n| 220 kB images, radosgw in memory | our disk /s | through us, in the store /s | by its link /s | bare store, "
              "curl /s | times slower than the slower of disk and bare store |\n|---|---|---|---|---|---|")
        for connections in (1, 10):
            ObjectStoreBench(bench, gateway, s3).measure(connections)
