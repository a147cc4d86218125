"""MinIO itself on loopback, the store that the MINIO_ settings name.

    with MinioServer() as server: server.endpoint, server.access_key, server.secret_key

Its makers publish source alone: tools/install_minio.sh builds it once with Go and keeps it in the user's
cache. Where it was not built, missing_programs() says so.
"""
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from object_stores import free_ports

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
PROGRAM = CACHE / "pacs-lite" / "minio" / "minio"
START_SECONDS_MAX = 30


def missing_programs():
    return [] if PROGRAM.exists() else ["MinIO (tools/install_minio.sh, which needs Go 1.24 or newer)"]


class MinioServer:
    """Runs from __enter__ to __exit__; everything lies in a temporary folder."""

    name = "minio"
    access_key = "pacsliteaccesskey"
    secret_key = "pacs/lite+secret=key"
    region = "us-east-1"

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="pacs-minio-"))
        self.port, self.console_port = free_ports(2)
        try:
            self.start_gateway()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop_gateway()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_gateway(self):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "MINIO_BROWSER": "off",
                       "MINIO_SITE_REGION": self.region,  # without it any is as good
                       "MINIO_ROOT_USER": self.access_key, "MINIO_ROOT_PASSWORD": self.secret_key}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), "server", "--quiet", "--address", f"127.0.0.1:{self.port}",
                 "--console-address", f"127.0.0.1:{self.console_port}", str(self.folder / "disk")],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait()

    def stop_gateway(self):
        self.process.kill()
        self.process.wait()

    def _wait(self):
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.endpoint + "/minio/health/ready", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("MinIO does not answer:\n" + (self.folder / "log").read_text(errors="replace")[-2000:])
