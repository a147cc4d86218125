"""A server that is going to be killed: it dies with the test, its log lies outside of its disk, and a
library may be loaded into it that makes its system calls fail."""
import os
import pathlib

import archive_client
from archive_server import ArchiveServer

ENDS_WITH_THE_TEST = ("setpriv", "--pdeathsig", "KILL", "--")


class CrashServer(ArchiveServer):
    """`disk` holds data and media, `outside` the log. Fills its disk to the brim unless a setting says
    otherwise: small disks are what these tests are about."""

    def __init__(self, disk: pathlib.Path, outside: pathlib.Path, **settings: str):
        super().__init__(disk, wrapper=ENDS_WITH_THE_TEST, **({"PACS_LITE_MIN_FREE_BYTES": "0"} | settings))
        self.log_path = pathlib.Path(outside) / "server.log"

    @property
    def pid(self) -> int:
        return self.process.pid  # setpriv becomes the server

    @property
    def radiology(self) -> pathlib.Path:
        return self.media / "radiology"

    def client(self, token: str | None = None) -> archive_client.ArchiveClient:
        return archive_client.ArchiveClient(self.port, token or self.token)

    def staged_files(self) -> list:
        staging = self.media / ".pacs-lite" / "staging"
        return sorted(staging.iterdir()) if staging.is_dir() else []

    def stored_files(self) -> list:
        """Paths. Folders may go while this looks: a purge works on its own time."""
        return [pathlib.Path(folder, name) for folder, _, names in os.walk(self.radiology) for name in names]

    def read_stored(self, path) -> bytes:
        """Of one of those."""
        return path.read_bytes()

    def descriptors(self) -> dict:
        """What the process holds open, by descriptor."""
        opened = {}
        for entry in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                opened[entry.name] = str(entry.readlink())
            except FileNotFoundError:
                pass
        return opened

    def memory_peak_bytes(self) -> int:
        """VmHWM: the most that was ever resident."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise ValueError("no VmHWM")
