"""A memory limit as a small machine has it: a control group where one may be made. Where none may be, what
the process had resident at most is looked at all the same."""
import os
import pathlib

GROUPS_V1 = pathlib.Path("/sys/fs/cgroup/memory")
GROUPS_V2 = pathlib.Path("/sys/fs/cgroup")


class MemoryGroup:
    """`limited` tells whether the kernel holds the limit, and does not only get asked afterwards."""

    def __init__(self, limit_bytes: int):
        self.limit_bytes = limit_bytes
        self.folder, self.limited = None, False

    def __enter__(self) -> "MemoryGroup":
        for root, limit_file in ((GROUPS_V1, "memory.limit_in_bytes"), (GROUPS_V2, "memory.max")):
            folder = root / f"pacs-lite-{os.getpid()}"
            try:
                folder.mkdir()
            except OSError:
                continue
            self.folder = folder
            try:
                (folder / limit_file).write_text(str(self.limit_bytes))
                self.limited = True
                return self
            except OSError:
                self.__exit__()
        return self

    def add(self, pid: int) -> None:
        if self.limited:
            (self.folder / "cgroup.procs").write_text(str(pid))

    def was_killed(self) -> bool:
        """Whether the kernel killed something for want of memory."""
        if not self.limited:
            return False
        for name in ("memory.oom_control", "memory.events"):
            file = self.folder / name
            if file.exists():
                return any(line.split()[0] == "oom_kill" and line.split()[1] != "0"
                           for line in file.read_text().splitlines())
        return False

    def __exit__(self, *unused) -> None:
        if self.folder is not None:
            self.folder.rmdir()  # empty: the server has ended
            self.folder, self.limited = None, False
