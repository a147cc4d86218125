"""STOW-RS requests as clients make them, and what the answers say."""
import http.client
import uuid

CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"


def part(content: bytes, boundary: str) -> bytes:
    """The form of the dicomweb-client that OHIF uses: a line end before each boundary, none at the end."""
    return f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + content


def multipart(contents, boundary: str) -> bytes:
    return b"".join(part(content, boundary) for content in contents) + f"\r\n--{boundary}--".encode()


def content_type(boundary: str) -> str:
    return f"multipart/related; type=application/dicom; boundary={boundary}"


def stow(server, contents, study: str | None = None, session=None):
    boundary = str(uuid.uuid4())
    path = "/studies" if study is None else f"/studies/{study}"
    return (session or server.session()).post(
        server.url + "/dicom-web" + path, data=multipart(contents, boundary),
        headers={"Content-Type": content_type(boundary), "Accept": "application/dicom+json"}, timeout=120)


def value(item: dict, tag: str):
    values = item.get(tag, {}).get("Value", [None])
    assert len(values) == 1
    return values[0]


def stored(answer) -> list:
    """The UIDs of the instances that an answer says are stored."""
    return [value(item, "00081155") for item in answer.json().get("00081199", {"Value": []})["Value"]]


def failed(answer) -> dict:
    """UID (or None) and reason of those that are not."""
    return {value(item, "00081155"): value(item, "00081197")
            for item in answer.json().get("00081198", {"Value": []})["Value"]}


class SliceMaker:
    """Thousands of slices cheaply: one file whose UID is exchanged for another of the same length."""

    def __init__(self, ct_slice, study_uid: str, rows: int, columns: int):
        self._placeholder = self._uid(0)
        self._content = ct_slice(study_uid=study_uid, image_uid=self._placeholder, rows=rows, columns=columns)
        self._root = uuid.uuid4().int % 10 ** 12

    def _uid(self, number: int) -> str:
        return f"1.2.826.0.1.3680043.9.{getattr(self, '_root', 0) + 10 ** 12}.{number + 10 ** 6}"

    def uid(self, number: int) -> str:
        return self._uid(number)

    def slice(self, number: int) -> bytes:
        return self._content.replace(self._placeholder.encode(), self.uid(number).encode())


def open_post(server, headers: dict) -> http.client.HTTPConnection:
    """A POST of which only the head has been sent."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.putrequest("POST", "/dicom-web/studies")
    connection.putheader("Authorization", f"Bearer {server.token}")
    for name, text in headers.items():
        connection.putheader(name, text)
    connection.endheaders()
    return connection
