"""Policies and conversations of the cases about learned addresses."""

from . import dns

POOL = "198.51.100.20"
POOL_BYTES = bytes([198, 51, 100, 20])
NAME = "xmr.pool.example"
LEARNED = {"recognised_by": "learned", "list": "learned"}
LISTS = 'pools = { type = "domain"; values = [ "pool.example" ]; };'
RULE = '{ name = "learned"; when = { learned = true; }; action = "reset"; }'
SERVER_NAME = '{ name = "name"; when = { server_name = "@pools"; }; action = "reset"; }'
WATCHED = '{ name = "watched"; when = { app = "mining"; }; action = "observe"; risk = 84; }'


def by_name(t, more="", never=""):
    """A policy that lets names resolve, and blocks connections to their addresses."""
    text_ = (
        f'version = 1;\nmode = "enforce";\nlists: {{ {LISTS} }};\n{never}\nrules: ( {SERVER_NAME}, {RULE}{more} );\n'
    )
    t.policy(text_)


def watching(t):
    """A policy that only observes mining, so that a pool's messages arrive."""
    t.rules(f"{RULE}, {WATCHED}")


def resolve(t, message, client="10.10.0.7", asked=NAME, kind=dns.A):
    u = t.udp(client=client, server="10.10.0.53", dport=53)
    u.client(dns.query(asked, kind))
    u.server(message)
    return u


def attempt(t, client="10.10.0.7", server=POOL, dport=443, **ends):
    """A connection that is tried and never opens: the server does not hear of it."""
    c = t.tcp(client=client, server=server, dport=dport, handshake=False, **ends)
    syn = c.segment("client", flags="S", options=bytes.fromhex("020405b4"))
    t.wait(1)
    c.segment("client", flags="S", seq=syn.seq, options=bytes.fromhex("020405b4"))
    return c


def connect(t, client="10.10.0.7", server=POOL, dport=443, **ends):
    """A connection with payload that recognises nothing."""
    c = t.tcp(client=client, server=server, dport=dport, **ends)
    c.client(b"\x01\x02\x03 hello")
    c.server(b"\x04\x05\x06 hello")
    return c


def cut(r, c, **mining):
    """Cut with its first packet."""
    r.blocked(c, at=c.frames[0], rule="learned", mining={**LEARNED, **mining}, server_alive=False)


def a_record(ttl=300, address=POOL_BYTES, name=NAME):
    return dns.answer(name, dns.A, [(name, dns.A, address, ttl)])
