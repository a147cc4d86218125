"""A real object store on loopback: Ceph's monitor, one disk in memory, and its S3 gateway.

    with S3Server() as server: server.endpoint, server.access_key, server.secret_key

Needs the packages ceph-mon, ceph-osd and radosgw (tools/install_dependencies.sh s3). It answers in
about 5 s, takes about 200 MB, and checks signatures, expiry and conditions as a store in a clinic.
"""

import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from object_stores import free_ports

PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool", "ceph")
START_SECONDS_MAX = 60
# Now and then a disk does not report to its monitor: all is begun anew.
STARTS_MAX = 3


def missing_programs():
    """The packages that hold what is missing: none when all is there."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return [f"{', '.join(missing)} (tools/install_dependencies.sh s3)"] if missing else []


CONFIGURATION = """\
[global]
fsid = {fsid}
mon_host = v1:127.0.0.1:{mon_port}
mon_initial_members = a
public_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_client_mode = crc
ms_cluster_mode = crc
ms_service_mode = crc
ms_bind_ipv6 = false
run_dir = {folder}
admin_socket = {folder}/$name.asok
log_file = {folder}/$name.log
pid_file =
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
osd_pool_default_pg_autoscale_mode = off
mon_max_pg_per_osd = 10000
paxos_propose_interval = 0.05
mon_osd_initial_require_min_compat_client = luminous
[mon.a]
mon_data = {folder}/mon
[osd]
osd_objectstore = memstore
memstore_device_bytes = {memory_bytes}
osd_data = {folder}/osd
osd_class_dir = {class_folder}
[client.rgw]
auth_client_required = none
ms_mon_client_mode = crc
rgw_data = {folder}/rgw
rgw_frontends = beast endpoint=127.0.0.1:{port}
rgw_enable_usage_log = false
rgw_enable_ops_log = false
rgw_multipart_min_part_size = 65536
rgw_crypt_require_ssl = false
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
{options}
"""


class S3Server:
    """Runs from __enter__ to __exit__; everything lies in a temporary folder."""

    name = "radosgw"
    access_key = "pacsliteaccesskey"
    secret_key = "pacs/lite+secret=key"
    region = "us-east-1"

    def __init__(self, memory_bytes=4 << 30, **options):
        self.memory_bytes = memory_bytes
        self.options = options  # of the gateway: rgw_max_concurrent_requests=2
        self.processes = {}

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        for attempt in range(1, STARTS_MAX + 1):
            self.folder = Path(tempfile.mkdtemp(prefix="pacs-s3-"))
            try:
                self._start()
                return self
            except BaseException as error:
                self.__exit__()
                may_pass = isinstance(error, (RuntimeError, subprocess.TimeoutExpired))
                if attempt == STARTS_MAX or not may_pass:
                    raise
        raise AssertionError

    def __exit__(self, *_):
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        self.processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        self.fsid = str(uuid.uuid4())
        self.mon_port, self.port = free_ports(2)
        self.configuration = self.folder / "ceph.conf"
        class_folders = sorted(Path("/usr/lib").glob("*/rados-classes"))
        self.configuration.write_text(
            CONFIGURATION.format(
                fsid=self.fsid,
                folder=self.folder,
                mon_port=self.mon_port,
                port=self.port,
                memory_bytes=self.memory_bytes,
                class_folder=class_folders[0] if class_folders else "/usr/lib/rados-classes",
                options="\n".join(f"{name} = {value}" for name, value in self.options.items()),
            )
        )
        for name in ("mon", "osd", "rgw"):
            (self.folder / name).mkdir()
        monmap = self.folder / "monmap"
        self._run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a",
                  f"v1:127.0.0.1:{self.mon_port}", str(monmap))
        self._run("ceph-mon", *self._as("mon.a"), "--mkfs", "--monmap", str(monmap))
        self._spawn("mon", "ceph-mon", *self._as("mon.a"), "-f")
        osd_id = self._run("ceph", "--conf", self.configuration, "osd", "create",
                           self.fsid).strip()
        assert osd_id == "0", osd_id
        self._run("ceph-osd", *self._as("osd.0"), "--mkfs", "--osd-uuid", self.fsid)
        self._spawn("osd", "ceph-osd", *self._as("osd.0"), "-f")
        self._wait_for_disk()
        self._run("radosgw-admin", *self._as("client.rgw"), "user", "create", "--uid", "pacs",
                  "--display-name", "pacs", "--access-key", self.access_key,
                  "--secret-key", self.secret_key)
        self.start_gateway()

    def _wait_for_disk(self):
        until = time.monotonic() + START_SECONDS_MAX
        while "1 up" not in self._run("ceph", "--conf", self.configuration, "osd", "stat"):
            if time.monotonic() > until:
                raise RuntimeError("the disk does not come up:\n" + self._logs())
            # A disk that asks its monitor before it has the monitor's map is told "wrong fsid", and ends.
            if self.processes["osd"].poll() is not None:
                self._spawn("osd", "ceph-osd", *self._as("osd.0"), "-f")
            time.sleep(0.05)

    def start_gateway(self):
        self._spawn("rgw", "radosgw", *self._as("client.rgw"), "-f")
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(self.endpoint, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if self.processes["rgw"].poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError("the gateway does not answer:\n" + self._logs())

    def let_user_write_policies(self):
        """So that it may allow itself what needs one: session tokens."""
        self._run("radosgw-admin", *self._as("client.rgw"), "caps", "add", "--uid", "pacs", "--caps", "user-policy=*")

    def stop_gateway(self):
        self.processes["rgw"].kill()
        self.processes["rgw"].wait()

    def _as(self, name):
        return ("--conf", str(self.configuration), "--name", name)

    def _run(self, *command):
        done = subprocess.run(
            [str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=START_SECONDS_MAX, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]}: {done.stderr}\n{self._logs()}")
        return done.stdout

    def _spawn(self, name, *command):
        with open(self.folder / f"{name}.out", "ab") as out:
            self.processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def _logs(self):
        texts = [path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.out")]
        texts += [path.read_text(errors="replace")[-1000:] for path in self.folder.glob("*.log")]
        return "\n".join(texts)
