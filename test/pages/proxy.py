"""An HTTP proxy on 127.0.0.1 that leads every CONNECT to one port.

To the local endpoint, whatever host name of Neon the documentation names.
"""
import socket
import threading


def _copy(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def _serve(client, port):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        if not data:
            return
        head += data
    server = socket.create_connection(("127.0.0.1", port()))
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    threading.Thread(target=_copy, args=(client, server), daemon=True).start()
    _copy(server, client)


def start(port):
    """Starts it; port() tells where to.  Returns the proxy's own port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, port),
                             daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]
