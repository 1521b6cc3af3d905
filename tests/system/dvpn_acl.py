"""The security ACL of a tunnel: what it permits crosses the network in clear, everything else protected; a change of the
list counts at once."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import client, direct, loss, registered, server  # noqa: E402
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402
import pcap  # noqa: E402

ACL = "acl number 3000\nrule 1 %s icmp\n"
USE = "interface Tunnel0\ndvpn security acl 3000\n"


def in_clear(world, name, device, pattern):
    """Sends pings with a pattern and counts the frames on the underlay that show it."""
    capture = os.path.join(world.dir, name + ".pcap")
    dump = world.start(world.net, ["tcpdump", "--immediate-mode", "-i", "br0", "-U", "-s", "0", "-w", capture], name + ".log")
    wait_for("tcpdump to listen", lambda: "listening" in world.read(name + ".log"))
    lost, text = loss(device, "10.1.1.1", "10.1.2.1", "-c 5 -i 0.2 -p " + pattern)
    dump.terminate()
    dump.wait(10)
    shown = sum(1 for frame in pcap.packets(capture) if bytes.fromhex(pattern) in frame)
    return lost, shown, text


def test():
    need_root()
    started = time.monotonic()
    world = World("acl")
    hq, one, two = (Device(world, name) for name in ("server", "client-1", "client-2"))
    for device, text in ((hq, server([1, 2])), (one, client(1, "192.0.2.11", [2])), (two, client(2, "192.0.2.12", [1]))):
        device.replay(text + ACL % "permit" + USE)
    wait_for("both clients", lambda: len(registered(hq)) == 2)
    loss(one, "10.1.1.1", "10.1.2.1")
    wait_for("the direct session", lambda: direct(one, 2), 20)

    lost, shown, text = in_clear(world, "permit", one, "5c5d5e5f5c5d5e5f")
    check(lost == 0 and shown >= 10, "%d frames in clear, %s" % (shown, text))
    print("permitted by the list: %d frames in clear" % shown)
    check("rule 1 permit icmp" in one.run("display acl 3000"), one.run("display acl 3000"))

    for device in (hq, one, two):
        device.replay(ACL % "deny")
    lost, shown, text = in_clear(world, "deny", one, "6c6d6e6f6c6d6e6f")
    check(lost == 0 and shown == 0, "%d frames in clear, %s" % (shown, text))
    print("denied by the list: none in clear")

    # One end alone: what comes in clear and is not expected so is dropped, and the counter says why.
    one.replay(ACL % "permit")
    lost, shown, text = in_clear(world, "alone", one, "7c7d7e7f7c7d7e7f")
    check(lost == 100 and shown > 0, "lists that do not mirror each other: %s" % text)
    why = two.run("display dvpn why 10.0.0.11")
    check("do not mirror each other" in why, "display dvpn why does not say so:\n" + why)
    print(why.strip())
    print("%.0f s" % (time.monotonic() - started))


main(test)
