# labels: e2e root
"""The Django side: files shared under one MEDIA_ROOT with another user of the same group, the commands
of clients/django, and the nginx snippet in front of both."""
import grp
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time

import pytest
import requests

import dicom_files
from archive_server import REPOSITORY, ArchiveServer, free_port

CLIENT = REPOSITORY / "clients" / "django"


class DjangoProject:
    def __init__(self, folder, media_root, archive_url="", token=""):
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
            "PYTHONPATH": f"{CLIENT}:{REPOSITORY / 'tests' / 'e2e'}", "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "django_project.settings", "DJANGO_TEST_DATABASE": str(folder / "django.sqlite3"),
            "DJANGO_TEST_MEDIA_ROOT": str(media_root), "DJANGO_TEST_ARCHIVE": archive_url, "DJANGO_TEST_TOKEN": token}

    def manage(self, *arguments, **options):
        return subprocess.run([sys.executable, "-m", "django", *arguments], env=self.environment, text=True,
                              capture_output=True, timeout=120, cwd="/", **options)

    def script(self, code, **options):
        return subprocess.run([sys.executable, "-c", f"import django; django.setup()\n{code}"], env=self.environment,
                              capture_output=True, timeout=120, cwd="/", **options)


def upload(server, content, filename="chest pa.dcm"):
    answer = server.session().post(server.api + "/images/", files={"file": (filename, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def open_folder():
    """One that other users may enter. Not below pytest's own, which each pytest that starts closes to others."""
    with tempfile.TemporaryDirectory(prefix="pacs-lite-") as folder:
        os.chmod(folder, 0o711)
        yield pathlib.Path(folder)


def test_the_guide_works_with_media_root_and_media_url_alone(open_folder):
    """Files land where the guide says, and a Django process of the same group opens them by key."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user takes root")
    shared_group = grp.getgrnam("www-data").gr_gid
    media = open_folder / "media"
    media.mkdir()
    os.chown(media, 0, shared_group)
    media.chmod(0o2750)
    content = dicom_files.ct_slice(study_uid="1.2.3", series_uid="1.2.3.1", image_uid="1.2.3.1.7")
    with ArchiveServer(open_folder, MEDIA_ROOT=str(media), MEDIA_URL="/media/") as server:
        image = upload(server, content)
        assert image["file_key"] == "radiology/1.2.3/1.2.3.1/1.2.3.1.7/chest_pa.dcm"
        assert (media / image["file_key"]).read_bytes() == content

        nobody = pwd.getpwnam("nobody").pw_uid
        project = DjangoProject(open_folder, media)
        code = ("import sys\nfrom django.core.files.storage import default_storage\n"
                f"sys.stdout.buffer.write(default_storage.open({image['file_key']!r}).read())")
        read = project.script(code, user=nobody, group=shared_group, extra_groups=[])
        assert read.stdout == content, read.stderr.decode()
        stranger = project.script(code, user=nobody, group=pwd.getpwnam("nobody").pw_gid, extra_groups=[])
        assert stranger.returncode != 0, "another group must not read"
        write = project.script("from django.core.files.storage import default_storage\n"
                               f"open(default_storage.path({image['file_key']!r}), 'ab')", user=nobody, group=shared_group,
                               extra_groups=[])
        assert write.returncode != 0, "stored images never change"


def test_six_steps(server, tmp_path):
    project = DjangoProject(tmp_path, server.media, server.url, server.token)
    done = project.manage("test_pacs_lite")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\d)/6 .*: ok", done.stdout, re.M) == list("123456")
    assert "removed again, for good" in done.stdout
    session = server.session()
    assert session.get(server.api + "/studies/").json()["count"] == 0
    assert session.get(server.api + "/trash/").json()["results"] == [], "it does not stay in the trash either"
    token = session.post(server.url + "/api/v1/archive/tokens/", json={"name": "self-test", "roles": ["reader", "uploader"]})
    kept = DjangoProject(tmp_path, server.media, server.url, token.json()["token"]).manage("test_pacs_lite")
    assert kept.returncode == 0, kept.stderr
    assert "stays (removing it takes an administrator's token)" in kept.stdout
    assert session.get(server.api + "/studies/").json()["count"] == 1
    refused = DjangoProject(tmp_path, server.media, server.url, "wrong").manage("test_pacs_lite")
    assert refused.returncode != 0 and "401" in refused.stderr


def test_settings_as_environment(tmp_path):
    project = DjangoProject(tmp_path, tmp_path / "media with 'quotes'")
    shell = project.manage("pacs_lite_env").stdout
    out = subprocess.run(["sh", "-c", shell + 'printf "%s|%s|%s" "$MEDIA_ROOT" "$MEDIA_URL" "$FILE_UPLOAD_PERMISSIONS"'],
                         capture_output=True, text=True, check=True).stdout
    assert out == f"{tmp_path}/media with 'quotes'|/media/|440"
    assert 'MEDIA_URL="/media/"' in project.manage("pacs_lite_env", "--format", "systemd").stdout


def test_export_and_import_in_place(tmp_path):
    """The application's own tree and numbers are taken over as they are."""
    media = tmp_path / "media"
    study_uid, series_uid = "8f06e605-e810-4418-85cb-6304772f152e", "d98553c6-4595-45ff-8adf-666daf4ad91a"
    pictures = {}
    for number in range(3):
        image_uid = f"f23b2e7a-f916-4865-95ab-290eb39a296{number}"
        key = f"radiology/{study_uid}/{series_uid}/{image_uid}/photo {number}.jpg".replace(" ", "_")
        pictures[key] = (image_uid, dicom_files.picture(seed=number))
        (media / key).parent.mkdir(parents=True)
        (media / key).write_bytes(pictures[key][1])
    project = DjangoProject(tmp_path, media)
    assert project.manage("migrate", "--run-syncdb").returncode == 0
    rows = [(key, uid, dicom_files.sha256(content), len(content)) for key, (uid, content) in pictures.items()]
    made = project.script(f"""
from django.contrib.auth.models import User
from django_project.radiology.models import Study, Image
study = Study.objects.create(id=4711, study_uid={study_uid!r}, radiology_order_id=12, patient_id="P-9")
user = User.objects.create(username="dr.who")
for number, (key, uid, checksum, size) in enumerate({rows!r}):
    Image.objects.create(id=900 + number, study=study, series_uid={series_uid!r}, image_uid=uid, file=key, checksum=checksum,
                         file_size=size, filename=key.rsplit("/")[-1], uploaded_by=user)
""")
    assert made.returncode == 0, made.stderr.decode()
    manifest = tmp_path / "manifest.jsonl"
    exported = project.manage("export_for_pacs_lite", "--output", str(manifest))
    assert exported.returncode == 0, exported.stderr
    assert len(manifest.read_text().splitlines()) == 3

    with ArchiveServer(tmp_path, MEDIA_ROOT=str(media)) as server:
        before = {key: (media / key).stat().st_ino for key in pictures}
        done = server.command("import", "--in-place", "--manifest", str(manifest), "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        session = server.session()
        study = session.get(server.api + "/studies/4711/").json()
        assert study["study_uid"] == study_uid and study["radiology_order_id"] == 12
        for number, (key, (uid, content)) in enumerate(pictures.items()):
            image = session.get(f"{server.api}/images/{900 + number}/").json()
            assert image["image_uid"] == uid and image["checksum"] == dicom_files.sha256(content)
            url = session.get(f"{server.api}/images/{uid}/url/").json()["image_url"]
            assert requests.get(url if url.startswith("http") else server.url + url).content == content
        assert {key: (media / key).stat().st_ino for key in pictures} == before, "nothing was copied"
        again = server.command("import", "--in-place", "--manifest", str(manifest), "--json")
        assert again.returncode == 0, again.stdout + again.stderr


def test_nginx_snippet(tmp_path):
    """nginx asks the application who the user is; the archive believes nginx and nobody else."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    django_port, nginx_port = free_port(), free_port()
    folder = tmp_path / "nginx"
    folder.mkdir()
    with ArchiveServer(tmp_path, PACS_LITE_TRUSTED_PROXIES="127.0.0.1",
                       PACS_LITE_PROXY_USER_HEADER="X-Remote-User") as server:
        snippet = (CLIENT / "nginx.conf").read_text().replace("127.0.0.1:8042", f"127.0.0.1:{server.port}") \
            .replace("127.0.0.1:8000", f"127.0.0.1:{django_port}")
        paths = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{nginx_port};\n{snippet}\n}} }}")
        project = DjangoProject(tmp_path, server.media)
        application = subprocess.Popen([sys.executable, "-m", "django", "runserver", "--noreload",
                                        f"127.0.0.1:{django_port}"], env=project.environment, cwd="/",
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        proxy = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
        try:
            site = f"http://127.0.0.1:{nginx_port}"
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                try:
                    if requests.get(site + "/api/v1/radiology/studies/", headers={"Cookie": "session=reader"}).status_code == 200:
                        break
                except requests.RequestException:
                    pass
                time.sleep(0.1)
            # nginx would put a body that it buffers there, and so answer 500 now: bytes must flow on as they come.
            (folder / "client_body").rmdir()
            (folder / "client_body").touch()
            content = dicom_files.ct_slice(rows=1024, columns=1024)
            assert len(content) > 1_048_576, "what nginx takes unless it is told otherwise"
            as_technician, as_reader = {"Cookie": "session=technician"}, {"Cookie": "session=reader"}
            api = site + "/api/v1/radiology"
            stored = requests.post(api + "/images/", files={"file": ("a.dcm", content)}, headers=as_technician)
            assert stored.status_code == 201, stored.text
            assert requests.post(api + "/images/", files={"file": ("a.dcm", content)}, headers=as_reader).status_code == 403
            assert requests.get(api + "/studies/").status_code == 401, "not logged in"
            forged = {"X-Remote-User": "root", "X-Remote-Roles": "admin"}
            assert requests.get(api + "/studies/", headers=forged).status_code == 401
            archive = site + "/api/v1/archive"
            assert requests.get(archive + "/tokens/", headers=forged).status_code == 401
            assert requests.get(archive + "/tokens/", headers={**as_reader, **forged}).status_code == 403
            identity = requests.get(archive, headers=forged).json()
            assert identity["receipt_public_key"] and "version" not in identity, "that is for anybody"
            assert requests.delete(f"{api}/images/{stored.json()['id']}/", headers={**as_reader, **forged}).status_code == 403
            url = requests.get(f"{api}/images/{stored.json()['id']}/url/", headers=as_reader).json()["image_url"]
            path = url.split("/", 3)[3] if url.startswith("http") else url.lstrip("/")
            assert requests.get(f"{site}/{path}").content == content
            assert requests.get(f"{site}/{path.split('?')[0]}").status_code == 403, "unsigned"
        finally:
            for process in (proxy, application):
                process.terminate()
                process.wait(timeout=20)
