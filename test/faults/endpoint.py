"""An endpoint that misbehaves as it is told, in front of the one that works.

A Front listens on one port.  Each request goes to the stack's endpoint, and
its reply comes back, unless the plan has a fault for it: a function of the
Exchange, which can send any bytes or frames, stall, close or reset.
"""
import http.client
import json
import os
import socket
import ssl
import struct
import threading
import urllib.parse

import http2

# A stalled exchange ends with its client, or after so long.
LONGEST_STALL = 30


def forward(body):
    """What the endpoint answers: (status, body)."""
    url = urllib.parse.urlsplit(os.environ["ENDPOINT_URL"])
    context = ssl.create_default_context(cafile=os.environ["ENDPOINT_CA"])
    # from Python 3.13 on; the stack's authority is as plain as can be
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    connection = http.client.HTTPSConnection(url.hostname, url.port,
                                             context=context)
    user, password, database = (
        os.environ["REMOTE_PG" + name]
        for name in ("USER", "PASSWORD", "DATABASE"))
    headers = {
        "Neon-Connection-String": "postgresql://%s:%s@ep-test-123.local.neon.test/%s" % (
            user, urllib.parse.quote(password, safe=""), database),
        "Neon-Raw-Text-Output": "true", "Neon-Array-Mode": "true",
        "Content-Type": "application/json"}
    if b'"queries"' in body[:12]:
        headers["Neon-Batch-Isolation-Level"] = "RepeatableRead"
    connection.request("POST", url.path, body, headers)
    reply = connection.getresponse()
    result = reply.status, reply.read()
    connection.close()
    return result


class Exchange:
    """A request and what is to be answered, over HTTP/1.1."""
    version = 1

    def __init__(self, front, sock, body):
        self.front = front
        self.sock = sock
        self.body = body
        self.closed = False
        self._reply = None

    def reply(self):
        """The right reply's status and body; the request is run for it."""
        if self._reply is None:
            self._reply = forward(self.body)
            self.front.last_reply = self._reply[1]
        return self._reply

    def send(self, data):
        try:
            self.sock.sendall(data)
            return True
        except OSError:
            self.closed = True
            return False

    def head(self, status=200, length=None, *more):
        lines = ["HTTP/1.1 %s X" % status, "Content-Type: application/json"]
        if length is not None:
            lines.append("Content-Length: %s" % length)
        return "\r\n".join(lines + list(more) + ["", ""]).encode()

    def answer(self, status, body, *more):
        self.send(self.head(status, len(body), *more) + body)

    def close(self):
        self.closed = True
        close(self.sock)

    def reset(self):
        self.closed = True
        reset(self.sock)

    def stall(self):
        """Until the client goes away."""
        self.closed = True
        try:
            self.sock.settimeout(LONGEST_STALL)
            while self.sock.recv(65536):
                pass
        except (OSError, ValueError):
            pass
        close(self.sock)


class Exchange2(Exchange):
    """The same over HTTP/2."""
    version = 2

    def __init__(self, front, sock, body, stream):
        super().__init__(front, sock, body)
        self.stream = stream

    def frame(self, kind, flags=0, payload=b"", stream=None):
        return self.send(http2.frame(
            kind, flags, self.stream if stream is None else stream, payload))

    def headers(self, status=200, *more, end=False):
        fields = [(":status", str(status)),
                  ("content-type", "application/json"), *more]
        self.frame(http2.HEADERS, http2.END_HEADERS |
                   (http2.END_STREAM if end else 0), http2.fields(fields))

    def data(self, data, end=False):
        size = 16384
        for start in range(0, max(len(data), 1), size):
            last = start + size >= len(data)
            self.frame(http2.DATA, http2.END_STREAM if end and last else 0,
                       data[start:start + size])

    def answer(self, status, body, *more):
        self.headers(status, *[tuple(line.lower().split(": ", 1))
                               for line in more])
        self.data(body, end=True)


def close(sock):
    """The socket below TLS, too, and at once: no close_notify."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def reset(sock):
    """detach(), because a file of the socket would keep it open."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
        os.close(sock.detach())
    except OSError:
        pass


def kind_of(body):
    """What a request is for, as plans name it."""
    text = body.decode("utf-8", "replace")
    if text.rstrip("]}").endswith('"ROLLBACK","params":['):
        return "rehearsal"
    if any(word in text for word in ('"INSERT', "INSERT INTO")):
        return "commit"
    return "read"


class Front:
    """tls: an ssl.SSLContext, or None for plain HTTP.  accept: a fault of the
    connection itself, a function of the socket; true if it took it over."""

    def __init__(self, tls=None, accept=None, version=1):
        self.tls = tls
        self.version = version  # of the exchanges that faults are for
        self.accept = accept
        self.plan = {}
        self.count = 0
        self.last_reply = b""
        self.connections = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def arm(self, plan):
        with self.lock:
            self.plan = dict(plan)
            self.count = 0

    def drop_connections(self):
        with self.lock:
            for sock in self.connections:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _listen(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _serve(self, raw):
        sock = raw
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.accept is not None and self.accept(raw):
                return
            if self.tls is not None:
                sock = self.tls.wrap_socket(raw, server_side=True)
            with self.lock:
                self.connections.add(sock)
            if self.tls is not None and \
                    sock.selected_alpn_protocol() == "h2":
                http2.serve(self, sock)
            else:
                self._serve_http1(sock)
        except (OSError, ValueError, EOFError):
            pass
        finally:
            with self.lock:
                self.connections.discard(sock)
            close(sock)

    def _serve_http1(self, sock):
        stream = sock.makefile("rb")
        while True:
            head = {}
            if not stream.readline():
                return
            while (line := stream.readline().strip()):
                name, _, value = line.partition(b":")
                head[name.lower()] = value.strip()
            body = stream.read(int(head.get(b"content-length", 0)))
            exchange = Exchange(self, sock, body)
            self.act(exchange)
            if exchange.closed:
                return

    def act(self, exchange):
        """The plan's fault for a request, or the right reply."""
        with self.lock:
            self.count += 1
            number, plan = self.count, self.plan
            fault = plan.get(number) or plan.pop(kind_of(exchange.body), None)
        if fault is not None and exchange.version == self.version:
            fault(exchange)
        else:
            exchange.answer(*exchange.reply())

