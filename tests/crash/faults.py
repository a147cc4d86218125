"""The side of the tests of fault_library.cc: what it shall do to which system call of a running server."""
import collections
import errno
import mmap
import os
import pathlib
import struct

CALLS = ("open", "write", "sync", "link", "rename", "unlink", "make_folder", "truncate", "attribute", "mode",
         "send", "memory", "receive", "read")
TO_THE_DISK = ("open", "write", "sync", "link", "rename", "unlink", "make_folder", "truncate", "attribute", "mode")
OFF, COUNT, KILL, FAIL, PRETEND, DELAY, SHORTEN = range(7)

HEAD = struct.Struct("=IIiIqqq")  # action, calls, error, files, at, seen, fired
PATH_BYTES = 256
SEQUENCE_MAX = 8192
SIZE = HEAD.size + PATH_BYTES + SEQUENCE_MAX


def library() -> pathlib.Path:
    """CMake builds it beside the tests; PACS_LITE_FAULT_LIBRARY names another one."""
    named = os.environ.get("PACS_LITE_FAULT_LIBRARY")
    if named:
        return pathlib.Path(named)
    build = os.environ.get("PACS_LITE_BUILD")
    assert build, "PACS_LITE_BUILD is to name the build folder, as ctest does"
    return pathlib.Path(build) / "tests" / "crash" / "libfault_library.so"


class Faults:
    """One control file; `settings` goes into the environment of the server."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "faults"
        self.path.write_bytes(bytes(SIZE))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), SIZE)
        self.settings = {"LD_PRELOAD": str(library()), "PACS_LITE_FAULTS": str(self.path)}

    def arm(self, action: int, calls, at=0, error=errno.EIO, path_holds="") -> None:
        """`at` is the n-th of these calls from now on, 0 each of them; `path_holds` leaves out files with
        another path (of calls that have an open file)."""
        self.off()
        mask = sum(1 << CALLS.index(call) for call in calls)
        path = path_holds.encode()
        self.memory[HEAD.size:HEAD.size + PATH_BYTES] = path.ljust(PATH_BYTES, b"\0")
        HEAD.pack_into(self.memory, 0, OFF, mask, error, 1 if path else 0, at, 0, 0)
        struct.pack_into("=I", self.memory, 0, action)  # last: from here it counts

    def slow_down(self, calls, milliseconds: int) -> None:
        """Each of them takes so much longer, like a disk that is busy."""
        self.arm(DELAY, calls, error=milliseconds)

    def off(self) -> None:
        struct.pack_into("=I", self.memory, 0, OFF)

    @property
    def seen(self) -> int:
        return HEAD.unpack_from(self.memory)[5]

    @property
    def fired(self) -> int:
        return HEAD.unpack_from(self.memory)[6]

    def sequence(self) -> list:
        """The names of the calls that were seen, in their order."""
        begin = HEAD.size + PATH_BYTES
        return [CALLS[kind] for kind in self.memory[begin:begin + min(self.seen, SEQUENCE_MAX)]]

    def counts(self) -> collections.Counter:
        return collections.Counter(self.sequence())
