"""Techniques: harmless bytes, which the receiver never takes, in the place of the message; then the message."""

import wire
from peer import PATIENCE
from technique import sending

MD5_OPTION = b"\x01\x01\x13\x12" + bytes(16)  # RFC 2385; a listener without a key discards such a segment
STRANGER = bytes.fromhex("02000000dead")
FAR = 1 << 28

# Name: why the receiver discards the decoy; fields of the segment, fields of the packet around it.
REFUSED = {
    "ttl": ("has too small a TTL to get there", {}, {"ttl": 1}),
    "checksum": ("has a wrong TCP checksum", {"bad_checksum": True}, {}),
    "ack-ahead": ("acknowledges what was never sent", {"ack": FAR}, {}),
    "ack-old": ("acknowledges what is long gone", {"ack": -FAR}, {}),
    "no-ack": ("has no ACK flag", {"flags": wire.PSH}, {}),
    "no-flags": ("has no flag at all", {"flags": 0}, {}),
    "syn": ("has the SYN flag", {"flags": wire.SYN | wire.ACK | wire.PSH}, {}),
    "md5": ("has an MD5 option", {"options": MD5_OPTION}, {}),
    "offset-small": ("has a data offset of 16 bytes", {"offset": 4}, {}),
    "offset-large": ("has a data offset beyond its end", {"offset": 15, "cut": 20}, {}),
    "stale": ("has a timestamp from before (PAWS)", {"ago": 900_000}, {}),
    "ip-short": ("has an IP length that cuts it short", {}, {"excess": -3, "plain": True}),
    "ip-long": ("has an IP length beyond the frame", {}, {"excess": 40, "plain": True}),
    "ip-checksum": ("has a wrong IP header checksum (IPv4)", {}, {"bad_checksum": True, "plain": True}),
    "mac": ("goes to a MAC address that no host has", {}, {"mac": STRANGER}),
}

# Decoys that no receiver takes in any state: they need not delay what comes after them.
CERTAIN = ("checksum", "no-ack", "no-flags", "offset-small", "offset-large", "ip-short", "ip-long", "ip-checksum")


async def decoy(peer, name, offset, data):
    """One segment of `data` that the receiver will not take."""
    _, fields, around = REFUSED[name]
    fields = dict(fields)
    if "ack" in fields:
        fields["ack"] += peer.ack
    data = data[: fields.pop("cut", len(data))]
    await peer.at(offset, data, ip=around, **fields)


def _register(name):
    why = REFUSED[name][0]

    @sending(
        f"decoy-{name}",
        f"a decoy in the message's place, which {why}",
        stamps=name == "stale",
        contradicts=name not in CERTAIN,
    )
    async def before(peer, talk):
        await decoy(peer, name, 0, talk.decoy(len(talk.message)))
        await peer.at(0, talk.message)

    return before


for _name in REFUSED:
    _register(_name)


@sending("decoy-ttl-half", "a decoy with a small TTL for the second half only", contradicts=True)
async def second_half(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(0, message[:middle])
    await decoy(peer, "ttl", middle, talk.decoy(len(message) - middle))
    await peer.at(middle, message[middle:])


@sending(
    "decoy-ttl-behind-hole",
    "a decoy with a small TTL behind a hole, then the message from its end",
    contradicts=True,
)
async def behind_hole(peer, talk):
    message = talk.message
    await decoy(peer, "ttl", 8, talk.decoy(len(message) - 8))
    await peer.at(8, message[8:])
    await peer.at(0, message[:8])


@sending(
    "decoy-ttl-longer",
    "a decoy with a small TTL that reaches 1,000 bytes beyond the message",
    contradicts=True,
)
async def longer(peer, talk):
    await decoy(peer, "ttl", 0, talk.decoy(len(talk.message) + 1000))
    await peer.at(0, talk.message)


@sending(
    "decoy-ttl-acked-data",
    "a decoy with a small TTL that begins in data which was acknowledged",
    lead=True,
    contradicts=True,
)
async def from_acked(peer, talk):
    lead = talk.decoy(40)
    await peer.say(lead)
    await peer.settle()
    await decoy(peer, "ttl", -len(lead), talk.decoy(len(lead) + len(talk.message)))
    await peer.at(0, talk.message)


@sending("message-then-decoy", "the message is followed by other bytes for the same place", contradicts=True)
async def message_first(peer, talk):
    message, middle = talk.message, len(talk.message) // 2
    await peer.at(0, message[:middle])
    await peer.at(0, talk.decoy(middle))
    await peer.at(middle, message[middle:])
    await peer.at(0, talk.decoy(len(message)))


@sending("beyond-window", "a decoy far beyond the window, then the message")
async def beyond_window(peer, talk):
    await peer.at(200_000, talk.decoy(100))
    await peer.at(1 << 30, talk.decoy(100))
    await peer.at(0, talk.message)


@sending("before-window", "a decoy far before the window, then the message")
async def before_window(peer, talk):
    await peer.at(-100_000, talk.decoy(100))
    await peer.at(-(1 << 30), talk.decoy(100))
    await peer.at(0, talk.message)


async def _fill(peer, talk, keep):
    """Fills the receive window of an application that does not read, to `keep` bytes or less; what was sent."""
    sent = 0
    for _ in range(64):
        await peer.settle()
        room = (peer.acked + peer.window - peer.next) & wire.MASK
        if room <= keep or room > 0x7FFFFFFF:
            break
        size = min(room - keep, 512)
        await peer.say(talk.decoy(size))
        sent += size
    return sent


async def _insist(peer, message):
    """The message, sent again until the whole of it had room in a small window."""
    for _ in range(4):
        await peer.at(0, message)
        await peer.settle()
        if peer.acked == (peer.next + len(message)) & wire.MASK:
            return


@sending(
    "zero-window-decoy",
    "a decoy while the window is shut, the message once it is open",
    server="narrow",
    reading=False,
    lead=True, contradicts=True)
async def zero_window(peer, talk):
    await _fill(peer, talk, 0)
    await peer.at(0, talk.decoy(len(talk.message)))
    await peer.settle()
    talk.read()
    await peer.until(lambda: peer.window > 0, "no window update", PATIENCE)
    await _insist(peer, talk.message)


@sending(
    "overrun-decoy",
    "a decoy beyond the end of a small window, the message in its place later",
    server="narrow",
    reading=False,
    lead=True, contradicts=True)
async def overrun(peer, talk):
    await _fill(peer, talk, 600)
    room = (peer.acked + peer.window - peer.next) & wire.MASK
    await peer.at(room, talk.decoy(400))
    await peer.settle()
    talk.read()
    await peer.say(talk.decoy(room))
    await peer.until(lambda: peer.acked == peer.next and peer.window > 0, "no window update", PATIENCE)
    await _insist(peer, talk.message)
