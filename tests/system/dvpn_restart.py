"""A server is killed under fifty clients and started again: all come back by themselves, spread in time."""

import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import SUITE, registered, server  # noqa: E402
from harness import TEST_DIR, Device, World, check, main, need_root, skip, wait_for  # noqa: E402

COUNT = 50


def test():
    need_root()
    program = os.path.join(TEST_DIR, "many_clients")
    if not os.path.exists(program):
        skip(program + " is not built")
    started = time.monotonic()
    world = World("restart")
    hq = Device(world, "server")
    hq.replay(server().replace("10.0.0.1 255.255.255.0", "10.0.0.1 255.255.0.0"))
    host = world.host("clients")
    world.sh(host, "for n in $(seq 100 %d); do ip addr add 192.0.2.$n/24 dev eth0; done" % (100 + COUNT - 1))
    world.start(host, [program, "192.0.2.1", "10.0.0.1", "192.0.2.100", "10.0.1.1", str(COUNT), str(SUITE)], "clients.log")

    def log():
        return world.read("clients.log")

    def everybody(since=0):
        return "all %d registered, %d answered" % (COUNT, COUNT) in log()[since:]

    wait_for("%d clients that are answered" % COUNT, everybody, 60)
    check(len(registered(hq)) == COUNT, "the server shows other maps:\n" + hq.run("display dvpn map all"))
    print("%d clients registered, each is answered by the server's address" % COUNT)

    mark = len(log())
    hq.stop(signal.SIGKILL)
    wait_for("every client to notice", lambda: len(set(re.findall(r"client (\d+) asks in", log()[mark:]))) == COUNT, 60)
    check("session with the server ended: the peer does not answer" in log()[mark:], "the clients do not say why:\n" + log())
    back = len(log())
    hq.boot()
    wait_for("every client to be back and answered", lambda: everybody(back), 60)
    check(len(registered(hq)) == COUNT, "the server shows other maps:\n" + hq.run("display dvpn map all"))
    # When each asks for the first time is decided by the client, when it is answered by the machine too.
    waits = sorted(int(t) for t in dict(re.findall(r"client (\d+) asks in (\d+) ms", log()[mark:back])).values())
    check(len(waits) == COUNT, "%d clients ask again" % len(waits))
    busiest = max(sum(1 for other in waits if t <= other < t + 500) for t in waits)
    check(busiest <= COUNT // 2, "%d of %d ask within half a second" % (busiest, COUNT))
    print("all came back by themselves; they asked after %d to %d ms, at most %d in half a second" % (
        waits[0], waits[-1], busiest))
    print("%.0f s" % (time.monotonic() - started))


main(test)
