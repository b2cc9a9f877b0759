"""Plays one cell and tells what the receiving application got."""

import asyncio
import dataclasses
import itertools

import wire
from carriers import CARRIERS
from datagrams import DATAGRAM_CARRIERS, DATAGRAM_TECHNIQUES
from packets import IP_TECHNIQUES
from peer import PATIENCE, NoAnswer, Peer
from receiver import LINES, Session
from stage import Lost
from technique import TECHNIQUES

LONGEST = 60.0  # seconds for one cell, far more than any cell needs
GRACE = 0.02  # seconds in which an application may still wake up after its kernel got everything
AROUND = 48  # cells that play at the same time


@dataclasses.dataclass
class Outcome:
    delivered: bool = False
    read: int = 0  # bytes that the application got
    note: str = ""
    client: str = ""  # address, to find the appliance's events by
    lost: bool = False


class Talk:
    """What a technique knows of the carrier: the message, harmless bytes, the dialogue, and the receiving application.
    """

    def __init__(self, stage, peer, session, carrier):
        self.stage, self.peer, self.session, self.carrier = stage, peer, session, carrier
        self.message = carrier.message
        self.before = sum(len(said) for said, _ in carrier.dialogue)

    def decoy(self, size):
        """Harmless bytes: JSON lines for line dialects, so that the reader can skip them."""
        if self.carrier.port != LINES:
            return b"GET / HTTP/1.1\r\nHost: www.example.test\r\nX-Filler: ".ljust(size, b"f")[:size]
        if size < 20:
            return (b"0" * size)[:-1] + b"\n" if size else b""
        return b'{"method":"' + b"p" * (size - 14) + b'"}\n'

    async def opening(self, peer):
        """The dialogue before the message, plain; each answer is waited for."""
        expected = len(self.session.data)
        for said, answer in self.carrier.dialogue:
            expected += len(said)
            if answer:
                self.session.answers.append((lambda data, size=expected: len(data) >= size, answer))
        for said, answer in self.carrier.dialogue:
            goal = (peer.ack + len(answer)) & wire.MASK
            await peer.say(said)
            if answer:
                await peer.until(lambda goal=goal: peer.ack == goal, "no answer of the application", PATIENCE)

    def read(self):
        """Lets an application read that was not reading."""
        self.stage.receiver.resume(self.session)

    def forget_read(self):
        """Forgets what was read so far, because it belongs to an earlier connection."""
        self.session.data = b""

    def connect_from_server(self):
        peer = self.peer
        self.stage.receiver.connect(
            self.session, (peer.server, peer.server_port), (peer.address, peer.port)
        )


async def _stream(stage, number, cell, outcome):
    technique, carrier = TECHNIQUES[cell.technique], CARRIERS[cell.carrier]
    peer = Peer(
        stage,
        number,
        cell,
        IP_TECHNIQUES[cell.ip].packets,
        carrier.port,
        server=technique.server,
        boxed=technique.boxed,
    )
    session = Session(reading=technique.reading)
    stage.receiver.expected[(peer.address, peer.port)] = session
    outcome.client = peer.address
    try:
        await technique.play(peer, Talk(stage, peer, session, carrier))
        await peer.settle()
        if not carrier.complete(session.data):
            await asyncio.sleep(GRACE)
    except NoAnswer as error:
        outcome.note = str(error)
    finally:
        outcome.delivered, outcome.read = carrier.complete(session.data), len(session.data)
        stage.receiver.forget((peer.address, peer.port))
        peer.close()


async def _datagrams(stage, number, cell, outcome):
    carrier = DATAGRAM_CARRIERS[cell.carrier]
    peer = Peer(stage, number, cell, IP_TECHNIQUES[cell.ip].packets, carrier.port)
    session = Session()
    stage.receiver.expected[(peer.address, peer.port)] = session
    outcome.client = peer.address
    try:
        for data in carrier.datagrams:
            await DATAGRAM_TECHNIQUES[cell.technique].send(peer, data)
        await peer.settle()
        await asyncio.sleep(GRACE)
    finally:
        outcome.delivered = carrier.complete(session.datagrams)
        outcome.read = sum(map(len, session.datagrams))
        stage.receiver.forget((peer.address, peer.port))
        peer.close()


async def play(stage, number, cell):
    outcome = Outcome()
    try:
        await asyncio.wait_for((_stream if cell.stream else _datagrams)(stage, number, cell, outcome), LONGEST)
    except asyncio.TimeoutError:
        outcome.note, outcome.lost = f"not over after {LONGEST:.0f} s", True
    except Lost as error:
        outcome.note, outcome.lost = str(error), True
    return outcome


async def play_all(stage, cells, alive=lambda: True, around=AROUND):
    """Plays the cells, a number of them at a time; outcomes in their order. If `alive` says that the appliance has
    ended, it does not wait for the others."""
    outcomes = [None] * len(cells)
    queue = iter(enumerate(cells))
    numbers = itertools.count(1)

    async def player():
        for place, cell in queue:
            number = next(numbers)
            if alive():
                outcomes[place] = await play(stage, number, cell)
            else:
                outcomes[place] = Outcome(note="no appliance", lost=True)

    await asyncio.gather(*(player() for _ in range(min(around, len(cells)))))
    return outcomes
