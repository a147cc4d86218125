"""A filesystem of its own in a file, mounted through a loop device, whose power can be cut: the shutdown
ioctl drops whatever the filesystem has not been told to flush, as a power cut does."""
import ctypes
import errno
import fcntl
import functools
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

KINDS = ("ext4", "xfs")
SIZE_MIB = {"ext4": 256, "xfs": 320}  # XFS makes none below 300 MB
SHARED_MEMORY = pathlib.Path("/dev/shm")
SHARED_MEMORY_FREE_MIN = 2 << 30
UNMOUNT_SECONDS_MAX = 20

# EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN are one number, _IOR('X', 125, __u32), and mean the same by 2:
# go down without flushing the journal.
SHUTDOWN = 0x8004587D
WITHOUT_FLUSHING_THE_LOG = 2

CLONE_NEWNS = 0x00020000
MS_REC_PRIVATE = 0x4000 | 0x40000

libc = ctypes.CDLL(None, use_errno=True)


@functools.cache
def enter_own_mount_namespace() -> None:
    """What this process mounts is seen by it and its children alone, and goes with the last of them, also
    when a timeout kills us: no mount and no loop device is left behind."""
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(None, b"/", None, MS_REC_PRIVATE, None) != 0:
        raise OSError(ctypes.get_errno(), "a mount namespace of our own")


@functools.cache
def why_not(kind: str) -> str | None:
    """Why this machine cannot cut the power of such a filesystem; None when it can. Tried, not guessed."""
    told = f"NOT SHOWN on this machine: power cuts and full disks on {kind}. They need root, loop devices and " \
           f"mkfs.{kind}; missing here: "
    if os.geteuid() != 0:
        return told + "root"
    if not shutil.which("mkfs." + kind):
        return told + f"mkfs.{kind} (tools/install_dependencies.sh test)"
    if not os.path.exists("/dev/loop-control"):
        return told + "/dev/loop-control"
    try:
        with tempfile.TemporaryDirectory(prefix="pacs-lite-") as folder, LoopImage(folder, kind) as image:
            image.cut_power()
            image.remount()
    except (OSError, subprocess.SubprocessError) as failure:
        return told + f"a mount that works ({failure})"
    return None


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise OSError(errno.EIO, f"{' '.join(command)}: {done.stdout}{done.stderr}")


def backing_folder(wanted) -> pathlib.Path:
    """Shared memory where there is enough of it: a cut takes half the time, and means the same, since what
    is dropped is dropped above the device."""
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free >= SHARED_MEMORY_FREE_MIN:
        return SHARED_MEMORY
    return pathlib.Path(wanted)


class LoopImage:
    """`mkfs_options` and a size in MiB make small ones, with few inodes say."""

    def __init__(self, folder, kind="ext4", size_mib=None, mkfs_options=()):
        enter_own_mount_namespace()
        self.kind = kind
        self.size_mib = size_mib or SIZE_MIB[kind]
        self.mkfs_options = list(mkfs_options)
        self.mount_point = pathlib.Path(folder) / f"mount-{kind}"
        descriptor, name = tempfile.mkstemp(prefix="pacs-lite-", suffix=".img", dir=backing_folder(folder))
        os.close(descriptor)
        self.path = pathlib.Path(name)

    def make(self) -> "LoopImage":
        """An empty filesystem, mounted."""
        self.mount_point.mkdir(parents=True, exist_ok=True)
        with open(self.path, "wb") as file:
            file.truncate(self.size_mib << 20)
        quiet = ["-q", "-F", "-E", "nodiscard"] if self.kind == "ext4" else ["-q", "-f", "-K"]
        run("mkfs." + self.kind, *quiet, *self.mkfs_options, str(self.path))
        self.mount()
        return self

    def mount(self) -> None:
        """Replays the journal, as the next boot does."""
        run("mount", "-t", self.kind, "-o", "loop", str(self.path), str(self.mount_point))

    def cut_power(self) -> None:
        """From here on nothing reaches the disk, and every call that needs it fails."""
        descriptor = os.open(self.mount_point, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_LOG))
        finally:
            os.close(descriptor)

    def flush(self) -> None:
        """The kernel's own write-back may come at any moment; this is one."""
        descriptor = os.open(self.mount_point, os.O_RDONLY)
        try:
            libc.syncfs(descriptor)
        finally:
            os.close(descriptor)

    def unmount(self) -> None:
        deadline = time.monotonic() + UNMOUNT_SECONDS_MAX
        while libc.umount2(str(self.mount_point).encode(), 0) != 0:
            code = ctypes.get_errno()
            if code != errno.EBUSY or time.monotonic() > deadline:
                raise OSError(code, f"umount {self.mount_point}: {os.strerror(code)}")
            time.sleep(0.01)

    def remount(self) -> None:
        self.unmount()
        self.mount()

    def is_mounted(self) -> bool:
        return self.mount_point.exists() and os.path.ismount(self.mount_point)

    def __enter__(self) -> "LoopImage":
        return self.make()

    def __exit__(self, *unused) -> None:
        try:
            if self.is_mounted():
                self.unmount()
        finally:
            self.path.unlink(missing_ok=True)
