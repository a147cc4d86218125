# labels: e2e peer server
# timeout: 120
"""Links that lead to a CloudFront distribution before the bucket: signed byte for byte as botocore's own signer
signs them, opened by a distribution that checks them, and by nothing that was altered."""
import datetime
import json
import pathlib
import sys
import time
import urllib.parse

import pytest

import dicom_files
from archive_server import ArchiveServer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import object_stores  # noqa: E402
import store_fixtures  # noqa: E402
import botocore.signers  # noqa: E402
import requests  # noqa: E402
from cloudfront_server import CloudFrontServer  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: E402
from cryptography.hazmat.primitives.hashes import SHA1  # noqa: E402

store_class = store_fixtures.class_of("radosgw")
KEY_ID = "K2JCJMDEHXQW5F"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                        serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def store():
    """An archive's settings for a bucket behind a distribution, and boto3's client of the bucket."""
    with store_class() as gateway:
        s3 = store_fixtures.client_of(gateway)
        object_stores.make_bucket(s3, "clinic")
        yield s3, store_fixtures.settings_of(gateway, "clinic")


@pytest.fixture(scope="module")
def distribution(store, tmp_path_factory):
    with CloudFrontServer(tmp_path_factory.mktemp("distribution"), store[0], "clinic",
                          {KEY_ID: KEY.public_key()}) as running:
        yield running


@pytest.fixture(scope="module")
def archive(store, distribution, tmp_path_factory):
    # As an environment file has it: one line, with the ends of lines escaped.
    with ArchiveServer(tmp_path_factory.mktemp("archive"), AWS_S3_CUSTOM_DOMAIN=distribution.domain,
                       AWS_S3_VERIFY=str(distribution.certificate), AWS_CLOUDFRONT_KEY_ID=KEY_ID,
                       AWS_CLOUDFRONT_KEY=PEM.replace("\n", "\\n"), **store[1]) as running:
        yield running


def stored(archive, **names):
    content = dicom_files.ct_slice(seed=time.monotonic_ns() % 2**31)
    answer = archive.session().post(archive.api + "/images/", data=content,
                                    headers={"Content-Type": "application/dicom", **names})
    assert answer.status_code == 201, answer.text
    return answer.json(), content


def link_of(archive, image, seconds=60):
    answer = archive.session().get(f"{archive.api}/images/{image['id']}/url/", params={"expires_in": seconds})
    assert answer.status_code == 200, answer.text
    return answer.json()["image_url"]


def test_a_link_is_what_botocore_makes_of_the_same_url(archive, distribution):
    image, _ = stored(archive)
    link = link_of(archive, image)
    url, query = link.split("?")
    assert url == f"https://{distribution.domain}/" + urllib.parse.quote(image["file_key"])
    pairs = query.split("&")
    kept = "&".join(pair for pair in pairs if pair.startswith("response-"))
    expires = next(int(pair[8:]) for pair in pairs if pair.startswith("Expires="))
    signer = botocore.signers.CloudFrontSigner(KEY_ID, lambda message: KEY.sign(message, padding.PKCS1v15(), SHA1()))
    at = datetime.datetime.utcfromtimestamp(expires)
    # botocore takes local time where a time has no zone.
    expected = signer.generate_presigned_url(f"{url}?{kept}", date_less_than=at.replace(
        tzinfo=datetime.timezone.utc).astimezone().replace(tzinfo=None))
    assert link == expected


def test_a_link_opens_one_image_until_it_expires(archive, distribution):
    image, content = stored(archive)
    other, _ = stored(archive)
    fetch = lambda url: requests.get(url, verify=str(distribution.certificate), timeout=20)  # noqa: E731
    link, short = link_of(archive, image), link_of(archive, image, seconds=1)
    opened = fetch(link)
    assert opened.status_code == 200 and opened.content == content
    assert opened.headers["Content-Type"] == "application/dicom"
    expires = link.split("Expires=")[1].split("&")[0]
    for altered in (link.split("?")[0], link.replace(expires, str(int(expires) + 1)),
                    link.replace(image["file_key"].split("/")[3], other["file_key"].split("/")[3]),
                    link.replace("Signature=", "Signature=A"), link.replace(KEY_ID, "K0"),
                    link.replace("attachment", "inline")):
        assert altered != link and fetch(altered).status_code == 403, altered
    time.sleep(2.1)
    assert fetch(short).status_code == 403
    # A redirect of the API leads there too.
    leads = archive.session().get(f"{archive.api}/images/{image['id']}/file/", params={"redirect": "always"},
                                  allow_redirects=False)
    assert leads.status_code == 307 and leads.headers["Location"].startswith(f"https://{distribution.domain}/")
    assert fetch(leads.headers["Location"]).content == content


def test_the_trial_and_the_check_go_through_the_distribution(archive, distribution):
    stored(archive)
    report = json.loads(archive.command("test-storage", "--json").stdout)
    assert report["ok"], report
    found = findings(archive)
    assert found["links to the bucket"]["severity"] == "ok", found["links to the bucket"]
    assert distribution.domain in found["links to the bucket"]["text"]
    assert found["privacy of the bucket"]["severity"] == "ok"


def findings(archive, **changed):
    before = dict(archive.environment)
    archive.environment.update(changed)
    try:
        return {finding["subject"]: finding
                for finding in json.loads(archive.command("check", "--json").stdout)["findings"]}
    finally:
        archive.environment.clear()
        archive.environment.update(before)


def test_check_says_why_links_would_not_open(archive, distribution):
    stored(archive)
    other = findings(archive, AWS_CLOUDFRONT_KEY_ID="KANOTHER")["links to the bucket"]
    assert other["severity"] == "error" and "key group" in other["remedy"], other
    away = findings(archive, AWS_S3_CUSTOM_DOMAIN="localhost:1")["links to the bucket"]
    assert away["severity"] == "error" and "localhost:1" in away["text"], away
    # SigV4 means nothing to a distribution.
    plain = findings(archive, AWS_CLOUDFRONT_KEY_ID="", AWS_CLOUDFRONT_KEY="")["links to the bucket"]
    assert plain["severity"] == "error" and "AWS_CLOUDFRONT_KEY_ID" in plain["remedy"], plain


def test_check_tells_of_a_bucket_that_anybody_can_read(store, archive):
    stored(archive)
    s3, settings = store
    s3.put_bucket_policy(Bucket="clinic", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::clinic/*"}]}))
    try:
        # What stands before it still asks for signatures; the bucket itself does not any more.
        before = [each for each in json.loads(archive.command("check", "--json").stdout)["findings"]
                  if each["subject"] == "privacy of the bucket"]
        assert sorted(each["severity"] for each in before) == ["error", "ok"], before
        found = findings(archive, AWS_S3_CUSTOM_DOMAIN="", AWS_CLOUDFRONT_KEY_ID="", AWS_CLOUDFRONT_KEY="",
                         AWS_S3_VERIFY="true")
        assert found["links to the bucket"]["severity"] == "ok", found["links to the bucket"]
        public = found["privacy of the bucket"]
        assert public["severity"] == "error" and settings["AWS_S3_ENDPOINT_URL"] in public["text"], public
    finally:
        s3.delete_bucket_policy(Bucket="clinic")


@pytest.mark.parametrize("settings, says", [
    ({"AWS_CLOUDFRONT_KEY_ID": KEY_ID}, "without AWS_CLOUDFRONT_KEY"),
    ({"AWS_CLOUDFRONT_KEY": PEM}, "without AWS_CLOUDFRONT_KEY_ID"),
    ({"AWS_CLOUDFRONT_KEY_ID": KEY_ID, "AWS_CLOUDFRONT_KEY": PEM}, "without AWS_S3_CUSTOM_DOMAIN"),
    ({"AWS_CLOUDFRONT_KEY_ID": KEY_ID, "AWS_CLOUDFRONT_KEY": "secret-text", "AWS_S3_CUSTOM_DOMAIN": "images.example"},
     "no PEM block"),
])
def test_settings_that_cannot_work_are_refused(tmp_path, store, settings, says):
    server = ArchiveServer(tmp_path, **store[1], **settings)
    done = server.command("serve")
    assert done.returncode == 2 and says in done.stderr + done.stdout, done
    assert "secret-text" not in done.stderr + done.stdout and "PRIVATE KEY" not in done.stderr + done.stdout
