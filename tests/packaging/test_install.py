"""What `make install` puts where, and whether systemd understands the unit."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from archive_server import REPOSITORY, clean_environment, find_binary

BUILD = pathlib.Path(os.environ.get("PACS_LITE_BUILD", find_binary().parents[2]))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that stands for / of the machine, and the prefix below it."""
    root = tmp_path_factory.mktemp("root")
    prefix = re.search(r"^CMAKE_INSTALL_PREFIX:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE).group(1)
    done = subprocess.run(["cmake", "--install", str(BUILD), "--strip"], env=clean_environment(DESTDIR=str(root)),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return root, pathlib.Path(prefix)


def inside(root, path):
    return root / path.relative_to("/")


def test_everything_that_the_instructions_name_is_there(installed):
    root, prefix = installed
    below = inside(root, prefix)
    done = subprocess.run([str(below / "bin" / "pacs-lite"), "--version"], env=clean_environment(), capture_output=True, text=True)
    assert done.stdout.startswith("pacs-lite ")
    for name in ("pacs-lite.toml", "nginx.conf"):
        assert (below / "share" / "pacs-lite" / name).read_text() == (REPOSITORY / "packaging" / name).read_text()
    documents = below / "share" / "doc" / "pacs-lite"
    for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "operations.md", "api.md", "design/durability.md"):
        assert (documents / name).is_file(), name
    assert (below / "lib" / "systemd" / "system" / "pacs-lite.service").is_file()
    assert {path.name for path in root.iterdir()} == {prefix.parts[1]}, "nothing outside the prefix"


def test_the_unit_starts_the_program_that_was_installed(installed):
    root, prefix = installed
    unit = (inside(root, prefix) / "lib" / "systemd" / "system" / "pacs-lite.service").read_text()
    assert "@" not in re.sub(r"~?@[a-z-]+$", "", unit, flags=re.MULTILINE), "what configure_file left"
    program = pathlib.Path(re.search(r"^ExecStart=(\S+) serve$", unit, re.MULTILINE).group(1))
    assert program == prefix / "bin" / "pacs-lite"
    assert inside(root, program).stat().st_mode & 0o111
    document = re.search(r"^Documentation=file:(\S+)$", unit, re.MULTILINE).group(1)
    assert inside(root, pathlib.Path(document)).is_file()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_has_nothing_to_say_about_the_unit(installed, tmp_path):
    """It wants the program and the document to be there, so it is shown where they are."""
    root, prefix = installed
    unit = (inside(root, prefix) / "lib" / "systemd" / "system" / "pacs-lite.service").read_text()
    shown = tmp_path / "pacs-lite.service"

    def verify(text):
        shown.write_text(text)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(shown)], capture_output=True, text=True, timeout=60)
        return [line for line in (done.stdout + done.stderr).splitlines() if "pacs-lite.service" in line]

    text = unit.replace(str(prefix), str(inside(root, prefix)))
    assert verify(text) == []
    assert verify(text.replace("ProtectSystem=strict", "ProtectSystem=strictly")) != [], "it would have said so"
