"""A day in small: three sites under traffic, and one fault after the other. After each, traffic is back within the bounds that
the manual gives; memory and descriptors of the daemons stay flat.

    python3 -B tests/soak/faults.py [MINUTES] [FAULT ...]    two hours by default; only these faults

Rounds of all faults follow each other until the time is over; every sixth round ends daemons, so that their lives are long
enough to be judged. A failure is told and counted, and the run goes on. Nothing leaves namespaces made here.
"""

import os
import random
import shutil
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from harness import Failure, check, fill_disk, main, need_root, skip, wait_for  # noqa: E402
from probe import Prober, Way  # noqa: E402
from samples import Sampler, descriptors, resident  # noqa: E402
import sites as three  # noqa: E402
from sites import DPD_INTERVAL, DPD_TIMEOUT, DUMB, INTERVAL, KEEPALIVE, QUIET, Sites  # noqa: E402

# Bounds in seconds, each from sw8800-dvpn(7), sw8800d(8) or a setting of sites.py.
NONE = None  # not a packet is lost
AT_ONCE = 1  # the kernel watch mends at once; a change of a link or a route ends all waiting
ASKED = 1  # a client asks for a server that went away every second
ON_DEMAND = 2 + 6 * 0.2  # a client that sends and hears nothing takes its server for dead
CHALLENGE = 1  # an endpoint that is new is asked once a second
DEAD = 4 * KEEPALIVE  # a passive end waits four intervals for a sign of life
DPD = DPD_INTERVAL + 3 * DPD_TIMEOUT  # silence, then three questions
RESENT = 2 + 4  # IKE sends its first message again after two seconds, and again after four
REFUSED = QUIET + DUMB + INTERVAL  # the scheme tries its server again; the client ends its silence; its next attempt
# The machine is shared: what a registration, a negotiation and the start of a measurement may take on top, by the wall clock.
SLACK = 5

# Ways of the traffic: client-1 and client-2 to the server, between the clients, client-1 to the server by IPsec.
ONE, TWO, BETWEEN, IPSEC = "client-1", "client-2", "between", "ipsec"
CALM = {ONE: NONE, TWO: NONE, BETWEEN: NONE, IPSEC: NONE}


class Fault:
    """`harm(sites)` does it and undoes it; its end, or the time that it returns, is where the bounds begin."""

    def __init__(self, harm, bounds, ends=False):
        self.harm, self.bounds, self.ends = harm, {**CALM, **bounds}, ends
        self.name = harm.__name__.replace("_", " ")


def one_is_unplugged(s):
    s.world.sh(s.world.net, "ip link set client-1 down")
    time.sleep(10)
    s.world.sh(s.world.net, "ip link set client-1 up")


def one_loses_its_link_and_gets_another(s):
    s.one.sh("ip link del eth0")
    time.sleep(5)
    s.world.sh(s.world.net, "ip link add client-1 type veth peer name eth0 netns %s && ip link set client-1 master br0 up" %
               s.one.namespace)


def the_server_is_unplugged_until_all_notice(s):
    s.world.sh(s.world.net, "ip link set server down")
    time.sleep(DEAD + 10)
    s.world.sh(s.world.net, "ip link set server up")


def the_server_is_killed(s):
    s.server.killed_and_restarted()


def the_server_is_restarted(s):
    s.server.restarted()


def client_two_is_killed(s):
    s.two.killed_and_restarted()


def client_two_is_restarted(s):
    s.two.restarted()


def refused_for_want_of_room(s):
    """Settings are refused with the reason, at the latest when the pages are full that the database has."""
    text = ""
    for number in range(100):
        text = s.server.run("system-view", "interface loopback %d" % (number + 100), "description " + "d" * 80)
        if "full" in text:
            return number + 1
    raise Failure("a full disk is not said:\n" + text)


def room_again(s, ballast, count):
    os.unlink(ballast)
    said = s.server.run("system-view", *["undo interface loopback %d" % (n + 100) for n in range(count)])
    check("full" not in said, "it does not work again:\n" + said)


def the_disk_is_full(s):
    ballast = fill_disk(s.disk)
    room_again(s, ballast, refused_for_want_of_room(s))


def the_server_is_killed_on_a_full_disk(s):
    ballast = fill_disk(s.disk)
    count = refused_for_want_of_room(s)
    s.server.killed_and_restarted()
    since = time.monotonic()
    room_again(s, ballast, count)
    return since


def clocks_jump(s):
    for seconds in (86400, -86400 * 400, 86400 * 3650, 0):
        s.server.set_clock(seconds)
        s.two.set_clock(-seconds)
        time.sleep(2)


def client_two_sleeps(s):
    """As a virtual machine that is paused: for it, no time passes but by the clock."""
    s.two.process.send_signal(three.signal.SIGSTOP)
    time.sleep(DEAD + 10)
    s.two.process.send_signal(three.signal.SIGCONT)


def addresses_are_taken_from_client_one(s):
    s.one.sh("ip addr del 192.0.2.11/24 dev eth0; ip addr del 10.1.1.1/32 dev lo; ip addr del 10.0.0.11/24 dev Tunnel0")


def addresses_are_taken_from_the_server(s):
    s.server.sh("ip addr del 192.0.2.1/24 dev eth0; ip addr del 10.1.0.1/32 dev lo; ip addr del 10.0.0.1/24 dev Tunnel0")


def routes_and_rules_are_taken_away(s):
    for site in (s.server, s.one):
        site.sh("ip route del 10.1.2.0/24; ip route flush table 8800; ip rule del priority 8802; ip rule del priority 8797")


def tunnels_are_deleted(s):
    for site in (s.server, s.one, s.two):
        site.sh("ip link del Tunnel0")


def radius_is_down(s):
    """The log tells a refusal once in ten minutes; that the server does not answer it tells each time."""
    s.radius.stop()
    try:
        mark = len(s.server.log_text())
        s.server.run("reset dvpn map private-ip 10.0.0.12")
        wait_for("RADIUS to be missed", lambda: "the primary authentication server 192.0.2.8:1812 does not answer" in
                 s.server.log_text()[mark:], 60)
        check("10.0.0.12" not in s.registered(), "client-2 is in without RADIUS")
    finally:
        s.radius.start()


def openers_flood_the_server(s):
    """Steps 1 and 3 from sixteen addresses; client-2 registers anew meanwhile."""
    from dvpn_flood import flood
    with flood(s.stranger, ["192.0.2.%d" % n for n in range(100, 116)], "192.0.2.1", 200):
        time.sleep(5)
        s.server.run("reset dvpn map private-ip 10.0.0.12")
        since = time.monotonic()
        time.sleep(15)
    return since


def nonsense_floods_the_server(s):
    """Random bytes to DVPN, IKE and ESP, 300 datagrams a second under forged sources, the clients' among them."""
    from dvpn_intruder import Forger
    forger, end = Forger(s.stranger), time.monotonic() + 10
    sources = [("192.0.2.11", 9876), ("192.0.2.50", 9876), ("192.0.2.11", 500), ("198.51.100.7", 4500)]
    while time.monotonic() < end:
        for port in (9876, 500, 4500):
            forger.send(random.choice(sources), ("192.0.2.1", port), os.urandom(random.randrange(1, 600)))
        time.sleep(0.01)
    forger.socket.close()


def readdress_nat(s, moves):
    here, other = "192.0.2.50", "192.0.2.60"
    if here + "/" not in s.world.sh(s.nat, "ip -4 addr show eth0"):
        here, other = other, here
    s.world.sh(s.nat, "ip addr del %s/24 dev eth0 && ip addr add %s/24 dev eth0" % (here, other if moves else here))


def the_nat_forgets(s):
    """Its public address goes for a moment, and all that it knew with it: the same clients come from other ports."""
    readdress_nat(s, moves=False)


def the_nat_moves(s):
    readdress_nat(s, moves=True)


BACK = {ONE: ON_DEMAND + ASKED, TWO: ON_DEMAND + ASKED}
FAULTS = [
    Fault(one_is_unplugged, {ONE: ASKED, BETWEEN: DEAD, IPSEC: AT_ONCE}),
    Fault(one_loses_its_link_and_gets_another, {ONE: ASKED, BETWEEN: DEAD, IPSEC: AT_ONCE}),
    Fault(the_server_is_unplugged_until_all_notice, {ONE: ASKED, TWO: ASKED, IPSEC: AT_ONCE}),
    Fault(the_server_is_killed, {**BACK, IPSEC: DPD}, ends=True),
    Fault(client_two_is_killed, {TWO: AT_ONCE, BETWEEN: DEAD}, ends=True),
    Fault(the_server_is_restarted, {**BACK, IPSEC: RESENT}, ends=True),
    Fault(client_two_is_restarted, {TWO: AT_ONCE, BETWEEN: AT_ONCE}, ends=True),
    Fault(the_disk_is_full, {}),
    Fault(the_server_is_killed_on_a_full_disk, {**BACK, IPSEC: DPD}, ends=True),
    Fault(clocks_jump, {}),
    Fault(client_two_sleeps, {TWO: ON_DEMAND + ASKED, BETWEEN: DEAD}),
    Fault(addresses_are_taken_from_client_one, {ONE: AT_ONCE, BETWEEN: AT_ONCE, IPSEC: AT_ONCE}),
    Fault(addresses_are_taken_from_the_server, {ONE: AT_ONCE, TWO: AT_ONCE, IPSEC: AT_ONCE}),
    Fault(routes_and_rules_are_taken_away, {TWO: AT_ONCE, BETWEEN: AT_ONCE, IPSEC: AT_ONCE}),
    Fault(tunnels_are_deleted, {ONE: AT_ONCE, TWO: AT_ONCE, BETWEEN: AT_ONCE}),
    Fault(radius_is_down, {TWO: REFUSED, BETWEEN: REFUSED}),
    Fault(openers_flood_the_server, {TWO: INTERVAL, BETWEEN: INTERVAL}),
    Fault(nonsense_floods_the_server, {}),
    Fault(the_nat_forgets, {TWO: CHALLENGE, BETWEEN: DEAD}),
    Fault(the_nat_moves, {TWO: CHALLENGE, BETWEEN: DEAD}),
]


class Run:
    def __init__(self, sites, prober):
        self.sites, self.prober = sites, prober
        self.failures, self.worst, self.count = [], {}, {}

    def fails(self, fault, why):
        self.failures.append("%s: %s" % (fault, why))
        print("FAILED: %s: %s" % (fault, why), flush=True)

    def back(self, fault, since):
        """Waits for every way; the longest times are kept."""
        began, told = time.monotonic(), []
        for name, bound in fault.bounds.items():
            way, limit = self.prober.ways[name], (0 if bound is NONE else bound) + SLACK
            end = max(time.monotonic(), since + limit) + 60
            while (took := way.back(since)) is None and time.monotonic() < end:
                time.sleep(0.2)
            if took is None:
                self.fails(fault.name, "%s is not back after %.0f s, bound %s s and %d\n%s" %
                           (name, time.monotonic() - since, bound, SLACK, self.sites.shown()))
                continue
            self.worst[fault.name, name] = max(took, self.worst.get((fault.name, name), 0.0))
            told.append("%s %.1f" % (name, took))
            if took > limit:
                self.fails(fault.name, "%s is back after %.1f s, bound %s s and %d" % (name, took, bound, SLACK))
        return ", ".join(told), time.monotonic() - began

    def one(self, fault):
        self.prober.late, begin = 0.0, time.monotonic()
        since = begin
        try:
            since = fault.harm(self.sites) or time.monotonic()
            self.sites.alive()
        except Failure as failure:
            self.fails(fault.name, failure)
        told, _ = self.back(fault, since)
        for name, bound in fault.bounds.items():
            lost, of = self.prober.ways[name].lost(begin, time.monotonic() - 1)
            if lost and bound is NONE:
                self.fails(fault.name, "%s lost %d of %d packets, it should not notice" % (name, lost, of))
        self.count[fault.name] = self.count.get(fault.name, 0) + 1
        try:
            rate = self.sites.carries()
            check(rate > 1, "TCP at 4 Mbit/s carries %.1f" % rate)
        except (Failure, subprocess.TimeoutExpired) as failure:
            rate = 0
            self.fails(fault.name, failure)
        print("%s %-42s back after s: %s; TCP %.1f Mbit/s; machine late %.2f s" %
              (time.strftime("%H:%M:%S"), fault.name, told, rate, self.prober.late), flush=True)

    def summary(self):
        for fault in FAULTS:
            if self.count.get(fault.name):
                print("%-42s %3d times; worst s (bound): %s" % (fault.name, self.count[fault.name], ", ".join(
                    "%s %.1f (%s)" % (name, self.worst.get((fault.name, name), -1), "none lost" if bound is NONE else bound)
                    for name, bound in fault.bounds.items())))


def quiet_descriptors(sites):
    return {site.name: descriptors(site.process.pid) for site in sites.all}


def day(minutes, only):
    sites = Sites()
    prober = Prober([Way(ONE, sites.one.namespace, "10.1.1.1", "10.1.0.1"),
                     Way(TWO, sites.two.namespace, "10.1.2.1", "10.1.0.1"),
                     Way(BETWEEN, sites.one.namespace, "10.1.1.1", "10.1.2.1"),
                     Way(IPSEC, sites.one.namespace, "192.168.0.11", "192.168.0.1")])
    began = time.monotonic()
    wait_for("all traffic", lambda: all(way.back(began) is not None for way in prober.ways.values()), 60)
    sampler, run = Sampler(sites.processes), Run(sites, prober)
    first, rounds = None, 0
    try:
        while rounds == 0 or time.monotonic() < began + 60 * minutes:
            for fault in FAULTS:
                chosen = fault.name in only if only else rounds % 6 == 0 or not fault.ends
                if chosen and (rounds == 0 or time.monotonic() < began + 60 * minutes):
                    run.one(fault)
            rounds += 1
            now = quiet_descriptors(sites)
            print("round %d: descriptors %s, RSS in KiB %s" % (
                rounds, now, {site.name: resident(site.process.pid) for site in sites.all}), flush=True)
            first = first or now
            if now != first:
                run.fails("round %d" % rounds, "descriptors were %s and are %s" % (first, now))
    finally:
        prober.stop()
        sampler.stop()
        run.summary()
        lines, bad = sampler.report()
        print("\n".join(lines))
    run.failures += bad
    print("%d rounds, %.0f s" % (rounds, time.monotonic() - began))
    check(not run.failures, "%d failures:\n%s" % (len(run.failures), "\n".join(f.split("\n")[0] for f in run.failures)))


def test():
    need_root()
    for needed in ("nft", "iperf3", "freeradius", "cc"):
        if shutil.which(needed) is None:
            skip(needed + " is not installed")
    minutes, only = 120.0, sys.argv[2:]
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else minutes
    try:
        day(minutes, only)
    except (OSError, RuntimeError) as error:
        traceback.print_exc()
        raise Failure("the test itself: %s" % error)


if __name__ == "__main__":
    # In a mount namespace of its own: whatever happens, no mount is left.
    if os.environ.get("SW_SOAK_INSIDE") is None and os.geteuid() == 0:
        os.environ["SW_SOAK_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, "-B"] + sys.argv)
    main(test)
