#!/usr/bin/env python3
"""Measures the server beside its references, in the same run on the same machine, and prints tables.

    bench/run.py [--binaries build/bench] [--rounds 5] [--quick] [SECTION ...]

Sections: upload, fetch, list, start, memory, operations, overload, objects, dicomweb.
Each starts what it needs on loopback in a folder of its
own, ends what it started by pid, and leaves nothing. docs/performance.md says how to read the figures.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pids):
    """User and system time of these processes so far."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / CLOCK_TICKS


def memory_mb(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {field}")


class Server:
    def __init__(self, binary, folder, preload=None, **settings):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        names = ("PACS_LITE_", "RADIOLOGY_", "MEDIA_", "STATIC_", "AWS_", "MINIO_", "OHIF_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(names)}
        environment.update(PACS_LITE_DATA=str(self.folder / "data"), MEDIA_ROOT=str(self.folder / "media"),
                           PACS_LITE_LISTEN=f"127.0.0.1:{self.port}", **settings)
        if preload:
            environment["LD_PRELOAD"] = preload
        self.environment = environment
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = open(self.folder / "server.log", "ab")
        begin = time.monotonic()
        self.process = subprocess.Popen([binary, "serve"], env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        while True:
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - begin > 60:
                raise RuntimeError("no server: " + (self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.002)
        self.start_seconds = time.monotonic() - begin
        self.token = (self.folder / "data" / "admin-token").read_text().strip()

    def get(self, path):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}",
                                         headers={"Authorization": f"Bearer {self.token}"})
        return json.load(urllib.request.urlopen(request, timeout=60))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)
        self.log.close()


class Bench:
    def __init__(self, options):
        self.binaries = pathlib.Path(options.binaries).resolve()
        self.rounds = options.rounds
        self.quick = options.quick
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pacs-lite-bench-", dir=options.folder))
        self.binary = str(self.binaries / "src" / "cli" / "pacs-lite")

    def drive(self, *arguments):
        """items per second, seconds, p50 ms, p99 ms, errors, and of a crowd how many were refused"""
        done = subprocess.run([str(self.binaries / "bench" / "load_driver"), *map(str, arguments)],
                              capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            raise RuntimeError(f"load_driver {arguments[0]}: {done.stdout}{done.stderr}")
        return [float(field) for field in done.stdout.split()]

    cpu_seconds = staticmethod(cpu_seconds)
    memory_mb = staticmethod(memory_mb)
    free_port = staticmethod(free_port)

    def new_server(self, name, **settings):
        return Server(self.binary, self.fresh(name), **settings)

    def fresh(self, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    # --- durable upload of CT slices beside the bare loop ---------------------------------------

    def upload_ours(self, connections, images, preload=None):
        server = Server(self.binary, self.fresh("upload"), preload)
        try:
            before = cpu_seconds([server.process.pid])
            rate, _, p50, p99, _ = self.drive("upload", "127.0.0.1", server.port, server.token, connections, images, 1)
            cpu = (cpu_seconds([server.process.pid]) - before) / (images // connections * connections) * 1000
            return rate, p50, p99, cpu
        finally:
            server.stop()

    def upload_bare(self, threads, files):
        folder = self.fresh("bare")
        folder.mkdir()
        done = subprocess.run([str(self.binaries / "bench" / "bare_ingest"), str(folder), str(threads), str(files)],
                              capture_output=True, text=True, check=True, timeout=900)
        return float(done.stdout.split()[0])

    def upload(self):
        eatmydata = next(pathlib.Path("/usr/lib").glob("*/libeatmydata.so"), None)
        print("\n| durable upload, 526 kB | ours /s | p50 ms | p99 ms | server CPU ms | bare loop /s | ours without fsync /s "
              "| ratio to the bare loop | ratio to the slower of both |")
        print("|---|---|---|---|---|---|---|---|---|")
        for connections in (1, 4, 16):
            images = (100 if self.quick else 400) * (1 if connections == 1 else 2)
            ours, bare, unsynced = [], [], []
            for _ in range(self.rounds):
                bare.append(self.upload_bare(connections, images))
                ours.append(self.upload_ours(connections, images))
                if eatmydata:
                    unsynced.append(self.upload_ours(connections, images, str(eatmydata))[0])
            rate, p50, p99, cpu = (statistics.median(column) for column in zip(*ours))
            to_bare = statistics.median(o[0] / b for o, b in zip(ours, bare))
            floor = [min(b, u) for b, u in zip(bare, unsynced)] if unsynced else bare
            to_floor = statistics.median(o[0] / f for o, f in zip(ours, floor))
            print(f"| {connections} connections | {rate:.0f} | {p50:.1f} | {p99:.1f} | {cpu:.2f} | "
                  f"{statistics.median(bare):.0f} | {statistics.median(unsynced) if unsynced else 0:.0f} | "
                  f"{to_bare:.2f} | {to_floor:.2f} |", flush=True)

    # --- fetch of stored files beside nginx with sendfile ---------------------------------------
    # Both write a line for each request, as both do unless they are told otherwise.

    def start_nginx(self, root):
        port = free_port()
        folder = self.folder / "nginx"
        folder.mkdir(exist_ok=True)
        (folder / "nginx.conf").write_text(f"""
            user root; worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/error.log;
            events {{ worker_connections 512; }}
            http {{ access_log {folder}/access.log; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000;
              client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
              uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
              server {{ listen 127.0.0.1:{port}; location /media/ {{ alias {root}/; }} }} }}
            """)
        process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")], stdin=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        return process, port

    def nginx_workers(self, process):
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return [int(child) for child in children]

    def fetch(self):
        if not shutil.which("nginx"):
            print("\nfetch: skipped, nginx is not installed")
            return
        requests = 1000 if self.quick else 8000
        server = Server(self.binary, self.fresh("fetch"))
        nginx, nginx_port = self.start_nginx(self.folder / "fetch" / "media")
        try:
            self.drive("upload", "127.0.0.1", server.port, server.token, 4, 400, 1)
            urls = []
            for study in server.get("/api/v1/radiology/studies/?page_size=100")["results"]:
                for series in server.get(f"/api/v1/radiology/studies/{study['id']}/images/")["series"]:
                    urls += [image["image_url"] for image in series["images"]]
            paths = ["/" + url.split("/", 3)[3] if "://" in url else url for url in urls]
            (self.folder / "ours.txt").write_text("\n".join(paths) + "\n")
            (self.folder / "nginx.txt").write_text("\n".join(path.split("?")[0] for path in paths) + "\n")
            print("\n| fetch of stored files, 526 kB | ours /s | nginx /s | ours per CPU s | nginx per CPU s | ratio per CPU s |")
            print("|---|---|---|---|---|---|")
            for connections in (1, 8):
                rows = []
                for _ in range(self.rounds):
                    row = []
                    for port, file, pids in ((server.port, "ours.txt", [server.process.pid]),
                                             (nginx_port, "nginx.txt", self.nginx_workers(nginx))):
                        before = cpu_seconds(pids)
                        rate = self.drive("fetch", "127.0.0.1", port, self.folder / file, connections, requests)[0]
                        row += [rate, requests / max(1e-9, cpu_seconds(pids) - before)]
                    rows.append(row)
                ours, ours_cpu, theirs, theirs_cpu = (statistics.median(column) for column in zip(*rows))
                ratio = statistics.median(row[1] / row[3] for row in rows)
                print(f"| {connections} connections | {ours:.0f} | {theirs:.0f} | {ours_cpu:.0f} | {theirs_cpu:.0f} | {ratio:.2f} |",
                      flush=True)
        finally:
            server.stop()
            nginx.terminate()
            nginx.wait(timeout=20)

    # --- an index of a million images -------------------------------------------------------------

    def filled(self, studies, images):
        folder = self.folder / f"filled-{studies}"
        if not folder.exists():
            Server(self.binary, folder).stop()
            subprocess.run([str(self.binaries / "bench" / "fill_index"), str(folder / "data" / "index.db"),
                            str(studies), str(images)], check=True, stdout=subprocess.DEVNULL, timeout=1800)
        return folder

    def list(self):
        requests = 300 if self.quick else 2000
        sizes = [(10_000, 100_000)] if self.quick else [(100_000, 1_000_000)]
        print("\n| study list | p50 ms | p99 ms | requests /s |")
        print("|---|---|---|---|")
        for studies, images in sizes:
            server = Server(self.binary, self.filled(studies, images))
            try:
                newest = server.get("/api/v1/radiology/studies/")["results"][0]
                word = (newest["patient_name"] or "a").replace("^", " ").split()[0]
                for what, path in (("newest 20", "/api/v1/radiology/studies/"),
                                   ("a page of 100", "/api/v1/radiology/studies/?page_size=100"),
                                   ("one patient id", f"/api/v1/radiology/studies/?patient_id={newest['patient_id']}"),
                                   ("one modality", "/api/v1/radiology/studies/?modality=CT"),
                                   ("a day", f"/api/v1/radiology/studies/?study_date={newest['study_date']}"),
                                   ("a patient name", f"/api/v1/radiology/studies/?patient_name={word}"),
                                   ("the images of a study", f"/api/v1/radiology/studies/{newest['id']}/images/")):
                    rate, _, p50, p99, _ = self.drive("list", "127.0.0.1", server.port, server.token, 1, requests, path)
                    print(f"| {studies:,} studies, {images:,} images: {what} | {p50:.2f} | {p99:.2f} | {rate:.0f} |", flush=True)
            finally:
                server.stop()

    def start(self):
        studies, images = (10_000, 100_000) if self.quick else (100_000, 1_000_000)
        folder = self.filled(studies, images)
        seconds = []
        for _ in range(self.rounds):
            server = Server(self.binary, folder)
            seconds.append(server.start_seconds)
            server.stop()
        print(f"\n| start until ready, {images:,} images | median {statistics.median(seconds):.3f} s | "
              f"max {max(seconds):.3f} s |\n|---|---|---|")

    # --- what an operator does, over one study of many small images -------------------------------

    def command(self, server, *arguments):
        """Seconds that a command took."""
        begin = time.monotonic()
        done = subprocess.run([self.binary, *map(str, arguments)], env=server.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments[0]}: {done.stdout}{done.stderr}")
        return time.monotonic() - begin

    def operations_once(self, source):
        server = Server(self.binary, self.fresh("operations"))
        copy = self.fresh("operations-copy")
        seconds = {}
        try:
            seconds["import a folder"] = self.command(server, "import", source, "--connections", 8)
            study = server.get("/api/v1/radiology/studies/")["results"][0]["id"]
            seconds["remove the study, into the trash"] = self.command(server, "remove", "study", study, "--yes")
            if server.get("/api/v1/radiology/studies/")["results"]:
                raise RuntimeError("what was removed is still listed")
            seconds["restore it from the trash"] = self.command(server, "restore", "study", study)
            seconds["verify --quick"] = self.command(server, "verify", "--quick")
            seconds["verify"] = self.command(server, "verify")
            seconds["backup, the first"] = self.command(server, "backup", copy)
            seconds["backup, again"] = self.command(server, "backup", copy)
        finally:
            server.stop()
        for file in (server.folder / "data").glob("index.db*"):
            file.unlink()
        seconds["rebuild"] = self.command(server, "rebuild")
        for file in (server.folder / "data").glob("index.db*"):
            file.unlink()
        seconds["rebuild, files hashed later"] = self.command(server, "rebuild", "--quick")
        return seconds

    def operations(self):
        count = 300 if self.quick else 5000
        sys.path.insert(0, str(REPOSITORY / "tests" / "e2e"))
        import dicom_files
        source = self.fresh("operations-source")
        source.mkdir()
        study, series = dicom_files.new_uid(), dicom_files.new_uid()
        for number in range(count):
            content = dicom_files.ct_slice(study, series, dicom_files.new_uid(), seed=number, rows=128, columns=128)
            (source / f"{number}.dcm").write_bytes(content)
        rounds = [self.operations_once(source) for _ in range(self.rounds)]
        size_kb = (source / "0.dcm").stat().st_size / 1000
        print(f"\n| one study of {count:,} images of {size_kb:.0f} kB | median s | max s | images /s |\n|---|---|---|---|")
        for what in rounds[0]:
            column = [each[what] for each in rounds]
            median = statistics.median(column)
            print(f"| {what} | {median:.2f} | {max(column):.2f} | {count / median:,.0f} |", flush=True)

    # --- twice as many uploads as the server can take -------------------------------------------

    def overload(self):
        """Beside what it does just below its capacity, at a rate that it can hold."""
        seconds, connections = (5, 400) if self.quick else (20, 400)
        rows = []
        for number in range(self.rounds):
            server = Server(self.binary, self.fresh("overload"))
            try:
                def drive(*arguments):
                    return self.drive(*(arguments[:1] + ("127.0.0.1", server.port, server.token) + arguments[1:]))
                capacity = drive("upload", 16, 400 if self.quick else 1600, 1 + number * 10)[0]
                normal = drive("crowd", connections, int(capacity * 0.8), seconds, 2 + number * 10)
                crowd = drive("crowd", connections, int(capacity * 2), seconds, 3 + number * 10)
                begin = time.monotonic()
                while drive("crowd", connections, max(1, int(capacity * 0.5)), 1, 4 + number * 10)[3] > 3 * normal[3]:
                    if time.monotonic() - begin > 60:
                        break
                recovery = time.monotonic() - begin
                rows.append((capacity, normal[3], crowd[0], crowd[3], crowd[5], recovery))
            finally:
                server.stop()
        print("\n| twice the capacity, 526 kB, 400 connections | capacity /s | p99 ms at 0.8 of it | accepted /s | p99 ms of "
              "these | refused | of the normal p99 | calm again after s |\n|---|---|---|---|---|---|---|---|")
        column = [statistics.median(each) for each in zip(*rows)]
        ratio = statistics.median(row[3] / row[1] for row in rows)
        print(f"| median of {self.rounds} | {column[0]:.0f} | {column[1]:.0f} | {column[2]:.0f} | {column[3]:.0f} | "
              f"{column[4]:.0f} | {ratio:.2f} | at most {max(row[5] for row in rows):.1f} |")

    # --- DICOMweb beside Orthanc --------------------------------------------------------------------

    def dicomweb(self):
        import dicomweb
        dicomweb.measure(self)

    # --- images in an object store, beside the disk and the bare store ----------------------------

    def objects(self):
        import object_store
        object_store.measure(self)

    def memory(self):
        megabytes = 64 if self.quick else 1024
        server = Server(self.binary, self.fresh("memory"))
        try:
            idle = memory_mb(server.process.pid, "VmRSS")
            rate, seconds, *_ = self.drive("large", "127.0.0.1", server.port, server.token, 10, megabytes)
            peak = memory_mb(server.process.pid, "VmHWM")
            print(f"\n| memory (RSS) | MB |\n|---|---|\n| idle, freshly started | {idle:.0f} |\n"
                  f"| peak with ten parallel uploads of {megabytes} MB ({megabytes * 10 / seconds:.0f} MB/s in all) | {peak:.0f} |")
        finally:
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sections = ("upload", "fetch", "list", "start", "memory", "operations", "overload", "objects",
                "dicomweb")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(sections))
    parser.add_argument("--binaries", default=str(REPOSITORY / "build" / "bench"))
    parser.add_argument("--folder", help="where to write, on the disk to be measured (default: the temporary folder)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    options = parser.parse_args()
    unknown = set(options.sections) - set(sections)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    bench = Bench(options)
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{datetime.date.today()}, {os.cpu_count()} cores of {model}, Linux {platform.release()}, "
          f"medians of {options.rounds} interleaved rounds")
    try:
        for section in options.sections or sections:
            getattr(bench, section)()
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
