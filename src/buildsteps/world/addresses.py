"""Addresses of the network: what a name resolves to, what is this machine, a port nobody uses."""

import ipaddress
from contextlib import closing

from buildsteps.errors import WorldError


def resolve(host: str) -> tuple[str, ...]:
    """The addresses that ``host`` has now, IPv4 and IPv6.

    Raises:
        WorldError: it has none.
    """
    import socket

    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label longer than DNS has them
        reason = getattr(error, "strerror", None) or "it is no name of a host"
        raise WorldError(f"{host} cannot be resolved: {reason.lower()}") from None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_loopback(address: str) -> bool:
    """Whether an address (no name) is this machine, by the loopback networks of IPv4 and IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    import socket

    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
