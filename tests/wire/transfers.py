"""TCP connections that carry bytes in both directions at once, what they say, and digests of what arrived."""

import concurrent.futures
import hashlib
import random
import socket
import time

from disorder_site import PATIENCE, open_socket
from harness import expect


def send_all(connection, pieces, pause):
    for number, piece in enumerate(pieces):
        connection.sendall(piece)
        if pause and number % 8 == 7:
            time.sleep(pause)
    connection.shutdown(socket.SHUT_WR)


def read_all(connection):
    received = bytearray()
    while data := connection.recv(1 << 16):
        received += data
    return bytes(received)


def digest(pieces):
    return hashlib.sha256(b"".join(pieces)).hexdigest()


class Transfer:
    """One connection that carries two lists of writes at the same time, one in each direction."""

    def __init__(self, site, source, server, there, back, nodelay=False, pause=0.0):
        self.what, self.pieces, self.pause = f"{source} to {server}", (there, back), pause
        with open_socket(site.lab.internet, server, socket.SOCK_STREAM) as listener:
            listener.listen(1)
            client = open_socket(site.lab.hosts, source, socket.SOCK_STREAM)
            client.connect(listener.getsockname()[:2])
            self.ends = (client, listener.accept()[0])
        for end in self.ends:
            end.settimeout(PATIENCE)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(nodelay))

    def run(self):
        """Digests of what arrived in each direction."""
        client, server = self.ends
        with client, server, concurrent.futures.ThreadPoolExecutor(4) as threads:
            arrive = [threads.submit(read_all, end) for end in (server, client)]
            sent = [
                threads.submit(send_all, end, pieces, self.pause)
                for end, pieces in zip(self.ends, self.pieces)
            ]
            for future in sent:
                future.result()
            return [digest([future.result()]) for future in arrive]


def transfer_all(transfers, during=lambda: None):
    with concurrent.futures.ThreadPoolExecutor(len(transfers)) as threads:
        futures = [threads.submit(transfer.run) for transfer in transfers]
        during()
        for transfer, future in zip(transfers, futures):
            expect(
                future.result(), [digest(pieces) for pieces in transfer.pieces], f"{transfer.what}: digests"
            )


def chunked(content):
    return b"%x\r\n%b\r\n" % (len(content), content)


def http_talk(sizes, seed):
    """A POST and its answer in chunks, one write each: HTTP is inspected for its whole life."""
    source = random.Random(seed)
    head = b"POST /upload/x HTTP/1.1\r\nHost: www.example.test\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    return [
        [first, *(chunked(source.randbytes(size)) for size in sizes), b"0\r\n\r\n"]
        for first in (head, answer)
    ]


def json_talk(count, seed):
    """An editor and its language server: JSON lines, read as long as a pool's lines might begin."""
    source = random.Random(seed)
    question = '{{"jsonrpc":"2.0","id":{},"method":"textDocument/didChange","params":{{"text":"{}"}}}}\n'
    answer = '{{"jsonrpc":"2.0","id":{},"result":{{"capabilities":{{"text":"{}"}}}}}}\n'
    return [
        [
            line.format(number, source.randbytes(source.randrange(20, 900)).hex()).encode()
            for number in range(count)
        ]
        for line in (question, answer)
    ]


def random_talk(size, seed):
    source = random.Random(seed)
    return [[source.randbytes(size)] for _ in range(2)]


def cut(pieces, most, seed):
    """The same bytes in writes whose borders mean nothing."""
    content, source, place, cuts = b"".join(pieces), random.Random(seed), 0, []
    while place < len(content):
        size = source.randint(1, most)
        cuts.append(content[place : place + size])
        place += size
    return cuts
