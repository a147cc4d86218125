# labels: contract peer
"""Random requests, signed by us and by botocore: the same signatures, in headers and in URLs."""
import calendar
import hashlib
import json
import os
import pathlib
import random
import subprocess
import time

import pytest

pytest.importorskip("botocore", reason="python3-boto3 is missing (tools/install_dependencies.sh s3)")

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402
from botocore.utils import percent_encode  # noqa: E402

REQUESTS = 400
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PACS_LITE_BUILD", REPOSITORY / "build" / "test"))
ALPHABET = "abcXYZ019-_.~ +=%!'()*&$@:,;?#[]{}|^`\"<>\\/äöü日本語😀\u00e9e\u0301"


def words(chooser, least, most, alphabet=ALPHABET):
    return "".join(chooser.choice(alphabet) for _ in range(chooser.randint(least, most)))


def made_request(chooser):
    names = [words(chooser, 1, 12) for _ in range(chooser.randint(0, 5))]
    headers = {"Host": "bucket.store.example:9000"}
    if chooser.random() < 0.5:
        headers["Range"] = f"bytes={chooser.randint(0, 9)}-{chooser.randint(10, 99)}"
    for _ in range(chooser.randint(0, 3)):
        name = "x-amz-meta-" + words(chooser, 1, 8, "abcdefgh-_0123")
        headers[name] = words(chooser, 1, 20, "abc  DEF012;,=\"{}")
    return {
        "method": chooser.choice(["GET", "PUT", "HEAD", "POST", "DELETE"]),
        "path": "/" + words(chooser, 0, 60),
        "query": [[name, words(chooser, 0, 12)] for name in dict.fromkeys(names)],
        "headers": headers,
        "body": chooser.randbytes(chooser.randint(0, 50)),
        "id": words(chooser, 16, 20, "ABCDEF0123"),
        "secret": words(chooser, 20, 40, "abcXYZ0123/+="),
        "token": words(chooser, 20, 60, "abcXYZ0123/+=") if chooser.random() < 0.3 else "",
        "region": chooser.choice(["us-east-1", "eu-central-1", "cn-north-1"]),
        "life": chooser.randint(1, 604_800) if chooser.random() < 0.4 else 0,
    }


def signed_by_botocore(made):
    """What botocore signs, and when."""
    request = AWSRequest(
        method=made["method"], url="http://bucket.store.example:9000" + percent_encode(made["path"], "-._~/"),
        headers=dict(made["headers"]), data=b"" if made["life"] else made["body"], params=dict(made["query"]))
    credentials = Credentials(made["id"], made["secret"], made["token"] or None)
    if made["life"]:
        for name in list(request.headers):
            if name.lower() != "host":
                del request.headers[name]
        made["headers"] = {"Host": made["headers"]["Host"]}
        S3SigV4QueryAuth(credentials, "s3", made["region"], expires=made["life"]).add_auth(request)
        return request.url, request.context["timestamp"]
    S3SigV4Auth(credentials, "s3", made["region"]).add_auth(request)
    return request.headers["Authorization"], request.context["timestamp"]


def signed_by_us(made, timestamp):
    now = calendar.timegm(time.strptime(timestamp, "%Y%m%dT%H%M%SZ")) * 1000
    headers = list(made["headers"].items())
    payload_hash = "UNSIGNED-PAYLOAD"
    if not made["life"]:
        payload_hash = hashlib.sha256(made["body"]).hexdigest()
        headers.append(("X-Amz-Content-SHA256", payload_hash))
    line = {name: made[name] for name in ("method", "path", "query", "id", "secret", "token", "region", "life")}
    return json.dumps(line | {"headers": headers, "payload_hash": payload_hash, "now": now})


def test_random_requests_are_signed_as_botocore_signs_them():
    seed = random.SystemRandom().randint(0, 2**32)
    chooser = random.Random(seed)
    made = [made_request(chooser) for _ in range(REQUESTS)]
    expected = [signed_by_botocore(each) for each in made]
    lines = "\n".join(signed_by_us(each, timestamp) for each, (_, timestamp) in zip(made, expected))
    done = subprocess.run([str(BUILD / "tests" / "contract" / "aws_signature_driver")], input=lines + "\n",
                          capture_output=True, text=True, timeout=60, check=True)
    answers = done.stdout.splitlines()
    assert len(answers) == REQUESTS
    for each, (theirs, _), ours in zip(made, expected, answers):
        if each["life"]:
            assert theirs.rsplit("=", 1)[1] == ours.rsplit("=", 1)[1], (seed, each, theirs, ours)
        else:
            assert theirs == ours, (seed, each)
