"""A server that is stopped, and one that is killed: what its clients are told, what goes on without it, how soon they are
back. And the routes of a tunnel whose engine stops: in the table and in the kernel."""

import os
import re
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import client, direct, loss, registered, server  # noqa: E402
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402


def back(hq, mark):
    """Boots the server; seconds from when it listens until both clients are registered. As it logs it itself."""
    hq.boot()
    listening = time.monotonic()
    wait_for("both clients to be back", lambda: hq.log_text()[mark:].count("map built") == 2, 30)
    return time.monotonic() - listening


class Traffic(threading.Thread):
    """Echo requests to the server's network ten times a second, from one client, until enough."""

    def __init__(self, device, count):
        super().__init__(daemon=True)
        self.device, self.count, self.text = device, count, ""

    def run(self):
        self.text = self.device.echo("-i 0.1 -W 1 -c %d -I 10.1.1.1 10.1.0.1" % self.count)


def routes(device):
    """Of the tunnel: as the device shows them, and as the kernel has them."""
    shown = set(re.findall(r"^ *(10\.(?:0|1)\.\d+\.0/\d+) +(?:DIRECT|STATIC) .*Tunnel0", device.run("display ip routing-table"), re.M))
    kernel = set(re.findall(r"^(10\.(?:0|1)\.\d+\.0/\d+) .*dev Tunnel0", device.sh("ip -4 route show"), re.M))
    return shown, kernel


def test():
    need_root()
    started = time.monotonic()
    world = World("stop")
    hq = Device(world, "server")
    one, two = Device(world, "client-1"), Device(world, "client-2")
    hq.replay(server([1, 2]))
    one.replay(client(1, "192.0.2.11", [2]))
    two.replay(client(2, "192.0.2.12", [1]))
    wait_for("two clients", lambda: len(registered(hq)) == 2)
    check(loss(one, "10.1.1.1", "10.1.2.1")[0] == 0, "the clients do not reach each other")
    wait_for("their session", lambda: direct(one, 2) and direct(two, 1), 20)

    # The routes of a tunnel whose engine stops leave the table and the kernel, and come back.
    both = {"10.0.0.0/24", "10.1.0.0/24", "10.1.2.0/24"}
    wait_for("the routes", lambda: routes(one) == (both, both), 10)
    one.replay("dvpn service disable\n")
    wait_for("the routes to be gone: %s" % (routes(one),), lambda: routes(one) == (set(), set()), 10)
    one.replay("dvpn service enable\n")
    wait_for("the routes to be back: %s" % (routes(one),), lambda: routes(one) == (both, both), 10)
    wait_for("client-1 to be back", lambda: len(registered(hq)) == 2, 20)
    check(loss(one, "10.1.1.1", "10.1.2.1")[0] == 0, "the clients do not reach each other any more")
    wait_for("their session", lambda: direct(one, 2) and direct(two, 1), 20)
    print("the routes of a tunnel without an engine: gone from the table and the kernel, and back with it")

    # A clean stop: everybody is told, and the clients stay reachable to each other.
    marks = [len(device.log_text()) for device in (one, two)]
    hq.stop()
    for device, mark in zip((one, two), marks):
        wait_for(device.name + " to be told", lambda: "the server stopped" in device.log_text()[mark:], 2)
    lost, text = loss(one, "10.1.1.1", "10.1.2.1")
    check(lost == 0 and direct(one, 2) and direct(two, 1), "the clients lost each other:\n" + text)
    seconds = back(hq, len(hq.log_text()))
    check(seconds <= 2, "the clients came back after %.1f s" % seconds)
    check(loss(one, "10.1.1.1", "10.1.0.1")[0] == 0, "client-1 does not reach the server")
    print("stopped: both told, they went on talking, and were back %.1f s after the restart" % seconds)

    # Killed, while client-1 sends to it.
    traffic = Traffic(one, 150)
    traffic.start()
    time.sleep(1)  # it flows
    mark = len(one.log_text())
    hq.stop(signal.SIGKILL)
    built = len(one.log_text())
    hq.boot()
    listening = time.monotonic()
    wait_for("client-1 to be back", lambda: "map built" in one.log_text()[built:], 20)
    seconds = time.monotonic() - listening
    check(seconds <= 5, "client-1 came back after %.1f s:\n%s" % (seconds, one.log_text()[mark:]))
    traffic.join()
    check(re.search(r"\b\d+ received", traffic.text) and loss(one, "10.1.1.1", "10.1.0.1")[0] == 0,
          "client-1 does not reach the server:\n" + traffic.text)
    print("killed under traffic: client-1 was back %.1f s after the restart" % seconds)
    print("%.0f s" % (time.monotonic() - started))


main(test)
