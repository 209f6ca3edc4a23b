"""As much of HTTP/2 as it takes to answer one request after another, rightly
or wrongly.  Header fields of requests are not read, those of replies are sent
as literals."""
import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, \
    WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
NO_ERROR, PROTOCOL_ERROR, REFUSED_STREAM, CANCEL = 0, 1, 7, 8
ENHANCE_YOUR_CALM = 11

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + payload


def _text(value):
    data = value.encode()
    assert len(data) < 127 + 128
    return (bytes([len(data)]) if len(data) < 127
            else bytes([127, len(data) - 127])) + data


def fields(pairs):
    return b"".join(b"\0" + _text(name) + _text(value)
                    for name, value in pairs)


def goaway(last, code):
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code))


def rst(stream, code):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *pair)
                                          for pair in pairs))


def _read(stream, length):
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def serve(front, sock):
    from endpoint import Exchange2
    stream = sock.makefile("rb")
    if _read(stream, len(PREFACE)) != PREFACE:
        return
    start = front.plan.get("settings")
    sock.sendall(start() if start else settings())
    bodies = {}
    while True:
        head = _read(stream, 9)
        length = int.from_bytes(head[:3], "big")
        kind, flags = head[3], head[4]
        number = int.from_bytes(head[5:], "big") & 0x7fffffff
        payload = _read(stream, length)
        if kind == SETTINGS and not flags & ACK:
            sock.sendall(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            sock.sendall(frame(PING, ACK, 0, payload))
        elif kind == HEADERS:
            bodies[number] = b""
        elif kind == DATA and number in bodies:
            bodies[number] += payload
            for window in (0, number) if length and not start else ():
                sock.sendall(frame(WINDOW_UPDATE, 0, window,
                                   struct.pack(">I", length)))
            if flags & END_STREAM:
                exchange = Exchange2(front, sock, bodies.pop(number), number)
                front.act(exchange)
                if exchange.closed:
                    return
