#!/usr/bin/python3
"""Writes the seeds of fuzz_dns, fuzz_dns_answers, fuzz_dns_stream, fuzz_tls and fuzz_http to corpus/; the seeds are in the tree."""
import os
import struct

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def be16(value):
    return struct.pack(">H", value)


def sized(data):
    return be16(len(data)) + data


# DNS

OPT = b"\0" + struct.pack(">HHIH", 41, 4096, 0x8000, 0)


def header(flags, questions, answers=0, authority=0, additional=0):
    return struct.pack(">6H", 0x1234, flags, questions, answers, authority, additional)


def question(kind, *labels):
    name = b"".join(bytes([len(label)]) + label for label in labels)
    return name + b"\0" + be16(kind) + be16(1)


def record(kind, data):
    return b"\xc0\x0c" + struct.pack(">HHI", kind, 1, 60) + sized(data)


LONGEST = (b"a" * 63, b"b" * 63, b"c" * 63, b"d" * 61)
DNS = {
    "query-a": header(0x100, 1) + question(1, b"xmr", b"Pool", b"example"),
    "query-aaaa-edns": header(0x120, 1, 0, 0, 1) + question(28, b"xmr", b"pool", b"example") + OPT,
    "query-any-root": header(0x100, 1) + question(255),
    "query-odd-labels": header(0x100, 1) + question(1, b"a.b", b"\0\xff\\", b"example"),
    "query-longest": header(0x100, 1, 0, 0, 1) + question(255, *LONGEST) + OPT,
    "response-cname": header(0x8180, 1, 2, 0, 1) + question(1, b"www", b"pool", b"example")
    + record(5, b"\x04eu-1\xc0\x10") + record(1, b"\xc0\0\x02\x01") + OPT,
    "response-nxdomain": header(0x8183, 1, 0, 1) + question(1, b"no", b"example")
    + record(6, b"\0\0" + b"\0" * 20),
    "pointer-loop": header(0x100, 1) + b"\xc0\x0c" + be16(1) + be16(1),
    "pointer-to-header": b"\0" + header(0x100, 1)[1:] + b"\x04pool\xc0\0" + be16(1) + be16(1),
    "two-questions": header(0x100, 2) + question(1, b"good", b"example") + b"\xc0\x11" + be16(1)
    + be16(1),
}

# Responses of which the records matter: owners and targets in full.


def name(text):
    return b"".join(bytes([len(label)]) + label for label in text.split(b".") if text) + b"\0"


def owned(owner, kind, data, ttl=60):
    return name(owner) + struct.pack(">HHI", kind, 1, ttl) + sized(data)


def svcb(priority, target, **parameters):
    keys = {"port": 3, "v4": 4, "ech": 5, "v6": 6}
    data = b"".join(be16(keys[key]) + sized(value) for key, value in parameters.items())
    return be16(priority) + name(target) + data


def answer(kind, answers, authority=(), additional=(), asked=(b"w", b"a")):
    return (header(0x8180, 1, len(answers), len(authority), len(additional)) + question(kind, *asked)
            + b"".join([*answers, *authority, *additional]))


ADDRESS = b"\xc0\0\2\1"
DNS_ANSWERS = {
    "addresses": answer(1, [record(1, ADDRESS), record(28, bytes(15) + b"\1"), record(1, ADDRESS)]),
    "chain": answer(1, [owned(b"w.a", 5, name(b"b")), owned(b"b", 5, name(b"c.p")), owned(b"c.p", 1, ADDRESS)]),
    "chain-backwards": answer(1, [owned(b"c", 1, ADDRESS), owned(b"b", 5, name(b"c")), owned(b"w.a", 5, name(b"b"))]),
    "loop": answer(1, [owned(b"w.a", 5, name(b"b")), owned(b"b", 5, name(b"w.a")), owned(b"b", 1, ADDRESS)]),
    "dname": answer(1, [owned(b"a", 39, name(b"p")), owned(b"w.p", 1, ADDRESS), owned(b"p", 5, name(b"x.a"))]),
    "dname-of-itself": answer(1, [owned(b"a", 39, name(b"x.a")), owned(b"w.x.a", 1, ADDRESS)]),
    "https": answer(65, [owned(b"w.a", 65, svcb(1, b"", port=be16(8443), v4=ADDRESS * 2, ech=b"\0", v6=bytes(16))),
                         owned(b"w.a", 65, svcb(2, b"e", port=be16(1)))], (), [owned(b"e", 1, ADDRESS)]),
    "svcb-alias": answer(64, [owned(b"w.a", 64, svcb(0, b"e")), owned(b"e", 65, svcb(1, b"", v4=ADDRESS))]),
    "srv": answer(33, [owned(b"w.a", 33, bytes(4) + be16(3333) + name(b"t"))], [owned(b"a", 2, name(b"n"))],
                  [owned(b"t", 1, ADDRESS), owned(b"n", 1, ADDRESS)]),
    "unrelated": answer(1, [owned(b"x", 1, ADDRESS), owned(b"x", 5, name(b"w.a"))]),
}
DNS_STREAM = {
    "query": sized(DNS["query-a"]),
    "pipelined": sized(DNS["query-a"]) + sized(DNS["query-aaaa-edns"]) + sized(b"") + sized(DNS["query-longest"]),
    "response": sized(DNS["response-cname"]),
    "long": sized(bytes(2100)) + sized(DNS["query-a"]),
    "cut": sized(DNS["query-a"])[:-3],
}

# TLS


def extension(kind, body):
    return be16(kind) + sized(body)


def server_name(name):
    return extension(0, sized(b"\0" + sized(name)))


def alpn(*names):
    return extension(16, sized(b"".join(bytes([len(name)]) + name for name in names)))


def hello(extensions):
    body = b"\3\3" + bytes(range(32)) + b"\x20" + b"\xbb" * 32
    body += sized(b"\x1a\x1a\x13\1\x13\2") + b"\1\0" + extensions
    return b"\1\0" + sized(body)


def tls(data, kind=22):
    return bytes([kind, 3, 1]) + sized(data)


FULL = hello(sized(extension(0x2A2A, b"") + server_name(b"XMR.Pool.Example.")
                   + extension(0xFE0D, b"\7" * 20) + alpn(b"zz", b"h2")))
TWO_NAMES = sized(b"\1" + sized(b"x") + b"\0" + sized(b"first") + b"\0" + sized(b"second"))
BROWSER = hello(sized(
    extension(0x4A4A, b"") + server_name(b"xmr.pool.example") + extension(13, sized(b"\4\3\x08\4\x0a\x0a"))
    + extension(43, b"\6\x3a\x3a\3\4\3\3") + alpn(b"h2", b"http/1.1") + extension(42, b"")
    + extension(0xFE0D, b"\0\0\1\0\1") + extension(41, b"\0\0")))
TLS = {
    "hello": tls(FULL),
    "hello-records-of-20": b"".join(tls(FULL[i:i + 20]) for i in range(0, len(FULL), 20)),
    "hello-alert-and-empty-first": tls(b"\1\x64", 21) + tls(b"") + tls(FULL),
    "hello-no-extensions": tls(hello(b"")),
    "sni-empty": tls(hello(sized(server_name(b"")))),
    "sni-long": tls(hello(sized(server_name(b"a" * 300 + b".pool.example")))),
    "sni-two-names": tls(hello(sized(extension(0, TWO_NAMES)))),
    "alpn-odd": tls(hello(sized(alpn(b"", b"\0\xff\\ ", b"\xea\xea")))),
    "hello-browser": tls(BROWSER),
    "hello-without-records": BROWSER,
    "sni-nul-port-and-twice": tls(hello(sized(server_name(b"pool.example\0.safe.example")
                                            + server_name(b"pool.example:443")))),
    "alpn-high-byte": tls(hello(sized(alpn(b"\x30\xab\xcd\x31")))),
    "server-hello": tls(b"\2\0\0\x50" + b"\3\3" * 40),
    "sslv2": b"\x80\x2e\1\0\2" + b"\0" * 40,
}

# HTTP: the first byte is the role

REQUESTS = {
    "post-json": "POST /json_rpc HTTP/1.1\r\nHost: XMR.Pool.Example:18081\r\nUser-Agent: x/1\r\n"
    "Content-Type: application/json\r\nX-Mining-Extensions: longpoll\r\nContent-Length: 2\r\n\r\n"
    "{}GET / HTTP/1.1\r\n\r\n",
    "absolute-form": "GET http://u@a.example.:80/x HTTP/1.1\nHost : b\n\n",
    "connect": "CONNECT [2001:db8::1]:3333 HTTP/1.1\r\nHost: a\r\n\r\n{\"id\":1}",
    "chunked": "POST / HTTP/1.1\r\nContent-Length: 9\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    "4;x\r\nWiki\r\n0\r\nT: x\r\n\r\n",
    "fold-and-hosts": "\r\nGET / HTTP/1.1\r\nHost:\r\n a\r\nHost: b\r\nContent-Length: 1, 1\r\n\r\nx",
    "upgrade": "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x81\x80\0\0\0\0",
    "json-after-white": "\r\n \t\xef\xbb\xbf {\"id\":1}",
}
RESPONSES = {
    "response-mining": "HTTP/1.1 200 OK\r\nX-Stratum: stratum+tcp://p.example:3333\r\n"
    "X-Long-Polling: /LP\r\nX-Roll-NTime: Y\r\nContent-Length: 2\r\n\r\n{}",
    "response-head-resync": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nHTTP/1.1 204 No\r\n\r\n"
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nHTx",
    "response-close": "HTTP/1.0 200 OK\r\n\r\nHTTP/2 body",
    "response-101": "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 101 S\r\n\r\n\x81\x00",
    "response-chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "A\r\n0123456789\r\n0\r\n\r\n",
}
HTTP = {name: b"\0" + text.encode("latin-1") for name, text in REQUESTS.items()}
HTTP.update({name: b"\1" + text.encode("latin-1") for name, text in RESPONSES.items()})

for folder, seeds in {"dns": DNS, "dns_answers": DNS_ANSWERS, "dns_stream": DNS_STREAM, "tls": TLS, "http": HTTP}.items():
    os.makedirs(os.path.join(CORPUS, folder), exist_ok=True)
    for seed, data in seeds.items():
        with open(os.path.join(CORPUS, folder, seed), "wb") as file:
            file.write(data)
