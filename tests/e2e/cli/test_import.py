# timeout: 600
"""`pacs-lite import`: folders, ZIP files, media, trees that are adopted, exports of other applications."""
import json
import os
import random
import shutil
import signal
import subprocess
import time
import zipfile

import pydicom
import pydicom.uid
import pytest
import requests

import dicom_files
from archive_server import ArchiveServer, find_binary


@pytest.fixture
def archive(tmp_path):
    """Not started: import works without a server."""
    server = ArchiveServer(tmp_path / "archive")
    (tmp_path / "archive").mkdir()
    yield server
    server.stop()


def run(server, *arguments, code=0, **options):
    done = server.command("import", *map(str, arguments), **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def run_json(server, *arguments, code=0):
    return json.loads(run(server, *arguments, "--json", code=code).stdout)


def counts(summary):
    return {name: summary[name] for name in ("stored", "known", "refused", "failed", "skipped")}


def expect(stored=0, known=0, refused=0, failed=0, skipped=0):
    return {"stored": stored, "known": known, "refused": refused, "failed": failed, "skipped": skipped}


def make_exam(folder, images=6):
    """name -> bytes"""
    folder.mkdir(parents=True)
    study_uid, made = dicom_files.new_uid(), {}
    for number in range(images):
        path = folder / f"S{number % 2}" / f"IM{number}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(dicom_files.ct_slice(study_uid=study_uid, instance_number=number, seed=number))
        made[str(path)] = path.read_bytes()
    return made


def stored_hashes(server):
    return {dicom_files.sha256(path.read_bytes()) for path in (server.media / "radiology").rglob("*") if path.is_file()}


@pytest.mark.parametrize("is_running", [True, False])
def test_a_folder_is_taken_over_and_again_told_as_such(archive, tmp_path, is_running):
    exam = make_exam(tmp_path / "exam")
    (tmp_path / "exam" / "viewer.exe").write_bytes(b"MZ")
    (tmp_path / "exam" / "photo.jpg").write_bytes(dicom_files.picture())
    if is_running:
        archive.start()
    summary = run_json(archive, tmp_path / "exam")
    assert counts(summary) == expect(stored=6, skipped=2)
    assert summary["size_bytes"] == sum(map(len, exam.values()))
    assert stored_hashes(archive) == {dicom_files.sha256(content) for content in exam.values()}
    assert counts(run_json(archive, tmp_path / "exam")) == expect(known=6, skipped=2)
    text = run(archive, tmp_path / "exam").stdout
    assert "0 stored, 6 were there already" in text


def test_pictures_and_documents_come_when_asked_for(archive, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(dicom_files.picture())
    (folder / "photo.png").write_bytes(dicom_files.picture("PNG"))
    (folder / "report.pdf").write_bytes(dicom_files.pdf())
    assert counts(run_json(archive, folder)) == expect(skipped=3)
    assert counts(run_json(archive, folder, "--all-kinds")) == expect(stored=3)


def test_what_is_refused_is_reported_with_the_reason(archive, tmp_path):
    exam = tmp_path / "exam"
    make_exam(exam, 1)
    (exam / "broken.dcm").write_bytes(b"no DICOM")
    (exam / "anonymous.dcm").write_bytes(dicom_files.ct_slice(StudyInstanceUID=None))
    uid = dicom_files.new_uid()
    (exam / "a.dcm").write_bytes(dicom_files.ct_slice(image_uid=uid, seed=1))
    run(archive, exam / "a.dcm")
    (exam / "a.dcm").write_bytes(dicom_files.ct_slice(image_uid=uid, seed=2))
    report = tmp_path / "report.jsonl"
    summary = run_json(archive, exam, "--report", report, code=1)
    assert counts(summary) == expect(stored=1, refused=3)
    lines = {os.path.basename(line["place"]): line for line in map(json.loads, report.read_text().splitlines())}
    assert "StudyInstanceUID" in lines["anonymous.dcm"]["detail"]
    assert lines["a.dcm"]["code"] == "uid_conflict"
    assert lines["broken.dcm"]["outcome"] == "refused"
    text = run(archive, exam, code=1).stdout
    assert "anonymous.dcm" in text and "StudyInstanceUID" in text


def test_a_zip_file_is_taken_over_without_being_unpacked(archive, tmp_path):
    exam = make_exam(tmp_path / "exam")
    packed = tmp_path / "exam.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for number, content in enumerate(exam.values()):
            file.writestr(f"../../DICOM/IM{number}", content)
        file.writestr("AUTORUN.INF", "x")
    assert counts(run_json(archive, packed)) == expect(stored=6, skipped=1)
    assert stored_hashes(archive) == {dicom_files.sha256(content) for content in exam.values()}
    assert not list(tmp_path.glob("DICOM"))
    shutil.copytree(tmp_path / "exam", tmp_path / "both" / "exam")
    shutil.copy(packed, tmp_path / "both")
    assert counts(run_json(archive, tmp_path / "both")) == expect(known=12, skipped=1)


def test_names_in_a_zip_file_keep_their_letters(archive, tmp_path):
    uid = dicom_files.new_uid()
    with zipfile.ZipFile(tmp_path / "exam.zip", "w") as file:
        file.writestr("Ärzte/Thorax p.a.dcm", dicom_files.ct_slice(image_uid=uid))
        file.writestr("Ärzte/Schädel.dcm", dicom_files.ct_slice())
    assert counts(run_json(archive, tmp_path / "exam.zip")) == expect(stored=2)
    shown = json.loads(archive.command("show", uid, "--json").stdout)
    assert shown["filename"] == "Thorax_p.a.dcm"
    assert [path.name for path in archive.media.rglob("Sch*")] == ["Schädel.dcm"]


def test_a_zip_bomb_ends_early(archive, tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("first.dcm", dicom_files.ct_slice())
        for number in range(9):
            with file.open(f"{number}.dcm", "w") as entry:
                for _ in range(128):
                    entry.write(bytes(1 << 20))
    summary = run_json(archive, bomb, code=1)
    assert summary["stored"] == 1
    assert [entry["code"] for entry in summary["not_stored"] if entry["outcome"] == "failed"] == ["zip_bomb"]


def write_medium(folder, missing=False):
    """A medium as pydicom's FileSet writes it."""
    from pydicom.fileset import FileSet
    file_set = FileSet()
    for number in range(4):
        dataset = pydicom.dcmread(pydicom.filebase.DicomBytesIO(dicom_files.ct_slice(instance_number=number, seed=number)))
        dataset.PatientBirthDate, dataset.PatientSex, dataset.StudyID, dataset.AccessionNumber = "", "", "1", ""
        dataset.is_little_endian, dataset.is_implicit_VR = True, False
        file_set.add(dataset)
    file_set.write(folder)
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "DICOMDIR"]
    assert len(files) == 4
    if missing:
        files[0].unlink()
    return folder / "DICOMDIR"


def test_a_medium_is_taken_over_by_its_dicomdir(archive, tmp_path):
    dicomdir = write_medium(tmp_path / "cd")
    (tmp_path / "cd" / "EXTRA").write_bytes(dicom_files.ct_slice(seed=50))
    assert counts(run_json(archive, dicomdir)) == expect(stored=4)
    assert counts(run_json(archive, tmp_path / "cd")) == expect(stored=1, known=4, skipped=1)


def test_an_image_that_is_missing_on_the_medium_is_not_passed_over(archive, tmp_path):
    write_medium(tmp_path / "cd", missing=True)
    summary = run_json(archive, tmp_path / "cd", code=1)
    assert counts(summary) == expect(stored=3, failed=1, skipped=1)
    assert summary["not_stored"][0]["code"] == "missing_on_medium"


def test_an_import_that_was_killed_is_finished_by_the_next(archive, tmp_path):
    exam = make_exam(tmp_path / "exam", 150)
    process = subprocess.Popen([str(find_binary()), "import", str(tmp_path / "exam")], env=archive.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.Random(1).uniform(0.6, 1.2))
    process.send_signal(signal.SIGKILL)
    process.wait()
    summary = run_json(archive, tmp_path / "exam")
    assert summary["stored"] + summary["known"] == 150
    assert stored_hashes(archive) == {dicom_files.sha256(content) for content in exam.values()}


def test_a_server_that_goes_away_is_a_failure_that_can_be_repeated(archive, tmp_path):
    make_exam(tmp_path / "exam", 300)
    archive.start()
    process = subprocess.Popen([str(find_binary()), "import", "--json", str(tmp_path / "exam"), "-n", "2"],
                               env=archive.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(0.7)
    archive.kill()
    out, _ = process.communicate(timeout=300)
    if process.returncode == 0:
        pytest.skip("the import was quicker")
    assert process.returncode == 1
    summary = json.loads(out)
    assert summary["failed"] > 0
    again = run_json(archive, tmp_path / "exam")
    assert again["stored"] + again["known"] == 300


def test_a_tree_with_the_layout_is_adopted_where_it_is(archive, tmp_path):
    """A Django MEDIA_ROOT: DICOM files under the application's own names, a picture, and strangers."""
    study, series, image = dicom_files.new_uid(), dicom_files.new_uid(), dicom_files.new_uid()
    content = dicom_files.ct_slice(study_uid=study, series_uid=series, image_uid=image)
    path = archive.media / "radiology" / study / series / image / "chest pa.dcm"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    picture = archive.media / "radiology" / study / "1.2.3" / "1.2.3.4" / "photo.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(dicom_files.picture())
    (archive.media / "radiology" / "stray.dcm").write_bytes(content)
    (archive.media / "avatars").mkdir()
    (archive.media / "avatars" / "me.png").write_bytes(dicom_files.picture("PNG"))
    inodes = {path: path.stat().st_ino, picture: picture.stat().st_ino}

    summary = run_json(archive, "--in-place", code=1)
    assert counts(summary) == expect(stored=2, refused=1)
    assert summary["not_stored"][0]["code"] == "outside_layout"
    assert {file: file.stat().st_ino for file in inodes} == inodes, "nothing was copied"
    assert (archive.media / "avatars" / "me.png").is_file()
    assert counts(run_json(archive, "--in-place", code=1)) == expect(known=2, refused=1)
    shown = json.loads(archive.command("show", image, "--json").stdout)
    assert shown["file_key"] == f"radiology/{study}/{series}/{image}/chest pa.dcm"
    assert json.loads(archive.command("show", "1.2.3.4", "--json").stdout)["series_uid"] == "1.2.3"
    with archive:
        url = archive.command("url", image).stdout.strip()
        assert requests.get(url).content == content


def manifest_line(number, study, key, content):
    return {"image_id": 700 + number, "series_id": 70, "study_id": 7, "study_uid": study, "key": key,
            "checksum": dicom_files.sha256(content), "file_size": len(content), "filename": key.rsplit("/", 1)[-1],
            "radiology_order_id": 55, "uploaded_by_name": "Ada Lovelace"}


def test_an_image_that_is_copied_keeps_the_path_that_its_application_knows(archive, tmp_path):
    """Django appends letters to a name that there is already, and keeps the first one as `filename`."""
    study, series, uid = (dicom_files.new_uid() for _ in range(3))
    content = dicom_files.ct_slice(study_uid=study, series_uid=series, image_uid=uid)
    key = f"radiology/{study}/{series}/{uid}/chest_Ab1xY2z.dcm"
    (tmp_path / "old" / key).parent.mkdir(parents=True)
    (tmp_path / "old" / key).write_bytes(content)
    manifest = tmp_path / "export.jsonl"
    manifest.write_text(json.dumps({**manifest_line(0, study, key, content), "filename": "chest.dcm"}))
    assert counts(run_json(archive, "--manifest", manifest, tmp_path / "old")) == expect(stored=1)
    assert (archive.media / key).read_bytes() == content
    assert json.loads(archive.command("show", uid, "--json").stdout)["file_key"] == key


@pytest.mark.parametrize("is_in_place", [True, False])
def test_a_manifest_keeps_ids_orders_and_uploaders(archive, tmp_path, is_in_place):
    study, series = dicom_files.new_uid(), dicom_files.new_uid()
    root = archive.media if is_in_place else tmp_path / "old"
    lines = []
    for number in range(3):
        uid = dicom_files.new_uid()
        content = dicom_files.ct_slice(study_uid=study, series_uid=series, image_uid=uid, seed=number)
        key = f"radiology/{study}/{series}/{uid}/IM{number}.dcm" if is_in_place else f"xrays/2024/{number}.dcm"
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(content)
        lines.append(manifest_line(number, study, key, content))
    lines.append(dict(lines[0], key=lines[0]["key"] + ".gone", image_id=9999))
    lines.append(dict(lines[1], checksum="0" * 64, image_id=9998))
    manifest = tmp_path / "export.jsonl"
    manifest.write_text("\n".join(map(json.dumps, lines)) + "\nno json\n")

    target = ["--in-place"] if is_in_place else [root]
    summary = run_json(archive, "--manifest", manifest, *target, code=1)
    assert summary["stored"] == 3, summary
    assert summary["refused"] + summary["failed"] == 3
    assert any("line 6" in entry["place"] for entry in summary["not_stored"])
    shown = json.loads(archive.command("show", "study", "7", "--json").stdout)
    assert shown["study_uid"] == study and shown["radiology_order_id"] == 55
    images = shown["series"][0]["images"]
    assert shown["series"][0]["id"] == 70
    assert {image["id"] for image in images} == {700, 701, 702}
    assert {image["uploaded_by_name"] for image in images} == {"Ada Lovelace"}
    if is_in_place:
        assert {image["file_key"] for image in images} == {line["key"] for line in lines[:3]}
    again = run_json(archive, "--manifest", manifest, *target, code=1)
    assert again["known"] == 3 and again["stored"] == 0


@pytest.mark.parametrize("arguments, says", [
    ([], "name at least one PATH"),
    (["--in-place", "."], "--in-place takes over what lies under MEDIA_ROOT"),
    (["--manifest", "m.jsonl"], "--manifest needs either"),
    (["--manifest", "/nowhere.jsonl", "--in-place"], "cannot be read"),
    (["/nowhere"], "does not exist"),
    ([".", "-n", "0"], "--connections must be from 1"),
    ([".", "--report", "/nowhere/report"], "cannot be written"),
])
def test_what_makes_no_sense_is_said_before_anything_is_done(archive, arguments, says):
    assert says in run(archive, *arguments, code=2).stderr


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(archive, tmp_path):
    make_exam(tmp_path / "exam", 60)
    assert "\r" not in run(archive, tmp_path / "exam").stderr
    archive.command("remove", "--yes", "study", json.loads(archive.command("list", "--json").stdout)[0]["study_uid"])
    parent, child = os.openpty()
    with subprocess.Popen([str(find_binary()), "import", str(tmp_path / "exam"), "-n", "1"], env=archive.environment,
                          stdout=subprocess.DEVNULL, stderr=child) as process:
        os.close(child)
        drawn = b""
        while True:
            try:
                piece = os.read(parent, 4096)
            except OSError:
                break
            if not piece:
                break
            drawn += piece
    assert process.returncode == 0
    os.close(parent)
    assert b"images, " in drawn and b"\r\x1b[K" in drawn
