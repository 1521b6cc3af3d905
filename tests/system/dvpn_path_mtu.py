"""A path that carries 1280 bytes and tells nobody: found by probes; senders with don't-fragment learn it from ICMP, TCP
from its segment size, and the rest is cut."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import client, direct, loss, registered, server  # noqa: E402
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402
import pcap  # noqa: E402


def test():
    need_root()
    started = time.monotonic()
    world = World("pmtu")
    hq = Device(world, "server")
    # client-2 is behind a router whose outer link is narrow; it drops what must not be cut, and no ICMP comes back.
    narrow = world.router("narrow", "192.0.3.1/24")
    world.sh(narrow, "ip addr add 192.0.2.50/24 dev eth0 && ip link set eth0 mtu 1280")
    world.sh(narrow, "printf 'add table ip f\\nadd chain ip f o { type filter hook output priority 0 ; }\\n"
             "add rule ip f o icmp type destination-unreachable drop\\n' | nft -f -")
    one, two = Device(world, "client-1"), Device(world, "client-2", at=narrow)
    hq.replay(server([1, 2]) + "ip route-static 192.0.3.0 255.255.255.0 192.0.2.50\n")
    one.replay(client(1, "192.0.2.11", [2]) + "ip route-static 192.0.3.0 255.255.255.0 192.0.2.50\n")
    two.replay(client(2, "192.0.3.12", [1], "192.0.3.1"))
    wait_for("both clients", lambda: len(registered(hq)) == 2)
    lost, text = loss(one, "10.1.1.1", "10.1.2.1")
    check(lost == 0, "small packets were lost:\n" + text)
    wait_for("the direct session", lambda: direct(one, 2), 20)

    # Large packets start the search; the probes that are lost in it are the only loss.
    one.sh("ping -q -c 3 -i 0.3 -W 1 -s 1380 -M dont -I 10.1.1.1 10.1.2.1", ok=False)
    two.sh("ping -q -c 3 -i 0.3 -W 1 -s 1380 -M dont -I 10.1.2.1 10.1.1.1", ok=False)
    found = wait_for("the narrow path to be found", lambda: re.search(
        r"the path carries (\d+) bytes", one.run("display dvpn session all")), 40)
    check(int(found.group(1)) <= 1280, "the path was taken to carry " + found.group(1))
    print("client-1 found a path MTU of", found.group(1))

    text = one.sh("ping -c 1 -W 2 -s 1380 -M do -I 10.1.1.1 10.1.2.1", ok=False)
    check(re.search(r"[Mm]essage too long|Frag needed", text), "don't-fragment was not answered:\n" + text)
    text = one.sh("ping -c 3 -i 0.2 -W 2 -s 1380 -M do -I 10.1.1.1 10.1.2.1", ok=False)
    mtu = int(re.search(r"mtu ?= ?(\d+)", text).group(1))
    check(1100 <= mtu < 1280, "the kernel was told %d" % mtu)
    lost, text = loss(one, "10.1.1.1", "10.1.2.1", "-c 3 -i 0.2 -M do -s %d" % (mtu - 28))
    check(lost == 0, "what is said to fit does not:\n" + text)
    lost, text = loss(one, "10.1.1.1", "10.1.2.1", "-c 5 -i 0.2 -M dont -s 2000")
    check(lost == 0, "what may be cut was lost:\n" + text)
    print("don't-fragment is answered with an MTU of %d; what may be cut is cut" % mtu)

    # TCP: no datagram on the underlay is larger than the path, none is cut on its way.
    capture = os.path.join(world.dir, "narrow.pcap")
    dump = world.start(narrow, ["tcpdump", "--immediate-mode", "-i", "eth0", "-U", "-s", "0", "-w", capture, "ip"], "tcpdump.log")
    wait_for("tcpdump to listen", lambda: "listening" in world.read("tcpdump.log"))
    world.start(two.namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], "iperf.log")
    wait_for("iperf3 to listen", lambda: "listening" in world.read("iperf.log"))
    text = one.sh("iperf3 -c 10.1.2.1 -B 10.1.1.1 -t 2 -f m")
    rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
    check(rate and float(rate.group(1)) > 1, "TCP moved nothing:\n" + text)
    dump.terminate()
    dump.wait(10)
    sizes = [len(frame) - 14 for frame in pcap.packets(capture)]
    fragments = sum(1 for frame in pcap.packets(capture) if frame[12:14] == b"\x08\x00"
                    and int.from_bytes(frame[20:22], "big") & 0x3fff)
    check(len(sizes) > 100 and fragments == 0, "%d packets, %d of them fragments" % (len(sizes), fragments))
    print("TCP over the narrow path: %s Mbit/s, largest packet %d, no fragment" % (rate.group(1), max(sizes)))
    print("%.0f s" % (time.monotonic() - started))


main(test)
