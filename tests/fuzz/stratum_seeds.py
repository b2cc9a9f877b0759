#!/usr/bin/python3
"""Writes the seeds of fuzz_stratum that are not lines: browser miners' messages, Monero's calls, hellos.

A seed is a byte for carrier and start, a byte for the cutting, then the text; see stratum.cpp. The seeds are in the tree.
"""
import json
import os

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "stratum")
HASH = "00112233445566778899aabbccddeeff" * 2
LINES, REQUEST, RESPONSE, WEBSOCKET = b"0", b"1", b"2", b"\xb0"

SEEDS = {
    "web_auth": (WEBSOCKET, {"type": "auth", "params": {"site_key": "aBc", "type": "anonymous", "user": None, "goal": 0}}),
    "web_auth_user": (WEBSOCKET, {"type": "auth", "params": {"version": "v2", "userID": "0f3c"}}),
    "web_authed": (WEBSOCKET, {"type": "authed", "params": {"token": "", "hashes": 0}}),
    "web_job": (WEBSOCKET, {"type": "job", "params": {"job_id": "1", "blob": "0707", "target": "ffff"}}),
    "web_submit": (WEBSOCKET, {"type": "submit", "params": {"job_id": "1", "nonce": "1a2b", "result": HASH}}),
    "web_accepted": (WEBSOCKET, {"type": "hash_accepted", "params": {"hashes": 256}}),
    "web_handshake": (WEBSOCKET, {"identifier": "handshake", "pool": "pool.example", "login": "4A", "userid": ""}),
    "web_identified_job": (WEBSOCKET, {"identifier": "job", "job_id": "7", "blob": "07", "target": "ff", "algo": "cn"}),
    "web_solved": (WEBSOCKET, {"identifier": "solved", "job_id": "7", "nonce": "1a", "result": HASH}),
    "web_line": (WEBSOCKET, {"id": 1, "method": "login", "params": {"login": "a.rig", "pass": "x", "rigid": "r"}}),
    "web_benign": (WEBSOCKET, {"type": "auth", "params": {"userID": "u", "token": "t"}}),
    "monero_template": (REQUEST, {"id": "0", "method": "get_block_template", "params": {"wallet_address": "4A", "reserve_size": 8}}),
    "monero_submit": (REQUEST, {"id": "0", "method": "submitblock", "params": ["1010e6bdfedc05aa"]}),
    "monero_miner_data": (RESPONSE, {"id": "0", "result": {"difficulty": "0x1", "tx_backlog": []}}),
    "hello_answer": (LINES, {"id": "0", "result": ["AlephiumStratum/1.0.0", False, "3c"]}),
    "hello_reconnect": (LINES, {"method": "mining.reconnect", "params": {"host": "b.pool.example", "port": "d80"}}),
}

os.makedirs(CORPUS, exist_ok=True)
for name, (carrier, message) in SEEDS.items():
    with open(os.path.join(CORPUS, name), "wb") as file:
        file.write(carrier + b"a" + json.dumps(message, separators=(",", ":")).encode())
