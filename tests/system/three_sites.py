"""Three daemons in network namespaces: register, talk, be redirected, outlive the server, refuse what is wrong."""

import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402
import pcap  # noqa: E402

EXAMPLE = os.path.join(os.path.dirname(__file__), "../../examples/three-sites")


def example(name, **changes):
    with open(os.path.join(EXAMPLE, name + ".cfg")) as f:
        text = f.read()
    for old, new in changes.get("replace", []):
        check(old in text, "the example has no line " + old)
        text = text.replace(old, new)
    return text


def registered(server, count):
    return server.run("display dvpn map all").count("FINISHED") == count


def ping(device, source, destination, options="-c 5 -i 0.2"):
    text = device.echo("-W 2 %s -I %s %s" % (options, source, destination))
    lost = re.search(r"(\d+)% packet loss", text)
    return (100 if lost is None else int(lost.group(1))), text


def bring_up(world):
    devices = [Device(world, name) for name in ("server", "client-1", "client-2")]
    for device in devices:
        device.replay(example(device.name))
    wait_for("both clients to register", lambda: registered(devices[0], 2))
    return devices


def traffic(world, one, two):
    capture = os.path.join(world.dir, "underlay.pcap")
    dump = world.start(world.net, ["tcpdump", "-i", "br0", "-U", "-s", "0", "-w", capture], "tcpdump.log")
    wait_for("tcpdump to listen", lambda: "listening" in world.read("tcpdump.log"))

    # 0x5c..: a pattern that nothing else on this network sends.
    lost, text = ping(one, "10.1.1.1", "10.1.2.1", "-c 10 -i 0.3 -p 5c5d5e5f5c5d5e5f")
    check(lost == 0, "packets were lost in the change-over:\n" + text)
    wait_for("the direct session", lambda: re.search(r"10\.0\.0\.12 .*C->C", one.run("display dvpn session all")))

    world.start(two.namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], "iperf-server.log")
    wait_for("iperf3 to listen", lambda: "listening" in world.read("iperf-server.log"))
    text = one.sh("iperf3 -c 10.1.2.1 -B 10.1.1.1 -t 3 -f m")
    rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
    check(rate and float(rate.group(1)) > 1, "iperf3 moved nothing:\n" + text)
    print("iperf3 TCP between the private networks: %s Mbit/s" % rate.group(1))

    dump.send_signal(signal.SIGINT)
    dump.wait(10)
    seen, direct = 0, 0
    for frame in pcap.packets(capture):
        check(b"\x5c\x5d\x5e\x5f\x5c\x5d\x5e\x5f" not in frame, "clear text crossed the underlay")
        packet = pcap.ipv4(frame)
        if packet is None:
            continue
        seen += 1
        protocol, source, destination, source_port, destination_port, _ = packet
        check(protocol == 17 and source_port == 9876 and destination_port == 9876,
              "not DVPN on the underlay: protocol %d from %s to %s" % (protocol, source, destination))
        direct += {source, destination} == {"192.0.2.11", "192.0.2.12"}
    check(seen > 100 and direct > 100, "the capture holds %d packets, %d of them direct" % (seen, direct))
    print("capture: %d packets, all UDP 9876, none clear, %d directly between the clients" % (seen, direct))


def outlives_server(server, one):
    server.stop(signal.SIGKILL)
    for _ in range(2):
        lost, text = ping(one, "10.1.1.1", "10.1.2.1", "-c 20 -i 0.2")
        check(lost == 0, "without the server, direct traffic was lost:\n" + text)
    # Long enough for the client to notice that its server is gone: three unanswered keepalives at 10 s.
    wait_for("the client to notice", lambda: "SUCCESS" not in map_states(one), 60)
    lost, text = ping(one, "10.1.1.1", "10.1.2.1", "-c 10 -i 0.2")
    check(lost == 0, "when the client noticed that the server is gone, direct traffic was lost:\n" + text)
    print("the server is gone, and client-client traffic goes on")


def map_states(device):
    return re.findall(r"\b(INIT|BEGIN|ALGREQ|KEXREQ|AUTHENREQ|REQ|SUCCESS)\b", device.run("display dvpn map all"))


def refused(server, client, changes, reason):
    """A client that must not get in: the reason in its log, itself in the initial state."""
    before = len(client.log_text())
    client.replay(changes)
    wait_for("'%s' in the log of %s" % (reason, client.name), lambda: re.search(reason, client.log_text()[before:]), 60)
    wait_for("the initial state", lambda: map_states(client) == ["INIT"], 20)
    check(registered(server, 0), "the server holds a finished map for a client that it refused")
    print("refused as it should: " + re.search(".*(%s).*" % reason, client.log_text()[before:]).group(0).strip())


def refusals(world_name):
    world = World(world_name)
    server, client = Device(world, "server"), Device(world, "client-1")
    server.replay(example("server", replace=[("dvpn service enable",
                                              "dvpn service enable\n dvpn server algorithm-suite 12")]))
    client.replay(example("client-1", replace=[("simple three-sites", "simple another-key")]))
    refused(server, client, "dvpn client register-interval 3\n", "pre-shared key")
    refused(server, client, "dvpn class hq\npre-shared-key simple three-sites\n"
            "local-user branch-1 password simple wrong-secret\n", "authentication")
    refused(server, client, "dvpn class hq\nalgorithm-suite 1\n", "no common")
    client.replay("dvpn class hq\nalgorithm-suite 12\nlocal-user branch-1 password simple first-secret\n")
    wait_for("the mended client to register", lambda: registered(server, 1))
    world.close()


def test():
    need_root()
    started = time.monotonic()
    world = World("a")
    server, one, two = bring_up(world)
    traffic(world, one, two)
    outlives_server(server, one)
    world.close()
    refusals("b")
    print("%.0f s" % (time.monotonic() - started))


main(test)
