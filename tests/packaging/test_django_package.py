"""`pip install ./clients/django`: the commands come along, without the network."""
import importlib.util
import shutil
import subprocess
import sys

import pytest

from archive_server import REPOSITORY, clean_environment

MISSING = [name for name in ("django", "pip", "setuptools", "wheel") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

SETTINGS = "SECRET_KEY = 'x'\nINSTALLED_APPS = ['pacs_lite_django']\nMEDIA_ROOT = '/srv/media'\nMEDIA_URL = '/media/'\n"


def test_it_is_installed_with_its_commands(tmp_path):
    # pip builds within the folder that it is given, so it is given a copy.
    source = tmp_path / "django"
    shutil.copytree(REPOSITORY / "clients" / "django", source)
    place = tmp_path / "packages"
    environment = {**clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1"), "HOME": str(tmp_path)}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation",
                           "--no-compile", "--target", str(place), str(source)],
                          env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site_settings.py").write_text(SETTINGS)
    site = {**environment, "PYTHONPATH": f"{place}:{tmp_path / 'site'}", "DJANGO_SETTINGS_MODULE": "site_settings"}

    def manage(*arguments):
        return subprocess.run([sys.executable, "-m", "django", *arguments], env=site, cwd=tmp_path / "site", capture_output=True,
                              text=True, timeout=60)

    assert (place / "pacs_lite_django" / "archive.py").is_file()
    assert "MEDIA_ROOT=/srv/media\n" in manage("pacs_lite_env").stdout
    for command in ("test_pacs_lite", "export_for_pacs_lite"):
        shown = manage(command, "--help")
        assert shown.returncode == 0, shown.stderr
