"""Which addresses a stranger's URL may lead to: those of the public internet, and no others.

Nothing here looks a name up. What cannot be read is not public.
"""

import ipaddress
import re
import socket

__all__ = ["is_here", "is_public", "may_be_public"]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # an IPv4 address, for a network without IPv4
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Not for everybody, but some versions of ipaddress have them as global.
_SPECIAL = (
    ipaddress.ip_network("100.64.0.0/10"),  # between a provider and its customers
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments
    ipaddress.ip_network("192.88.99.0/24"),  # the way into 6to4
    ipaddress.ip_network("198.18.0.0/15"),  # benchmarks
    ipaddress.ip_network("2001::/23"),  # protocol assignments
    ipaddress.ip_network("2001:db8::/32"),  # documentation, and the next
    ipaddress.ip_network("3fff::/20"),
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, as far as it is told by what it is.

    An address that holds others, as those of a tunnel do, is what they are.

    Parameters
    ----------
    text : str
        An address of IPv4 or IPv6, with or without a scope (`fe80::1%eth0`).
    """
    found = _read(text)
    return found is not None and all(_is_global(address) for address in _within(found))


def may_be_public(host: str) -> bool:
    """Whether a URL's host, as it is written, may lead to a public address.

    A name may, but for those of this machine. A number may only where it is an address in its one
    usual spelling: what the others mean (`127.1`, `0x7f000001`, `017700000001`) depends on who reads them.
    """
    name = _name(host)
    if ":" in name or _NUMBER.fullmatch(name.rpartition(".")[2]):
        return is_public(name)
    return name != "" and not _is_localhost(name)


def is_here(host: str) -> bool:
    """Whether a URL's host, as it is written, is this machine itself, in whatever spelling."""
    name = _name(host)
    try:
        found = _read(name) or _read(socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, UnicodeError):
        return _is_localhost(name)
    return found is not None and any(part.is_loopback or part.is_unspecified for part in _within(found))


def _name(host: str) -> str:
    return host.rstrip(".").lower()


def _is_localhost(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _read(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _within(address: _Address) -> list[_Address]:
    """List the addresses that one is made of; itself where it is made of none."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address in _NAT64:
        return [ipaddress.IPv4Address(address.packed[-4:])]
    if address.teredo:
        return list(address.teredo)
    inner = address.ipv4_mapped or address.sixtofour
    return [inner or address]


def _is_global(address: _Address) -> bool:
    if address.version == 6 and address not in _GLOBAL_UNICAST:  # noqa: PLR2004
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in _SPECIAL)
