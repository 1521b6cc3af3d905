"""FRR's ospfd over the tunnel in three namespaces: routes are learned by multicast and unicast through DVPN, and traffic
between clients follows OSPF's next hops into a direct session."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import client, direct, loss, registered, server  # noqa: E402
from frr import Ospf, need_frr  # noqa: E402
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402

OSPF = """
interface Tunnel0
 ip ospf network broadcast
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf priority %d
router ospf
 ospf router-id 10.0.0.%d
 network 10.0.0.0/24 area 0
 network 10.1.0.0/16 area 0
"""


def test():
    need_root()
    need_frr()
    started = time.monotonic()
    world = World("ospf")
    hq, one, two = (Device(world, name) for name in ("server", "client-1", "client-2"))
    hq.replay(server(statics=False))
    one.replay(client(1, "192.0.2.11", statics=False))
    two.replay(client(2, "192.0.2.12", statics=False))
    wait_for("both clients", lambda: len(registered(hq)) == 2)
    daemons = {device: Ospf(world, device.namespace, device.name, OSPF % (200 if number == 1 else 0, number))
               for device, number in ((hq, 1), (one, 11), (two, 12))}

    for device, others in ((hq, ("10.0.0.11", "10.0.0.12")), (one, ("10.0.0.1",)), (two, ("10.0.0.1",))):
        for other in others:
            wait_for("%s to be full with %s" % (device.name, other), lambda: re.search(
                re.escape(other) + r" +\d+ Full/", daemons[device].show("show ip ospf neighbor")), 60)
    print(daemons[hq].show("show ip ospf neighbor").strip())

    def learned(device, network):
        return device.sh("ip route show %s" % network)

    for device, network, hop in ((one, "10.1.2.1", "10.0.0.12"), (two, "10.1.1.1", "10.0.0.11"),
                                 (one, "10.1.0.1", "10.0.0.1"), (hq, "10.1.1.1", "10.0.0.11")):
        wait_for("%s to learn %s" % (device.name, network), lambda: re.search(
            r"via %s dev Tunnel0 proto ospf" % re.escape(hop), learned(device, network)), 30)
    table = one.run("display ip routing-table")
    check(re.search(r"10\.1\.2\.1/32 +OSPF .*10\.0\.0\.12", table), "the terminal does not show OSPF's route:\n" + table)
    print("client-1: " + learned(one, "10.1.2.1").strip())

    lost, text = loss(one, "10.1.1.1", "10.1.2.1", "-c 10 -i 0.2")
    check(lost == 0, "packets were lost on the way that OSPF found:\n" + text)
    where = wait_for("the direct session", lambda: direct(one, 2), 20)
    check(where == "192.0.2.12:9876", "the session leads to " + where)
    relayed = re.search(r"Packets relayed +: (\d+)", hq.run("display dvpn info global"))
    lost, text = loss(one, "10.1.1.1", "10.1.2.1", "-c 50 -i 0.02 -s 600")
    check(lost == 0, "packets were lost on the direct way:\n" + text)
    after = re.search(r"Packets relayed +: (\d+)", hq.run("display dvpn info global"))
    moved = int(after.group(1)) - int(relayed.group(1))
    check(moved < 50, "the server relayed %d packets beside the direct session" % moved)
    print("client-client traffic goes direct to %s; the server relayed %d packets (hellos) meanwhile" % (where, moved))

    # A network that goes away is forgotten by everybody.
    two.replay("undo interface LoopBack0\n")
    wait_for("client-1 to forget client-2's network", lambda: "proto ospf" not in learned(one, "10.1.2.1"), 30)
    print("client-2's network went away, and OSPF told")
    print("%.0f s" % (time.monotonic() - started))


main(test)
