"""Configurations of a small DVPN domain, and what its tests ask of it."""

import re

NETWORK = "192.0.2."
# A modern suite: what these tests are about is not the cipher.
SUITE = 15

SERVER = """
sysname server
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
interface LoopBack0
 ip address 10.1.0.1 255.255.255.255
dvpn service enable
dvpn policy sites
 session algorithm-suite %d
 data algorithm-suite %d
 session keepalive-interval 5
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1 255.255.255.0
 source GigabitEthernet0/1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy sites
""" % (SUITE, SUITE)

CLIENT = """
sysname client-%(n)d
interface GigabitEthernet0/1
 ip address %(address)s 255.255.255.0
interface LoopBack0
 ip address 10.1.%(n)d.1 255.255.255.255
%(route)s
dvpn service enable
dvpn client register-interval 3
dvpn class hq
 public-ip 192.0.2.1
 private-ip 10.0.0.1
 algorithm-suite %(suite)d
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.%(private)d 255.255.255.0
 source GigabitEthernet0/1
 dvpn server hq
"""


def server(clients=(), statics=True):
    """`clients`: their numbers; client N has the network 10.1.N.0/24 and the tunnel address 10.0.0.10+N."""
    return SERVER + (routes(clients) if statics else "")


def client(n, address, others=(), gateway=None, statics=True):
    text = CLIENT % {"n": n, "address": address, "private": 10 + n, "suite": SUITE,
                     "route": "ip route-static 0.0.0.0 0.0.0.0 %s" % gateway if gateway else ""}
    if statics:
        text += "ip route-static 10.1.0.0 255.255.255.0 10.0.0.1\n" + routes(others)
    return text


def routes(clients):
    return "".join("ip route-static 10.1.%d.0 255.255.255.0 10.0.0.%d\n" % (n, 10 + n) for n in clients)


def registered(device):
    """The tunnel addresses of the finished maps of a server."""
    return re.findall(r"(10\.0\.\d+\.\d+) .*FINISHED", device.run("display dvpn map all"))


def direct(device, n):
    """Whether a proven session with client N carries data: where it leads, or nothing."""
    found = re.search(r"10\.0\.0\.%d +(\S+) +(\d+) .*SETUPSUCCESS.*C->C" % (10 + n),
                      device.run("display dvpn session all"))
    return found.group(1) + ":" + found.group(2) if found else None


def loss(device, source, destination, options="-c 5 -i 0.2"):
    """Packets lost in per cent, and what ping said."""
    text = device.echo("-W 2 %s -I %s %s" % (options, source, destination))
    lost = re.search(r"([\d.]+)% packet loss", text)
    return (100.0 if lost is None else float(lost.group(1))), text
