"""A bad link between a client and the archive: slow, and cut at random moments, now and then without
a word to the server."""
import random
import select
import socket
import struct
import threading
import time

STEP_BYTES = 16 * 1024


class CuttingProxy:
    """`calm` is true: nothing is cut any more, so that a client that has given up can finish."""

    def __init__(self, port: int, seed: int, bytes_per_second=6_000_000, cut_bytes=(10_000, 1_500_000)):
        self.target = ("127.0.0.1", port)
        self.random = random.Random(seed)
        self.bytes_per_second = bytes_per_second
        self.cut_bytes = cut_bytes
        self.calm = False
        self.cuts = 0
        self.silent = []  # the server's side of links that died without a word
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stopped = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.stopped:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(self.target)
        except OSError:
            return self.reset(client)
        left = None if self.calm else self.random.randint(*self.cut_bytes)
        try:
            while True:
                for source in select.select([client, server], [], [], 30)[0]:
                    data = source.recv(STEP_BYTES)
                    if not data:
                        client.close(), server.close()
                        return
                    if source is client:
                        time.sleep(len(data) / self.bytes_per_second)
                        if left is not None:
                            left -= len(data)
                    # The last answers are lost as well as the bytes: some cuts come just before an answer.
                    if left is not None and left <= 0 and not self.calm:
                        return self.cut(client, server, data if source is client else b"")
                    (server if source is client else client).sendall(data)
        except OSError:
            client.close(), server.close()

    def cut(self, client, server, last):
        self.cuts += 1
        server.sendall(last)
        self.reset(client)
        if self.random.random() < 0.3:
            self.silent.append(server)
        else:
            self.reset(server)

    @staticmethod
    def reset(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stopped = True
        self.listener.close()
        for server in self.silent:
            server.close()
