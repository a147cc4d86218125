"""Reads multipart/related answers, strictly: the closing boundary must be there."""
import email.message


def parse(answer):
    """[(headers, content)] of a requests.Response."""
    message = email.message.Message()
    message["Content-Type"] = answer.headers["Content-Type"]
    assert message.get_content_type() == "multipart/related", answer.headers["Content-Type"]
    delimiter = b"--" + message.get_param("boundary").encode()
    if answer.headers.get("Transfer-Encoding") != "chunked":  # the end of the chunks is checked by requests
        assert len(answer.content) == int(answer.headers["Content-Length"])
    body = answer.content
    assert body.startswith(delimiter + b"\r\n"), body[:100]
    assert body.endswith(b"\r\n" + delimiter + b"--\r\n"), body[-100:]
    parts = []
    at = len(delimiter) + 2
    while True:
        head_end = body.index(b"\r\n\r\n", at)
        headers = dict(line.split(": ", 1) for line in body[at:head_end].decode().split("\r\n"))
        start = head_end + 4
        size = int(headers["Content-Length"])
        parts.append((headers, body[start:start + size]))
        behind = body[start + size:]
        if behind == b"\r\n" + delimiter + b"--\r\n":
            return parts
        assert behind.startswith(b"\r\n" + delimiter + b"\r\n"), behind[:100]
        at = start + size + 4 + len(delimiter)
