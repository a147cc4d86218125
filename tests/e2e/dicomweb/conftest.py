import json
import pathlib
import re
import sys
import urllib.parse

import pytest
import requests

sys.path.insert(0, str(pathlib.Path(__file__).parent))

ROOT = "/dicom-web"
send = requests.Session.send


class Capabilities:
    """What servers say of themselves, each asked once."""

    def __init__(self):
        self.of_server = {}

    def resources(self, base):
        if base not in self.of_server:
            answer = send(requests.Session(), requests.Request("OPTIONS", base + ROOT, headers={"Accept": "application/json"}).prepare(), timeout=30)
            self.of_server[base] = json.loads(answer.content)["resources"]
        return self.of_server[base]

    def statuses(self, method, url):
        """Nothing for what is no resource of DICOMweb."""
        parts = urllib.parse.urlsplit(url)
        if not parts.path.startswith(ROOT):
            return None
        path = parts.path[len(ROOT):]
        # Of two that fit, the one with fewer parameters.
        fitting = [resource for resource in self.resources(f"{parts.scheme}://{parts.netloc}")
                   if re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", resource["path"]), path.rstrip("/"))]
        for resource in sorted(fitting, key=lambda each: each["path"].count("{")):
            for described in resource["methods"]:
                if described["name"] == ("GET" if method == "HEAD" else method):
                    return set(described["responseStatuses"]) | set(described["problemStatuses"])
        return None


CAPABILITIES = Capabilities()


@pytest.fixture(autouse=True)
def no_status_that_is_not_told(monkeypatch):  # C1
    """Whatever a test asks, a status comes that the capabilities list for the resource."""
    def checked(session, request, **options):
        answer = send(session, request, **options)
        is_preflight = "Access-Control-Request-Method" in request.headers
        told = None if is_preflight else CAPABILITIES.statuses(request.method, request.url)
        assert told is None or str(answer.status_code) in told, f"{request.method} {request.url}: {answer.status_code} is not told"
        return answer

    monkeypatch.setattr(requests.Session, "send", checked)
