"""A DVPN domain under attack: a server, two honest clients, one whose only way leads through the attacker, and what
each attack must leave as it was."""

import re
import socket

import dvpn_outsider as dvpn
from dvpn_domain import direct, loss
from dvpn_intruder import Forger, Middle, Tap, udp
from harness import Device, World, check, wait_for

KEY = "correct-horse"  # the pre-shared key of the domain; branch N has the password secret-N
HQ, STRANGER, BYSTANDER = "192.0.2.1", "192.0.2.66", "192.0.2.77"

SERVER = """
sysname server
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
interface LoopBack0
 ip address 10.1.0.1 255.255.255.255
%s
dvpn service enable
dvpn server pre-shared-key simple %s
dvpn policy sites
 authentication-client method chap
 session algorithm-suite 15
 data algorithm-suite 15
 session keepalive-interval 5
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1 255.255.255.0
 source GigabitEthernet0/1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy sites
"""
USER = """
local-user branch-%d
 password simple secret-%d
 service-type dvpn
"""
ROUTE = "ip route-static 10.1.%d.0 255.255.255.0 10.0.0.%d\n"
CLIENT = """
sysname client-%(n)d
interface GigabitEthernet0/1
 ip address 192.0.2.1%(n)d 255.255.255.0
interface LoopBack0
 ip address 10.1.%(n)d.1 255.255.255.255
dvpn service enable
dvpn client register-interval 3
dvpn class hq
 public-ip 192.0.2.1
 private-ip 10.0.0.1
 algorithm-suite 15
 authentication-server method pre-share
 pre-shared-key simple %(key)s
 local-user branch-%(n)d password simple secret-%(n)d
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1%(n)d 255.255.255.0
 source GigabitEthernet0/1
 dvpn server hq
ip route-static 10.1.0.0 255.255.255.0 10.0.0.1
"""


def client(n):
    others = "".join(ROUTE % (m, 10 + m) for m in (1, 2) if m != n)
    return CLIENT % {"n": n, "key": KEY} + others


class Scene:
    def __init__(self):
        world = self.world = World("hostile")
        self.hq, self.one, self.two = (Device(world, name) for name in ("server", "client-1", "client-2"))
        self.stranger, self.bystander = world.host("stranger"), world.host("bystander")
        many = "; ".join("ip addr add 192.0.2.%d/24 dev eth0" % n for n in range(100, 228))
        world.sh(self.stranger, "ip addr add %s/24 dev eth0; %s" % (STRANGER, many))
        world.sh(self.bystander, "ip addr add %s/24 dev eth0" % BYSTANDER)
        self.bystanders_socket = udp(self.bystander, BYSTANDER)  # takes what comes, so that no ICMP says otherwise
        # Client 3 is alone with the attacker, who has the server's address there.
        self.false = world.router("false", HQ + "/24")
        world.sh(self.false, "ip link del eth0")
        self.three = Device(world, "client-3", at=self.false)
        self.tap = Tap(world.net, "server")
        self.taps = [self.tap, Tap(world.net, "client-1"), Tap(world.net, "client-2")]
        self.victims_tap = Tap(world.net, "bystander")
        self.forger = Forger(self.stranger)
        self.socket = udp(self.stranger, STRANGER)
        self.inner, self.outer = udp(self.false, HQ), udp(self.stranger, STRANGER, 6666)
        self.hq.replay(SERVER % ("".join(USER % (n, n) for n in range(1, 6)), KEY) +
                       "".join(ROUTE % (n, 10 + n) for n in range(1, 5)))
        self.one.replay(client(1))
        self.two.replay(client(2))
        wait_for("two honest clients", lambda: len(self.maps()) == 2)
        loss(self.one, "10.1.1.1", "10.1.2.1", "-c 2 -i 0.2")
        wait_for("their direct session", lambda: direct(self.one, 2), 20)
        self.three.replay(client(3) + "interface Tunnel0\nshutdown\n")
        self.before = self.maps()

    def maps(self):
        """Finished maps at the server: control identifier and user by private address."""
        shown = self.hq.run("display dvpn map all")
        return {m[0]: (int(m[1]), m[2]) for m in
                re.findall(r"(10\.0\.0\.\d+) .*FINISHED +\S+ +(\d+).*\n.*?(?:user (\S+?))?, up", shown)}

    def honest(self):
        return {address: row for address, row in self.maps().items() if address in ("10.0.0.11", "10.0.0.12")}

    def unharmed(self):
        """The maps of the honest are those of before, and both talk, directly."""
        for device in (self.hq, self.one, self.two, self.three):
            check(device.process.poll() is None, "%s ended:\n%s" % (device.name, device.log_text()[-2000:]))
        check(self.honest() == self.before, "the maps were %s and are %s" % (self.before, self.maps()))
        for target in ("10.1.0.1", "10.1.2.1"):
            lost, text = loss(self.one, "10.1.1.1", target, "-c 3 -i 0.05")
            check(lost == 0, "client-1 lost packets to %s:\n%s" % (target, text))
        check(direct(self.one, 2), "client-1 has no direct session any more")

    def restart(self, device):
        """The client begins to register anew, at once. Returns where its log is."""
        device.replay("interface Tunnel0\nshutdown\n")
        while True:  # what is left of the attempt before
            try:
                self.inner.recvfrom(2048, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
        mark = len(device.log_text())
        device.replay("interface Tunnel0\nundo shutdown\n")
        return mark

    def given_up(self, device):
        """Whether the client is in the initial state, after an attempt."""
        shown = device.run("display dvpn map all")
        return " INIT " in shown and "last" in shown

    def after_restart_of_two(self):
        """Client 2 has another map now."""
        wait_for("client-2 to be back", lambda: len(self.honest()) == 2)
        self.before = self.honest()
        loss(self.one, "10.1.1.1", "10.1.2.1", "-c 2 -i 0.2")
        wait_for("the direct session", lambda: direct(self.one, 2), 20)

    def quiet(self):
        """Client 3 leaves, as long as it is let."""
        self.three.replay("interface Tunnel0\nshutdown\n")
        wait_for("client-3 to leave", lambda: "10.0.0.13" not in self.maps(), 10)

    def middle(self):
        return Middle(self.inner, self.outer, HQ)

    def only_questions(self, since, sent, others=False):
        """The bystander got no more than the `sent` bytes in its name, and no data. How many bytes. `others`: refusals
        and what else control messages are answered with may be among them."""
        got = self.victims_tap.between(since, None, BYSTANDER)
        size = sum(len(row[3]) for row in got)
        check(size <= sent, "the victim got %d bytes for %d in its name" % (size, sent))
        kinds = {dvpn.kind_of(row[3]) for row in got}
        check(0 not in kinds and (others or kinds <= {dvpn.KEEPALIVE}), "the victim got more than questions: %s" % kinds)
        return size

    def memory(self, device):
        """Resident memory in KiB."""
        with open("/proc/%d/status" % device.process.pid) as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def lines(self):
        return self.hq.log_text().count("\n")
