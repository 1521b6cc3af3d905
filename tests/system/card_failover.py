"""Three daemons, each on an encryption card of its own: cards are killed, hung and made to lie under traffic."""

import collections
import os
import re
import signal
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root, wait_for  # noqa: E402
import pcap  # noqa: E402

EXAMPLE = os.path.join(os.path.dirname(__file__), "../../examples/three-sites")
NAMES = ("server", "client-1", "client-2")
SOFTWARE_WITHIN = 0.5  # seconds; 0.1 is the aim, and what a machine that does nothing else shows: the time is printed


class Card:
    """A sw8800-card; a UNIX socket needs no namespace, so it runs in the bridge's."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.socket = os.path.join(world.dir, name + ".card")
        self.boot()

    def boot(self):
        self.process = self.world.start(self.world.net, [os.path.join(BIN, "sw8800-card"), "--socket", self.socket],
                                        self.name + "-card.log")
        wait_for("the card of " + self.name, lambda: os.path.exists(self.socket))


def statistic(device, what):
    return int(re.search(r"%s: (\d+)" % what, device.run("display encrypt-card statistic")).group(1))


def on_card(device):
    return "processed by the card" in device.run("display encrypt-card status")


def packets_in(device):
    return int(re.search(r"(\d+) packets input", device.run("display interface GigabitEthernet 0/1")).group(1))


def log_after(device, mark, what, seconds):
    """Waits for a line in the log, finely; returns how long it took and the line."""
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        found = re.search(".*%s.*" % what, device.log_text()[mark:])
        if found:
            return time.monotonic() - begin, found.group(0)
        time.sleep(0.002)
    check(False, "%s: no '%s' in the log:\n%s" % (device.name, what, device.log_text()[mark:]))


def fail(device, name, cause, digest):
    wait_for("%s to be on its card" % device.name, lambda: on_card(device), 20)
    before, mark = statistic(device, "packets by the card"), len(device.log_text())
    wait_for("traffic on the card", lambda: statistic(device, "packets by the card") > before + 200)
    returns, mark = statistic(device, "returns to the card"), len(device.log_text())
    cause()
    took, line = log_after(device, mark, "ENCRYPTCARD/5/TOSOFTWARE", 5)
    check(re.search(r"takes over [1-9]\d* SAs, \d+ packets in flight are done again, 0 are lost", line), "not said: " + line)
    check(re.search("ENCRYPTCARD/4/" + digest, device.log_text()[mark:]), "not named %s:\n%s" % (digest, device.log_text()[mark:]))
    check(took < SOFTWARE_WITHIN, "%s: software took over after %.0f ms" % (name, took * 1000))
    shown = device.run("display encrypt-card details")
    check(re.search(digest + ": ", shown) and "processed by software" in shown, "display encrypt-card:\n" + shown)
    soft = statistic(device, "packets by software")
    wait_for("traffic on software", lambda: statistic(device, "packets by software") > soft + 100)
    print("%s: software after %.0f ms; %s" % (name, took * 1000, line.split("Encrypt-card 1/0: ")[1]))
    return lambda: wait_for("%s back on its card" % device.name,
                            lambda: statistic(device, "returns to the card") > returns and on_card(device), 20)


def numbers_once(capture):
    """No ESP sequence number twice with one SPI and direction; an SPI is one key."""
    seen, packets = collections.defaultdict(set), 0
    for frame in pcap.packets(capture):
        packet = pcap.ipv4(frame)
        if packet is None:
            continue
        protocol, source, destination, _, _, datagram = packet
        if protocol != 17 or len(datagram) < 16:
            continue
        spi, number = struct.unpack("!II", datagram[8:16])  # behind the UDP header
        if spi == 0:
            continue
        check(number not in seen[source, destination, spi],
              "sequence number %d of SPI %08x from %s was sent twice" % (number, spi, source))
        seen[source, destination, spi].add(number)
        packets += 1
    check(packets > 1000, "the capture holds %d ESP packets" % packets)
    print("capture: %d ESP packets of %d SAs, no sequence number twice" % (packets, len(seen)))


def test():
    need_root()
    started = time.monotonic()
    world = World("c")
    cards = {name: Card(world, name) for name in NAMES}
    devices = [Device(world, name, ["--crypto", "vfio-user:" + cards[name].socket]) for name in NAMES]
    server, one, two = devices
    for device in devices:
        # Every ESP packet is to be a frame of its own in the capture.
        device.sh("ip link set eth0 gso_max_segs 1")
        with open(os.path.join(EXAMPLE, device.name + ".cfg")) as f:
            device.replay(f.read())
        device.replay("encrypt-card backuped\nencrypt-card shadow 20\n")
        wait_for("%s to be on its card" % device.name, lambda: on_card(device))
    wait_for("both clients to register", lambda: server.run("display dvpn map all").count("FINISHED") == 2)
    one.sh("ping -c 3 -i 0.2 -W 2 -I 10.1.1.1 10.1.2.1", ok=False)
    wait_for("the direct session", lambda: re.search(r"10\.0\.0\.12 .*C->C", one.run("display dvpn session all")))

    capture = os.path.join(world.dir, "underlay.pcap")
    dump = world.start(world.net, ["tcpdump", "-i", "br0", "-U", "-s", "80", "-B", "65536", "-w", capture], "tcpdump.log")
    wait_for("tcpdump to listen", lambda: "listening" in world.read("tcpdump.log"))
    world.start(two.namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], "iperf-server.log")
    wait_for("iperf3 to listen", lambda: "listening" in world.read("iperf-server.log"))
    # All three sites carry traffic: the second client talks to the server's own address too.
    world.start(server.namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.0.1"], "iperf-server-2.log")
    wait_for("iperf3 to listen", lambda: "listening" in world.read("iperf-server-2.log"))
    second = world.start(two.namespace, ["iperf3", "-c", "10.1.0.1", "-B", "10.1.2.1", "-t", "60", "-b", "5M", "-f", "m",
                                         "--forceflush"], "iperf-client-2.log")
    client = world.start(one.namespace, ["iperf3", "-c", "10.1.2.1", "-B", "10.1.1.1", "-t", "60", "-b", "20M", "-f", "m",
                                         "--forceflush"], "iperf-client.log")

    def kill(name):
        cards[name].process.kill()
        cards[name].process.wait()

    for device in (server, one):
        back = fail(device, device.name + " killed", lambda: kill(device.name), "GONE")
        cards[device.name].boot()
        back()
    back = fail(two, "hung", lambda: cards["client-2"].process.send_signal(signal.SIGSTOP), "(HUNG|GONE)")
    cards["client-2"].process.send_signal(signal.SIGCONT)
    back()
    fail(one, "rings stuck", lambda: one.run("fault inject card stuck"), "HUNG")()
    fail(two, "corrupting", lambda: two.run("fault inject card corrupt"), "WRONGRESULT")()

    # The table written anew and the counters reset, under the same traffic.
    before = packets_in(one)
    one.run("reset encrypt-card sa", "reset counters interface GigabitEthernet 0/1")
    check(packets_in(one) < before / 2, "the interface's counters were not reset")
    carried = statistic(one, "packets by the card")
    wait_for("traffic on the card whose table is new", lambda: statistic(one, "packets by the card") > carried + 200)
    check(on_card(one), "the card went with its SAs:\n" + one.run("display encrypt-card details"))

    for process in (client, second):
        process.send_signal(signal.SIGINT)
        process.wait(10)
    dump.send_signal(signal.SIGINT)
    dump.wait(10)
    numbers_once(capture)
    world.close()
    print("%.0f s" % (time.monotonic() - started))


main(test)
