"""Two clients behind one nftables masquerade and one outside: all talk directly; then public addresses change."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import client, direct, loss, registered, server  # noqa: E402
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402

MASQUERADE = "add table ip sites\\nadd chain ip sites out { type nat hook postrouting priority 100 ; }\\n" \
             "add rule ip sites out oifname eth0 masquerade %s\\n"


def talk(one, n, other, m):
    lost, text = loss(one, "10.1.%d.1" % n, "10.1.%d.1" % m)
    check(lost == 0, "client-%d to client-%d lost packets:\n%s" % (n, m, text))
    return wait_for("the direct session of client-%d with client-%d" % (n, m), lambda: direct(one, m), 20)


def test():
    need_root()
    if not os.path.exists("/usr/sbin/nft"):
        skip("nftables is not installed")
    started = time.monotonic()
    world = World("nat")
    hq = Device(world, "server")
    nat = world.router("nat", "192.168.1.1/24")
    world.sh(nat, "ip addr add 192.0.2.50/24 dev eth0")
    world.sh(nat, "printf '%s' | nft -f -" % (MASQUERADE % "random"))
    one, two = Device(world, "client-1", at=nat), Device(world, "client-2", at=nat)
    three = Device(world, "client-3")
    hq.replay(server([1, 2, 3]))
    one.replay(client(1, "192.168.1.11", [2, 3], "192.168.1.1"))
    two.replay(client(2, "192.168.1.12", [1, 3], "192.168.1.1"))
    three.replay(client(3, "192.0.2.13", [1, 2]))
    wait_for("three clients", lambda: len(registered(hq)) == 3)
    shown = hq.run("display dvpn map all")
    check(shown.count("192.0.2.50") == 2 and "192.168." not in shown, "the server sees:\n" + shown)
    print(shown)

    print("behind one NAT, client-1 reaches client-2 at", talk(one, 1, two, 2))
    print("through the NAT, client-3 reaches client-1 at", talk(three, 3, one, 1))
    check(direct(three, 1).startswith("192.0.2.50:"), "not by the NAT's address")

    # The NAT gets another public address and forgets what it knew. Whoever is behind it sends, and is followed.
    mark = len(hq.log_text())
    world.sh(nat, "ip addr del 192.0.2.50/24 dev eth0 && ip addr add 192.0.2.60/24 dev eth0 && nft flush ruleset")
    world.sh(nat, "printf '%s' | nft -f -" % (MASQUERADE % "random"))
    for device, n in ((one, 1), (two, 2)):
        wait_for("client-%d to be followed" % n, lambda: loss(device, "10.1.%d.1" % n, "10.1.0.1", "-c 1")[0] == 0, 40)
    shown = hq.run("display dvpn map all")
    check(shown.count("192.0.2.60") == 2 and shown.count("FINISHED") == 3, "the server sees:\n" + shown)
    check("peer is now at 192.0.2.60:" in hq.log_text()[mark:], "the log does not say who moved:\n" +
          hq.log_text()[mark:])
    check("map removed" not in hq.log_text()[mark:], "a map was lost by the change:\n" + hq.log_text()[mark:])
    wait_for("client-3 to reach client-1 again", lambda: loss(three, "10.1.3.1", "10.1.1.1", "-c 1")[0] == 0, 60)
    talk(three, 3, one, 1)
    print("the NAT changed its address: both followed, no registration anew")

    # A client's own address changes by configuration: its map and its sessions go along.
    before = three.run("display dvpn map all")
    mark = len(hq.log_text())
    three.replay("interface GigabitEthernet0/1\nip address 192.0.2.33 255.255.255.0\n")
    lost, text = loss(three, "10.1.3.1", "10.1.0.1")
    check(lost == 0, "client-3 lost packets to the server when its address changed:\n" + text)
    lost, text = loss(three, "10.1.3.1", "10.1.1.1")
    # The first answer may be on its way to the old address when client-1 hears of the new one.
    check(lost <= 20, "client-3 lost packets to client-1 when its address changed:\n" + text)
    check("10.0.0.13: peer is now at 192.0.2.33:9876" in hq.log_text()[mark:], "the log does not say that client-3 moved")
    check("SUCCESS" in before and "192.0.2.33" in hq.run("display dvpn map all"), "client-3 registered anew")
    print("client-3 changed its address: nothing lost to the server, %.0f %% to client-1" % lost)
    print("%.0f s" % (time.monotonic() - started))


main(test)
