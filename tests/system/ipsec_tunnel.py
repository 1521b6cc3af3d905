"""A policy on a DVPN tunnel: what its list permits is protected between the two ends of the tunnel, inside of what the
tunnel protects already; the rest of the tunnel's traffic is not touched. The tunnel may go and come back."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import client, loss, registered, server  # noqa: E402
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402
from ipsec_policy import policy  # noqa: E402

APPLY = "interface Tunnel0\n ipsec policy inner\n"
REMOVE = "interface Tunnel0\n undo ipsec policy\n"


def state(*devices):
    return "".join("\n--- %s\n%s%s%s" % (
        device.name, device.run("display ike sa", "display ipsec sa", "display ipsec statistics", "display dvpn map all"),
        device.log_text()[-3000:], device.sh("ip rule; ip route show table 8800; ip -br addr")) for device in devices)


def secured(device):
    """Packets that came by the SAs, and that left by them."""
    found = re.search(r"input/output security packets: (\d+)/(\d+)", device.run("display ipsec statistics"))
    return int(found.group(1)), int(found.group(2))


def test():
    need_root()
    world = World("it")
    hq, one = Device(world, "server"), Device(world, "client-1")
    hq.replay(server([1]))
    one.replay(client(1, "192.0.2.11"))
    wait_for("the client", lambda: len(registered(hq)) == 1)
    lost, text = loss(one, "10.1.1.1", "10.1.0.1")
    check(lost == 0, text)
    for device, here, there, end in ((hq, "10.1.0.0", "10.1.1.0", "10.0.0.11"), (one, "10.1.1.0", "10.1.0.0", "10.0.0.1")):
        rule = "ip source %s 0.0.0.255 destination %s 0.0.0.255" % (here, there)
        device.replay(policy("inner", 3101, rule, end) + APPLY)

    def carries(what):
        wait_for("an answer " + what, lambda: loss(one, "10.1.1.1", "10.1.0.1", "-c 1")[0] == 0, 30)
        before = secured(one)
        for device, source, to in ((one, "10.1.1.1", "10.1.0.1"), (hq, "10.1.0.1", "10.1.1.1")):
            for options in ("-c 5 -i 0.1", "-c 5 -i 0.1 -s 3000"):
                lost, text = loss(device, source, to, options)
                check(lost == 0, what + ": " + text + state(hq, one))
        after = secured(one)
        check(after[0] - before[0] >= 20 and after[1] - before[1] >= 20, "%s: %s, %s%s" % (what, before, after, state(hq, one)))
        print("%s: %d packets in, %d out by the SAs of the tunnel" % (what, after[0] - before[0], after[1] - before[1]))

    carries("with the policy")
    # On the tunnel itself they are ESP between its ends; on the network below nothing but the tunnel's own datagrams.
    seen = world.start(one.namespace, ["tcpdump", "-n", "-l", "--immediate-mode", "-i", "Tunnel0"], "tunnel.log")
    below = world.start(world.net, ["tcpdump", "-n", "-l", "--immediate-mode", "-i", "br0", "ip"], "below.log")
    wait_for("tcpdump", lambda: all("listening" in world.read(log) for log in ("tunnel.log", "below.log")))
    lost, text = loss(one, "10.1.1.1", "10.1.0.1")
    check(lost == 0, text)
    lost, text = loss(one, "10.0.0.11", "10.0.0.1")  # the list does not have these
    check(lost == 0, text)
    for process in (seen, below):
        process.terminate()
        process.wait(10)
    inside, outside = world.read("tunnel.log"), world.read("below.log")
    check(len(re.findall(r"10\.0\.0\.11 > 10\.0\.0\.1: ESP", inside)) >= 5 and "10.1.0.1" not in inside, inside)
    check(len(re.findall(r"10\.0\.0\.11 > 10\.0\.0\.1: ICMP", inside)) >= 5, inside)
    check(not re.search(r"10\.\d+\.\d+\.\d+", outside) and "ESP" not in outside, outside)
    print("ESP on the tunnel, the tunnel's datagrams below, the rest of the tunnel as before")

    world.start(hq.namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.0.1"], "iperf.log")
    wait_for("iperf3 to listen", lambda: "listening" in world.read("iperf.log"))
    text = one.sh("iperf3 -c 10.1.0.1 -B 10.1.1.1 -t 2 -f m", ok=False)
    rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
    check(rate and float(rate.group(1)) > 1, text + state(hq, one))
    print("TCP %s Mbit/s" % rate.group(1))

    # One end alone protects: what comes in clear is refused, by the end that has the policy.
    one.replay(REMOVE)
    lost, text = loss(one, "10.1.1.1", "10.1.0.1")
    dropped = re.search(r"wrong SA: (\d+)", hq.run("display ipsec statistics"))
    check(lost == 100 and int(dropped.group(1)) >= 5, text + state(hq, one))
    one.replay(APPLY)
    carries("applied again")

    one.replay("interface Tunnel0\n shutdown\n undo shutdown\n")
    carries("after shutdown")
    one.replay("dvpn service disable\ndvpn service enable\n")
    carries("after the service was off")
    one.replay("undo interface Tunnel0\n" + client(1, "192.0.2.11") + APPLY)
    carries("after the tunnel was made anew")
    one.run("save")
    one.stop()
    one.boot()
    carries("after a reboot")
    for device in (hq, one):
        device.replay(REMOVE)
        check("ipsec" not in device.sh("ip rule; ip -br link"), device.sh("ip rule; ip -br link"))
    lost, text = loss(one, "10.1.1.1", "10.1.0.1")
    check(lost == 0, text)
    print("without the policy: in the tunnel alone")


main(test)
