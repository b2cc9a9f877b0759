"""DNS messages (RFC 1035), written and read."""

import ipaddress
import struct

A, NS, CNAME, TXT, AAAA, HTTPS, OPT = 1, 2, 5, 16, 28, 65, 41
RCODES = {"NOERROR": 0, "SERVFAIL": 2, "NXDOMAIN": 3}


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def edns(size=1232, do=True, cookie=b""):
    """An OPT record (RFC 6891), with a client cookie (RFC 7873) if one is given."""
    data = struct.pack(">HH", 10, len(cookie)) + cookie if cookie else b""
    return b"\0" + struct.pack(">HHIH", OPT, size, 0x8000 if do else 0, len(data)) + data


def query(name, kind=A, identity=0x1234, opt=b"", flags=0x0100, klass=1):
    head = struct.pack(">HHHHHH", identity, flags, 1, 0, 0, 1 if opt else 0)
    return head + wire_name(name) + struct.pack(">HH", kind, klass) + opt


def response(name, kind=A, identity=0x1234, data=bytes([203, 0, 113, 50]), rcode=0, opt=b""):
    head = struct.pack(">HHHHHH", identity, 0x8180 | rcode, 1, 1 if data else 0, 0, 1 if opt else 0)
    question = wire_name(name) + struct.pack(">HH", kind, 1)
    record = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300, len(data)) + data if data else b""
    return head + question + record + opt


def answer(asked, kind, records_, identity=0x1234, ttl=300, authority=(), additional=()):
    """A response with records given as (owner, type, data)."""

    def write(record):
        owner, own, data, *life = record
        head = struct.pack(">HHIH", own, 1, life[0] if life else ttl, len(data))
        return wire_name(owner) + head + data

    sections = (records_, authority, additional)
    head = struct.pack(">HHHHHH", identity, 0x8180, 1, *map(len, sections))
    question = wire_name(asked) + struct.pack(">HH", kind, 1)
    return head + question + b"".join(write(record) for section in sections for record in section)


def aliased(asked, target, address=bytes([203, 0, 113, 50]), **options):
    """An answer whose name is an alias of another."""
    return answer(asked, A, [(asked, CNAME, wire_name(target)), (target, A, address)], **options)


def kind_of(message):
    """The type that a message asks for."""
    return int.from_bytes(question_of(message)[-4:-2], "big")


def skip_name(message, at):
    while True:
        length = message[at]
        if length >= 0xC0:
            return at + 2
        at += 1 + length
        if length == 0:
            return at


def question_of(message):
    """The bytes of the one question."""
    end = skip_name(message, 12) + 4
    return message[12:end]


def records(message):
    """The (section, type, class, ttl, data) of the records after the question."""
    counts = struct.unpack_from(">HHHH", message, 4)
    at = 12 + len(question_of(message))
    out = []
    for section, count in enumerate(counts[1:]):
        for _ in range(count):
            at = skip_name(message, at)
            kind, klass, ttl, length = struct.unpack_from(">HHIH", message, at)
            out.append((section, kind, klass, ttl, message[at + 10 : at + 10 + length]))
            at += 10 + length
    if at != len(message):
        raise ValueError("bytes behind the last record")
    return out


def check_answer(answer, asked, rcode, addresses, ttl):
    """None if `answer` is a proper answer to the message `asked`; otherwise what is wrong with it."""
    flags, question_flags = struct.unpack_from(">H", answer, 2)[0], struct.unpack_from(">H", asked, 2)[0]
    if not flags & 0x8000:
        return "is no response"
    if flags & 0x7800 or flags & 0x0200:
        return f"opcode or truncation: {flags:#06x}"
    if (flags ^ question_flags) & 0x0100:
        return "recursion desired was not copied"
    if flags & 15 != RCODES[rcode]:
        return f"rcode {flags & 15}"
    if struct.unpack_from(">H", answer, 4)[0] != 1 or question_of(answer) != question_of(asked):
        return "the question is not the one that was asked, case included"
    found = records(answer)
    wanted = [ipaddress.ip_address(address) for address in addresses]
    seen = [(kind, klass, life, data) for section, kind, klass, life, data in found if section == 0]
    expected = [(A if a.version == 4 else AAAA, 1, ttl, a.packed) for a in wanted]
    if seen != expected:
        return f"answers {seen}, expected {expected}"
    had_opt = any(record[1] == OPT for record in records(asked))
    has_opt = [record for record in found if record[1] == OPT]
    if len(has_opt) != int(had_opt):
        return f"{len(has_opt)} OPT records, the question had {int(had_opt)}"
    return None
