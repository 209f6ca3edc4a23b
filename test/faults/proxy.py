"""A forward proxy that misbehaves as it is told: it answers CONNECT, and then
carries bytes to wherever it was made for."""
import socket
import threading

from endpoint import close


class Proxy:
    """fault: a function of the client's socket and the one to the endpoint,
    called when CONNECT has been read; true if it took them over."""

    def __init__(self, target):
        self.target = target
        self.fault = None
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _serve(self, sock):
        try:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                data = sock.recv(1)
                if not data:
                    return
                head += data
            if self.fault is None or not self.fault(sock, self):
                sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                self.carry(sock)
        except OSError:
            pass
        finally:
            close(sock)

    def carry(self, sock, there=None, back=None):
        """Carries bytes; at most so many in a direction, then all ends."""
        far = socket.create_connection(("127.0.0.1", self.target))
        way = threading.Thread(target=_copy, args=(sock, far, there),
                               daemon=True)
        way.start()
        _copy(far, sock, back)
        way.join()
        far.close()


def _copy(source, target, limit):
    left = limit
    try:
        while left is None or left > 0:
            data = source.recv(65536 if left is None else min(left, 65536))
            if not data:
                break
            target.sendall(data)
            if left is not None:
                left -= len(data)
    except OSError:
        pass
    close_both(source, target)


def close_both(*socks):
    for sock in socks:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
