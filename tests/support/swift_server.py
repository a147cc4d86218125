"""A second real object store on loopback: OpenStack Swift with its S3 interface.

    with SwiftServer() as server: server.endpoint, server.access_key, server.secret_key

It is strict where others are not: a wrong region is refused, a conditional PUT answers 501, and so does
encryption. Needs the package python3-swift (tools/install_dependencies.sh s3) and a temporary folder
whose filesystem has extended attributes. Four processes answer in about ten seconds.
"""
import getpass
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from object_stores import free_ports

DEBIAN_PYTHON = "/usr/bin/python3"  # where the distribution's packages are
START_SECONDS_MAX = 60
PARTS_AS_POWER_OF_TWO = 2
DEVICE = "disk"

STORAGE_NODE = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
workers = 0
disable_fallocate = true
log_statsd_host =
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

PROXY = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
workers = 0
[pipeline:main]
pipeline = catch_errors cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
connect_timeout = 0.01
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = {region}
min_segment_size = 65536
allow_multipart_uploads = true
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{login} = {secret_key} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
min_segment_size = 1
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
"""

# There is no memcached at port 1 of the proxy's cache: it is asked for, but not needed.

# What each process runs: no /etc/swift is needed when the salt of the ring is set beforehand.
SERVE = """\
import sys
import swift.common.utils as utils
utils.HASH_PATH_SUFFIX = b"pacs-lite-tests"
utils.HASH_PATH_PREFIX = b""
from swift.common.wsgi import run_wsgi
sys.exit(run_wsgi(sys.argv[1], sys.argv[2]))
"""

BUILD_RINGS = """\
import sys
import swift.common.utils as utils
utils.HASH_PATH_SUFFIX = b"pacs-lite-tests"
utils.HASH_PATH_PREFIX = b""
from swift.common.ring import RingBuilder
folder, power, device = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for name, port in (item.split("=") for item in sys.argv[4:]):
    builder = RingBuilder(power, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port),
                     "replication_ip": "127.0.0.1", "replication_port": int(port), "device": device,
                     "weight": 1.0, "meta": ""})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""


def missing_programs():
    if not Path(DEBIAN_PYTHON).exists():
        return [DEBIAN_PYTHON]
    found = subprocess.run([DEBIAN_PYTHON, "-c", "import swift"], stdin=subprocess.DEVNULL, capture_output=True)
    return [] if found.returncode == 0 else ["python3-swift (tools/install_dependencies.sh s3)"]


class SwiftServer:
    """Runs from __enter__ to __exit__; everything lies in a temporary folder."""

    name = "swift"
    account, login = "clinic", "pacs"
    access_key = f"{account}:{login}"
    secret_key = "pacs/lite+secret"
    region = "eu-central-1"

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="pacs-swift-"))
        self.processes = []
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        self.port, *ports = free_ports(4)
        kinds = dict(zip(("account", "container", "object"), ports))
        (self.folder / "devices" / DEVICE).mkdir(parents=True)
        built = subprocess.run(
            [DEBIAN_PYTHON, "-c", BUILD_RINGS, str(self.folder), str(PARTS_AS_POWER_OF_TWO), DEVICE,
             *(f"{kind}={port}" for kind, port in kinds.items())],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if built.returncode != 0:
            raise RuntimeError("the rings cannot be built: " + built.stderr)
        common = {"folder": self.folder, "user": getpass.getuser()}
        for kind, port in kinds.items():
            self._spawn(kind, STORAGE_NODE.format(kind=kind, port=port, **common))
        self.proxy = PROXY.format(port=self.port, region=self.region, account=self.account, login=self.login,
                                  secret_key=self.secret_key, **common)
        self.start_gateway()

    def start_gateway(self):
        self._spawn("proxy", self.proxy)
        self._wait()

    def stop_gateway(self):
        proxy = self.processes.pop()
        proxy.kill()
        proxy.wait()

    def _spawn(self, kind, configuration):
        path = self.folder / f"{kind}-server.conf"
        path.write_text(configuration)
        with open(self.folder / f"{kind}.log", "wb") as log:
            self.processes.append(subprocess.Popen(
                [DEBIAN_PYTHON, "-c", SERVE, str(path), f"{kind}-server"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def _wait(self):
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until and all(process.poll() is None for process in self.processes):
            try:
                urllib.request.urlopen(self.endpoint, timeout=5).close()
                return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError("Swift does not answer:\n" + "\n".join(
            log.read_text(errors="replace")[-2000:] for log in sorted(self.folder.glob("*.log"))))
