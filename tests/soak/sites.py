"""Three sites: a server that asks RADIUS for its clients, client-1 beside it, client-2 behind a NAT. DVPN between all, and
an IPsec policy between server and client-1."""

import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from freeradius import FreeRadius  # noqa: E402
from harness import BIN, Device, World, check, wait_for  # noqa: E402
from ipsec_policy import policy  # noqa: E402

KEEPALIVE, INTERVAL, RETRY, DUMB = 5, 3, 3, 60  # seconds; attempts before the client is silent; seconds
QUIET = 60  # seconds: timer quiet, in minutes
DPD_INTERVAL, DPD_TIMEOUT = 10, 5  # seconds
SECRET = "radius-key"
USERS = 'branch-1@sites Cleartext-Password := "secret-1"\n\nbranch-2@sites Cleartext-Password := "secret-2"\n'

COMMON = """
sysname %(name)s
interface GigabitEthernet0/1
 ip address %(address)s 255.255.255.0
interface LoopBack0
 ip address 10.1.%(n)d.1 255.255.255.255
"""
SERVER = COMMON + """
radius scheme r1
 primary authentication 192.0.2.8
 primary accounting 192.0.2.8
 key authentication simple %(secret)s
 key accounting simple %(secret)s
 retry 2
 timer response-timeout 1
 timer quiet %(quiet)d
 accounting optional
domain sites
 scheme radius-scheme r1
dvpn service enable
dvpn server pre-shared-key simple correct-horse
dvpn policy sites
 authentication-client method chap domain sites
 session algorithm-suite 15
 data algorithm-suite 15
 session keepalive-interval %(keepalive)d
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1 255.255.255.0
 source GigabitEthernet0/1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy sites
ip route-static 10.1.1.0 255.255.255.0 10.0.0.11
ip route-static 10.1.2.0 255.255.255.0 10.0.0.12
"""
CLIENT = COMMON + """
dvpn service enable
dvpn client register-interval %(interval)d
dvpn client register-retry %(retry)d
dvpn client register-dumb %(dumb)d
dvpn class hq
 public-ip 192.0.2.1
 private-ip 10.0.0.1
 algorithm-suite 15
 authentication-server method pre-share
 pre-shared-key simple correct-horse
 local-user branch-%(n)d password simple secret-%(n)d
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1%(n)d 255.255.255.0
 source GigabitEthernet0/1
 dvpn server hq
ip route-static 10.1.0.0 255.255.255.0 10.0.0.1
ip route-static 10.1.%(other)d.0 255.255.255.0 10.0.0.1%(other)d
"""
PROTECTED = """
interface LoopBack1
 ip address 192.168.0.%(mine)d 255.255.255.255
ip route-static 192.168.0.%(yours)d 255.255.255.255 %(peer)s
ike dpd soon
 interval-time %(interval)d
 time-out %(timeout)d
%(policy)s
quit
ike peer p
 dpd soon
interface GigabitEthernet0/1
 ipsec policy p
"""
NAT = "add table ip sites\\nadd chain ip sites out { type nat hook postrouting priority 100 ; }\\n" \
      "add rule ip sites out oifname eth0 masquerade random\\n"


def config(name, n, address):
    values = {"name": name, "n": n, "address": address, "other": 3 - n, "secret": SECRET, "keepalive": KEEPALIVE,
              "interval": INTERVAL, "retry": RETRY, "dumb": DUMB, "quiet": QUIET // 60}
    return (CLIENT if n else SERVER) % values


def protected(mine, yours, peer):
    rule = "ip source 192.168.0.%d 0 destination 192.168.0.%d 0" % (mine, yours)
    return PROTECTED % {"mine": mine, "yours": yours, "peer": peer, "interval": DPD_INTERVAL, "timeout": DPD_TIMEOUT,
                        "policy": policy("p", 3100, rule, peer)}


class Site(Device):
    """A daemon whose state has a folder, and whose wall clock (with `fakes`) is set by a file."""

    def __init__(self, world, name, at=None, fakes=False):
        self.state, self.fakes = os.path.join(world.dir, name), fakes
        self.clock = self.state + ".clock"
        os.makedirs(self.state, exist_ok=True)
        self.set_clock(0, wait=False)
        super().__init__(world, name, at=at)

    def boot(self):
        world = self.world
        command = [os.path.join(BIN, "sw8800d"), "--db", os.path.join(self.state, "config.db"), "--port",
                   "GigabitEthernet0/1=eth0", "--socket", self.socket]
        if self.fakes:
            command = ["env", "LD_PRELOAD=" + os.path.join(world.dir, "wall_clock.so"), "WALL_CLOCK=" + self.clock] + command
        world.processes = [p for p in world.processes if p.poll() is None]
        self.process = world.start(self.namespace, command, self.log)
        wait_for(self.name + " to listen", self.listening, 60)

    def listening(self):
        check(self.process.poll() is None, "%s ended:\n%s" % (self.name, self.log_text()[-3000:]))
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(self.socket)
            except OSError:
                return False
        return True

    def set_clock(self, seconds, wait=True):
        """The daemon's wall clock is so many seconds before or behind this machine's."""
        with open(self.clock, "r+b" if os.path.exists(self.clock) else "wb") as f:
            f.write(struct.pack("=q", seconds))
        if wait:
            year = time.gmtime(time.time() + seconds).tm_year
            wait_for("the clock of %s to show %d" % (self.name, year), lambda: str(year) in self.run("display clock"), 20)

    def killed_and_restarted(self):
        """As by its service manager: Restart=on-failure, RestartSec=1."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        time.sleep(1)
        self.boot()

    def restarted(self):
        self.stop()
        check(self.process.returncode == 0, "%s ended with %s" % (self.name, self.process.returncode))
        self.boot()


class Sites:
    def __init__(self):
        world = self.world = World("day")
        self.disk = os.path.join(world.dir, "server")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "none", self.disk], check=True)
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", os.path.join(world.dir, "wall_clock.so"),
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "wall_clock.c")], check=True)
        self.nat = world.router("nat", "192.168.1.1/24")
        world.sh(self.nat, "ip addr add 192.0.2.50/24 dev eth0 && printf '%s' | nft -f -" % NAT)
        host = world.host("radius")
        world.sh(host, "ip addr add 192.0.2.8/24 dev eth0")
        self.radius = FreeRadius(world, host, "freeradius", "192.0.2.8", SECRET, USERS)
        self.stranger = world.host("stranger")
        world.sh(self.stranger, "; ".join("ip addr add 192.0.2.%d/24 dev eth0" % n for n in range(100, 116)))
        self.server = Site(world, "server", fakes=True)
        self.one = Site(world, "client-1")
        self.two = Site(world, "client-2", at=self.nat, fakes=True)
        self.all = (self.server, self.one, self.two)
        self.server.replay(config("server", 0, "192.0.2.1") + protected(1, 11, "192.0.2.11"))
        self.one.replay(config("client-1", 1, "192.0.2.11") + protected(11, 1, "192.0.2.1"))
        self.two.replay(config("client-2", 2, "192.168.1.12") + "ip route-static 0.0.0.0 0.0.0.0 192.168.1.1\n")
        wait_for("two clients", lambda: self.registered() == {"10.0.0.11", "10.0.0.12"}, 60)

    def registered(self):
        return set(re.findall(r"(10\.0\.0\.\d+) .*FINISHED", self.server.run("display dvpn map all")))

    def processes(self):
        return [(site.name, site.process.pid) for site in self.all]

    def alive(self):
        for site in self.all:
            check(site.process.poll() is None, "%s ended:\n%s" % (site.name, site.log_text()[-3000:]))

    def shown(self):
        """What to read when it does not work."""
        out = []
        for site in self.all:
            out.append("--- %s" % site.name)
            out.append(site.run("display clock", "display dvpn map all", "display dvpn session all", "display dvpn why",
                                "display ike sa", "display ipsec sa brief"))
            out.append("\n".join(site.log_text().splitlines()[-25:]))
        return "\n".join(out)

    def carries(self):
        """TCP between the clients for two seconds, at 4 Mbit/s: what arrived, in Mbit/s."""
        mark = len(self.world.read("iperf.log")) if os.path.exists(os.path.join(self.world.dir, "iperf.log")) else 0
        end = self.world.start(self.two.namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], "iperf.log")
        wait_for("iperf3 to listen", lambda: "listening" in self.world.read("iperf.log")[mark:])
        text = self.one.sh("timeout 20 iperf3 -c 10.1.2.1 -B 10.1.1.1 -t 2 -b 4M -f m", ok=False)
        if end.poll() is None:
            end.terminate()
        end.wait(10)
        rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
        check(rate, "iperf3 moved nothing:\n" + text)
        return float(rate.group(1))
