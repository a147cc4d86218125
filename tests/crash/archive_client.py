"""The REST API as a client in Python sees it, on one connection of its own: a tenth of the time of the
requests library, so that the load is the server's and not ours."""
import http.client
import json
import uuid

API = "/api/v1/radiology"
TUS = {"Tus-Resumable": "1.0.0"}
TIMEOUT_SECONDS = 30
LOST = (OSError, http.client.HTTPException)  # the connection went with the server


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class ArchiveClient:
    def __init__(self, port: int, token: str | None):
        self.port = port
        self.authorization = {"Authorization": f"Bearer {token}"} if token else {}
        self.connection = None

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def call(self, method, path, body=None, headers=None, timeout=TIMEOUT_SECONDS) -> Answer:
        """Raises one of LOST when no whole answer came."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            self.connection.request(method, path, body, {**self.authorization, **(headers or {})})
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except LOST:
            self.close()
            raise
        if answer.headers.get("Connection", "").lower() == "close":
            self.close()
        return answer

    def post_json(self, path, document) -> Answer:
        return self.call("POST", path, json.dumps(document), {"Content-Type": "application/json"})

    # The one-step upload, and the three steps of the offline one.

    def store(self, content: bytes, media_type="application/dicom") -> Answer:
        return self.call("POST", API + "/images/", content, {"Content-Type": media_type})

    def announce(self, document: dict) -> Answer:
        return self.post_json(API + "/offline-images/upload-metadata/", document)

    def send_binary(self, image_uuid: str, filename: str, content: bytes) -> Answer:
        boundary = uuid.uuid4().hex
        head = f"--{boundary}\r\nContent-Disposition: form-data; name=\"image_uuid\"\r\n\r\n{image_uuid}\r\n" \
               f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n" \
               "Content-Type: application/octet-stream\r\n\r\n"
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.call("POST", API + "/offline-images/upload-binary/", body,
                         {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def acknowledge(self, image_uuid: str) -> Answer:
        return self.post_json(API + "/offline-images/acknowledge/", {"image_uuid": image_uuid})

    # The upload in pieces (tus 1.0); its path is what begin_upload() was answered.

    def begin_upload(self, length: int, piece=b"") -> Answer:
        """With the first piece, where one is given."""
        headers = {**TUS, "Upload-Length": str(length)}
        if piece:
            headers["Content-Type"] = "application/offset+octet-stream"
        return self.call("POST", API + "/uploads/", piece, headers)

    def ask_upload(self, path: str) -> Answer:
        return self.call("HEAD", path, None, TUS)

    def send_piece(self, path: str, offset: int, piece: bytes) -> Answer:
        return self.call("PATCH", path, piece, {**TUS, "Upload-Offset": str(offset),
                                                "Content-Type": "application/offset+octet-stream"})

    @staticmethod
    def upload_path(answer: Answer) -> str:
        location = answer.headers["Location"]
        return location[location.index("/api/"):]

    # Reading and removing.

    def images_of_study(self, study_uid: str) -> dict:
        """The images whose pixels are there, by their UID; none when there is no such study."""
        answer = self.call("GET", f"{API}/studies/{study_uid}/images/")
        if answer.status == 404:
            return {}
        assert answer.status == 200, answer
        return {image["image_uid"]: image for series in answer.json()["series"] for image in series["images"]
                if image["id"] is not None}

    def fetch(self, image: dict) -> Answer:
        """The bytes behind the signed link of an image in a list."""
        url = image["image_url"]
        path = "/" + url.split("://", 1)[1].split("/", 1)[1] if "://" in url else url
        return self.call("GET", path)

    def find(self, image_uid: str) -> Answer:
        return self.call("GET", f"{API}/images/{image_uid}/")

    def remove(self, image_uid: str, for_good=False) -> Answer:
        return self.call("DELETE", f"{API}/images/{image_uid}/" + ("?now=true" if for_good else ""))

    def restore(self, image_uid: str) -> Answer:
        return self.call("POST", f"{API}/images/{image_uid}/restore/", b"")
