"""What the filesystem blob store does to the disk, seen and disturbed from outside.

Runs blob_store_driver (its path is in PACS_LITE_BLOB_STORE_DRIVER) under strace: which fsyncs come
before a publish is acknowledged, what is left when a call fails, when the process is killed at it,
and when the disk is full. The cases that need strace or root skip with the reason.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

DRIVER = os.environ.get("PACS_LITE_BLOB_STORE_DRIVER", "")
STRACE = shutil.which("strace")
# A fault is moved on call by call until the driver passes untouched; it never has this many.
CALLS_MAX = 200

FIRST = "radiology/1.2/1.2.3/1.2.3.4/first.dcm"
SECOND = "radiology/1.2/1.2.3/1.2.3.5/second.dcm"


def run(root, *arguments, trace=()):
    """The driver's lines, its exit code, and the trace as a list of lines."""
    with tempfile.NamedTemporaryFile("r") as output:
        command = [DRIVER, str(root), *map(str, arguments)]
        if trace:
            command = [STRACE, "-f", "-y", "-s", "300", "-o", output.name, *trace, *command]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120)
        return done.stdout.splitlines(), done.returncode, output.read().splitlines()


def files_below(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if not p.is_dir())


def empty_folders_below(folder):
    return [str(p) for p in Path(folder).rglob("*") if p.is_dir() and not any(p.iterdir())]


class BlobStoreCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="pacs-lite-")
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name).resolve() / "media"

    def whole_blobs(self):
        lines, code, _ = run(self.root, "check")
        self.assertEqual(code, 0)
        torn = [line for line in lines if line.startswith("torn")]
        self.assertEqual(torn, [])
        return [line.split()[1] for line in lines if line.startswith("whole")]

    def assert_nothing_staged(self):
        self.assertEqual(files_below(self.root / ".pacs-lite" / "staging"), [])


@unittest.skipUnless(STRACE, "strace is not installed")
class OrderOfFsyncs(BlobStoreCase):
    TRACE = ("-e", "trace=fsync,fdatasync,linkat,mkdirat,unlinkat,renameat2,write")

    def traced(self, *arguments):
        lines, code, trace = run(self.root, *arguments, trace=self.TRACE)
        self.assertEqual(code, 0)
        return lines, trace

    def synced_folders(self, trace):
        """The folders of the tree that were synced with success, relative to the root."""
        found = []
        for line in trace:
            match = re.search(r"fsync\(\d+<([^>]*)>\)\s+= 0", line)
            if match:
                path = Path(match.group(1))
                if path == self.root or self.root in path.parents:
                    found.append(str(path.relative_to(self.root)))
        return found

    def parts_of(self, trace, key):
        """The trace of one publish: before its link, and from there to its acknowledgement."""
        link = next(i for i, l in enumerate(trace) if "linkat(" in l and f'"{Path(key).name}"' in l and "= 0" in l)
        acknowledged = next(i for i, l in enumerate(trace) if 'write(1<' in l and f"published {key}" in l)
        return trace[:link], trace[link:acknowledged]

    def test_the_file_is_synced_before_it_gets_its_name(self):
        _, trace = self.traced("publish", FIRST, 200000, 10)
        before, _ = self.parts_of(trace, FIRST)
        writes = [i for i, l in enumerate(before) if re.search(r"write\(\d+<[^>]*/staging/[^>]*>", l)]
        syncs = [i for i, l in enumerate(before) if re.search(r"fsync\(\d+<[^>]*/staging/[^>]*>(\(deleted\))?\)\s+= 0", l)]
        self.assertTrue(writes and syncs)
        self.assertGreater(syncs[-1], writes[-1])

    def test_a_new_tree_is_synced_up_to_the_root_before_the_acknowledgement(self):
        _, trace = self.traced("publish", FIRST, 1000, 10)
        _, after = self.parts_of(trace, FIRST)
        expected = {".", "radiology", "radiology/1.2", "radiology/1.2/1.2.3", "radiology/1.2/1.2.3/1.2.3.4"}
        self.assertEqual(set(self.synced_folders(after)), expected)

    def test_folders_that_another_process_made_are_synced_too(self):
        for folder in ("radiology", "radiology/1.2", "radiology/1.2/1.2.3", "radiology/1.2/1.2.3/1.2.3.4"):
            (self.root / folder).mkdir(parents=True)
        _, trace = self.traced("publish", FIRST, 1000, 10)
        _, after = self.parts_of(trace, FIRST)
        self.assertIn(".", self.synced_folders(after))
        self.assertIn("radiology/1.2", self.synced_folders(after))

    def test_what_this_process_has_synced_is_not_synced_again(self):
        _, trace = self.traced("publish", FIRST, 1000, 10, SECOND, 1000, 10)
        _, after = self.parts_of(trace, SECOND)
        self.assertEqual(
            sorted(self.synced_folders(after)), ["radiology/1.2/1.2.3", "radiology/1.2/1.2.3/1.2.3.5"]
        )

    def test_a_removal_is_durable_before_it_is_acknowledged(self):
        self.traced("publish", FIRST, 1000, 10)
        _, trace = self.traced("remove", FIRST)
        gone = next(i for i, l in enumerate(trace) if "unlinkat(" in l and '"first.dcm"' in l)
        removed = next(i for i, l in enumerate(trace) if "removed " + FIRST in l)
        self.assertIn("radiology/1.2/1.2.3/1.2.3.4", self.synced_folders(trace[gone:removed]))

    def test_attributes_of_their_own_file_are_synced_before_the_link(self):
        _, trace = self.traced("publish", FIRST, 1000, 20000)
        before, _ = self.parts_of(trace, FIRST)
        self.assertTrue(any(re.search(r"fsync\(\d+<[^>]*\.json\.new>\)\s+= 0", l) for l in before))
        synced = self.synced_folders(before)
        self.assertTrue(any(re.fullmatch(r"\.pacs-lite/attributes/[0-9a-f]{2}", p) for p in synced))
        self.assertIn(".pacs-lite/attributes", synced)


@unittest.skipUnless(STRACE, "strace is not installed")
class EveryErrorPoint(BlobStoreCase):
    def fail_each(self, call, error, attribute_bytes=10):
        """Fails the n-th call for n = 1, 2, … until none is left; yields what the driver said."""
        for n in range(1, CALLS_MAX):
            shutil.rmtree(self.root, ignore_errors=True)
            # The store is there already, so that it is the publish that meets the fault.
            run(self.root, "check")
            inject = ("-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={n}")
            lines, code, trace = run(self.root, "publish", FIRST, 300000, attribute_bytes, trace=inject)
            if not any("INJECTED" in line for line in trace):
                self.assertIn(f"published {FIRST}", lines)
                self.assertGreater(n, 1, f"{call} is never called: this case would show nothing")
                return
            yield n, lines, code

    def assert_all_or_nothing(self, lines, what):
        published = f"published {FIRST}" in lines
        self.assertEqual(self.whole_blobs(), [FIRST] if published else [], what)
        self.assert_nothing_staged()
        if not published:
            self.assertEqual(files_below(self.root / "radiology"), [], what)
            leftover = [p for p in empty_folders_below(self.root / "radiology")]
            self.assertEqual(leftover, [], what)
        lines, _, _ = run(self.root, "publish", SECOND, 1000, 10)
        self.assertIn(f"published {SECOND}", lines, what)

    def test_a_failed_fsync_is_never_acknowledged_and_stops_the_store(self):
        for attribute_bytes in (10, 20000):
            seen = 0
            for n, lines, code in self.fail_each("fsync", "EIO", attribute_bytes):
                what = f"fsync {n} with {attribute_bytes} bytes of attributes: {lines}"
                self.assertNotIn(f"published {FIRST}", lines, what)
                if code == 0:
                    self.assertIn(f"failed {FIRST} internal fsync_failed", lines, what)
                    self.assertIn("poisoned 1", lines, what)
                    seen += 1
                self.assert_all_or_nothing(lines, what)
            self.assertGreaterEqual(seen, 6, "the file, the image's folder, and four above it")

    def test_after_a_failed_fsync_nothing_more_is_written(self):
        run(self.root, "publish", FIRST, 1000, 10)
        for n in range(1, CALLS_MAX):
            inject = ("-e", "trace=fsync", "-e", f"inject=fsync:error=EIO:when={n}")
            third = "radiology/9/9/9/third.dcm"
            lines, code, _ = run(self.root, "publish", SECOND, 1000, 10, third, 1000, 10, trace=inject)
            if code == 0:
                break
        self.assertEqual(
            lines, [f"failed {SECOND} internal fsync_failed", f"failed {third} internal fsync_failed", "poisoned 1"]
        )
        self.assertEqual(self.whole_blobs(), [FIRST])

    def test_a_full_disk_at_any_call_leaves_nothing(self):
        for call in ("openat", "mkdirat", "linkat", "write", "fchmod", "fsync", "renameat"):
            for n, lines, code in self.fail_each(call, "ENOSPC", 20000):
                what = f"{call} {n}: {lines}"
                if call == "write" and code != 0:
                    continue  # the driver's own line
                self.assertIn(code, (0, 3, 127, 1), what)
                self.assert_all_or_nothing(lines, what)

    def test_a_filesystem_without_extended_attributes_is_served(self):
        inject = ("-e", "trace=fsetxattr", "-e", "inject=fsetxattr:error=EOPNOTSUPP")
        lines, _, _ = run(self.root, "publish", FIRST, 1000, 10, trace=inject)
        self.assertIn(f"published {FIRST}", lines)
        self.assertEqual(self.whole_blobs(), [FIRST])

    def test_a_kernel_without_openat2_is_served(self):
        inject = ("-e", "trace=openat2", "-e", "inject=openat2:error=ENOSYS")
        lines, _, trace = run(self.root, "publish", FIRST, 1000, 20000, trace=inject)
        self.assertTrue(any("INJECTED" in line for line in trace))
        self.assertIn(f"published {FIRST}", lines)
        self.assertEqual(self.whole_blobs(), [FIRST])


@unittest.skipUnless(STRACE, "strace is not installed")
class EveryCrashPoint(BlobStoreCase):
    def test_a_kill_at_any_call_leaves_the_whole_blob_or_none(self):
        for call in ("openat", "openat2", "write", "fsetxattr", "fchmod", "fsync", "mkdirat", "linkat", "renameat"):
            for n in range(1, CALLS_MAX):
                shutil.rmtree(self.root, ignore_errors=True)
                run(self.root, "check")
                inject = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}")
                lines, code, _ = run(self.root, "publish", FIRST, 300000, 20000, trace=inject)
                what = f"killed at {call} {n}"
                blobs = self.whole_blobs()
                self.assertIn(blobs, ([], [FIRST]), what)
                if f"published {FIRST}" in lines:
                    self.assertEqual(blobs, [FIRST], what)
                self.assert_nothing_staged()
                again, _, _ = run(self.root, "publish", FIRST, 300000, 20000)
                expected = "published" if not blobs else "failed"
                self.assertTrue(again[0].startswith(f"{expected} {FIRST}"), f"{what}: {again}")
                self.assertEqual(self.whole_blobs(), [FIRST], what)
                if code == 0:
                    self.assertGreater(n, 1, f"{call} is never called: this case would show nothing")
                    break


@unittest.skipUnless(os.geteuid() == 0, "needs root to mount small filesystems")
class FullDisk(BlobStoreCase):
    def mount(self, options):
        self.root.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.root], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("this machine lets nobody mount a tmpfs")
        self.addCleanup(subprocess.run, ["umount", self.root], check=True)

    def fill(self, size_bytes):
        keys = [f"radiology/1.2/1.2.3/1.2.3.{i}/image.dcm" for i in range(60)]
        arguments = [argument for key in keys for argument in (key, size_bytes, 10)]
        lines, code, _ = run(self.root, "publish", *arguments)
        self.assertEqual(code, 0)
        published = [line.split()[1] for line in lines if line.startswith("published")]
        refused = {line.split(maxsplit=2)[2] for line in lines if line.startswith("failed")}
        self.assertTrue(published)
        self.assertEqual(refused, {"resource_exhausted no_space"})
        self.assertEqual(sorted(self.whole_blobs()), sorted(published))
        self.assert_nothing_staged()
        self.assertEqual(empty_folders_below(self.root / "radiology"), [])
        # Room again: it goes on.
        run(self.root, "remove", published[0])
        lines, _, _ = run(self.root, "publish", published[0], size_bytes, 10)
        self.assertIn(f"published {published[0]}", lines)

    def test_a_full_disk_refuses_and_keeps_what_it_has(self):
        self.mount("size=2m")
        self.fill(100_000)

    def test_a_disk_without_inodes_refuses_and_keeps_what_it_has(self):
        self.mount("size=20m,nr_inodes=40")
        self.fill(1_000)

    def test_a_read_only_disk_is_still_read(self):
        self.mount("size=2m")
        run(self.root, "publish", FIRST, 1000, 10)
        subprocess.run(["mount", "-o", "remount,ro", self.root], check=True)
        self.assertEqual(self.whole_blobs(), [FIRST])
        lines, _, _ = run(self.root, "publish", SECOND, 1000, 10)
        self.assertEqual(lines[0], f"failed {SECOND} permission_denied no_permission")


if __name__ == "__main__":
    unittest.main(verbosity=2)
