"""The register of TCP techniques. Each is a coroutine that plays one connection; most differ only in how they send."""

import dataclasses
import functools
import typing


@dataclasses.dataclass(frozen=True)
class Technique:
    name: str
    text: str  # what it does, for the table
    play: typing.Callable
    server: str = "plain"  # which set-up of the server it needs
    boxed: bool = False  # whether it needs the tunnel end, which can lead packets around the wire
    reading: bool = True  # whether the application reads from the start
    # Whether the message must be the first data: no dialogue before it, and not longer than a segment.
    first: bool = False
    # Whether something harmless comes before the message, which only line dialects accept.
    lead: bool = False
    # Whether two versions of the same bytes are sent, so that it is not clear which is meant.
    contradicts: bool = False


TECHNIQUES = {}


def technique(name, text, **needs):
    """Registers play(peer, talk): it opens the connection, has the dialogue (talk.opening) and sends the message."""

    def register(play):
        if name in TECHNIQUES:
            raise ValueError(f"two techniques are named {name}")
        TECHNIQUES[name] = Technique(name, text, play, **needs)
        return play

    return register


def sending(name, text, stamps=False, **needs):
    """Registers send(peer, talk) of a technique whose connection is opened as usual."""

    def register(send):
        @functools.wraps(send)
        async def play(peer, talk):
            await peer.connect(stamps=stamps)
            await talk.opening(peer)
            await send(peer, talk)

        technique(name, text, **needs)(play)
        return send

    return register


def pieces(data, size):
    """(offset, bytes) of the data in pieces of this size."""
    return [(at, data[at : at + size]) for at in range(0, len(data), size)]


def shuffled(items, chance):
    items = list(items)
    chance.shuffle(items)
    return items
