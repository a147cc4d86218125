"""A real browser for a test: Chromium of the distribution, driven by playwright-core of npm."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from archive_server import REPOSITORY

BUILD = pathlib.Path(os.environ.get("PACS_LITE_BUILD", REPOSITORY / "build" / "dev"))
VIEWER = pathlib.Path(os.environ.get("PACS_LITE_TEST_VIEWER", REPOSITORY / "build" / "viewer"))
LIBRARIES = REPOSITORY / "build" / "npm" / "node_modules"
AXE = LIBRARIES / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Where screenshots go, for who wants to look at them; else none are made.
PICTURES = os.environ.get("PACS_LITE_TEST_PICTURES")


def missing_browser():
    """What this machine lacks for a test with a browser, in a sentence; nothing when all is there."""
    if CHROMIUM is None:
        return "there is no chromium"
    if not (LIBRARIES / "playwright-core").is_dir() or shutil.which("node") is None:
        return "there is no playwright-core of npm (tools/install_dependencies.sh test)"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if int(version.lstrip("v").split(".")[0] or 0) < 20:
        return f"node {version.strip()} is too old for playwright-core"
    return None


def missing():
    """The same for one that shows the viewer."""
    if not (VIEWER / "index.html").is_file():
        return f"the viewer is not built in {VIEWER} (make viewer)"
    return missing_browser()


needs_browser = pytest.mark.skipif(missing() is not None, reason=missing() or "")


def browse(*visits, timeout=240):
    """Visits pages one after the other, as browse.cjs says, and tells what was seen on each."""
    for visit in visits:
        if PICTURES and "name" in visit:
            visit["screenshot"] = str(pathlib.Path(PICTURES) / (visit["name"] + ".png"))
    ran = subprocess.run(["node", str(pathlib.Path(__file__).parent / "browse.cjs"), str(LIBRARIES / "playwright-core"), CHROMIUM],
                         input=json.dumps(visits), capture_output=True, text=True, timeout=timeout)
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)
    for each in seen:
        assert "error" not in each, each["error"]
    return seen


def most_colours(seen):
    return max((canvas["colours"] for canvas in seen["canvases"]), default=0)


def asked(seen, part):
    """The requests of a visit whose address has this part."""
    return [request for request in seen["requests"] if part in request["url"]]
