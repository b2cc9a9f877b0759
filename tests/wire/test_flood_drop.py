"""The same as test_flood.py where packets that find no room are dropped."""

from test_flood import (  # noqa: F401  # the runner takes the tests from this module
    FloodedSite,
    test_connections_from_before_are_still_known,
    test_idle_connections_take_no_states,
    test_one_host_floods,
    test_random_hosts_flood,
)


def open_site(program):
    return FloodedSite(program, "drop")
