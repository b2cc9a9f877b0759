"""The real receivers: sockets of the Linux server, and what an application reads from them.

An application keeps what its kernel gives it, by connection. The cell that expects the connection says what the
application answers, whether it reads at all, and to whom it connects by itself.
"""

import ipaddress
import socket
import struct

from field import SERVERS

LINES, WEB, DNS, TLS = 41003, 41080, 53, 443
TCP_PORTS = (LINES, WEB, DNS, TLS)
UDP_PORTS = (LINES, DNS, TLS)
BARRIER_PORT = 9
NARROW_BUFFER = 2048
LINGER_NONE = struct.pack("ii", 1, 0)


def key_of(address):
    """(packed address, port) of a socket address."""
    return ipaddress.ip_address(address[0]).packed, address[1]


class Session:
    """What one application has read from one client."""

    def __init__(self, answers=(), reading=True):
        self.answers = list(answers)  # pairs (complete(bytes read so far) -> bool, bytes to answer)
        self.reading = reading
        self.data = b""
        self.datagrams = []
        self.socket = None
        self.ended = None  # "closed" by its peer, or the name of the error that the application saw

    def take(self, data):
        self.data += data
        while self.answers and self.answers[0][0](self.data):
            self.socket.send(self.answers.pop(0)[1])


class Receiver:
    """All listeners. `watch` and `unwatch` are those of the event loop."""

    def __init__(self, field, watch, unwatch):
        self.field, self.watch, self.unwatch = field, watch, unwatch
        self.expected = {}  # key_of(client): Session
        self.sockets = []
        with field.internet.entered():
            for kind, addresses in SERVERS.items():
                for address in addresses:
                    for port in TCP_PORTS:
                        self._listen(kind, address, port)
                    for port in (*UDP_PORTS, BARRIER_PORT):
                        self._bind(address, port)

    @staticmethod
    def _socket(address, kind):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made = socket.socket(family, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.SOCK_STREAM:  # connections that begin here come from the listening port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.setblocking(False)
        return made

    def _listen(self, kind, address, port):
        listener = self._socket(address, socket.SOCK_STREAM)
        if kind == "fastopen":
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 1024)
        if kind == "inline":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        if kind == "narrow":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BUFFER)
        listener.bind((address, port))
        listener.listen(2048)
        self.sockets.append(listener)
        self.watch(listener, lambda: self._accept(listener))

    def _bind(self, address, port):
        made = self._socket(address, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        made.bind((address, port))
        self.sockets.append(made)
        self.watch(made, lambda: self._datagram(made, port))

    def _accept(self, listener):
        while True:
            try:
                made, address = listener.accept()
            except BlockingIOError:
                return
            session = self.expected.get(key_of(address))
            if session is None:
                made.close()
                continue
            self._begin(session, made)

    def _begin(self, session, made):
        made.setblocking(False)
        if session.socket is not None:  # the same ports again: add the later connection's bytes
            self._let_go(session)
        session.socket, session.ended = made, None
        if session.reading:
            self.resume(session)

    def resume(self, session):
        session.reading = True
        made = session.socket
        if made is not None:
            self.watch(made, lambda: self._read(session, made))

    def _read(self, session, made):
        while session.socket is made:
            try:
                data = made.recv(65536)
            except BlockingIOError:
                return
            except OSError as error:
                session.ended = error.__class__.__name__
                self._let_go(session)
                return
            if not data:
                session.ended = "closed"
                self.unwatch(made)
                return
            try:
                session.take(data)
            except OSError as error:
                session.ended = error.__class__.__name__

    def connect(self, session, server, client):
        """The application opens the connection itself, to a client that may do the same; both are (address, port)."""
        where = [(str(ipaddress.ip_address(address)), port) for address, port in (server, client)]
        with self.field.internet.entered():
            made = self._socket(where[0][0], socket.SOCK_STREAM)
        made.bind(where[0])
        made.connect_ex(where[1])
        self._begin(session, made)

    def _datagram(self, made, port):
        while True:
            try:
                data, address = made.recvfrom(65536)
            except BlockingIOError:
                return
            if port == BARRIER_PORT:
                made.sendto(data, address)
                continue
            session = self.expected.get(key_of(address))
            if session is not None:
                session.datagrams.append(data)

    def _let_go(self, session):
        made, session.socket = session.socket, None
        if made is None:
            return
        self.unwatch(made)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        except OSError:
            pass  # the connection is gone already
        made.close()

    def forget(self, key):
        """Ends a cell: its connection ends by a reset, which also tells the appliance."""
        session = self.expected.pop(key, None)
        if session is not None:
            self._let_go(session)

    def close(self):
        for made in self.sockets:
            self.unwatch(made)
            made.close()
