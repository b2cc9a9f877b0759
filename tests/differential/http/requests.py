"""Requests in all the ways of writing that some server takes: singly, in pairs, and changed at random (seeded)."""

import random

MESSAGE = b'{"id":%d,"method":"getblocktemplate","params":[{"rules":["segwit"]}]}'

METHODS = [b"GET", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"HEAD", b"FOO", b"foo", b"post", b"Post", b"M-SEARCH",
           b"PROPFIND", b"REPORT", b"QUERY", b"A" * 40, b"PO_ST", b"P", b"POST1", b"BREW"]
GAPS = [b"  ", b"\t", b"\x0b", b"\x0c", b"\r", b" \t "]
TARGETS = [b"*", b"http://h%d.example/", b"HTTP://h%d.example", b"http://u@h%d.example:80/x", b"/a b", b"/\xff", b"//x", b"?x", b"x",
           b"/" + b"a" * 3000, b"/%%00", b"https://h%d.example/", b"http:/h%d.example", b"/a\tb"]
VERSIONS = [b"HTTP/1.0", b"HTTP/1.10", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/01.1", b"HTTP/1.01", b"HTTP/2.0", b"HTTP/3.0", b"HTTP/0.9",
            b"HTTP/1.99999", b"http/1.1", b"Http/1.1", b"HTTP/1", b"HTTP/1.", b"HTTP/11", b"HTTP /1.1", b"HTTPS/1.1", b"HTTP/1.1 x",
            b"ICE/1.0", b"HTTP/1.1 ", b"HTTP/1.1\t", b"HTTP/1.1x", b"HTTP/-1.1", b"HTTP/+1.1", b"HTTP/1 .1", b"HTTP/1. 1", b"RTSP/1.0",
            b"HTTP/1.1.1", b"HTTP/10.1", b"HTTP/ 1.1", b""]
FRONTS = [b"\r\n", b"\n", b"\r\n\r\n\r\n", b" ", b"\t", b"\r", b"\0", b"\n\n\n\n"]
HOSTS = [b"Host:h%d.example", b"Host : h%d.example", b"Host\t: h%d.example", b" Host: h%d.example", b"Host:\r\n h%d.example",
         b"HOST: h%d.EXAMPLE", b"host: h%d.example", b"Host: h%d.example:8332", b"Host: h%d.example.", b"Host:\x0bh%d.example",
         b"Host: u@h%d.example", b"Host: other.example\r\nHost: h%d.example", b"Host: h%d.example\r\nHost: other.example",
         b"Host:\t h%d.example \t", b"X: y\r\n\tz\r\nHost: h%d.example", b"Host:\r\n\th%d.example", b"Host: h%d.example, x",
         b"Host: h%d.example/x", b"junk\r\nHost: h%d.example", b": x\r\nHost: h%d.example", b"Ho\0st: x\r\nHost: h%d.example",
         b"A: \xff\x01\r\nHost: h%d.example", b"A: " + b"a" * 7000 + b"\r\nHost: h%d.example", b"Host\r: h%d.example", b"Host:\rh%d.example",
         b"A: b\rHost: h%d.example", b"Host: h%d.example\r", b"B: c\0\r\nHost: h%d.example", b"Host\0: h%d.example"]
LENGTHS = [b"+%d", b"  %d", b"%d  ", b"0%d", b"000000000000000000000%d", b"%d,%d", b"%d, %d", b"0x%x", b"%d;", b"%d\t", b"\t%d", b"%d.0",
           b"%d x", b"-%d", b"", b"\x0b%d", b"%d\x0b", b"\x0c%d", b"'%d'", b'"%d"', b"%d\r", b"\r\n %d", b"%d,1", b"1,%d", b"%d,", b",%d", b"1844674407370955161%d"]
LENGTH_NAMES = [b"content-length", b"CONTENT-LENGTH", b"Content-Length ", b"Content_Length", b"Content-Length\t", b" Content-Length",
                b"Content-Length\r", b"Content-Length\0", b"Content Length", b"\x0bContent-Length"]
CODINGS = [b"chunked", b"Chunked", b"CHUNKED", b"chunked ", b"  chunked", b"\tchunked", b"chunked,", b",chunked", b"identity, chunked",
           b"gzip, chunked", b"chunked, chunked", b"chunked, identity", b"x chunked", b"xchunked", b"chunkedx", b"chunked;q=1", b'"chunked"',
           b"chunked\x0b", b"\x0bchunked", b"chunked\x0c", b"\r\n chunked", b"chunked\r\nTransfer-Encoding: chunked",
           b"identity\r\nTransfer-Encoding: chunked", b"chunked\r\nTransfer-Encoding: identity", b"cow", b"", b"identity", b"chunked, x",
           b"chunked\r", b"x, chunked", b"[chunked]", b"chunked x", b"chunk", b"chunked\0", b"gzip"]
CODING_NAMES = [b"transfer-encoding", b"TRANSFER-ENCODING", b"Transfer-Encoding ", b"Transfer-Encoding\t", b"Transfer_Encoding", b" Transfer-Encoding",
                b"Transfer-Encoding\r", b"X: y\r\n Transfer-Encoding", b"Transfer Encoding"]
SIZES = [b"%x", b"%X", b"000%x", b"0000000000000000000000000000%x", b"0x%x", b"%x;a=b", b"%x ;a", b'%x;a="\r"', b"%x ", b" %x", b"\t%x", b"%x\t", b"+%x",
         b"-%x", b"%x\x0b", b"\x0b%x", b"%xg", b"%x,", b"1000000000000000%02x", b"%x;\xff", b"%x x", b"%x\r", b"%x;" + b"a" * 300, b"f%016x", b"\r\n%x", b"'%x",
         b"%x.0", b"%x\0", b"%x:"]
DATA_ENDS = [b"\n", b"", b"\r", b"x\r\n", b"\r\n\r\n", b" \r\n", b"\0\r\n"]
SIZE_ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\n", b" \r\n"]
LAST = [b"0\r\n\r\n", b"0\n\n", b"00\r\n\r\n", b"0;x\r\n\r\n", b"0\r\nA: b\r\n\r\n", b"0\r\nA: b\n\n", b"", b"0\r\n", b"0x0\r\n\r\n", b"-0\r\n\r\n"]
ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\r\n"]


class Request:
    """The parts of a request; each way of writing changes one of them."""

    def __init__(self, number):
        self.front, self.method, self.gap, self.target, self.version = b"", b"POST", b" ", b"/", b"HTTP/1.1"
        self.end, self.host, self.number = b"\r\n", b"Host: h%d.example", number
        self.length, self.length_name, self.coding, self.coding_name = b"%d", b"Content-Length", None, b"Transfer-Encoding"
        self.size, self.size_end, self.data_end, self.last, self.pieces = b"%x", b"\r\n", b"\r\n", b"0\r\n\r\n", 2
        self.head_end = None

    def set(self, **parts):
        for name, value in parts.items():
            setattr(self, name, value)
        return self

    def numbered(self, text):
        return text.replace(b"%d", b"%d" % self.number) if b"h%d" in text else text

    def body(self):
        message = MESSAGE % self.number
        if self.coding is None:
            return message
        out, step = b"", -(-len(message) // self.pieces)
        for at in range(0, len(message), step):
            piece = message[at : at + step]
            out += self.size % len(piece) + self.size_end + piece + self.data_end
        return out + self.last

    def bytes(self):
        lines = [self.numbered(self.host), b"Connection: close"]
        length = len(MESSAGE % self.number)
        if self.length is not None:
            value = self.length % ((length,) * self.length.count(b"%")) if b"%" in self.length else self.length
            lines.append(self.length_name + b": " + value)
        if self.coding is not None:
            lines.append(self.coding_name + b": " + self.coding)
        words = [self.method, self.numbered(self.target).replace(b"%%", b"%")] + ([self.version] if self.version else [])
        head = self.front + self.gap.join(words) + self.end
        return head + self.end.join(lines) + self.end + (self.head_end or self.end) + self.body()


def ways():
    """(name, changes) of each way of writing."""
    chunked = {"coding": b"chunked", "length": None}
    simple = {"method": METHODS, "gap": GAPS, "target": TARGETS, "version": VERSIONS, "front": FRONTS, "host": HOSTS, "length": LENGTHS,
              "length_name": LENGTH_NAMES, "end": ENDS, "head_end": ENDS}
    in_chunks = {"coding": CODINGS, "coding_name": CODING_NAMES, "size": SIZES, "size_end": SIZE_ENDS, "data_end": DATA_ENDS, "last": LAST,
                 "pieces": [1, 5], "length": LENGTHS}
    out = [(f"{part} {value!r}", {part: value}) for part, values in simple.items() for value in values]
    out += [(f"chunked, {part} {value!r}", {**chunked, part: value}) for part, values in in_chunks.items() for value in values]
    return out


def requests(seed, count):
    """(label, bytes with the request's number in host and body) of the requests; `count` of them changed at random."""
    source, every = random.Random(seed), ways()
    out = [(name, Request(i).set(**parts).bytes()) for i, (name, parts) in enumerate(every)]
    share = 1.0 if count > 10_000 else 900 / len(every) ** 2
    for first_name, first in every:
        for second_name, second in every:
            if source.random() < share:
                out.append((f"{first_name}, {second_name}", Request(len(out)).set(**first).set(**second).bytes()))
    for _ in range(min(count, 20_000) // 6):
        parts = {}
        for _ in range(source.randrange(3)):
            parts.update(source.choice(every)[1])
        data = bytearray(Request(len(out)).set(**parts).bytes())
        head = data.find(b"getblock")
        for _ in range(source.randrange(1, 3)):
            at = source.randrange(head if head > 0 else len(data))
            data[at : at + source.randrange(2)] = source.choice([b"\r", b"\n", b" ", b"\t", b"\0", b":", b"\x0b", b";", b",", b"0", b"\r\n", b"x", b"\xff", b""])
        out.append((f"random {len(out)}", bytes(data)))
    return out
