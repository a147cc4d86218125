"""packaging/nginx.conf as it stands, in front of a real archive: only its port, its certificate and its address change."""
import shutil
import subprocess
import time

import pytest
import requests

import dicom_files
from archive_server import REPOSITORY, ArchiveServer, free_port

pytestmark = pytest.mark.skipif(not shutil.which("nginx") or not shutil.which("openssl"),
                                reason="nginx or openssl is not installed")
NGINX_BODY_BYTES_MAX = 1_048_576  # unless it is told otherwise


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=images.clinic.example", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
                   check=True, capture_output=True)


def write_configuration(folder, archive_port, port):
    text = (REPOSITORY / "packaging" / "nginx.conf").read_text()
    for here, there in (("127.0.0.1:8042", f"127.0.0.1:{archive_port}"), ("listen 443 ", f"listen 127.0.0.1:{port} "),
                        ("/etc/ssl/pacs-lite/", f"{folder}/")):
        assert here in text
        text = text.replace(here, there)
    (folder / "pacs-lite.conf").write_text(text)
    paths = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = folder / "nginx.conf"
    path.write_text(f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
                    f"http {{ access_log off; {paths} include {folder}/pacs-lite.conf; }}")
    return path


def start(configuration, url, certificate):
    tested = subprocess.run(["nginx", "-t", "-c", str(configuration)], capture_output=True, text=True, timeout=60)
    assert tested.returncode == 0, tested.stderr
    proxy = subprocess.Popen(["nginx", "-c", str(configuration)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while True:
        try:
            requests.get(url + "/healthz", verify=certificate, timeout=5).raise_for_status()
            return proxy
        except requests.RequestException:
            if time.monotonic() > deadline or proxy.poll() is not None:
                proxy.kill()
                raise
            time.sleep(0.05)


def test_the_example_carries_images_and_nobody_elses_claims(tmp_path):
    folder = tmp_path / "nginx"
    folder.mkdir()
    make_certificate(folder)
    certificate, url = str(folder / "fullchain.pem"), f"https://127.0.0.1:{free_port()}"
    with ArchiveServer(tmp_path, PACS_LITE_TRUSTED_PROXIES="127.0.0.1", PACS_LITE_PUBLIC_URL=url,
                       PACS_LITE_PROXY_USER_HEADER="X-Remote-User") as server:
        proxy = start(write_configuration(folder, server.port, url.rsplit(":", 1)[1]), url, certificate)
        try:
            # A body that nginx buffered would be put there, and be answered 500: bytes must flow on as they come.
            (folder / "client_body").rmdir()
            (folder / "client_body").touch()
            content = dicom_files.ct_slice(rows=1024, columns=1024)
            assert len(content) > NGINX_BODY_BYTES_MAX
            session = server.session()
            session.verify = certificate
            stored = session.post(url + "/api/v1/radiology/images/", files={"file": ("a.dcm", content)})
            assert stored.status_code == 201, stored.text
            link = session.get(f"{url}/api/v1/radiology/images/{stored.json()['id']}/url/").json()["image_url"]
            assert link.startswith(url + "/media/")
            assert requests.get(link, verify=certificate).content == content
            forged = {"X-Remote-User": "root", "X-Remote-Roles": "admin"}
            assert requests.get(url + "/api/v1/radiology/studies/", headers=forged, verify=certificate).status_code == 401
            direct = requests.get(server.api + "/studies/", headers=forged)
            assert direct.status_code == 200, "the archive itself would have believed them of this address"
        finally:
            proxy.terminate()
            proxy.wait(timeout=20)
