"""A running device goes over to another process under traffic: DVPN server and client, then two gateways with IKE.

Nothing is lost, no sequence number comes twice under one key, and a successor that fails leaves everything as it was.
With numbers as arguments, so many take-overs and roll-backs of each scene are done; the figures are printed."""

import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root, wait_for  # noqa: E402
import pcap  # noqa: E402

FORM = 1
KERNEL = "(ip -o link | sed 's/state.*//'; ip -4 -o addr; ip rule; ip route) 2>/dev/null"
ASK, AGREED, REFUSED, NOW, DESCRIPTORS, STATE, ALIVE, FAILED, GO = range(1, 10)

SERVER = """system-view
sysname server
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
interface LoopBack0
 ip address 10.1.1.1 255.255.255.255
quit
dvpn service enable
dvpn server pre-shared-key simple correct-horse
local-user branch-1
 password simple secret-1
 service-type dvpn
quit
dvpn policy sites
 authentication-client method chap
 session algorithm-suite 15
 data algorithm-suite 15
 session keepalive-interval 5
quit
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1 255.255.255.0
 source GigabitEthernet0/1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy sites
quit
ip route-static 10.1.2.0 255.255.255.0 10.0.0.11
"""
CLIENT = """system-view
sysname client
interface GigabitEthernet0/1
 ip address 192.0.2.2 255.255.255.0
interface LoopBack0
 ip address 10.1.2.1 255.255.255.255
quit
dvpn service enable
dvpn class hq
 public-ip 192.0.2.1
 private-ip 10.0.0.1
 algorithm-suite 15
 authentication-server method pre-share
 pre-shared-key simple correct-horse
 local-user branch-1 password simple secret-1
quit
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.11 255.255.255.0
 source GigabitEthernet0/1
 dvpn server hq
quit
ip route-static 10.1.1.0 255.255.255.0 10.0.0.1
"""
GATEWAY = """system-view
interface GigabitEthernet0/1
 ip address 192.0.2.%(n)d 24
interface LoopBack0
 ip address 10.1.%(n)d.1 32
quit
ip route-static 10.1.%(other)d.0 255.255.255.0 192.0.2.%(other)d
acl number 3101
 rule permit ip source 10.1.%(n)d.0 0.0.0.255 destination 10.1.%(other)d.0 0.0.0.255
ipsec proposal tran1
 esp encryption-algorithm aes
 esp authentication-algorithm sha1
ike peer other
 pre-shared-key abcde
 remote-address 192.0.2.%(other)d
ipsec policy map1 10 isakmp
 security acl 3101
 proposal tran1
 ike-peer other
quit
interface GigabitEthernet0/1
 ipsec policy map1
"""


def take_over(device):
    """Another process of the same command line; milliseconds in which nothing ran, as it says itself."""
    before = device.process
    marks = device.log_text().count("stood still for")
    command = [os.path.join(BIN, "sw8800d"), "--db", os.path.join(device.world.dir, device.name + ".db"), "--port",
               "GigabitEthernet0/1=eth0", "--socket", device.socket, "--take-over"] + device.options
    device.process = device.world.start(device.namespace, command, device.log)
    wait_for(device.name + " to be taken over", lambda: device.log_text().count("stood still for") > marks or
             check(device.process.poll() is None, "the successor ended:\n" + device.log_text()))
    check(before.wait(10) == 0, "the predecessor ended otherwise:\n" + device.log_text())
    return float(re.findall(r"stood still for ([\d.]+) ms", device.log_text())[-1])


class Successor:
    """The other end of the dialogue, which never goes on."""

    def __init__(self, device):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(device.socket + ".next")

    def say(self, word, form=0, text=b""):
        self.socket.send(struct.pack(">BII", word, form, len(text)) + text + struct.pack(">I", 0))

    def hear(self):
        data, fds, _, _ = socket.recv_fds(self.socket, 65536, 253)
        for fd in fds:
            os.close(fd)
        return data[0] if data else None, data

    def ask(self, database, form=FORM):
        self.say(ASK, form, os.path.realpath(database).encode())
        return self.hear()


def roll_back(device, silent):
    """A successor that takes everything and then says nothing, or dies."""
    marks = device.log_text().count("goes on: the process that was to take over does not")
    successor = Successor(device)
    word, data = successor.ask(os.path.join(device.world.dir, device.name + ".db"))
    check(word == AGREED, "not agreed: %r" % data)
    successor.say(NOW)
    word = None
    while word != STATE:
        word, data = successor.hear()
        check(word in (DESCRIPTORS, STATE), "not handed over: %r" % data)
    if not silent:
        successor.socket.close()
    wait_for(device.name + " to go on", lambda: device.log_text().count(
        "goes on: the process that was to take over does not") > marks)
    successor.socket.close()
    check(device.process.poll() is None, "the predecessor ended")


class Traffic:
    """Echo requests every 10 ms and TCP as fast as it goes, from one end's network to the other's."""

    def __init__(self, world, one, two, source, destination, seconds):
        self.world, self.seconds = world, seconds
        self.server = world.start(two.namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", destination], "server.log")
        wait_for("iperf3 to listen", lambda: "istening" in world.read("server.log"))
        self.iperf = world.start(one.namespace, ["iperf3", "-c", destination, "-B", source, "-t", str(seconds), "-b",
                                                 "20M", "-J"], "iperf.json")
        self.ping = world.start(one.namespace, ["ping", "-D", "-i", "0.01", "-W", "5", "-c", str(seconds * 100), "-I",
                                                source, destination], "ping.log")

    def over(self):
        return self.ping.poll() is not None

    def result(self):
        self.ping.wait(self.seconds * 3 + 30)
        self.iperf.wait(self.seconds * 3 + 30)
        text = self.world.read("ping.log")
        sent, received = (int(n) for n in re.search(r"(\d+) packets transmitted, (\d+) received", text).groups())
        seen = [(float(t), int(n)) for t, n in re.findall(r"\[([\d.]+)\] \d+ bytes from .* icmp_seq=(\d+)", text)]
        gaps = [b[0] - a[0] for a, b in zip(seen, seen[1:])]
        return sent, received, max(gaps) * 1000, text


def repeated(capture):
    """(packets seen, those whose SPI and number were seen before, highest number of each SPI). What the kernel would
    have cut only later lies in the capture as one: its parts follow one another number by number."""
    seen, twice = set(), []
    for frame in pcap.packets(capture):
        packet = pcap.ipv4(frame)
        if packet is None:
            continue
        protocol, source, destination, _, port, body = packet
        esp = body if protocol == 50 else body[8:] if protocol == 17 and port in (9876, 4500) else b""
        step = len(esp)
        if len(esp) < 16 or esp[:4] == b"\0\0\0\0":
            continue
        spi, number = struct.unpack(">II", esp[:8])
        following = esp.find(struct.pack(">II", spi, number + 1), 8)
        if following > 0:
            step = following
        for at in range(0, len(esp) - 8, step):
            spi, number = struct.unpack(">II", esp[at:at + 8])
            key = (source, destination, spi, number)
            if key in seen:
                twice.append(key)
            seen.add(key)
    return len(seen), twice


def scene(name, world, ends, source, destination, take_overs, roll_backs):
    capture = os.path.join(world.dir, "wire.pcap")
    dump = world.start(world.net, ["tcpdump", "-i", "br0", "-U", "-s", "0", "-B", "65536", "-w", capture], "tcpdump.log")
    wait_for("tcpdump to listen", lambda: "listening" in world.read("tcpdump.log"))
    seconds = 4 + int(take_overs * 1.2) + roll_backs * 3
    links = [device.sh(KERNEL) for device in ends]
    traffic = Traffic(world, ends[0], ends[1], source, destination, seconds)
    wait_for("the first answers", lambda: "icmp_seq=20 " in world.read("ping.log"))
    gaps = []
    for number in range(take_overs):
        gaps.append(take_over(ends[number % 2]))
    for number in range(roll_backs):
        roll_back(ends[number % 2], silent=number % 2 == 0)
    late = traffic.over()
    sent, received, gap, text = traffic.result()
    dump.send_signal(signal.SIGINT)
    dump.wait(10)
    packets, twice = repeated(capture)
    print("%s: %d take-overs, %d roll-backs under %d s of traffic%s: %d of %d echoes lost; stood still %.1f ms at most, "
          "%.1f in the middle; no answer for %.0f ms at most; %d packets on the wire, %d numbers twice"
          % (name, take_overs, roll_backs, seconds, " and after it" if late else "", sent - received, sent, max(gaps),
             sorted(gaps)[len(gaps) // 2], gap, packets, len(twice)))
    after = [device.sh(KERNEL) for device in ends]
    check(after == links, "the kernel is another one:\n%s\n---\n%s" % ("".join(links), "".join(after)))
    for device in ends:
        check("MENDED" not in device.log_text(), "something had to be mended:\n" + device.log_text())
    check(not late, "the traffic was over too early")
    check(sent == received, "packets were lost:\n%s\n%s" % (text[-400:], ends[0].log_text() + ends[1].log_text()))
    check(packets > sent and not twice, "numbers came twice: %r" % twice[:5])
    os.remove(capture)


def dvpn(take_overs, roll_backs, options=()):
    world = World("to")
    hub, site = Device(world, "server", options), Device(world, "client", options)
    hub.replay(SERVER)
    site.replay(CLIENT)
    wait_for("the client to register", lambda: "FINISHED" in hub.run("display dvpn map all"))
    wait_for("traffic", lambda: "0% packet loss" in site.echo("-c 1 -W 1 -I 10.1.2.1 10.1.1.1"))
    session = hub.run("display dvpn session all")
    scene("DVPN", world, [site, hub], "10.1.2.1", "10.1.1.1", take_overs, roll_backs)
    for device in (hub, site):
        check("removed" not in device.log_text(), "a session ended:\n" + device.log_text())
    check(hub.run("display dvpn session all").split("\n")[0] == session.split("\n")[0], "the session is another one")
    check("branch-1" in hub.run("display connection"), "the user is not in:\n" + hub.run("display connection"))
    refusals(world, hub)
    for device in (hub, site):
        device.stop()
        left = device.sh("ip -4 -o addr; ip rule; ip -o link; ip route show proto 188")
        check("192.0.2" not in left and "Tunnel0" not in left, "not put back at the end:\n" + left)
    world.close()


def refusals(world, device):
    """Who may not, what does not fit, and a predecessor that does not know how."""
    database = os.path.join(world.dir, "server.db")
    word, data = Successor(device).ask(database + "2")
    check(word == REFUSED and b"the database of this device" in data, "another database: %r" % data)
    word, data = Successor(device).ask(database, FORM + 1)
    check(word == REFUSED and b"form" in data, "another form: %r" % data)
    mode = os.stat(device.socket + ".next").st_mode & 0o777
    check(mode == 0o600, "the socket has mode %o" % mode)
    os.rename(device.socket + ".next", device.socket + ".off")  # as if this one had never heard of it
    before = device.process
    command = [os.path.join(BIN, "sw8800d"), "--db", database, "--port", "GigabitEthernet0/1=eth0", "--socket",
               device.socket, "--take-over"]
    device.process = world.start(device.namespace, command, device.log)
    wait_for("the ordinary restart", lambda: "restarts the ordinary way" in device.log_text())
    check(before.wait(30) == 0, "the predecessor did not stop in order")
    wait_for("the device", lambda: os.path.exists(device.socket))
    wait_for("the client to come back", lambda: "FINISHED" in device.run("display dvpn map all"))


def ike(take_overs, roll_backs):
    world = World("tk")
    ends = [Device(world, "gw%d" % n) for n in (1, 2)]
    for n, device in enumerate(ends, 1):
        device.replay(GATEWAY % {"n": n, "other": 3 - n})
    wait_for("SAs", lambda: "0% packet loss" in ends[0].echo("-c 1 -W 1 -I 10.1.1.1 10.1.2.1"))
    before = [device.run("display ike sa") for device in ends]
    scene("IKE and ESP", world, ends, "10.1.1.1", "10.1.2.1", take_overs, roll_backs)
    check([device.run("display ike sa") for device in ends] == before, "the ISAKMP SAs are others")
    ends[0].run("reset ike sa")
    wait_for("the peer to hear of the end", lambda: ends[1].run("display ike sa") != before[1])
    wait_for("new SAs", lambda: "0% packet loss" in ends[0].echo("-c 1 -W 1 -I 10.1.1.1 10.1.2.1"))
    world.close()


def test():
    need_root()
    take_overs, roll_backs = (int(n) for n in (sys.argv[1:] + ["5", "2"])[:2]) if len(sys.argv) > 2 else (5, 2)
    dvpn(take_overs, roll_backs)
    ike(take_overs, roll_backs)


main(test)
