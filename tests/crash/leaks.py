"""Many uploads, each listed, read and removed again: what the server holds afterwards, against what it held when
it had seen everything once."""
import dataclasses
import gc
import random
import re
import time

from archive_client import API
from crash_server import CrashServer
from image_factory import make_spec, uid_from
from power_cuts import seed_of_run
from upload_load import Pieces, Sent, accepted, send

WAYS_IN = 4
# Eight readers, each opened when it is first wanted and then kept; the writer; and the one that copies the log back.
INDEX_CONNECTIONS_MAX = 8 + 1 + 1


@dataclasses.dataclass
class Held:
    """By the process: what it has resident, and what it has open, each as often as it has it. SQLite keeps up to
    32 MiB of the index in memory, so what the index grows by is not ours."""
    resident_bytes: int
    index_bytes: int
    index_connections: int
    descriptors: list  # without those of the index

    def grown_since(self, before: "Held") -> int:
        return self.resident_bytes - before.resident_bytes - (self.index_bytes - before.index_bytes)

    @staticmethod
    def by(server) -> "Held":
        status = open(f"/proc/{server.pid}/status").read()
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024
        index = sum(path.stat().st_size for path in server.data.glob("index.db*"))
        # Folders of studies are kept open for the next image, up to a limit that the warm-up reaches.
        opened = [path for path in server.descriptors().values() if not path.startswith(str(server.media))]
        of_index = [path for path in opened if path.startswith(str(server.data / "index.db"))]
        return Held(resident, index, sum(path.endswith("index.db") for path in of_index),
                    sorted(re.sub(r"\d+", "N", path) for path in opened if path not in of_index))


def one_cycle(client, rng, number) -> None:
    """In by one of the ways, listed, read, and gone again; some of what comes in is refused."""
    spec = make_spec(rng, uid_from(rng), uid_from(rng), side=rng.choice((16, 64)))
    way = number % WAYS_IN
    if way == 0:
        send(client, Sent(spec))
    elif way == 1:
        send(client, Sent(spec, order=rng.randrange(1, 1 << 30)))
    elif way == 2:
        send(client, Sent(spec, pieces=Pieces()))
    else:
        broken = spec.content()[:-20]
        assert client.call("POST", API + "/images/", broken[:200], {"Content-Type": "application/dicom"}).status >= 400
        send(client, Sent(spec))
    images = client.images_of_study(spec.study_uid) if way != 1 else None
    if images is None:
        found = accepted(client.find(spec.image_uid), 200)
        images = client.images_of_study(found["study_uid"]) if "study_uid" in found else {}
    if spec.image_uid in images:
        assert client.fetch(images[spec.image_uid]).body == spec.content()
    accepted(client.remove(spec.image_uid, for_good=number % 2 == 0), 200)


def run_cycles(server, count, seed, connections_each=50) -> None:
    rng = random.Random(seed)
    client = server.client()
    for number in range(count):
        if number % connections_each == 0:
            client.close()  # a new one now and then
        one_cycle(client, rng, number)
    client.close()
    gc.collect()


def check_uploads(folder, tell, warm_up, cycles, growth_bytes_max) -> None:
    """Fails where uploads by every way leave memory or descriptors behind."""
    with CrashServer(folder, folder) as server:
        run_cycles(server, warm_up, seed_of_run())
        time.sleep(0.5)
        before = Held.by(server)
        run_cycles(server, cycles, seed_of_run())
        time.sleep(0.5)
        after = Held.by(server)
        tell(f"{cycles} uploads: resident {before.resident_bytes >> 10} kB before and {after.resident_bytes >> 10} kB after; "
             f"the index, which is kept in memory, grew by {(after.index_bytes - before.index_bytes) >> 10} kB")
        assert after.grown_since(before) < growth_bytes_max
        assert after.descriptors == before.descriptors
        assert after.index_connections <= INDEX_CONNECTIONS_MAX
