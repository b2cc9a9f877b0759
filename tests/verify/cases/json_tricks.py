"""All forms that JSON allows and that lenient parsers take: they cannot hide a method."""

from harness.messages import AUTHORIZE, LOGIN, SUBSCRIBE, WALLET
from harness.registry import case, cases

BOM = b"\xef\xbb\xbf"


@cases(
    escaped_method=rb'{"id":1,"method":"\u006d\u0069ning.subscribe","params":[]}',
    all_escaped=b'{"id":1,"method":"' + b"".join(b"\\u%04x" % byte for byte in b"mining.subscribe") + b'","params":[]}',
    upper_case_hex=rb'{"id":1,"method":"\u006Dining.subscribe","params":[]}',
    escaped_key=rb'{"id":1,"\u006dethod":"mining.subscribe","params":[]}',
    escaped_slash=rb'{"id":1,"method":"mining.subscribe","params":["cgminer\/4.11.1"]}',
    spaces=b' {  "id" : 1 , "method"  :  "mining.subscribe" , "params" : [ ] }',
    tabs_and_newlines=b'{\t"id":\n1,\r\n"method"\t:\n\n"mining.subscribe",\n"params":\t[\n]\r\n}',
    leading_blank_lines=b'\r\n\r\n  \t\r\n{"id":1,"method":"mining.subscribe","params":[]}',
    byte_order_mark=BOM + b'{"id":1,"method":"mining.subscribe","params":[]}',
    order_of_keys=b'{"params":[],"method":"mining.subscribe","id":1}',
    extra_keys=b'{"a":{"b":[1,2,{"c":null}]},"jsonrpc":"2.0","id":1,"method":"mining.subscribe","params":[],"z":true}',
    batch=b'[{"id":1,"method":"mining.subscribe","params":[]}]',
    batch_second=b'[{"id":1,"method":"ping"},{"id":2,"method":"mining.subscribe","params":[]}]',
    duplicate_key_last=b'{"id":1,"method":"ping","method":"mining.subscribe","params":[]}',
    duplicate_key_first=b'{"id":1,"method":"mining.subscribe","method":"ping","params":[]}',
    long_junk_first=b'{"junk":"' + b"j" * 1200 + b'","id":1,"method":"mining.subscribe","params":[]}',
    nested_junk_first=b'{"junk":' + b"[" * 40 + b"]" * 40 + b',"id":1,"method":"mining.subscribe","params":[]}',
    big_number_first=b'{"junk":' + b"9" * 400 + b',"id":1,"method":"mining.subscribe","params":[]}',
    string_with_braces=rb'{"junk":"}{\"]\\","id":1,"method":"mining.subscribe","params":[]}',
    surrogates=rb'{"junk":"\ud83d\ude00","id":1,"method":"mining.subscribe","params":[]}',
    id_is_object=b'{"id":{"n":1},"method":"mining.subscribe","params":[]}',
)
def subscribe(t, message):
    c = t.tcp()
    (cut,) = c.client(message + b"\n")
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@cases(
    escaped_login=LOGIN.replace(b'"login"', rb'"\u006c\u006fgin"'),
    escaped_params=LOGIN.replace(b'"params"', rb'"par\u0061ms"'),
    spaced=LOGIN.replace(b":", b" : ").replace(b",", b" , "),
    params_first=b'{"params":{"pass":"x","login":"' + WALLET.encode() + b'"},"method":"login","id":1}\n',
    batch=b"[" + LOGIN.rstrip() + b"]\n",
)
def login(t, message):
    c = t.tcp()
    (cut,) = c.client(message)
    t.replay().blocked(c, at=cut, mining={"dialect": "cryptonote"})


@cases(
    unknown_method=b'{"id":0,"method":"server.features","params":[]}\n',
    http_like_line=b"GET / HTTP/1.1\r\n\r\n",
    smtp_line=b"EHLO mail.example.org\r\n",
    irc_lines=b"NICK miner\r\nUSER miner 0 * :miner\r\n",
    text=b"hello there\n",
    empty_array=b"[]\n",
    number=b"12\n",
)
def decoy_first(t, decoy):
    """A first line of another kind, and the request in a segment of its own."""
    c = t.tcp()
    c.client(decoy)
    (cut,) = c.client(SUBSCRIBE)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@cases(
    unknown_method=b'{"id":0,"method":"server.features","params":[]}\n',
    text=b"hello there\n",
    empty_array=b"[]\n",
)
def decoy_in_the_same_segment(t, decoy):
    c = t.tcp()
    (cut,) = c.client(decoy + SUBSCRIBE)
    t.replay().blocked(c, at=cut, mining={"dialect": "stratum-v1"})


@case
def twenty_decoys_first(t):
    c = t.tcp()
    for number in range(20):
        c.client(b'{"id":%d,"method":"noise.%d","params":[]}\n' % (number, number))
    (cut,) = c.client(AUTHORIZE)
    t.replay().blocked(c, at=cut)


@case
def no_line_feed_between_messages(t):
    c = t.tcp()
    (cut,) = c.client(b'{"id":0,"method":"noise"}' + SUBSCRIBE)
    t.replay().blocked(c, at=cut)


@case
def evidence_names_the_offset(t):
    """The position in the stream of the message that decided."""
    c = t.tcp()
    decoy = b'{"id":0,"method":"noise"}\n'
    c.client(decoy)
    c.client(SUBSCRIBE)
    r = t.replay()
    r.blocked(c)

    def check(outcome):
        (item,) = outcome.alerts[-1]["mining"]["evidence"]
        outcome.check(item["kind"] == "payload" and item["offset"] == len(decoy), f"evidence {item}")
        outcome.check("mining.subscribe" in item["text"], f"evidence {item}")

    r.each(check)
