"""Drives an archive and the reference model side by side, by a seed that repeats the run."""
import collections
import hashlib
import pathlib
import random

import model_operations
from crash_server import CrashServer
from reference_model import ReferenceModel, agree
from verification import has_verification

CHECKED_EVERY = 250  # operations, besides after each restart
LINKS_KEPT = 30
HISTORY_TOLD = 400


class ModelRun:
    def __init__(self, disk: pathlib.Path, outside: pathlib.Path, seed: int, image=None, make_server=CrashServer):
        self.disk, self.outside, self.image, self.make_server = disk, outside, image, make_server
        self.rng = random.Random(seed)
        self.model = ReferenceModel(self.rng)
        self.links, self.done = [], collections.Counter()
        self.history = collections.deque(maxlen=HISTORY_TOLD)
        self.start()

    def start(self) -> None:
        self.server = self.make_server(self.disk, self.outside).start()
        self.client = self.server.client()

    def run(self, operations: int) -> collections.Counter:
        possible = [(weight, function) for weight, function in model_operations.OPERATIONS
                    if self.can(function)]
        weights, functions = zip(*possible)
        try:
            for number in range(operations):
                function = self.rng.choices(functions, weights)[0]
                self.history.append(f"{number}: {function.__name__}")
                self.history[-1] = f"{number}: {function(self)}"
                self.done[function.__name__] += 1
                if number % CHECKED_EVERY == CHECKED_EVERY - 1:
                    self.check_all()
            self.check_all()
            agree(self.server.stop() == 0, "it did not stop well")
        except BaseException:
            print("the last operations:\n" + "\n".join(self.history))
            raise
        finally:
            if self.server.process.poll() is None:
                self.server.kill()
        return self.done

    def can(self, function) -> bool:
        """Whether this machine and this archive have what it takes."""
        if function is model_operations.cut_power:
            return self.image is not None
        return function is not model_operations.verify or has_verification(self.server)

    def come_back(self, check=True) -> None:
        self.start()
        if check:
            self.check_all()

    def check_image(self, place, image: dict) -> None:
        self.model.saw_id(image["id"], place.uid)
        place.saw_number(image["id"])
        agree(image["checksum"] == place_checksum(place), f"another checksum of {place.uid}: {image['checksum']}")
        answer = self.client.fetch(image)
        agree(answer.status == 200 and answer.body == place.content(place.held), f"{place.uid} reads as {answer}")
        self.links.append((place, place.held, image["image_url"]))
        del self.links[:-LINKS_KEPT]

    def check_study(self, study_uid: str) -> None:
        listed = self.client.images_of_study(study_uid)
        held = {place.uid: place for place in self.model.places
                if place.study_uid == study_uid and place.held is not None}
        agree(set(listed) == set(held), f"study {study_uid} lists {sorted(listed)} instead of {sorted(held)}")
        for uid, place in held.items():
            self.check_image(place, listed[uid])

    def check_all(self) -> None:
        for study_uid in sorted({place.study_uid for place in self.model.places}):
            self.check_study(study_uid)
        agree(not self.server.staged_files(), f"left in staging: {self.server.staged_files()}")
        files = collections.Counter(path.parent.name for path in self.server.stored_files())
        for place in self.model.places:
            if place.held is not None:
                agree(files[place.uid] == 1, f"{files[place.uid]} objects of {place.uid}")


def place_checksum(place) -> str:
    return hashlib.sha256(place.content(place.held)).hexdigest()
