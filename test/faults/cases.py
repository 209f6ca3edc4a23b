"""The table of faults: where, what, and what the user is to see.

want: the SQLSTATE, or several, "ok" for the right result.  slow: the server
with timeouts of one second is used, and one of them is to end it.
"""
import gzip
import json
import struct
import time
from dataclasses import dataclass, field

import http2
from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS,
                   PING, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE)


@dataclass
class Case:
    name: str
    front: str
    want: tuple
    plan: dict = field(default_factory=dict)
    op: str = "read"
    text: str = ""
    slow: bool = False
    retries: bool = False       # the server that tries again is used
    proxy: object = None        # a fault of the proxy


# ---------- faults ----------

def both(*steps):
    def fault(x):
        for step in steps:
            step(x)
    return fault


def raw(data):
    return lambda x: x.send(data)


def run(x):
    x.reply()


def close(x):
    x.close()


def reset(x):
    x.reset()


def stall(x):
    x.stall()


def cut(offset, end, start=lambda x, body: x.head(200, len(body)) + body):
    """Of the whole reply over HTTP/1.1 so many bytes."""
    def fault(x):
        x.send(start(x, x.reply()[1])[:offset])
        end(x)
    return fault


def body_cut(offset, end, length=True):
    def fault(x):
        body = x.reply()[1]
        x.send(x.head(200, len(body) if length else None,
                      *([] if length else ["Connection: close"])) +
               body[:offset])
        end(x)
    return fault


def answer(status, body=b"", *more):
    def fault(x):
        x.answer(status, body if isinstance(body, bytes)
                 else json.dumps(body).encode(), *more)
    return fault


def changed(change):
    """The reply with other bytes in its body: change is a function of it."""
    return lambda x: x.answer(200, change(x.reply()[1]))


def result(text):
    """The reply, with other JSON in the place of the query's result."""
    def change(body):
        guard = json.dumps(json.loads(body)["results"][0])
        data = text.encode() if isinstance(text, str) else text
        return b'{"results":[' + guard.encode() + b"," + data + b"]}"
    return changed(change)


def rows(text):
    data = text.encode() if isinstance(text, str) else text
    return result(b'{"fields":[],"rows":' + data +
                  b',"command":"SELECT","rowCount":1}')


def slowly(size, pause):
    def fault(x):
        data = x.head(200, len(x.reply()[1])) + x.reply()[1]
        for start in range(0, len(data), size):
            if not x.send(data[start:start + size]):
                return
            time.sleep(pause)
    return fault


def endless(data, first=b"", pause=0):
    """Until the client has had enough."""
    def fault(x):
        x.send(first)
        while x.send(data):
            time.sleep(pause)
    return fault


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED = "Transfer-Encoding: chunked"


def chunked(body, size, tail=b"0\r\n\r\n"):
    return b"".join(chunk(body[i:i + size])
                    for i in range(0, len(body), size)) + tail


def frame(kind, flags=0, payload=b"", stream=None):
    return lambda x: x.frame(kind, flags, payload, stream)


def head2(status=200, *more, end=False):
    return lambda x: x.headers(status, *more, end=end)


def part2(offset):
    def fault(x):
        x.headers()
        x.data(x.reply()[1][:offset])
    return fault


def rst(code):
    return lambda x: x.send(http2.rst(x.stream, code))


def goaway(last, code=0):
    return lambda x: x.send(http2.goaway(max(x.stream + last, 0), code))


def right(x):
    x.answer(*x.reply())


# ---------- the table ----------

# A read that finds a kept connection dead before a byte of the reply is sent
# again by libcurl itself.
AGAIN = ("ok",)


def connecting():
    """Faults of connecting and of TLS: no request ever leaves."""
    for front, text in (
            ("refused", "connecting failed"), ("dns", "DNS lookup"),
            ("expired", "TLS handshake failed"),
            ("early", "TLS handshake failed"),
            ("wrong_host", "TLS handshake failed"),
            ("unknown", "TLS handshake failed"),
            ("old", "TLS handshake failed"),
            ("not_tls", "TLS handshake failed"),
            ("closed", "TLS handshake failed"),
            ("reset_hello", "TLS handshake failed"),
            ("garbage_hello", "TLS handshake failed"),
            ("alert", "TLS handshake failed"),
            ("half_hello", "TLS handshake failed")):
        for op in ("read", "insert", "tx"):
            yield Case("connect: " + front, front, ("08001",), op=op,
                       text="could not connect to server .*" + text)
    for front in ("blackhole", "silent", "silent_hello"):
        for op in ("read", "insert"):
            yield Case("connect: " + front, front, ("08001",), op=op,
                       slow=True, text="timeout during ")


def offsets(length, head):
    """A reply that is cut, reset or stalls, at every byte."""
    for at in range(length):
        yield Case("body cut at %d" % at, "h1", ("08006",),
                   {"read": body_cut(at, close)})
    for at in range(0, length, 25):
        yield Case("body reset at %d" % at, "h1", ("08006",),
                   {"read": body_cut(at, reset)})
        # newer libraries miss TLS's own goodbye
        yield Case("body ends at %d" % at, "h1", ("HV00M", "08006"),
                   {"read": body_cut(at, close, length=False)})
        yield Case("chunks end at %d" % at, "h1", ("08006",),
                   {"read": lambda x, at=at: both(
                       raw(x.head(200, None, CHUNKED) +
                           chunked(x.reply()[1][:at], 7, b"")), close)(x)})
        yield Case("stream reset at %d" % at, "h2", ("08006",),
                   {"read": both(part2(at), rst(http2.PROTOCOL_ERROR))})
        yield Case("stream ends at %d" % at, "h2", ("HV00M",),
                   {"read": lambda x, at=at: both(
                       head2(), lambda x: x.data(x.reply()[1][:at], end=True)
                   )(x)})
        yield Case("connection closed at %d" % at, "h2", ("08006",),
                   {"read": both(part2(at), close)})
    for at in range(0, head, 4):
        for end in (close, reset):
            yield Case("headers %s at %d" % (end.__name__, at), "h1",
                       ("08006",) + AGAIN, {"read": cut(at, end)})
    for at in (0, 1, 20, head - 1, head, head + 1, length // 2, length - 1):
        yield Case("stalls at %d" % at, "h1", ("08006",),
                   {"read": cut(at, stall)}, slow=True, text="timeout on server")
    for at in (0, 1, length // 2, length - 1):
        yield Case("stalls at %d" % at, "h2", ("08006",),
                   {"read": both(part2(at), stall)}, slow=True,
                   text="timeout on server")


KNOWN = {401: "28000", 403: "28000", 413: "54000", 429: "53400",
         502: "08006", 503: "08006", 504: "08006", 507: "54000"}


def statuses():
    for status in range(201, 600):
        yield Case("status %d" % status, "h2" if status % 2 else "h1",
                   (KNOWN.get(status, "HV000"),),
                   {"read": answer(status, b"<html>busy</html>")},
                   text="HTTP status %d" % status)
    for status in (201, 204, 301, 302, 307, 400, 401, 404, 408, 413, 418, 429,
                   500, 502, 503, 504, 507, 599):
        want = KNOWN[status] if status in (413, 429) else "08007"
        for op in ("insert", "commit"):
            yield Case("status %d" % status, "h1", (want,),
                       {"commit": answer(status, b"<html>busy</html>")},
                       op=op)
    for status in (429, 502, 503, 504):
        yield Case("status %d once" % status, "h1", ("ok",),
                   {1: answer(status, b"busy")}, retries=True)
    for code in ("22012", "42P01", "57014", "53300", "XX000", "40001", "P0001",
                 "42601"):
        error = {"message": "of the remote", "code": code, "detail": "why"}
        yield Case("database error " + code, "h1", (code,),
                   {"read": answer(400, error)}, text="of the remote")
        yield Case("database error " + code, "h2", (code,),
                   {"commit": answer(400, error)}, op="insert",
                   text="of the remote")
    for name, code in (("number", 22012), ("null", None), ("short", "2201"),
                       ("success", "00000"), ("small", "2201a"),
                       ("object", {"a": 1}), ("long", "2" * 100000)):
        yield Case("error code is odd: " + name, "h1", ("HV000",),
                   {"read": answer(400, {"message": "what", "code": code})},
                   text="what")
    for name, body in (("deep", b'{"a":' * 100000), ("empty", b""),
                       ("nul", b"\0\0\0"), ("latin1", b"caf\xe9 \xff\xfe"),
                       ("large", b"x" * 3000000), ("array", b"[1,2]"),
                       ("controls", b"\x1b[31mred\x07\r\n\x00"),
                       ("half", b'{"message":"half'),
                       ("long message", json.dumps(
                           {"message": "m" * 1000000}).encode())):
        yield Case("error body: " + name, "h1", ("HV000",),
                   {"read": answer(400, body)})


def http1():
    def length(value):
        return {"read": lambda x: both(
            raw(x.head(200, value) + x.reply()[1]), close)(x)}

    yield Case("length too long", "h1", ("08006",), length(10 ** 6))
    yield Case("length too short", "h1", ("HV00M", "08006"), length(100))
    yield Case("length is zero", "h1", ("HV00M",), length(0))
    yield Case("length is negative", "h1", ("08006", "HV00M", "ok"), length(-5))
    yield Case("length is no number", "h1", ("08006", "HV00M", "ok"),
               length("many"))
    yield Case("length is huge", "h1", ("08006", "ok"), length(10 ** 30))
    yield Case("two lengths", "h1", ("08006", "HV00M", "ok"), {
        "read": lambda x: both(raw(x.head(
            200, len(x.reply()[1]), "Content-Length: 7") + x.reply()[1]),
            close)(x)})
    for size in (1, 7, 4096):
        yield Case("chunks of %d" % size, "h1", ("ok",), {
            "read": lambda x, size=size: raw(
                x.head(200, None, CHUNKED) + chunked(x.reply()[1], size))(x)})
    yield Case("trailers", "h1", ("ok",), {"read": lambda x: raw(
        x.head(200, None, CHUNKED) + chunked(
            x.reply()[1], 100, b"0\r\nneon-request-id: x\r\nA: b\r\n\r\n"))(x)})
    for name, bad in (("no number", b"zz\r\n{}\r\n"), ("negative", b"-1\r\n"),
                      ("huge", b"f" * 40 + b"\r\n{}"), ("no end", b"5\r\n{}"),
                      ("extension", b"2;" + b"x" * 100000 + b"\r\n{}\r\n")):
        yield Case("chunk: " + name, "h1", ("08006", "HV00M"), {
            "read": lambda x, bad=bad: both(
                raw(x.head(200, None, CHUNKED) + bad), close)(x)})
    yield Case("endless chunks of blanks", "h1", ("08006", "HV00M"), {
        "read": lambda x: endless(chunk(b" " * 50000), x.head(
            200, None, CHUNKED) + chunk(x.reply()[1] + b"x"))(x)})
    for op, want in (("read", "HV00M"), ("insert", "08007"),
                     ("stream", "08007")):
        for name, change in (("blanks", lambda body: b""),
                             ("blanks behind the reply", lambda body: body)):
            yield Case(name + " without end", "h1", (want,), {
                "read" if op == "read" else "commit":
                lambda x, change=change: endless(
                    b" " * 100000, x.head() + change(x.reply()[1]))(x)},
                op=op, text="more than 64 MB have come without a row")
    yield Case("endless headers", "h1", ("08006",), {"read": endless(
        b"x-filler: " + b"y" * 1000 + b"\r\n", b"HTTP/1.1 200 X\r\n")},
        text="lost while")
    yield Case("endless header line", "h1", ("08006",), {"read": endless(
        b"y" * 1000, b"HTTP/1.1 200 X\r\nx: ")}, text="lost while")
    yield Case("endless trailers", "h1", ("08006", "ok"), {
        "read": lambda x: endless(
            b"x: " + b"y" * 1000 + b"\r\n", x.head(200, None, CHUNKED) +
            chunked(x.reply()[1], 100, b"0\r\n"))(x)})
    for name, data, want in (
            ("100", b"HTTP/1.1 100 Continue\r\n\r\n", ("ok",)),
            ("103", b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" * 50, ("ok",)),
            ("199", b"HTTP/1.1 199 X\r\n\r\n", ("ok",))):
        yield Case("interim " + name, "h1", want,
                   {"read": lambda x, data=data: both(raw(data), right)(x)})
    yield Case("interim 101", "h1", ("08006", "HV000", "HV00M"), {"read": both(
        raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nxxxx"), close)})
    yield Case("interim replies without end", "h1", ("08006",), {
        "read": endless(b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n" * 20)})
    for name, line in (("no HTTP", b"hello\r\n\r\n"), ("HTTP/0.9", b"{}"),
                       ("HTTP/9.9", b"HTTP/9.9 200 X\r\n\r\n"),
                       ("no status", b"HTTP/1.1 \r\n\r\n"),
                       ("status of 4 digits", b"HTTP/1.1 2000 X\r\n\r\n"),
                       ("letters", b"HTTP/1.1 abc X\r\n\r\n"),
                       ("status 0", b"HTTP/1.1 000 X\r\n\r\n"),
                       ("status 999", b"HTTP/1.1 999 X\r\n\r\n"),
                       ("NUL", b"\0" * 1000),
                       ("TLS", b"\x16\x03\x01\x02\x00\x01" * 10)):
        yield Case("reply is " + name, "h1", ("08006", "HV000", "HV00M"),
                   {"read": both(raw(line), close)})
    for place in ("http://127.0.0.1:1/sql", "file:///etc/passwd",
                  "https://localhost:1/", "/sql", "gopher://x/", ""):
        for status in (301, 302, 303, 307, 308):
            yield Case("redirect %d to %s" % (status, place), "h1",
                       ("HV000",), {"read": answer(
                           status, b"", "Location: " + place)})
    for encoding in ("gzip", "deflate", "br", "zstd", "x"):
        yield Case("encoded as " + encoding, "h1", ("HV00M", "08006"), {
            "read": lambda x, e=encoding: x.answer(
                200, gzip.compress(x.reply()[1]), "Content-Encoding: " + e)})
    bomb = gzip.compress(bytes(50000000))
    yield Case("compression bomb", "h1", ("HV00M", "08006"), {
        "read": answer(200, bomb, "Content-Encoding: gzip")})
    yield Case("transfer encoding gzip", "h1", ("HV00M", "08006"), {
        "read": both(answer(200, bomb, "Transfer-Encoding: gzip"), close)})
    yield Case("slowly, but it goes on", "h1", ("ok",),
               {"read": slowly(20, 0.005)})
    yield Case("closed before anything is read", "h1", ("08006",) + AGAIN,
               {"read": close})
    yield Case("reset before anything is read", "h1", ("08006",) + AGAIN,
               {"read": reset})
    yield Case("closed once", "h1", ("ok",), {1: close}, retries=True)
    yield Case("reset twice", "h1", ("ok",), {1: reset, 2: reset},
               retries=True)
    yield Case("cut once", "h1", ("ok",), {1: body_cut(50, close)},
               retries=True)


def http_2():
    yield Case("1xx", "h2", ("ok",), {"read": lambda x: both(
        head2(103, ("link", "x")), right)(x)})
    for last in (0, 2, 100):
        yield Case("GOAWAY %d behind, then the reply" % last, "h2", ("ok",),
                   {"read": both(goaway(last), right)})
    yield Case("GOAWAY, then nothing", "h2", ("08006",) + AGAIN,
               {"read": both(goaway(0), close)})
    yield Case("GOAWAY of an earlier stream", "h2", ("ok", "08006"),
               {1: both(goaway(-2), close)})
    yield Case("GOAWAY in mid-reply", "h2", ("08006",),
               {"read": both(part2(50), goaway(0, 2), close)})
    for code in range(14):
        yield Case("RST_STREAM %d" % code, "h2",
                   ("08006", "HV00M", "ok"), {"read": rst(code)})
        yield Case("RST_STREAM %d in mid-reply" % code, "h2",
                   ("08006", "HV00M"), {"read": both(part2(50), rst(code))})
    # that nothing has run, libcurl knows and does not tell
    for op in ("insert", "commit"):
        yield Case("stream refused", "h2", ("ok", "08007"),
                   {"commit": rst(http2.REFUSED_STREAM)}, op=op)
        yield Case("GOAWAY: not looked at", "h2", ("ok", "08007"),
                   {"commit": both(goaway(-2), close)}, op=op)
    yield Case("GOAWAY: not looked at", "h2", ("ok", "08006"),
               {"read": both(goaway(-2), close)})
    # a small request may have left before the SETTINGS come
    yield Case("window of 0", "h2", ("ok", "08006"), {
        "settings": lambda: http2.settings((4, 0))}, slow=True)
    yield Case("window of 0", "h2", ("ok", "08006"), {
        "settings": lambda: http2.settings((4, 0))}, slow=True, op="insert")
    yield Case("window of 0", "h2", ("08006",), {
        "settings": lambda: http2.settings((4, 0))}, slow=True, op="large")
    yield Case("no streams", "h2", ("08006", "08001", "ok"), {
        "settings": lambda: http2.settings((3, 0))}, slow=True)
    yield Case("no SETTINGS at all", "h2", ("ok", "08006"),
               {"settings": lambda: b""})
    yield Case("HTTP/1 instead of SETTINGS", "h2", ("08006", "HV000"), {
        "settings": lambda: b"HTTP/1.1 400 Bad Request\r\n\r\n"})
    for name, pair in (("window too large", (4, 2 ** 31)), ("push 7", (2, 7)),
                       ("frame size 1", (5, 1)), ("unknown", (99, 1))):
        yield Case("SETTINGS: " + name, "h2", ("ok", "08006"), {
            "settings": lambda pair=pair: http2.settings(pair)})
    bad = (
        ("unknown kind", (99, 0, b"x" * 50), ("ok",)),
        ("DATA of stream 0", (DATA, 0, b"x", 0), ("08006",)),
        ("HEADERS of stream 0", (HEADERS, END_HEADERS, b"", 0), ("08006",)),
        ("DATA of another stream", (DATA, 0, b"x", 99), ("08006", "ok")),
        ("DATA before HEADERS", (DATA, 0, b"x"), ("08006", "HV000", "HV00M")),
        ("PUSH_PROMISE", (PUSH_PROMISE, END_HEADERS, b"\0\0\0\2\x88"),
         ("08006", "ok")),
        ("CONTINUATION alone", (CONTINUATION, 0, b"\x88"), ("08006",)),
        ("bad compression", (HEADERS, END_HEADERS, b"\xff\xff\xff\xff\xff"),
         ("08006",)),
        ("no status", (HEADERS, END_HEADERS, http2.fields([("a", "b")])),
         ("08006", "HV000", "HV00M")),
        ("two statuses", (HEADERS, END_HEADERS, http2.fields(
            [(":status", "200"), (":status", "500")])),
         ("08006", "HV000", "HV00M")),
        ("status is no number", (HEADERS, END_HEADERS, http2.fields(
            [(":status", "abc")])), ("08006", "HV000", "HV00M")),
        ("capital letters", (HEADERS, END_HEADERS, http2.fields(
            [(":status", "200"), ("Content", "x")])),
         ("08006", "HV000", "HV00M", "ok")),
        ("WINDOW_UPDATE of 0", (WINDOW_UPDATE, 0, b"\0\0\0\0", 0),
         ("08006", "ok")),
        ("SETTINGS of 5 bytes", (SETTINGS, 0, b"12345", 0), ("08006",)),
        ("PING of 3 bytes", (PING, 0, b"123", 0), ("08006",)),
        ("RST_STREAM of 1 byte", (RST_STREAM, 0, b"1"), ("08006",)),
        ("GOAWAY of 2 bytes", (GOAWAY, 0, b"12", 0), ("08006",)),
        ("frame too large", (DATA, 0, b"x" * 2 ** 20),
         ("08006", "HV000", "HV00M")))
    for name, arguments, want in bad:
        want += AGAIN + ("08006",)
        yield Case("frame: " + name, "h2", want,
                   {"read": both(frame(*arguments), right, close)})
        yield Case("frame in mid-reply: " + name, "h2",
                   want + ("HV00M",),
                   {"read": both(part2(50), frame(*arguments), close)})
    for name, data in (
            ("SETTINGS", http2.settings()), ("PING", http2.frame(
                PING, 0, 0, b"12345678"))):
        yield Case("a thousand frames of " + name, "h2", ("ok", "08006"),
                   {"read": both(raw(data * 1000), right)})
    yield Case("empty DATA without end", "h2", ("08006",), {"read": lambda x: both(
        head2(), endless(http2.frame(DATA, 0, x.stream) * 100, pause=0.001))(x)},
        slow=True)
    for op, wanted in (("read", "08006"), ("read", "57014"), ("insert", "08007")):
        yield Case("flood of empty DATA" + ", cancelled" * (wanted == "57014"),
                   "h2", (wanted,), {"read" if op == "read" else "commit": both(
                       run, head2(), lambda x: endless(http2.frame(
                           DATA, 0, x.stream) * 10000)(x))},
                   op="cancel" if wanted == "57014" else op,
                   slow=wanted != "57014")
    yield Case("headers without end", "h2", ("08006",) + AGAIN, {
        "read": lambda x: both(frame(HEADERS, 0, b""), endless(http2.frame(
            CONTINUATION, 0, x.stream, http2.fields(
                [("x", "y" * 100)]) * 100)))(x)})
    yield Case("reply that ends with headers", "h2", ("HV00M",),
               {"read": head2(200, end=True)})
    yield Case("trailers", "h2", ("ok",), {"read": lambda x: both(
        head2(), lambda x: x.data(x.reply()[1]),
        frame(HEADERS, END_HEADERS | END_STREAM,
              http2.fields([("neon-request-id", "x")])))(x)})
    yield Case("length too long", "h2", ("08006", "ok", "HV00M"),
               {"read": lambda x: x.answer(
                   200, x.reply()[1], "Content-Length: 99999")})


GOOD = '[["1","one"],["2","two"],["3",null]]'


def json_replies():
    command = '"command":"SELECT"'

    def good(text):
        return result('{"fields":[],"rows":%s,%s}' % (text, command))

    for name, fault in (
            ("other order", result('{%s,"new":{"a":[1,true]},"rows":%s}'
                                   % (command, GOOD))),
            ("escapes", good(GOOD.replace("one", "\\u006fne"))),
            ("wrong OIDs", result('{"fields":[{"name":"x","dataTypeID":600}],'
                                  '"rows":%s,%s}' % (GOOD, command))),
            ("2 billion columns claimed", result(
                '{"fields":[{"name":"x","columnID":2000000000}],"rows":%s,%s,'
                '"columnCount":2000000000}' % (GOOD, command))),
            ("rowCount lies", result('{"rows":%s,%s,"rowCount":99}'
                                     % (GOOD, command))),
            ("unknown members", result(
                '{"x":%s,"rows":%s,%s}' % ("[" * 20 + "]" * 20, GOOD,
                                           command)))):
        yield Case("JSON: " + name, "h1", ("ok",), {"read": fault})
    texts = {
        "few": '[["1"]]', "many": '[["1","one","more"]]', "object":
        '[{"a":"1","b":"one"}]', "text": '["1","one"]',
        "nested": '[[["1","one"]]]', "number": '[[1,"one"]]',
        "boolean": '[["1",true]]', "rows object": '{"a":1}',
        "rows null": "null", "rows text": '"x"', "rows number": "7",
        "lone high": '[["1","\\ud83d"]]', "lone low": '[["1","\\ude00 x"]]',
        "nul": '[["1","a\\u0000b"]]', "bad escape": '[["1","a\\qb"]]',
        "short escape": '[["1","\\u12"]]', "raw control": '[["1","a\1b"]]',
        "bad UTF-8": b'[["1","a\xff\xfeb"]]', "overlong": b'[["1","\xc0\xaf"]]',
        "surrogate in UTF-8": b'[["1","\xed\xa0\x80"]]',
        "above Unicode": b'[["1","\xf4\x90\x80\x80"]]',
        "half character": b'[["1","\xe2\x82"]]', "no comma": '[["1" "one"]]',
        "two commas": '[["1",,"one"]]', "trailing comma": '[["1","one"],]',
        "single quotes": "[['1','one']]", "comment": '[["1","one"]/*x*/]',
        "NaN": '[["1",NaN]]', "unclosed": '[["1","one"]',
        "deep": "[" * 100000, "deep objects": '{"a":' * 100000,
        "second few": '[["1","one"],["2"]]',
        "a million empty rows": "[" + "[]," * 999999 + "[]]",
        "wide": "[[" + '"1",' * 99999 + '"1"]]'}
    for name, text in texts.items():
        yield Case("JSON rows: " + name, "h1", ("HV00M",),
                   {"read": rows(text)}, text="invalid reply from server")
    for name, text in (("no integer", '[["one","x"]]'),
                       ("out of range", '[["99999999999","x"]]')):
        yield Case("JSON rows: " + name, "h1", ("22P02", "22003"),
                   {"read": rows(text)})
    for name, text in (
            ("no command", '{"rows":%s}' % GOOD), ("no rows", "{%s}" % command),
            ("two rows", '{"rows":%s,"rows":%s,%s}' % (GOOD, GOOD, command)),
            ("duplicate results", '{"rows":%s,%s}],"results":[' %
             (GOOD, command)),
            ("two results", '{"rows":%s,%s},{"rows":[],%s}'
             % (GOOD, command, command)),
            ("deep", '{"x":%s,"rows":%s,%s}'
             % ("[" * 70 + "]" * 70, GOOD, command)),
            ("rowCount huge", '{"rows":%s,%s,"rowCount":1e999}'
             % (GOOD, command)),
            ("rowCount text", '{"rows":%s,%s,"rowCount":"x"}'
             % (GOOD, command)),
            ("null", "null"), ("array", "[]"), ("nothing", ""),
            ("an error", '{"message":"x","code":"22012"}'),
            ("garbage", '{"rows":%s,%s}]}x' % (GOOD, command))):
        yield Case("JSON result: " + name, "h1", ("HV00M",),
                   {"read": result(text)}, text="invalid reply from server")
    for name, body in (
            ("HTML", b"<!DOCTYPE html><html>Welcome</html>"), ("empty", b""),
            ("blank", b" \n"), ("array", b"[]"), ("text", b'"ok"'),
            ("number", b"7"), ("null", b"null"),
            ("no results", b'{"rows":[],"command":"SELECT"}'),
            ("results null", b'{"results":null}'),
            ("results empty", b'{"results":[]}'),
            ("BOM", b"\xef\xbb\xbf{}"), ("UTF-16", '{"a":1}'.encode("utf-16")),
            ("NUL", b"\0" * 100), ("gzip", gzip.compress(b"{}"))):
        yield Case("JSON body: " + name, "h2", ("HV00M",),
                   {"read": answer(200, body)},
                   text="invalid reply from server")
        yield Case("JSON body: " + name, "h2", ("08007",),
                   {"commit": both(run, answer(200, body))}, op="insert")
    yield Case("reply for another request", "h1", ("HV00M",), {
        "read": lambda x: x.answer(200, b'{"results":[{"rows":[["x"]],'
                                   b'"command":"INSERT","rowCount":1}]}')})


def writes():
    """Requests that must not run twice, and later ones of a transaction."""
    steps = {
        "closed before": (close,), "reset before": (reset,),
        "closed after": (run, close), "reset after": (run, reset),
        "cut": (body_cut(60, close),), "cut in headers": (cut(9, close),),
        "garbage": (run, raw(b"hello\r\n\r\n"), close),
        "cut in chunks": (run, raw(b"HTTP/1.1 200 X\r\n" + CHUNKED.encode() +
                                   b"\r\n\r\nff\r\n{"), close)}
    for name, fault in steps.items():
        yield Case("write: " + name, "h1", ("08007",),
                   {"commit": both(*fault)}, op="insert")
        yield Case("write: " + name, "h1", ("08007",),
                   {"commit": both(*fault)}, op="commit")
        yield Case("rehearsal: " + name, "h1", ("08006",) + AGAIN,
                   {"rehearsal": both(*fault)}, op="tx")
        yield Case("read after a read: " + name, "h1", ("08006",) + AGAIN,
                   {2: both(*fault)}, op="again")
        yield Case("large write: " + name, "h1", ("08007",),
                   {"commit": both(*fault)}, op="large")
        yield Case("rehearsal tried again: " + name, "h1", ("ok",),
                   {"rehearsal": both(*fault)}, op="tx", retries=True)
    frames = {
        "closed before": (close,), "reset before": (reset,),
        "closed after": (run, close), "reset after": (run, reset),
        "RST_STREAM": (run, rst(http2.CANCEL)),
        "RST_STREAM in mid-reply": (part2(50), rst(http2.PROTOCOL_ERROR)),
        "GOAWAY": (run, goaway(0), close), "bad frame": (
            run, frame(DATA, 0, b"x", 0), close),
        "DATA of stream 0 in mid-reply": (part2(50), frame(
            DATA, 0, b"x", 0), close)}
    for name, fault in frames.items():
        yield Case("write: " + name, "h2", ("08007",),
                   {"commit": both(*fault)}, op="insert")
        yield Case("write: " + name, "h2", ("08007",),
                   {"commit": both(*fault)}, op="commit")
        yield Case("large write: " + name, "h2", ("08007",),
                   {"commit": both(*fault)}, op="large")
        # libcurl 7.88 takes some connection errors for the reply's end
        yield Case("rehearsal: " + name, "h2", ("08006", "HV00M") + AGAIN,
                   {"rehearsal": both(*fault)}, op="tx")
        yield Case("read after a read: " + name, "h2",
                   ("08006", "HV00M") + AGAIN, {2: both(*fault)}, op="again")
    for front in ("h1", "h2"):
        yield Case("write: no answer", front, ("08007",),
                   {"commit": stall}, op="insert", slow=True)
        yield Case("commit: no answer", front, ("08007",),
                   {"commit": both(run, stall)}, op="commit", slow=True)
        yield Case("rehearsal: no answer", front, ("08006",),
                   {"rehearsal": stall}, op="tx", slow=True)
        for count in range(1, 5):
            yield Case("request %d of a transaction" % count, front,
                       ("08006", "08007") + AGAIN,
                       {count: both(run, close)}, op="tx")
    # statements of one transaction whose reply is another's
    yield Case("commit: a result too few", "h1", ("08007",), {
        "commit": changed(lambda body: json.dumps(
            {"results": json.loads(body)["results"][:-1]}).encode())},
        op="commit")


def streams():
    """What comes while some rows are on their way and others are gathered."""
    update = http2.frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1))
    late = both(run, lambda x: time.sleep(0.5), right)
    for front in "h1", "h2":
        for name, fault, want in (("late", late, "ok"),
                                  ("never", both(run, stall), "08007"),
                                  ("cut off", both(run, close), "08007")):
            yield Case("gathering: the reply is " + name, front, (want,),
                       {"commit": fault}, op="stream", slow=want != "ok")
    yield Case("gathering: many frames come first", "h2", ("ok",), {
        "commit": both(lambda x: [x.send(update) for _ in range(30000)],
                       right)}, op="stream")
    yield Case("gathering: flood of empty DATA", "h2", ("08007",), {
        "commit": both(run, head2(), lambda x: endless(http2.frame(
            DATA, 0, x.stream) * 10000)(x))}, op="stream", slow=True)
    for name, start, data in (
            ("interim replies", b"", b"HTTP/1.1 100 X\r\nx: y\r\n\r\n"),
            ("headers", b"HTTP/1.1 200 X\r\n", b"x-filler: y\r\n"),
            ("a chunk's extension", b"HTTP/1.1 200 X\r\n" +
             CHUNKED.encode() + b"\r\n\r\n1;", b"x" * 20)):
        yield Case("gathering: %s without end" % name, "h1", ("08007",), {
            "commit": both(run, endless(data * 200000, start))},
            op="stream", slow=True)


def proxies():
    def say(data, end=True):
        def fault(sock, _):
            sock.sendall(data)
            if not end:
                while sock.recv(65536):
                    pass
            return True
        return fault

    for status in (400, 401, 403, 404, 407, 408, 429, 500, 502, 503, 504, 511):
        for op in ("read", "insert"):
            yield Case("proxy: status %d" % status, "h1", ("08001",), op=op,
                       proxy=say(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n"
                                 % status), text="connecting through the proxy")
    for name, data in (("nothing", b""), ("garbage", b"hello\r\n\r\n"),
                       ("half a line", b"HTTP/1.1 2"), ("HTML", b"<html>"),
                       ("status 999", b"HTTP/1.1 999 X\r\n\r\n"),
                       ("TLS", b"\x16\x03\x01" * 20),
                       ("much", b"x-y: z\r\n" * 100000),
                       ("200 and no more", b"HTTP/1.1 200 X\r\n\r\n"),
                       ("200 and garbage", b"HTTP/1.1 200 X\r\n\r\nabc" * 9)):
        for op in ("read", "insert"):
            yield Case("proxy: says " + name, "h2", ("08001",), op=op,
                       proxy=say(data), text="could not connect to server")
    for name, data in (("nothing", b""), ("half", b"HTTP/1.1 200 X\r\n"),
                       ("200", b"HTTP/1.1 200 X\r\n\r\n")):
        yield Case("proxy: stalls after " + name, "h1", ("08001",), slow=True,
                   proxy=say(data, end=False), text="timeout during ")
    for back in list(range(0, 3000, 150)):
        yield Case("proxy: tunnel cut after %d bytes" % back, "h2",
                   ("08001", "08006", "ok"), proxy=tunnel(back=back))
        yield Case("proxy: tunnel cut after %d bytes" % back, "h1",
                   ("08001", "08007", "08006", "ok"),
                   proxy=tunnel(there=back), op="insert")
    yield Case("proxy: all is well", "h2", ("ok",))
    yield Case("proxy: all is well", "h1", ("ok",), op="tx")


def tunnel(**limits):
    def fault(sock, proxy):
        sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        proxy.carry(sock, **limits)
        return True
    return fault


def all_cases(length, head):
    made = list(connecting())
    for group in (offsets(length, head), statuses(), http1(), http_2(),
                  json_replies(), writes(), streams()):
        made += group
    for case in proxies():
        case.front += "_proxy"
        made.append(case)
    return made
