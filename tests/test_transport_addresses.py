"""Which addresses a stranger's URL may lead to, however they are written."""

import pytest

from aleph_nb.transport.addresses import is_here, is_public, may_be_public

_PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
    "2606:4700::1%eth0",
    "::ffff:8.8.8.8",
    "2002:808:808::1",  # 6to4 of 8.8.8.8
    "64:ff9b::808:808",  # NAT64 of 8.8.8.8
    "2001:0:808:808::f7f7:f7f7",  # Teredo: both ends are 8.8.8.8
]

_NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104, an address among others
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:808:808::80ff:fffe",  # Teredo: the client is 127.0.0.1
    "2001:0:7f00:1::f7f7:f7f7",  # and here the server
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "",
    "nonsense",
    "127.0.0.1.",
    "8.8.8",
]


@pytest.mark.parametrize("address", _PUBLIC)
def test_what_everybody_may_reach_is_public(address: str) -> None:
    assert is_public(address)
    assert may_be_public(address)
    assert not is_here(address)


@pytest.mark.parametrize("address", _NOT_PUBLIC)
def test_anything_else_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0X7F000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "localhost",
        "LocalHost",
        "localhost.",
        "a.localhost",
        "a.b.localhost..",
    ],
)
def test_this_machine_is_known_in_every_spelling(host: str) -> None:
    assert is_here(host)
    assert not may_be_public(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "1.2.3.4.5",
        "256.1.1.1",
        "08.8.8.8",
        "8.8.2056",
        "134744072",
        "0x8080808",
        "a.0x",
        "a.1",
        "0x",
    ],
)
def test_a_number_in_no_usual_spelling_may_be_anything(host: str) -> None:
    assert not may_be_public(host)


@pytest.mark.parametrize(
    "host",
    ["media.example", "media.example.", "localhost.example", "mylocalhost", "1.example", "0xa.example"],
)
def test_a_name_may_lead_anywhere(host: str) -> None:
    assert may_be_public(host)
    assert not is_here(host)
