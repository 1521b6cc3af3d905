"""Options of ping and tracert that choose the way, in the kernel: by an interface, past the routes, by UDP."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root  # noqa: E402

CONFIGURATION = """
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
interface GigabitEthernet0/2
 ip address 198.51.100.1 255.255.255.0
ip route-static 10.9.0.0 255.255.255.0 192.0.2.254 preference 60
"""

FILTER = ("nft add table ip t && nft 'add chain ip t in { type filter hook input priority 0; }' && "
          "nft add rule ip t in udp dport %d-%d counter")


class TwoPorts(Device):
    """With a second port, whose link has nobody at the other end."""

    def boot(self):
        self.world.sh(self.world.net, "ip link add spare type veth peer name eth1 netns %s && ip link set spare up"
                      % self.namespace)
        self.sh("ip link set eth1 up")
        super().boot()


def counted(world, host):
    return int(re.search(r"counter packets (\d+)", world.sh(host, "nft list table ip t")).group(1))


def test():
    need_root()
    world = World("ways")
    router = world.router("router", "10.9.0.1/24")
    world.sh(router, "ip addr add 192.0.2.254/24 dev eth0")
    far = world.host("far", router)
    world.sh(far, "ip addr add 10.9.0.9/24 dev eth0 && ip route add default via 10.9.0.1")
    # Its second hop's probes, three of each: ports 40003 to 40005.
    world.sh(far, FILTER % (40003, 40005))
    device = TwoPorts(world, "dut", ["--port", "GigabitEthernet0/2=eth1"])
    device.replay(CONFIGURATION)

    said = device.run("ping -c 1 10.9.0.9", "ping -c 1 -d 10.9.0.9", "ping -c 1 -i GigabitEthernet0/1 10.9.0.9")
    print(said)
    check(said.count("1 packet(s) received") == 3, "not three answers:\n" + said)
    said = device.run("ping -c 1 -t 500 -i GigabitEthernet0/2 192.0.2.254")
    print(said)
    check("0 packet(s) received" in said and "no link" not in said, "it did not leave by the other port:\n" + said)
    said = device.run("ping -c 1 -i tunnel 9 192.0.2.254")
    check("0 packet(s) received" in said and "Tunnel9" in said, said)

    said = device.run("ping -c 1 -r 192.0.2.254", "ping -c 1 -r 10.9.0.9")
    print(said)
    check(said.count("1 packet(s) received") == 1 and "10.9.0.9 is not on a network of this device" in said, said)

    for options in ("", "-p 40000 "):
        said = device.run("tracert %s10.9.0.9" % options)
        print(said)
        hops = [line.split()[:2] for line in said.splitlines() if re.match(r" *\d+  ", line)]
        check(hops == [["1", "192.0.2.254"], ["2", "10.9.0.9"]], "not the way there:\n" + said)
        check("!H" not in said and "*" not in said, said)
    check(counted(world, far) == 3, "not the three datagrams of the second hop")


main(test)
