# labels: long e2e
# timeout: 1500
"""A backup and a restore that are killed at each call by which they change the disk: the backup before stays whole,
nothing half restored is taken for an archive, and the next run ends well."""
import json
import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from archive_server import ArchiveServer, find_binary  # noqa: E402
from dicom_files import ct_slice  # noqa: E402

STRACE = shutil.which("strace")
CALLS_MAX = 400  # of one kind in one run: far above what three images need
KINDS = ("fsync", "linkat", "rename", "renameat", "unlink", "mkdirat", "pwrite64", "write")
EVERY = {"pwrite64": 7, "write": 5}  # those of which there are many

pytestmark = pytest.mark.skipif(not STRACE, reason="strace, which kills at a chosen call, is not installed")


def run_killed(environment, call, number, *arguments):
    """None when it was killed at its n-th call, else its exit code."""
    done = subprocess.run(
        [STRACE, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}",
         str(find_binary()), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    return None if done.returncode in (-9, 137) else done.returncode


def restored_images(folder, place):
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    done = ArchiveServer(place).command("restore", "--from", str(folder), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)["restored"]


def kill_at_each(call):
    return range(1, CALLS_MAX, EVERY.get(call, 1))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An archive of four images, the backup of the three that it had before, and that of all."""
    place = tmp_path_factory.mktemp("site")
    server = ArchiveServer(place)
    with server:
        for number in range(4):
            if number == 3:
                assert server.command("backup", str(place / "old")).returncode == 0
                assert server.session().delete(server.api + "/studies/1/").status_code == 200
            sent = server.session().post(server.api + "/images/", files={"file": ("a.dcm", ct_slice(seed=number))})
            assert sent.status_code == 201
    shutil.copytree(place / "old", place / "new")
    assert server.command("backup", str(place / "new")).returncode == 0
    return server, place


@pytest.mark.parametrize("call", KINDS)
def test_a_backup_that_is_cut_leaves_the_one_before(site, tmp_path, call):
    server, place = site
    folder = tmp_path / "backup"
    deaths = 0
    for number in kill_at_each(call):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(place / "old", folder)
        code = run_killed(server.environment, call, number, "backup", str(folder))
        if code is not None:
            assert code == 0
            break
        deaths += 1
        assert restored_images(folder, tmp_path / "elsewhere") in (3, 4)
        assert server.command("backup", str(folder)).returncode == 0
        assert restored_images(folder, tmp_path / "elsewhere") == 4
    else:
        raise AssertionError("it never came to its end")
    print(f"backup, {call}: died {deaths} times, nothing lost")
    assert deaths > 0


@pytest.mark.parametrize("call", KINDS)
def test_a_restore_that_is_cut_is_no_archive_until_it_has_ended(site, tmp_path, call):
    _, place = site
    deaths = 0
    for number in kill_at_each(call):
        shutil.rmtree(tmp_path / "to", ignore_errors=True)
        (tmp_path / "to").mkdir()
        to = ArchiveServer(tmp_path / "to")
        code = run_killed(to.environment, call, number, "restore", "--from", str(place / "new"))
        if code is not None:
            assert code == 0
            break
        deaths += 1
        has_index = (to.data / "index.db").exists()
        is_marked = (to.data / "restore-begun.json").exists()
        if has_index and not is_marked:  # it was verifying
            verified = to.command("verify", "--json")
            assert verified.returncode == 0 and json.loads(verified.stdout)["images"] == 3, verified.stdout
            continue
        if is_marked:
            refused = to.command("list")
            assert refused.returncode == 3 and "was begun" in refused.stderr
        done = to.command("restore", "--from", str(place / "new"), "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["restored"] == 4
    else:
        raise AssertionError("it never came to its end")
    print(f"restore, {call}: died {deaths} times, nothing lost")
    assert deaths > 0
