"""DICOMweb beside Orthanc of the distribution: the same data, client and questions, each in turn. Both write durably;
Orthanc's rows are not synced, its files are. Prints requests a second and the server's CPU time for each."""
import statistics

import orthanc_server

ROOT = "/dicom-web"
SECONDS_A_MEASUREMENT = 2.0
REQUESTS_MAX = 4000


class Side:
    """One of the two servers, with what is measured of it."""

    def __init__(self, bench, name, server):
        self.bench, self.name, self.server = bench, name, server

    def drive(self, mode, *arguments):
        """(requests a second, CPU milliseconds each) of so many requests"""
        before = self.bench.cpu_seconds([self.server.process.pid])
        rate, seconds, *_ = self.bench.drive(mode, "127.0.0.1", self.server.port, self.server.token, *arguments)
        cpu = self.bench.cpu_seconds([self.server.process.pid]) - before
        return rate, cpu * 1000 / max(1, round(rate * seconds))

    def get(self, path):
        """As many as take about two seconds, by what the first few take."""
        rate, _ = self.drive("list", 1, 2, path)
        seconds = 0.2 if self.bench.quick else SECONDS_A_MEASUREMENT
        return self.drive("list", 1, max(3, min(REQUESTS_MAX, int(rate * seconds))), path)


def uid(level, run, series=0, image=0):
    """As bench/ct_slice.cc makes them; of a study (level 1) and series (2) the image is 0."""
    return f"1.2.826.0.1.3680043.10.1234.{level}.1{run:09d}.1{series:06d}.1{image:06d}"


class Comparison:
    def __init__(self, bench, ours, theirs):
        self.bench, self.sides = bench, (Side(bench, "ours", ours), Side(bench, "theirs", theirs))
        self.run = 0

    def row(self, what, measure):
        """`measure` of a side gives (rate, CPU ms); medians over the rounds, the sides taking turns."""
        found = {side.name: [] for side in self.sides}
        for _ in range(self.bench.rounds):
            self.run += 1
            for side in self.sides:
                found[side.name].append(measure(side))
        (our_rate, our_cpu), (their_rate, their_cpu) = (
            [statistics.median(column) for column in zip(*found[side.name])] for side in self.sides)
        rates = statistics.median(o[0] / t[0] for o, t in zip(found["ours"], found["theirs"]))
        cpu = statistics.median(t[1] / max(o[1], 0.001) for o, t in zip(found["ours"], found["theirs"]))
        print(f"| {what} | {our_rate:.1f} | {our_cpu:.2f} | {their_rate:.1f} | {their_cpu:.2f} | {rates:.1f} | {cpu:.1f} |",
              flush=True)

    def store(self):
        few = 4 if self.bench.quick else 1
        for what, side_pixels, slices, connections, requests in (
                ("STOW, CT 526 kB, 20 a request, 1 connection", 512, 20, 1, 10),
                ("STOW, CT 526 kB, 20 a request, 4 connections", 512, 20, 4, 20),
                ("STOW, 3 kB, 20 a request, 1 connection", 32, 20, 1, 40),
                ("STOW, 3 kB, 20 a request, 4 connections", 32, 20, 4, 80),
                ("STOW, radiographs of 12 MB, 1 connection", 2450, 1, 1, 12)):
            requests = max(connections, requests // few)

            def measure(side, pixels=side_pixels, slices=slices, connections=connections, requests=requests):
                rate, cpu = side.drive("stow", connections, requests, 1000 + self.run, pixels, slices, 100)
                return rate * slices, cpu / slices
            self.row(what + " (instances)", measure)

    def fill(self):
        """The same on both: studies of 100, 1,000 and 2,000 small slices, 100 large ones, and many studies of one."""
        few = 10 if self.bench.quick else 1
        for run, slices, pixels in ((1, 100, 64), (2, 1000, 64), (3, 2000, 64), (4, 100, 512)):
            for side in self.sides:
                side.drive("stow", 1, slices // 20, run, pixels, 20, slices)
        for side in self.sides:
            side.drive("stow", 2, 100 // few, 5, 32, 20, 1)

    def questions(self):
        study, series = uid(1, 1000), uid(2, 1000)
        large_study, large_series = uid(1, 4000), uid(2, 4000)
        instance = f"{ROOT}/studies/{large_study}/series/{large_series}/instances/{uid(3, 4000, 0, 50)}"
        return (
            ("search, all studies, limit 100", f"{ROOT}/studies?limit=100"),
            ("search by StudyInstanceUID", f"{ROOT}/studies?StudyInstanceUID={study}"),
            ("search PatientName=BENCH*, limit 100", f"{ROOT}/studies?PatientName=BENCH*&limit=100"),
            ("search by a range of dates, limit 100", f"{ROOT}/studies?StudyDate=20261101-20261130&limit=100"),
            ("series of a study", f"{ROOT}/studies/{study}/series"),
            ("100 instances of a series", f"{ROOT}/studies/{study}/series/{series}/instances"),
            ("metadata of 100 CT", f"{ROOT}/studies/{study}/series/{series}/metadata"),
            ("metadata of 1,000 CT", f"{ROOT}/studies/{uid(1, 2000)}/series/{uid(2, 2000)}/metadata"),
            ("metadata of 2,000 CT", f"{ROOT}/studies/{uid(1, 3000)}/series/{uid(2, 3000)}/metadata"),
            ("a study of 100 CT, 53 MB", f"{ROOT}/studies/{large_study}"),
            ("an instance of 526 kB", instance),
            ("a frame of 524 kB", f"{instance}/frames/1"),
            # With a window and a quality, so that both make the same picture of the noise.
            ("a rendered frame, JPEG", f"{instance}/frames/1/rendered?window=1028,256,linear&quality=90"),
        )


def measure(bench):
    problem = orthanc_server.missing()
    if problem:
        print(f"\ndicomweb: skipped, {problem}")
        return
    ours = bench.new_server("dicomweb")
    theirs = None
    try:
        theirs = orthanc_server.Orthanc(bench.fresh("orthanc"), bench.free_port())
        comparison = Comparison(bench, ours, theirs)
        print(f"\n| DICOMweb beside Orthanc {theirs.version} | ours /s | CPU ms | Orthanc /s | CPU ms | ratio of rates "
              "| ratio of CPU |\n|---|---|---|---|---|---|---|")
        comparison.fill()
        for what, path in comparison.questions():
            comparison.row(what, lambda side, path=path: side.get(path))
        memory = [bench.memory_mb(side.server.process.pid, "VmHWM") for side in comparison.sides]
        comparison.store()
        print(f"\npeak memory after retrieves: ours {memory[0]:.0f} MB, Orthanc {memory[1]:.0f} MB")
    finally:
        ours.stop()
        if theirs:
            theirs.stop()
