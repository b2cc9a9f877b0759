"""Policies for the lab, made from the shipped ones, so that demo and tests show what operators get."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]


def starter(sanctioned=(), mode="enforce"):
    """policies/starter.conf with these addresses on the list of hosts that may mine, in a mode."""
    text = (ROOT / "policies/starter.conf").read_text("utf-8")
    values = ", ".join(f'"{address}"' for address in sanctioned)
    text, count = re.subn(
        r"(^  sanctioned-rigs = \{[^}]*?^ +values = )\[ *\]", rf"\1[ {values} ]", text, flags=re.M
    )
    if count != 1:
        raise ValueError("policies/starter.conf has no empty list sanctioned-rigs to fill")
    text, count = re.subn(r'^mode = "\w+"', f'mode = "{mode}"', text, flags=re.M)
    if count != 1:
        raise ValueError("policies/starter.conf has no line for its mode")
    return text
