"""What an operator meets who gets a setting wrong, and how they find out where it came from."""
import json
import re
import subprocess

import pytest

from archive_server import REPOSITORY, clean_environment, find_binary


def run(folder, *arguments, **settings):
    return subprocess.run([str(find_binary()), *arguments], cwd=folder, env=clean_environment(**settings),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_every_wrong_setting_is_named_at_once_and_nothing_is_made(tmp_path):
    (tmp_path / "pacs-lite.toml").write_text("pacs_lite_listn = '127.0.0.1:0'\n")
    done = run(tmp_path, "serve", MEDIA_URL="/static/media/", AWS_QUERYSTRING_EXPIRE="0",
               FILE_UPLOAD_PERMISSIONS="0o648", RADIOLOGY_STORAGE="filesytem")
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[1].strip() for line in errors] == [
        "pacs_lite_listn", "RADIOLOGY_STORAGE", "FILE_UPLOAD_PERMISSIONS", "MEDIA_URL", "AWS_QUERYSTRING_EXPIRE"]
    assert "did you mean PACS_LITE_LISTEN?" in errors[0]
    assert "did you mean filesystem?" in errors[1]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("settings, says", [
    ({"PACS_LITE_LISTEN": "0.0.0.0:0"}, "can be reached from other machines"),
    ({"PACS_LITE_LISTEN": "[::]:0"}, "can be reached from other machines"),
    ({"PACS_LITE_TRUSTED_PROXIES": "proxy.example"}, "neither an address nor a block"),
    ({"PACS_LITE_TLS_KEY": "/k.pem"}, "without PACS_LITE_TLS_CERTIFICATE"),
    ({"OHIF_VIEWER_URL": "https://viewer.ohif.org/viewer"}, "public demonstration site"),
    ({"RADIOLOGY_STORAGE": "s3"}, "AWS_STORAGE_BUCKET_NAME"),
    ({"RADIOLOGY_STORAGE": "minio", "MINIO_ACCESS_KEY": "a"}, "MINIO_SECRET_KEY"),
    ({"RADIOLOGY_STORAGE": "storages.backends.s3boto3.S3Boto3Storage"}, "AWS_STORAGE_BUCKET_NAME"),
])
def test_a_setting_that_would_do_harm_keeps_the_server_from_starting(tmp_path, settings, says):
    done = run(tmp_path, "serve", **settings)
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_certificate_that_cannot_be_read_is_a_setting_too(tmp_path):
    (tmp_path / "cert.pem").write_text("no certificate")
    done = run(tmp_path, "serve", "--listen", "127.0.0.1:0", "--tls-certificate", "cert.pem", "--tls-key", "cert.pem")
    assert done.returncode == 2, done.stderr


def test_config_shows_where_each_setting_came_from_and_hides_secrets(tmp_path):
    (tmp_path / "pacs-lite.toml").write_text("\nmedia_root = 'images'\nAWS_SECRET_ACCESS_KEY = 'swordfish'\n")
    done = run(tmp_path, "config", "--json", "--media-url", "/files/", AWS_QUERYSTRING_EXPIRE="60", MINIO_SECRET_KEY="swordfish")
    assert done.returncode == 0, done.stderr
    assert "swordfish" not in done.stdout + done.stderr
    shown = {entry["name"]: entry for entry in json.loads(done.stdout)["settings"]}
    assert shown["MEDIA_URL"] == {"name": "MEDIA_URL", "value": "/files/", "origin": "flag", "place": "--media-url"}
    assert shown["AWS_QUERYSTRING_EXPIRE"]["origin"] == "environment"
    assert shown["MEDIA_ROOT"]["origin"] == "file"
    assert shown["MEDIA_ROOT"]["value"] == str(tmp_path / "images")
    assert shown["MEDIA_ROOT"]["place"] == f"{tmp_path}/pacs-lite.toml line 2"
    assert shown["MINIO_SECRET_KEY"]["value"] == "(hidden)"
    assert shown["PACS_LITE_LISTEN"]["origin"] == "default"
    assert shown["OHIF_VIEWER_URL"]["value"] is None
    table = run(tmp_path, "config", "--media-url", "/files/")
    assert "MEDIA_URL" in table.stdout and "--media-url" in table.stdout
    assert "swordfish" not in table.stdout


def test_config_shows_what_is_wrong_too(tmp_path):
    done = run(tmp_path, "config", "--json", "--log-level", "loud")
    assert done.returncode == 2
    assert json.loads(done.stdout)["problems"][0]["name"] == "PACS_LITE_LOG_LEVEL"


def test_the_file_is_found_where_it_is_said_to_be(tmp_path):
    elsewhere = tmp_path / "etc" / "mine.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text("media_url = '/elsewhere/'\n")
    (tmp_path / "pacs-lite.toml").write_text("media_url = '/here/'\n")

    def media_url(*arguments, **settings):
        shown = json.loads(run(tmp_path, "config", "--json", *arguments, **settings).stdout)["settings"]
        return next(entry["value"] for entry in shown if entry["name"] == "MEDIA_URL")

    assert media_url() == "/here/"
    assert media_url(PACS_LITE_CONFIG=str(elsewhere)) == "/elsewhere/"
    assert media_url("--config", str(elsewhere)) == "/elsewhere/"
    missing = run(tmp_path, "config", "--config", "missing.toml")
    assert missing.returncode == 2 and "missing.toml" in missing.stderr


def example_with_everything_said():
    """The example that is installed, with nothing commented out but what is prose."""
    example = (REPOSITORY / "packaging" / "pacs-lite.toml").read_text()
    return [re.sub(r"^#(?=[A-Z\[][A-Z0-9_a-z.\[]*( = |\])|[a-z_]+ = )", "", line) for line in example.splitlines()]


def test_the_example_that_is_installed_names_each_setting_that_there_is(tmp_path):
    lines = example_with_everything_said()
    (tmp_path / "all.toml").write_text("\n".join(lines))
    done = run(tmp_path, "config", "--json", "--config", "all.toml")
    shown = json.loads(done.stdout)
    assert shown["problems"] == []
    assert done.returncode == 0
    assert len(shown["settings"]) > 50
    assert [entry["name"] for entry in shown["settings"] if entry["origin"] != "file"] == []


def test_the_example_that_is_installed_shows_the_defaults_unless_it_is_an_example(tmp_path):
    (tmp_path / "all.toml").write_text("\n".join(example_with_everything_said()))
    shown = json.loads(run(tmp_path, "config", "--json", "--config", "all.toml").stdout)["settings"]
    defaults = {entry["name"]: entry["value"] for entry in json.loads(run(tmp_path, "config", "--json").stdout)["settings"]}
    for entry in shown:
        # MEDIA_ROOT follows PACS_LITE_DATA, which the example says in words.
        if defaults[entry["name"]] is not None and entry["name"] != "MEDIA_ROOT":
            assert entry["value"] == defaults[entry["name"]], entry


def test_slips_of_the_keys_are_explained(tmp_path):
    done = run(tmp_path, "improt", "/mnt")
    assert done.returncode == 2 and "did you mean import?" in done.stderr
    done = run(tmp_path, "serve", "--media-rot", "/x")
    assert done.returncode == 2 and "did you mean --media-root?" in done.stderr


def test_help_teaches_with_examples(tmp_path):
    overview = run(tmp_path, "--help")
    assert overview.returncode == 0
    for command in ("serve", "check", "test-storage", "import", "list", "show", "url", "remove", "restore", "trash", "hold", "token", "receipt", "audit", "config"):
        assert f"\n  {command} " in overview.stdout
        text = run(tmp_path, command, "--help")
        assert text.returncode == 0
        if command not in ("token", "receipt"):
            assert f"  pacs-lite {command}" in text.stdout, text.stdout
    assert run(tmp_path, "--version").stdout.startswith("pacs-lite ")
