"""A real pacs-lite process for a test: started on loopback, talked to over HTTP, ended by its pid."""
import os
import pathlib
import signal
import socket
import subprocess
import time

import requests

READY_SECONDS_MAX = 20
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def find_binary() -> pathlib.Path:
    """PACS_LITE_BINARY, else what the presets build."""
    named = os.environ.get("PACS_LITE_BINARY")
    candidates = [named] if named else [
        REPOSITORY / "build" / preset / "src" / "cli" / "pacs-lite" for preset in ("test", "dev", "release")
    ]
    for candidate in candidates:
        if candidate and pathlib.Path(candidate).is_file():
            return pathlib.Path(candidate)
    raise FileNotFoundError("no pacs-lite binary: build it, or set PACS_LITE_BINARY")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(**settings: str) -> dict:
    """The environment without any setting of ours that the caller's shell may have."""
    prefixes = ("PACS_LITE_", "RADIOLOGY_", "MEDIA_", "STATIC_", "AWS_", "MINIO_", "OHIF_", "FILE_UPLOAD_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(prefixes)}
    environment.update(settings)
    return environment


class ArchiveServer:
    def __init__(self, folder: pathlib.Path, wrapper=(), **settings: str):
        self.data = pathlib.Path(folder) / "data"
        self.media = pathlib.Path(settings.get("MEDIA_ROOT", pathlib.Path(folder) / "media"))
        self.port = free_port()
        self.wrapper = list(wrapper)
        self.log_path = pathlib.Path(folder) / "server.log"
        self.environment = clean_environment(**{
            "PACS_LITE_DATA": str(self.data),
            "PACS_LITE_LISTEN": f"127.0.0.1:{self.port}",
            "MEDIA_ROOT": str(self.media),
            **settings,
        })
        self.process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return self.url + "/api/v1/radiology"

    @property
    def token(self) -> str:
        return (self.data / "admin-token").read_text().strip()

    @property
    def pid(self) -> int:
        """Of the server itself, also when a wrapper (strace) stands before it."""
        if not self.wrapper:
            return self.process.pid
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def session(self, token: str | None = None) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token or self.token}"
        return session

    def launch(self) -> None:
        """Starts the process and waits for nothing."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.media.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, str(find_binary()), "serve"], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)

    def start(self) -> "ArchiveServer":
        self.launch()
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            try:
                if requests.get(self.url + "/readyz", timeout=2).status_code == 200:
                    return self
            except requests.RequestException:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"the server did not become ready:\n{self.log()}")

    def kill(self) -> None:
        """kill -9, as the power supply would."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self) -> int:
        """SIGTERM; tells the exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        os.kill(self.pid, signal.SIGTERM)
        try:
            code = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self.check_reports()
        return code

    def check_reports(self) -> None:
        """Built with a sanitizer, the server writes what it saw into its log."""
        text = self.log_path.read_text(errors="replace")
        for word in ("WARNING: ThreadSanitizer", "ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error: "):
            if word in text:
                raise AssertionError("a sanitizer has reported:\n" + text[text.index(word):][:6000])

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")[-8000:]

    def command(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        """Another command of pacs-lite on the same data folder."""
        return subprocess.run([str(find_binary()), *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=options.pop("timeout", 120), **options)

    def __enter__(self) -> "ArchiveServer":
        return self.start()

    def __exit__(self, *unused) -> None:
        self.stop()
