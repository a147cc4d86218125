"""A link to an object store that breaks in the way a test wants: it passes requests on, one at a time on each
connection, and does something else to those that a rule picks.

    with FaultProxy(store_port) as proxy:
        proxy.break_next("lost_answer", method="PUT", path_holds=".dcm")
        ... proxy.requests ...

The store checks its signatures as ever: they cover the Host that the client addressed, which is passed on.
"""
import dataclasses
import socket
import struct
import threading
import time

SLOW_DOWN = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
INTERNAL = b'<?xml version="1.0"?><Error><Code>InternalError</Code><Message>We encountered an error.</Message></Error>'
HEAD_BYTES_MAX = 64 * 1024
STALL_SECONDS_MAX = 120

# What can be done to one request; each is told when it has happened.
FAULTS = (
    "slow_down",     # 503 without asking the store
    "internal",      # 500 likewise
    "reset",         # the connection goes when the head is there
    "cut_request",   # half of the body reaches the store
    "lost_answer",   # the store has done it, and its answer never comes
    "half_answer",   # half of the answer's body comes
    "wrong_etag",    # the answer names another ETag than the store did
    "error_in_200",  # 200 with an error for a body
    "flipped_bit",   # a bit of the answer's body is another
    "stall",         # nothing more comes, and the connection stays
)


@dataclasses.dataclass
class Rule:
    fault: str
    method: str
    path_holds: str
    times: int  # how many requests yet


@dataclasses.dataclass
class Answer:
    method: str
    path: str
    asked_range: str  # empty: none
    status: int
    body_bytes: int


class Message:
    """A head and the body behind it, read whole."""

    def __init__(self, head: bytes, body: bytes):
        self.head, self.body = head, body

    @property
    def lines(self) -> list:
        return self.head.split(b"\r\n")

    def field(self, name: str) -> str:
        for line in self.lines[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.lower().encode():
                return value.strip().decode()
        return ""

    def without(self, name: str) -> "Message":
        kept = [line for line in self.lines if not line.lower().startswith(name.lower().encode() + b":")]
        return Message(b"\r\n".join(kept), self.body)

    def with_field(self, name: str, value: str) -> "Message":
        changed = self.without(name)
        return Message(changed.head + f"\r\n{name}: {value}".encode(), self.body)

    def bytes(self) -> bytes:
        return self.head + b"\r\n\r\n" + self.body


def read_head(stream) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(HEAD_BYTES_MAX)
        if not line:
            return b""
        head += line
    return head[:-4]


def read_body(stream, message: Message) -> bytes:
    if message.field("Transfer-Encoding").lower() == "chunked":
        body = b""
        while size := int(stream.readline().split(b";")[0], 16):
            body += stream.read(size)
            stream.readline()
        while stream.readline() not in (b"\r\n", b""):
            pass
        return body
    return stream.read(int(message.field("Content-Length") or 0))


class FaultProxy:
    def __init__(self, store_port: int):
        self.store_port = store_port
        self.requests = []  # (method, path) of each that came, in its order
        self.answers = []   # an Answer for each that the store gave
        self.happened = []  # the faults that did
        self._rules, self._lock, self._connections = [], threading.Lock(), set()

    def __enter__(self) -> "FaultProxy":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *unused) -> None:
        self._listener.close()
        with self._lock:
            for connection in self._connections:
                connection.close()

    def break_next(self, fault: str, method="", path_holds="", times=1) -> None:
        assert fault in FAULTS, fault
        with self._lock:
            self._rules.append(Rule(fault, method, path_holds, times))

    def mend(self) -> None:
        with self._lock:
            self._rules.clear()

    def _fault_for(self, method: str, path: str) -> str:
        with self._lock:
            self.requests.append((method, path))
            for rule in self._rules:
                if rule.times > 0 and rule.method in ("", method) and rule.path_holds in path:
                    rule.times -= 1
                    self.happened.append(rule.fault)
                    return rule.fault
        return ""

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self.store_port)) as store:
                from_client, from_store = client.makefile("rb"), store.makefile("rb")
                while self._pass_one(client, from_client, store, from_store):
                    pass
        except OSError:
            pass
        finally:
            with self._lock:
                self._connections.discard(client)
            client.close()

    def _pass_one(self, client, from_client, store, from_store) -> bool:
        head = read_head(from_client)
        if not head:
            return False
        request = Message(head, b"")
        method, path, _ = request.lines[0].decode().split(" ", 2)
        fault = self._fault_for(method, path)
        if fault == "reset":
            reset(client)
            return False
        if request.field("Expect"):
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            request = request.without("Expect")
        request.body = read_body(from_client, request)
        if fault in ("slow_down", "internal"):
            status, body = (b"503 Slow Down", SLOW_DOWN) if fault == "slow_down" else (b"500 Internal Server Error", INTERNAL)
            client.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Type: application/xml\r\nContent-Length: " +
                           str(len(body)).encode() + b"\r\n\r\n" + (b"" if method == "HEAD" else body))
            return True
        if fault == "cut_request":
            store.sendall(request.bytes()[:-max(1, len(request.body) // 2)])
            time.sleep(0.1)
            reset(client)
            return False
        store.sendall(request.bytes())
        return self._answer(client, from_store, request, fault)

    def _answer(self, client, from_store, request: Message, fault: str) -> bool:
        method, path, _ = request.lines[0].decode().split(" ", 2)
        answer = Message(read_head(from_store), b"")
        if not answer.head:
            return False
        has_body = method != "HEAD" and b" 204 " not in answer.lines[0] and b" 304 " not in answer.lines[0]
        if has_body:
            answer.body = read_body(from_store, answer)
            answer = answer.without("Transfer-Encoding").with_field("Content-Length", str(len(answer.body)))
        with self._lock:
            self.answers.append(Answer(method, path, request.field("Range"), int(answer.lines[0].split()[1]),
                                       len(answer.body)))
        if fault == "stall":
            time.sleep(STALL_SECONDS_MAX)
            return False
        if fault == "lost_answer":
            reset(client)
            return False
        if fault == "half_answer":
            client.sendall(answer.bytes()[:-max(1, len(answer.body) // 2)])
            reset(client)
            return False
        if fault == "wrong_etag":
            answer = answer.with_field("ETag", '"' + "0" * 32 + '"')
        if fault == "error_in_200":
            answer = Message(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: " +
                             str(len(INTERNAL)).encode(), INTERNAL)
        if fault == "flipped_bit" and answer.body:
            at = len(answer.body) // 2
            answer.body = answer.body[:at] + bytes([answer.body[at] ^ 1]) + answer.body[at + 1:]
        client.sendall(answer.bytes())
        return True


def reset(connection: socket.socket) -> None:
    """So that the other side sees an error, and no end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
