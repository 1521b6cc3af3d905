"""GRE tunnels of two daemons on a kernel that has no GRE: what they carry and how it looks on the wire, keys, keepalives,
hostile packets, and IPsec policies in the tunnel and below it."""

import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import loss  # noqa: E402
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402
from ipsec_policy import policy  # noqa: E402
from pcap import ipv4, packets  # noqa: E402

PYTHON = "/usr/bin/python3"  # Debian's, which has python3-scapy
GRE, ESP = 47, 50

SITE = """
interface GigabitEthernet0/1
 ip address 192.0.2.%(n)d 255.255.255.0
interface LoopBack0
 ip address 10.1.%(n)d.1 255.255.255.255
interface Tunnel0
 ip address 10.0.0.%(n)d 255.255.255.0
 source %(source)s
 destination 192.0.2.%(other)d
quit
ip route-static 10.1.%(other)d.0 255.255.255.0 10.0.0.%(other)d
"""


def policies(n):
    other = 3 - n
    return (policy("inner", 3101, "ip source 10.1.%d.0 0.0.0.255 destination 10.1.%d.0 0.0.0.255" % (n, other), "10.0.0.%d" % other)
            + policy("outer", 3102, "gre source 192.0.2.%d 0 destination 192.0.2.%d 0" % (n, other), "192.0.2.%d" % other))


# Of a file: how many GRE packets there are, of those with a checksum how many have a good one, and the pings inside.
SCAPY = r"""
import sys
from scapy.all import ICMP, IP, rdpcap
from scapy.layers.l2 import GRE
from scapy.utils import checksum
gre = [p for p in rdpcap(sys.argv[1]) if IP in p and p[IP].proto == 47]
summed = [p for p in gre if p[GRE].chksum_present]
good = [p for p in summed if checksum(bytes(p[IP].payload)[:p[IP].len - 20]) == 0]
keys = sorted({p[GRE].key for p in gre if p[GRE].key_present})
pings = [p for p in gre if p[GRE].proto == 0x800 and ICMP in p[GRE].payload]
print(len(gre), len(summed), len(good), len(pings), keys)
"""

# The other end of a tunnel: answers pings with key, checksum and sequence number, and sends keepalives back.
SCAPY_PEER = r"""
import socket
from scapy.all import ICMP, IP, raw
from scapy.layers.l2 import GRE
from scapy.utils import checksum
source = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
output = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
print("listening", flush=True)
number = 0
while True:
    outer = IP(source.recv(65535))
    gre = outer[GRE]
    if not gre.chksum_present or checksum(raw(outer.payload)) != 0 or gre.key != 5:
        print("wrong: %r" % outer, flush=True)
        continue
    inner = IP(raw(gre.payload))
    if inner.proto == 47:
        output.sendto(raw(gre.payload), (inner.dst, 0))
    elif ICMP in inner and inner[ICMP].type == 8:
        number += 1
        answer = IP(src=inner.dst, dst=inner.src, ttl=64) / ICMP(type=0, id=inner[ICMP].id, seq=inner[ICMP].seq) / inner[ICMP].payload
        packet = IP(src=outer.dst, dst=outer.src) / GRE(key_present=1, key=5, chksum_present=1, seqnum_present=1,
                                                        sequence_number=number) / answer
        output.sendto(raw(packet), (outer.src, 0))
"""

# GRE as nobody should send it, by a raw socket: arguments are the source, the destination, and packets in hexadecimal.
SENDER = r"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
s.bind((sys.argv[1], 0))
for packet in sys.argv[3:]:
    s.sendto(bytes.fromhex(packet), (sys.argv[2], 0))
"""


def shown(device):
    return device.run("display interface Tunnel 0")


def line_up(device):
    return "Line protocol current state: UP" in shown(device)


def state(*devices):
    return "".join("\n--- %s\n%s%s%s" % (
        device.name, device.run("display interface Tunnel 0", "display ike sa", "display ipsec sa", "display ipsec statistics"),
        device.log_text()[-3000:], device.sh("ip rule; ip route; ip route show table 8800; ip -br addr"))
        for device in devices)


class Wire:
    """What crosses the bridge meanwhile."""

    def __init__(self, world, name):
        self.world, self.path = world, os.path.join(world.dir, name + ".pcap")
        self.process = world.start(world.net, ["tcpdump", "-i", "br0", "-U", "--immediate-mode", "-s", "0", "-w", self.path],
                                   name + ".log")
        wait_for("tcpdump to listen", lambda: "listening" in world.read(name + ".log"))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        self.seen = [one for one in map(ipv4, packets(self.path)) if one]
        return self

    def count(self, protocol):
        return sum(1 for one in self.seen if one[0] == protocol)


def carries(devices, what, sizes=(56, 1448, 3000)):
    wait_for("an answer " + what, lambda: loss(devices[0], "10.1.1.1", "10.1.2.1", "-c 1")[0] == 0, 30)
    for device, source, to in ((devices[0], "10.1.1.1", "10.1.2.1"), (devices[1], "10.1.2.1", "10.1.1.1")):
        for size in sizes:
            lost, text = loss(device, source, to, "-c 5 -i 0.1 -s %d" % size)
            check(lost == 0, "%s, %d bytes: %s%s" % (what, size, text, state(*devices)))
    print("%s: pings of %s bytes, both ways" % (what, sizes))


def transfers(world, devices, what):
    log = "iperf-%s.log" % what
    world.start(devices[1].namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], log)
    wait_for("iperf3 to listen", lambda: "listening" in world.read(log))
    text = devices[0].sh("iperf3 -c 10.1.2.1 -B 10.1.1.1 -t 1 -f m", ok=False)
    rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
    check(rate and float(rate.group(1)) > 1, text + state(*devices))
    print("%s: TCP %s Mbit/s" % (what, rate.group(1)))


def scapy(wire):
    out = subprocess.run([PYTHON, "-W", "ignore", "-c", SCAPY, wire.path], text=True, stdout=subprocess.PIPE, check=True).stdout
    return [int(word) for word in out.split()[:4]] + [out.split(maxsplit=4)[4].strip()]


def with_scapy(world, one):
    peer = world.host("scapy")
    world.sh(peer, "ip addr add 192.0.2.3/24 dev eth0")
    process = world.start(peer, [PYTHON, "-W", "ignore", "-c", SCAPY_PEER], "scapy.log")
    wait_for("scapy to listen", lambda: "listening" in world.read("scapy.log"))
    one.replay("interface Tunnel1\n ip address 10.0.3.1 24\n source GigabitEthernet0/1\n destination 192.0.2.3\n"
               " gre key 5\n gre checksum\n keepalive 1 3\n")
    for size in (56, 1436):  # the answer has a sequence number besides
        lost, text = loss(one, "10.0.3.1", "10.0.3.2", "-c 5 -i 0.2 -s %d" % size)
        check(lost == 0, text + world.read("scapy.log") + one.run("display interface Tunnel 1"))
    wait_for("keepalives that scapy sends back", lambda: int(
        re.search(r"(\d+) answered", one.run("display interface Tunnel 1")).group(1)) >= 2, 10)
    check("wrong" not in world.read("scapy.log"), world.read("scapy.log"))
    process.terminate()
    process.wait(10)
    one.replay("undo interface Tunnel1\n")
    print("scapy answers pings with key, checksum and sequence numbers, and sends keepalives back")


def test():
    need_root()
    if subprocess.run([PYTHON, "-c", "import scapy.layers.l2"], stderr=subprocess.DEVNULL).returncode != 0:
        skip("python3-scapy is not installed")
    world = World("gre")
    devices = one, two = [Device(world, "gw%d" % n) for n in (1, 2)]
    for n, device in enumerate(devices, 1):
        device.replay(SITE % {"n": n, "other": 3 - n, "source": "GigabitEthernet0/1" if n == 1 else "192.0.2.2"})

    def both(lines):
        for device in devices:
            device.replay(lines)

    wire = Wire(world, "plain")
    carries(devices, "without options")
    text = one.sh("ping -c 1 -M do -s 1449 -W 2 -I 10.1.1.1 10.1.2.1", ok=False)
    check(re.search(r"mtu ?= ?1476", text), "no MTU was told:\n" + text)
    wire.stop()
    total, summed, _, pings, keys = scapy(wire)
    check(total >= 50 and summed == 0 and keys == "[]" and pings >= 40, "scapy saw %s" % [total, summed, pings, keys])
    check(total == wire.count(GRE) and not any(p in (1, 6, ESP) for p in (w[0] for w in wire.seen)), "on the wire: %s" % wire.seen[:20])
    tshark = world.sh(world.net, "tshark -r %s -Y 'gre.proto == 0x0800 && icmp' -T fields -e gre.flags_and_version 2>/dev/null"
                      % wire.path).split()
    check(len(tshark) >= 40 and set(tshark) == {"0x0000"}, "tshark saw %s" % tshark)
    found = re.search(r"(\d+) packets input,  (\d+) bytes", shown(one))
    # 3 sizes, the largest in three pieces, 5 each, both ways, and one to begin with.
    check(int(found.group(1)) >= 50 and int(found.group(2)) > 40000, shown(one))
    print("scapy and tshark read %d GRE packets; %s packets, %s bytes counted" % (total, found.group(1), found.group(2)))
    transfers(world, devices, "without options")

    one.replay("interface Tunnel0\n gre key 7\n")
    lost, text = loss(one, "10.1.1.1", "10.1.2.1")
    check(lost == 100 and "5 dropped: wrong key" in shown(two), text + state(two))
    both("interface Tunnel0\n gre key 4294967295\n gre checksum\n")
    check("The Maximum Transmit Unit is 1468" in shown(one), shown(one))
    wire = Wire(world, "options")
    carries(devices, "with key and checksum", (56, 1440, 3000))
    wire.stop()
    total, summed, good, _, keys = scapy(wire)
    check(total >= 50 and total == summed == good and keys == "[4294967295]", "scapy saw %s" % [total, summed, good, keys])
    print("scapy: %d of %d checksums are good, key %s" % (good, total, keys))
    transfers(world, devices, "with key and checksum")
    both("interface Tunnel0\n undo gre key\n undo gre checksum\n")
    with_scapy(world, one)

    # Not GRE, not IPv4, a wrong checksum, nothing inside, one of our own addresses as the source; and from somebody else.
    own = "4500001400000000ff1137d5c0000201c0000202"
    two.sh("%s -c '%s' 192.0.2.2 192.0.2.1 4000080000000000 00 000086dd00 80000800ffff0000 0000080045 00000800%s"
           % (PYTHON, SENDER, own))
    other = world.host("other")
    world.sh(other, "ip addr add 192.0.2.9/24 dev eth0")
    world.sh(other, "%s -c '%s' 192.0.2.9 192.0.2.1 00000800" % (PYTHON, SENDER))
    wanted = ["2 dropped: not GRE", "1 dropped: carries something else", "1 dropped: wrong checksum",
              "1 dropped: no valid IPv4 packet inside", "1 dropped: an address of this end", "1 dropped: from another address"]
    wait_for("the drops", lambda: all(text in shown(one) for text in wanted), 10)
    check("    7 input error" in shown(one), shown(one))
    print("hostile packets are counted: " + ", ".join(re.findall(r"(\d+ dropped: .*)", shown(one))))
    carries(devices, "after hostile packets", (56,))

    one.replay("interface Tunnel0\n keepalive 1 3\n")
    wait_for("keepalives", lambda: int(re.search(r"(\d+) answered", shown(one)).group(1)) >= 2, 10)
    check(line_up(one), shown(one))
    two.stop(signal.SIGKILL)
    wait_for("the line to go down", lambda: not line_up(one), 10)
    check("3 keepalives were not answered" in shown(one) and "line protocol of Tunnel0 is DOWN" in one.log_text(), state(one))
    check("10.1.2.0" not in one.sh("ip route"), one.sh("ip route"))
    os.unlink(two.socket)
    two.boot()
    wait_for("the line to come back", lambda: line_up(one), 10)
    carries(devices, "after the other end was killed", (56,))
    one.replay("interface Tunnel0\n shutdown\n")
    check(loss(one, "10.1.1.1", "10.1.2.1", "-c 2")[0] == 100, "shut down, and it carries")
    one.replay("interface Tunnel0\n undo shutdown\n")
    carries(devices, "after shutdown", (56,))
    one.replay("undo interface Tunnel0\n" + SITE % {"n": 1, "other": 2, "source": "192.0.2.1"})
    carries(devices, "after it was made anew", (56,))
    one.stop()
    one.boot()
    carries(devices, "after a restart", (56,))

    for n, device in enumerate(devices, 1):
        device.replay(policies(n))
    both("interface Tunnel0\n ipsec policy inner\n")
    inside = world.start(one.namespace, ["tcpdump", "-n", "-l", "--immediate-mode", "-i", "Tunnel0"], "inside.log")
    wait_for("tcpdump", lambda: "listening" in world.read("inside.log"))
    wire = Wire(world, "inner")
    carries(devices, "with a policy on the tunnel", (56, 1300, 3000))  # more and the first is told of a smaller path MTU
    transfers(world, devices, "with a policy on the tunnel")
    wire.stop()
    inside.terminate()
    inside.wait(10)
    check(wire.count(GRE) > 50 and wire.count(ESP) == 0, "on the wire: GRE %d, ESP %d" % (wire.count(GRE), wire.count(ESP)))
    text = world.read("inside.log")
    check(len(re.findall(r"10\.0\.0\.1 > 10\.0\.0\.2: ESP", text)) > 20 and "10.1.2.1" not in text, text[-3000:])
    print("in the tunnel: ESP between its ends; on the wire: %d GRE packets" % wire.count(GRE))
    both("interface Tunnel0\n undo ipsec policy\n")

    both("interface GigabitEthernet0/1\n ipsec policy outer\n")
    wait_for("an answer", lambda: loss(one, "10.1.1.1", "10.1.2.1", "-c 1")[0] == 0)
    wire = Wire(world, "outer")
    carries(devices, "with a policy on the port")
    transfers(world, devices, "with a policy on the port")
    wire.stop()
    check(wire.count(ESP) > 50 and wire.count(GRE) == 0, "on the wire: GRE %d, ESP %d" % (wire.count(GRE), wire.count(ESP)))
    print("on the wire: %d ESP packets, no GRE" % wire.count(ESP))
    one.replay("interface GigabitEthernet0/1\n undo ipsec policy\n")
    lost, text = loss(one, "10.1.1.1", "10.1.2.1")
    check(lost == 100, "GRE in clear is taken though a policy has it: " + text + state(*devices))
    two.replay("interface GigabitEthernet0/1\n undo ipsec policy\n")
    carries(devices, "without policies", (56,))

    for device in devices:
        device.stop()
        left = device.sh("ip rule; ip -br link")
        check("8800" not in left and "ipsec" not in left and "Tunnel" not in left, "left behind:\n" + left)


main(test)
