"""IP fragments (RFC 791, 3.2; RFC 8200, 4.5) of a conversation's segments and datagrams, in any order."""

import struct

from . import packet
from .conversation import CLIENT, SERVER, Tcp, other

FRAGMENT_HEADER = 44


def body_of(conversation, sender, data, flags="PA"):
    """The transport header and payload of the sender's next packet, and the fields of its frame."""
    ends = (conversation.packed[sender], conversation.packed[other(sender)])
    ports = (conversation.port[sender], conversation.port[other(sender)])
    if not isinstance(conversation, Tcp):
        return packet.udp(*ends, *ports, data), {}
    seq, ack = conversation.next[sender], conversation.next[other(sender)]
    bits = packet.flag_bits(flags)
    return packet.tcp(*ends, *ports, seq, ack, bits, data), {"seq": seq, "ack": ack, "flags": bits}


def fragment(conversation, sender, body, begin, end, identity, more=None):
    """The bytes of one fragment's frame. `end` None: up to the last byte."""
    piece = body[begin:end]
    if more is None:
        more = end is not None and end < len(body)
    source, target = conversation.packed[sender], conversation.packed[other(sender)]
    link = conversation.link(sender)
    if len(source) == 4:
        return link + packet.ip(
            source, target, conversation.protocol, piece, identity, fragment=begin // 8 | (0x2000 if more else 0)
        )
    head = struct.pack(">BBHI", conversation.protocol, 0, begin | more, identity)
    return link + packet.ip(source, target, FRAGMENT_HEADER, head + piece, identity)


def borders(size, cuts):
    cuts = [cut // 8 * 8 for cut in cuts]
    return list(zip([0, *cuts], [*cuts, size]))


def send(conversation, sender, data, cuts=(24, 48), order=None, acked=True, flags="PA"):
    """Sends the data in one packet whose body is cut at these offsets (multiples of eight).

    `order`: the numbers of the pieces, which may repeat. Returns the frames; the frame that completes the packet has
    its payload.
    """
    body, fields = body_of(conversation, sender, data, flags)
    pieces = borders(len(body), cuts)
    identity = 0x4000 + len(conversation.test.frames)
    order = list(order if order is not None else range(len(pieces)))
    frames, there, whole = [], set(), False
    for number in order:
        begin, end = pieces[number]
        there.add(number)
        completes = not whole and len(there) == len(pieces)
        whole = whole or completes
        own = {**fields, "payload": data} if completes else {"received": False}
        frame = conversation.test.frame(
            fragment(conversation, sender, body, begin, end, identity), conversation, sender, **own
        )
        conversation.frames.append(frame)
        frames.append(frame)
    if isinstance(conversation, Tcp):
        conversation.next[sender] += len(data)
        if acked:
            conversation.segment(other(sender))
    return frames


def client(conversation, data, **options):
    return send(conversation, CLIENT, data, **options)


def server(conversation, data, **options):
    return send(conversation, SERVER, data, **options)
