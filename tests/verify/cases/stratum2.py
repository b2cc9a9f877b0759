"""Stratum V2: by the sizes and the randomness of its encrypted handshake, and in the clear."""

from harness.messages import SUBSCRIBE
from harness.nodes import SETUP_SUCCESS, frame, noise, open_channel, setup_connection
from harness.registry import case, cases

KEY, ANSWER = noise(64, "client"), noise(234, "server")
OLD_ANSWER = noise(170, "old server")
SETUP, SUCCESS = noise(22 + 60 + 16, "setup"), noise(44, "success")
CHANNEL = noise(22 + 70 + 16, "channel")
ENCRYPTED = {"dialect": "stratum-v2", "speaker": "miner", "recognised_by": "payload"}


def exchange(c, *turns, **options):
    """The messages of both ends in turn, the client first; returns the frames of the last turn."""
    frames = []
    for number, said in enumerate(turns):
        frames = c.client(said, **options) if number % 2 == 0 else c.server(said, **options)
    return frames


@cases(
    specification=(KEY, ANSWER, SETUP, SUCCESS, CHANNEL),
    static_key_without_elligator=(KEY, OLD_ANSWER, SETUP, SUCCESS, CHANNEL),
    long_setup=(KEY, ANSWER, noise(600, "long"), SUCCESS, CHANNEL),
    short_setup=(KEY, ANSWER, noise(22 + 16 + 16, "short"), SUCCESS, CHANNEL),
)
def encrypted_handshake(t, turns):
    """Recognised when the client continues after the server's 44 bytes: no channel is open yet, no share was sent."""
    c = t.tcp(dport=34254)
    cut = exchange(c, *turns)[0]
    c.server(noise(100, "job"))
    t.replay().blocked(c, at=cut, mining=ENCRYPTED, app="stratum-v2")


@cases(one=1, seven=7, fifty=50, at_the_border=64)
def segments_do_not_matter(t, size):
    c = t.tcp()
    exchange(c, KEY, ANSWER, SETUP, SUCCESS, CHANNEL, size=size)
    t.replay().blocked(c, mining=ENCRYPTED)


@case
def every_cut_of_each_turn(t):
    turns, flows = (KEY, ANSWER, SETUP, SUCCESS, CHANNEL), []
    for turn, said in enumerate(turns):
        for cut in range(1, len(said), 5):
            c = t.tcp(client=f"10.30.{turn}.{cut // 5 + 1}")
            for number, data in enumerate(turns):
                c.send("client" if number % 2 == 0 else "server", data, cuts=[cut] if number == turn else ())
            flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining=ENCRYPTED)


PLAIN = {
    "pool": "v2.pool.example:34254",
    "agent": "Braiins 22.08",
    "worker": "rig7",
}


@case
def plain_setup_is_cut_at_once(t):
    c = t.tcp(dport=34254)
    (cut,) = c.client(setup_connection())
    t.replay().blocked(
        c, at=cut, mining={"dialect": "stratum-v2", "speaker": "miner", "method": "SetupConnection", **PLAIN}
    )


@cases(
    without_host=setup_connection(host=""),
    all_empty=setup_connection(host="", vendor="", hardware="", firmware="", device=""),
    longest=setup_connection(
        host="h" * 255, vendor="v" * 255, hardware="w" * 255, firmware="f" * 255, device="d" * 255
    ),
    channel_behind_it=setup_connection() + open_channel(),
)
def plain_setup(t, data):
    c = t.tcp()
    (cut,) = c.client(data)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v2", "method": "SetupConnection"}, app="stratum-v2")


@case
def plain_setup_cut_everywhere(t):
    """The pool never gets the whole of it."""
    data, flows = setup_connection(), []
    for cut in range(1, len(data)):
        c = t.tcp(client=f"10.30.0.{cut}")
        c.client(data, cuts=[cut])
        flows.append(c)
    r = t.replay()
    for c in flows:
        r.blocked(c, mining={"dialect": "stratum-v2", **PLAIN})


@case
def plain_answer_alone(t):
    """The client's half took another path."""
    c = t.tcp()
    (cut,) = c.server(SETUP_SUCCESS)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v2", "speaker": "pool"})


@cases(
    bitcoin_v2=(noise(64, "a") + noise(300, "garbage"), noise(64, "b") + noise(40, "more"), noise(500, "c")),
    bitcoin_v2_without_garbage=(KEY, noise(64, "b"), noise(60, "c"), noise(60, "d"), noise(200, "e")),
    bitcoin_v2_answer_of_the_same_size=(KEY, ANSWER, noise(20, "c"), noise(20, "d"), noise(200, "e")),
    other_success=(KEY, ANSWER, SETUP, noise(45, "no success"), CHANNEL),
    answer_one_short=(KEY, ANSWER[:-1], SETUP, SUCCESS, CHANNEL),
    key_one_long=(KEY + b"\x80", ANSWER, SETUP, SUCCESS, CHANNEL),
    text_of_those_sizes=(b"a" * 64, b"b" * 234, b"c" * 98, b"d" * 44, b"e" * 108),
    zeros_of_those_sizes=(bytes(64), bytes(234), bytes(98), bytes(44), bytes(108)),
    huge_setup=(KEY, ANSWER, noise(5000, "huge"), SUCCESS, CHANNEL),
    obfuscated=(noise(517, "x"), noise(1400, "y"), noise(90, "z"), noise(90, "w"), noise(300, "v")),
)
def random_to_an_onlooker(t, turns):
    """Other protocols that open with random bytes: BIP324, obfs4, Shadowsocks."""
    c = t.tcp(dport=8333)
    exchange(c, *turns)
    c.server(noise(1000, "rest"))
    c.close()
    t.replay().passed(c)


@cases(
    zeros=bytes(300),
    frame_of_another_kind=frame(0x55, bytes(60)),
    length_beyond=frame(0, bytes(3000)),
    no_protocol=frame(0, b"\x09" + bytes(60)),
    cut_short=setup_connection()[:9],
    strings_beyond_the_frame=frame(0, b"\x00\x02\x00\x02\x00\x01\x00\x00\x00\xffabc"),
    modbus=bytes.fromhex("00000000000601030000000a"),
    netbios=b"\x00\x00\x00\x85\xffSMB" + bytes(80),
    answer_with_rubbish=frame(1, bytes(600)),
)
def nothing_of_stratum2(t, data):
    c = t.tcp(dport=2000)
    c.client(data)
    c.server(data)
    c.client(bytes(100))
    t.replay().passed(c)


@case
def stratum1_on_a_port_of_stratum2(t):
    c = t.tcp(dport=34254)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})
