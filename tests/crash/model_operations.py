"""What the model test does to an archive. Each operation is drawn by its weight, acts, and holds the answer
against the model. A new one is a function here and a line in OPERATIONS."""
import threading

from archive_client import API, LOST
from reference_model import VARIANTS, Disagreement, agree
from verification import verify_is_quiet

LEVELS = ("image", "image", "image", "series", "study")


def store(run) -> str:
    place, variant = run.model.any_place(run.rng), run.rng.choice(VARIANTS)
    answer = run.client.store(place.content(variant))
    judge_store(place, variant, answer)
    return f"store {place.uid} {variant}: {answer.status}"


def judge_store(place, variant, answer) -> None:
    right = place.right_store_answers(variant)
    agree(answer.status in right, f"store answered {answer}, right would be {right}")
    if answer.status == 409:
        right = ("uid_conflict",) if place.held is not None else ("key_occupied", "uid_conflict", "in_trash")
        agree(answer.json()["code"] in right, f"store answered {answer}, right would be {right}")
        return
    place.was_stored(variant)
    receipt = answer.json()["receipt"]
    if place.one_step_receipt is None or answer.status == 201:
        place.one_step_receipt = receipt
    agree(receipt == place.one_step_receipt, f"another receipt of {place.uid}: {receipt}")


def announce(run) -> str:
    place, variant = run.model.offline_place(run.rng), run.rng.choice(VARIANTS)
    document = place.specs[variant].announcement(place.order)
    document["image_metadata"] = {"study_uid": place.study_uid}
    answer = run.client.announce(document)
    right = (200,) if variant in place.uploads else (201,)
    agree(answer.status in right, f"announcement answered {answer}, right would be {right}")
    place.uploads.setdefault(variant, "announced")
    return f"announce {place.uid} {variant}: {answer.status}"


def send_binary(run) -> str:
    place, variant = run.model.offline_place(run.rng), run.rng.choice(VARIANTS)
    spec, state = place.specs[variant], place.uploads.get(variant)
    answer = run.client.send_binary(spec.image_uuid, spec.filename, spec.content())
    if state is None:
        right = (409,)  # nobody announced it
    elif state in ("stored", "acknowledged"):
        right = (200,)
    elif place.held is None:
        right = (201,)
    else:  # the image is there, by another way
        right = (200, 201) if place.held == variant else (409,)
    agree(answer.status in right, f"bytes of {place.uid} answered {answer}, right would be {right}")
    if answer.status != 409:
        place.was_stored(variant)
        if state == "announced":
            place.uploads[variant] = "stored"
    return f"bytes {place.uid} {variant}: {answer.status}"


def send_damaged_binary(run) -> str:
    """One bit of it has changed on the way."""
    place, variant = run.model.offline_place(run.rng), run.rng.choice(VARIANTS)
    spec, state = place.specs[variant], place.uploads.get(variant)
    damaged = bytearray(spec.content())
    damaged[-1] ^= 1
    answer = run.client.send_binary(spec.image_uuid, spec.filename, bytes(damaged))
    right = (409,) if state is None else (422,) if state == "announced" else (409, 422)
    agree(answer.status in right, f"damaged bytes answered {answer}, right would be {right}")
    return f"damaged bytes {place.uid} {variant}: {answer.status}"


def acknowledge(run) -> str:
    place, variant = run.model.offline_place(run.rng), run.rng.choice(VARIANTS)
    answer = run.client.acknowledge(place.specs[variant].image_uuid)
    state = place.uploads.get(variant)
    right = {None: (404, 409), "announced": (409,)}.get(state, (200,))
    agree(answer.status in right, f"acknowledgement answered {answer}, right would be {right}")
    if answer.status == 200:
        receipt = answer.json()["receipt"]
        agree(place.upload_receipts.setdefault(variant, receipt) == receipt, f"another receipt: {receipt}")
        place.uploads[variant] = "acknowledged"
    return f"acknowledge {place.uid} {variant}: {answer.status}"


def read(run) -> str:
    place = run.model.any_place(run.rng)
    answer = run.client.find(place.uid)
    if place.held is None:
        agree(answer.status in (404, 410), f"{place.uid} is not stored, but: {answer}")
        return f"read {place.uid}: {answer.status}"
    agree(answer.status == 200, f"{place.uid} is stored, but: {answer}")
    run.check_image(place, answer.json())
    return f"read {place.uid}"


def read_by_old_link(run) -> str:
    """A link that was made a while ago opens what it opened then, or nothing any more."""
    if not run.links:
        return "no old link"
    place, variant, link = run.rng.choice(run.links)
    answer = run.client.fetch({"image_url": link})
    if place.held == variant:
        agree(answer.status == 200 and answer.body == place.content(variant), f"an old link answered {answer}")
    elif place.held is None:
        agree(answer.status == 410, f"the link to a removed image answered {answer}")
    else:
        agree(answer.status in (200, 410), f"an old link answered {answer}")
        if answer.status == 200:  # other bytes were stored under the UID since
            agree(answer.body == place.content(place.held), "an old link opens bytes that are not stored")
    return f"old link of {place.uid}: {answer.status}"


def remove(run) -> str:
    place, level = run.model.removable_place(run.rng), run.rng.choice(LEVELS)
    judge_removal(run, place, level, run.client.call("DELETE", removal_path(place, level)))
    return f"remove the {level} of {place.uid}"


def removal_path(place, level: str) -> str:
    plural = {"image": "images", "series": "series", "study": "studies"}[level]
    return f"{API}/{plural}/{getattr(place, level + '_uid', place.uid)}/"


def judge_removal(run, place, level, answer) -> None:
    together = run.model.places_in(level, place)
    held = [other for other in together if other.held is not None]
    right = 404 if not held else 409 if place.study_uid in run.model.held_studies else 200
    agree(answer.status == right, f"removal of the {level} of {place.uid} answered {answer}, right would be {right}")
    if right == 409:
        agree(answer.json()["code"] == "study_held", f"{answer}, and the study is held")
    if right == 200:
        agree(answer.json()["images_removed"] == len(held), f"removed {answer}, there were {len(held)}")
        for other in together:
            other.was_removed()


def restore(run) -> str:
    """With the number that it had, as far as it was seen here before."""
    place, level = run.model.removable_place(run.rng), run.rng.choice(LEVELS)
    answer = run.client.call("POST", removal_path(place, level) + "restore/", b"")
    trashed = [other for other in run.model.places_in(level, place) if other.removed is not None]
    right = 200 if trashed else 404
    agree(answer.status == right, f"restoring the {level} of {place.uid} answered {answer}, right would be {right}")
    if trashed:
        agree(answer.json()["images_restored"] == len(trashed), f"restored {answer}, there were {len(trashed)}")
    for other in trashed:
        other.was_restored()
    if trashed:
        run.check_study(place.study_uid)
    return f"restore the {level} of {place.uid}: {answer.status}"


def delete_for_good(run) -> str:
    """Also what is in the trash already."""
    place, level = run.model.removable_place(run.rng), run.rng.choice(LEVELS)
    together = [other for other in run.model.places_in(level, place)
                if other.held is not None or other.removed is not None]
    run.check_study(place.study_uid)  # so that its number is known, which must never come again
    answer = run.client.call("DELETE", removal_path(place, level) + "?now=true")
    right = 404 if not together else 409 if place.study_uid in run.model.held_studies else 200
    agree(answer.status == right, f"deletion of the {level} of {place.uid} answered {answer}, right would be {right}")
    if right == 200:
        agree(answer.json()["images_removed"] == len(together),
              f"deleting the {level} of {place.uid} answered {answer}, and there were {together}")
        agree(answer.json()["files_left"] == 0, f"{answer}")
        for other in together:
            other.was_deleted()
    return f"delete the {level} of {place.uid} for good: {answer.status}"


def hold_or_release(run) -> str:
    study = run.model.removable_place(run.rng).study_uid
    path = f"{API}/studies/{study}/hold/"
    if study in run.model.held_studies:
        answer = run.client.call("DELETE", path)
        agree(answer.status in (200, 204), f"lifting the hold of {study} answered {answer}")
        run.model.held_studies.discard(study)
        return f"release {study}"
    if all(place.held is None for place in run.model.places if place.study_uid == study):
        return f"nothing to hold in {study}"
    answer = run.client.call("PUT", path, b'{"reason": "a case"}', {"Content-Type": "application/json"})
    agree(answer.status == 200, f"holding {study} answered {answer}")
    run.model.held_studies.add(study)
    return f"hold {study}"


def list_study(run) -> str:
    run.check_study(run.model.any_place(run.rng).study_uid)
    return "list a study"


def kill(run) -> str:
    run.server.kill()
    run.come_back()
    return "kill -9"


def kill_while_at_work(run) -> str:
    """It may have been done or not; what was answered must be so."""
    place, variant = run.model.removable_place(run.rng), run.rng.choice(VARIANTS)
    is_removal = run.rng.random() < 0.3
    answers = []

    def act():
        client = run.server.client()
        try:
            answers.append(client.remove(place.uid) if is_removal else client.store(place.content(variant)))
        except LOST:
            pass
        client.close()

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(run.rng.uniform(0, 0.006))
    run.server.kill()
    thread.join()
    run.come_back(check=False)
    if answers:
        if is_removal:
            judge_removal(run, place, "image", answers[0])
        else:
            judge_store(place, variant, answers[0])
    else:
        settle_unanswered(run, place, variant, is_removal)
    run.check_all()
    return f"kill -9 during {'removal' if is_removal else 'store'} of {place.uid}: {answers or 'no answer'}"


def settle_unanswered(run, place, variant, is_removal) -> None:
    is_there = run.client.find(place.uid).status == 200
    if is_removal and not is_there:
        place.was_removed()
    elif not is_removal and place.held is None and not is_there:
        place.strays.add(variant)
    elif not is_removal and place.held is None and is_there:
        place.was_stored(variant)  # with whose bytes, check_all says


def restart(run) -> str:
    code = run.server.stop()
    agree(code == 0, f"it stopped with {code}")
    run.come_back()
    return "restart"


def cut_power(run) -> str:
    run.image.cut_power()
    run.server.kill()
    run.image.remount()
    run.come_back()
    return "power cut"


def verify(run) -> str:
    verify_is_quiet(run.server, Disagreement)
    return "verify"


OPERATIONS = (
    (30, store), (8, announce), (8, send_binary), (2, send_damaged_binary), (6, acknowledge), (20, read),
    (6, read_by_old_link), (9, remove), (5, restore), (3, delete_for_good), (1, hold_or_release), (6, list_study), (0.4, kill), (0.6, kill_while_at_work), (0.3, restart),
    (0.4, cut_power), (0.3, verify),
)
