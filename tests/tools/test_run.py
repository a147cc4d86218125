"""What somebody meets who types `make run`: a server, and three commands that work as they are printed."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "e2e"))

from archive_server import clean_environment, free_port  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PACS_LITE_BUILD", REPOSITORY / "build" / "test")).resolve()
READY_SECONDS_MAX = 60

pytestmark = pytest.mark.skipif(not (BUILD / "sample" / "ct_head.dcm").is_file() or
                                not (BUILD / "src" / "cli" / "pacs-lite").is_file(),
                                reason=f"{BUILD} has no program or no sample image")


class Run:
    """tools/run.sh over a build that there is, in a folder of its own."""

    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [str(REPOSITORY / "tools" / "run.sh")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env=clean_environment(RUN_BUILD=str(BUILD), PACS_LITE_DATA=str(folder / "data"),
                                             PACS_LITE_LISTEN=self.url.removeprefix("http://")))
        self.watchdog = threading.Timer(READY_SECONDS_MAX, self.process.kill)
        self.watchdog.start()

    def read_until(self, last):
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith(last):
                return "".join(lines)
        raise AssertionError(f"it ended before it said {last!r}:\n" + "".join(lines))

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        rest = self.process.stdout.read()
        return self.process.wait(timeout=30), rest

    def close(self):
        self.watchdog.cancel()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.stdout.close()
        self.process.wait(timeout=30)


def type_in(command, folder):
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60,
                          env=clean_environment())
    assert done.returncode == 0, command + done.stdout + done.stderr
    return done.stdout


def test_the_three_commands_that_are_printed_work_as_they_stand(tmp_path):
    run = Run(tmp_path)
    try:
        text = run.read_until("Ctrl-C stops the server.")
        assert f"pacs-lite is ready at {run.url}" in text
        token = (tmp_path / "data" / "admin-token").read_text().strip()
        assert f"  {token}\n" in text, "the first start shows it"
        store, find, fetch = re.findall(r"^\d\. .*:\n   (.*)$", text, re.MULTILINE)
        assert '"image_uid"' in type_in(store, tmp_path)
        assert '"count":1' in type_in(find, tmp_path)
        assert type_in(fetch, tmp_path) == "identical\n"
        assert (tmp_path / "ct_head_back.dcm").read_bytes() == (BUILD / "sample" / "ct_head.dcm").read_bytes()
        code, rest = run.interrupt()
        assert code == 0 and rest.endswith("run: stopped\n")
    finally:
        run.close()

    again = Run(tmp_path)
    try:
        text = again.read_until("Ctrl-C stops the server.")
        assert token not in text, "later ones do not"
        assert '"count":1' in type_in(re.findall(r"^2\. .*:\n   (.*)$", text, re.MULTILINE)[0], tmp_path)
    finally:
        again.close()


def test_a_server_that_cannot_start_ends_the_script_with_its_reason(tmp_path):
    done = subprocess.run([str(REPOSITORY / "tools" / "run.sh")], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, env=clean_environment(RUN_BUILD=str(BUILD), PACS_LITE_DATA=str(tmp_path / "data"),
                                                            PACS_LITE_LISTEN="0.0.0.0:0"))
    assert done.returncode != 0
    assert "can be reached from other machines" in done.stderr
    assert "run: the server ended with 2" in done.stderr
