"""A client of the REST API that holds every answer against the server's own OpenAPI document."""
import copy
import hashlib
import re
import uuid

import jsonschema
import requests

PREFIX = "/api/v1/radiology/"


def close_objects(node):
    """No member may come that the document does not know."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node["additionalProperties"] = False
        for value in node.values():
            close_objects(value)
    elif isinstance(node, list):
        for value in node:
            close_objects(value)


class OpenApi:
    def __init__(self, document: dict):
        self.document = document
        self.closed = copy.deepcopy(document)
        close_objects(self.closed["components"])
        self.patterns = []
        for path in document["paths"]:
            expression = re.sub(r"\\\{key\\\}", ".+", re.escape(path))
            expression = re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", expression)
            self.patterns.append((re.compile("^" + expression.rstrip("/") + "/?$"), path))
        # "/pending/" before "/{id}/"
        self.patterns.sort(key=lambda entry: entry[1].count("{"))

    def operation(self, method: str, path: str):
        for pattern, template in self.patterns:
            if pattern.match(path) and method.lower() in self.document["paths"][template]:
                return self.document["paths"][template][method.lower()]
        return None

    def check(self, method: str, url: str, answer: requests.Response) -> None:
        path = requests.utils.urlparse(url).path
        operation = self.operation("GET" if method == "HEAD" else method, path)
        if operation is None:
            assert answer.status_code in (404, 405, 400), f"{method} {path} answers, but is not documented"
            return
        name = f"{operation['operationId']} {answer.status_code}"
        documented = operation["responses"].get(str(answer.status_code))
        assert documented is not None, f"{name} is not documented: {answer.text[:300]}"
        if method == "HEAD" or "content" not in documented:
            return
        media_type = answer.headers.get("Content-Type", "").split(";")[0]
        content = documented["content"].get(media_type) or documented["content"].get("*/*")
        assert content is not None, f"{name}: {media_type} is not documented"
        if media_type.endswith("json"):
            schema = {**content["schema"], "components": self.closed["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json())


class CheckedApi:
    """Paths are below the radiology prefix unless they begin with a slash."""

    def __init__(self, server, token: str | None = None, openapi: OpenApi | None = None):
        self.server = server
        self.token = token
        self.openapi = openapi or OpenApi(requests.get(server.url + "/api/openapi.json", timeout=30).json())
        self.session = requests.Session()
        self.session.trust_env = False

    def as_(self, token: str | None) -> "CheckedApi":
        return CheckedApi(self.server, token, self.openapi)

    def request(self, method: str, path: str, **options) -> requests.Response:
        url = path if path.startswith("http") else self.server.url + (path if path.startswith("/") else PREFIX + path)
        headers = options.pop("headers", {})
        if self.token is not None:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        answer = self.session.request(method, url, headers=headers, timeout=60, **options)
        if url.startswith(self.server.url):
            self.openapi.check(method, url, answer)
        assert answer.headers.get("X-Content-Type-Options") == "nosniff"
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, json=None, **options):
        return self.request("POST", path, json=json, **options)

    def put(self, path, json=None, **options):
        return self.request("PUT", path, json=json, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def make_token(self, *roles: str, **more) -> str:
        answer = self.post("/api/v1/archive/tokens/", {"name": "-".join(roles), "roles": list(roles), **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["token"]

    # -- the offline upload ----------------------------------------------------------------------

    def announce(self, content: bytes, image_uuid: str | None = None, **fields) -> requests.Response:
        image_uuid = image_uuid or str(uuid.uuid4())
        body = {"image_uuid": image_uuid, "filename": "image.dcm", "file_size": len(content),
                "mime_type": "application/octet-stream", "checksum": hashlib.sha256(content).hexdigest(), **fields}
        if not any(name.startswith("radiology_") for name in body):
            body["radiology_order_id"] = 10**6 + uuid.UUID(image_uuid).int % 10**9  # an order of its own
        return self.post("offline-images/upload-metadata/", body)

    def send(self, image_uuid: str, content: bytes, filename="image.dcm") -> requests.Response:
        return self.request("POST", "offline-images/upload-binary/", data={"image_uuid": image_uuid},
                            files={"file": (filename, content)})

    def acknowledge(self, image_uuid: str) -> requests.Response:
        return self.post("offline-images/acknowledge/", {"image_uuid": image_uuid})

    def upload(self, content: bytes, **fields) -> dict:
        """All three steps; the record with its receipt."""
        announced = self.announce(content, **fields)
        assert announced.status_code in (200, 201), announced.text
        image_uuid = announced.json()["image_uuid"]
        sent = self.send(image_uuid, content)
        assert sent.status_code in (200, 201), sent.text
        acknowledged = self.acknowledge(image_uuid)
        assert acknowledged.status_code == 200, acknowledged.text
        return {**sent.json(), "receipt": acknowledged.json()["receipt"]}

    def store(self, content: bytes, content_type="application/dicom", **query) -> requests.Response:
        return self.request("POST", "images/", data=content, params=query, headers={"Content-Type": content_type})


def new_uuid() -> str:
    return str(uuid.uuid4())
