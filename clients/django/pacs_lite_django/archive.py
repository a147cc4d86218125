"""A small client of the archive's radiology API: standard library alone."""
import hashlib
import json
import urllib.error
import urllib.request
import uuid

TIMEOUT_SECONDS = 60


class ArchiveError(Exception):
    """The archive's answer was not the one that was asked for; says which."""


class Archive:
    def __init__(self, url, token):
        self.url = url.rstrip("/")
        self.token = token
        # No proxy from the environment: the archive is a neighbour.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def request(self, method, path, body=None, content_type=None, authorised=True):
        """(status, bytes) whatever the status is."""
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, data=body, method=method)
        if authorised:
            request.add_header("Authorization", "Bearer " + self.token)
        if content_type:
            request.add_header("Content-Type", content_type)
        try:
            with self.opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError as error:
            raise ArchiveError(f"{self.url} does not answer: {error}") from error

    def json(self, method, path, value=None, expected=(200, 201)):
        body = None if value is None else json.dumps(value).encode()
        status, answer = self.request(method, path, body, "application/json" if body is not None else None)
        return self.checked(method, path, status, answer, expected)

    def upload_metadata(self, image_uuid, content, filename, metadata, **order):
        return self.json("POST", "/api/v1/radiology/offline-images/upload-metadata/", {
            "image_uuid": image_uuid, "filename": filename, "file_size": len(content),
            "mime_type": "application/octet-stream", "checksum": hashlib.sha256(content).hexdigest(),
            "image_metadata": metadata, **order})

    def upload_binary(self, image_uuid, content, filename):
        boundary = uuid.uuid4().hex
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="image_uuid"\r\n\r\n{image_uuid}\r\n'
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
                f'Content-Type: application/octet-stream\r\n\r\n').encode() + content + f"\r\n--{boundary}--\r\n".encode()
        path = "/api/v1/radiology/offline-images/upload-binary/"
        status, answer = self.request("POST", path, body, f"multipart/form-data; boundary={boundary}")
        return self.checked("POST", path, status, answer, (200, 201))

    def acknowledge(self, image_uuid):
        return self.json("POST", "/api/v1/radiology/offline-images/acknowledge/", {"image_uuid": image_uuid})

    def image_url(self, image_id):
        url = self.json("GET", f"/api/v1/radiology/images/{image_id}/url/")["image_url"]
        return url if url.startswith("http") else self.url + url

    @staticmethod
    def checked(method, path, status, answer, expected):
        if status not in expected:
            raise ArchiveError(f"{method} {path} was answered {status}: {answer[:500].decode(errors='replace')}")
        return json.loads(answer) if answer else None
