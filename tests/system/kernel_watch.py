"""What others do to the kernel behind the device's back: it is mended at once, told once, and given up where somebody
fights it. Ports come, go and come later than the daemon."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402
from ipsec_policy import policy  # noqa: E402

CONFIG = """system-view
interface GigabitEthernet0/1
ip address 10.0.0.%(n)d 24
quit
%(vlan)sinterface LoopBack 0
ip address 192.168.0.%(n)d 32
quit
interface Tunnel 0
ip address 10.5.0.%(n)d 24
source GigabitEthernet0/1
destination 10.0.0.%(other)d
quit
ip route-static 10.9.0.0 16 10.0.0.%(other)d
return
"""
VLAN = """interface GigabitEthernet0/1.30
vlan-type dot1q vid 30
ip address 10.30.0.%d 24
quit
"""
SOON = 1.0  # seconds


def mended(device, harm, shows, what):
    """Does harm and waits until the kernel shows again what it should; says how long that took."""
    check(device.sh(shows[0]).find(shows[1]) >= 0, "%s is not there to begin with" % what)
    device.sh(harm)
    begin = time.monotonic()
    wait_for(what + " to be mended", lambda: shows[1] in device.sh(shows[0], ok=False), 10)
    took = time.monotonic() - begin
    print("%s: mended after %.2f s" % (what, took))
    check(took < SOON, "%s took %.1f s" % (what, took))


def lines(device, pattern):
    return [line for line in device.log_text().splitlines() if re.search(pattern, line)]


def processor_seconds(device):
    with open("/proc/%d/stat" % device.process.pid) as f:
        user, system = f.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def reached(device, address):
    return "0% packet loss" in device.echo("-c 1 -W 2 " + address)


def test():
    need_root()
    world = World("watch")
    one, two = Device(world, "one"), Device(world, "two")
    vlans = world.sh(world.net, "ip link add link br0 name br0.9 type vlan id 9 2>&1", ok=False) == ""
    if not vlans:
        print("this kernel has no VLAN links")
    for n, device in ((1, one), (2, two)):
        device.replay(CONFIG % {"n": n, "other": 3 - n, "vlan": VLAN % n if vlans else ""})
    wait_for("the tunnel", lambda: reached(one, "10.5.0.2"))

    mended(one, "ip address del 10.0.0.1/24 dev eth0", ("ip -4 address show eth0", "10.0.0.1/24"), "the address")
    mended(one, "ip address del 192.168.0.1/32 dev lo", ("ip -4 address show lo", "192.168.0.1/32"), "the loopback's")
    mended(one, "ip route del 10.9.0.0/16", ("ip route", "10.9.0.0/16"), "the route")
    if vlans:
        mended(one, "ip link del eth0.30", ("ip -4 address show eth0.30", "10.30.0.1/24"), "the VLAN link")
    mended(one, "ip link set Tunnel0 down", ("ip link show Tunnel0", "UP"), "the tunnel's state")
    mended(one, "ip link del Tunnel0", ("ip -4 address show Tunnel0", "10.5.0.1/24"), "the TUN device")
    way = ["10.0.0.2", "10.5.0.2"] + (["10.30.0.2"] if vlans else [])
    wait_for("traffic after the mending", lambda: all(reached(one, to) for to in way), 10)
    for thing in ["address 10.0.0.1/24", "route to 10.9.0.0/16", "interface Tunnel0"] + (["link eth0.30"] if vlans else []):
        check(len(lines(one, "MENDED:%s" % thing)) == 1, "%s: not one line:\n%s" % (thing, one.log_text()))

    # Programs that repeat until nothing is left take nothing for good.
    one.sh("ip address flush dev eth0; ip address flush dev Tunnel0; ip route flush 10.9.0.0/16")
    wait_for("all that was flushed", lambda: "10.0.0.1/24" in one.sh("ip -4 address show eth0") and "10.5.0.1/24" in
             one.sh("ip -4 address show Tunnel0") and "10.9.0.0/16" in one.sh("ip route"), 5)
    wait_for("traffic after the flush", lambda: all(reached(one, to) for to in way), 10)

    # Gone and made again, with another address of the link and another index.
    began = time.monotonic()
    one.sh("ip link del eth0")
    wait_for("the log to say so", lambda: lines(one, "its link eth0 is gone"), 5)
    shown = one.run("display interface GigabitEthernet0/1")
    check(re.search(r"current state\s*:\s*(?!UP)", shown), "it is shown as up:\n" + shown)
    world.sh(world.net, "ip link add one type veth peer name eth0 netns %s && ip link set one master br0 up" % one.namespace)
    wait_for("the link's address", lambda: "10.0.0.1/24" in one.sh("ip -4 address show eth0", ok=False), 5)
    wait_for("traffic by the new link", lambda: all(reached(one, to) for to in way), 15)
    print("a link made again carries all after %.1f s" % (time.monotonic() - began))

    # What stands between the kernel and an IPsec policy: rules of the policy database, devices, a setting of the link.
    for n, device in ((1, one), (2, two)):
        device.replay("system-view\n" + policy("p", 3100, "ip source 192.168.0.%d 0 destination 192.168.0.%d 0" %
                                                (n, 3 - n), "10.0.0.%d" % (3 - n)) +
                      "ip route-static 192.168.0.%d 32 10.0.0.%d\ninterface GigabitEthernet0/1\nipsec policy p\nreturn\n"
                      % (3 - n, 3 - n))
    protected = "-c 1 -W 2 -I 192.168.0.1 192.168.0.2"
    wait_for("the SAs", lambda: "0% packet loss" in one.echo(protected), 20)
    mended(one, "ip rule del priority 8802", ("ip rule", "8802:"), "the rule of what leaves")
    mended(one, "ip rule del priority 8797", ("ip rule", "8797:"), "the rule of what comes in")
    mended(one, "ip route flush table 8800", ("ip route show table 8800", "192.168.0.2"), "the route to what is protected")
    mended(one, "ip route flush table 8801", ("ip route show table all | grep 'table 8801'", "default"), "the way in")
    wait_for("protected traffic by the new routes", lambda: "0% packet loss" in one.echo(protected), 10)
    check("GIVENUP" not in one.log_text(), "given up too soon:\n" + one.log_text())
    name = re.search(r"(ipsec\d+):", one.sh("ip link")).group(1)
    mended(one, "ip link del %s" % name, ("ip route show table 8800", name), "the device of a protected port")
    mended(one, "ip link del %sin" % name, ("ip route show table all | grep 'table 880[1-9]'", name + "in"),
           "the other device of a protected port")
    wait_for("protected traffic after the mending", lambda: "0% packet loss" in one.echo(protected), 10)

    # Somebody else does not want the address.
    for _ in range(12):
        one.sh("ip address del 10.0.0.1/24 dev eth0", ok=False)
        time.sleep(0.3)
    given_up = lines(one, "GIVENUP:address 10.0.0.1/24")
    check(len(given_up) == 1, "not given up aloud, once:\n" + one.log_text())
    check("10.0.0.1/24" not in one.sh("ip -4 address show eth0"), "it fights on")
    print(given_up[0])
    for _ in range(12):
        one.sh("ip rule del priority 8802", ok=False)
        time.sleep(0.3)
    given_up = lines(one, "GIVENUP:rule 8802")
    check(len(given_up) == 1, "not given up aloud, once:\n" + one.log_text())
    before = processor_seconds(one)
    time.sleep(2)
    took = processor_seconds(one) - before
    check(took < 0.5, "it used a processor for %.1f s of 2 s when it had given up a rule" % took)

    # A port that is later than the daemon.
    late = Device(world, "late", ["--port", "GigabitEthernet0/2=wan9"])
    late.replay("system-view\ninterface GigabitEthernet0/2\nip address 10.7.0.1 24\nreturn\n")
    check("waited for" in late.log_text(), "not said that it is waited for:\n" + late.log_text())
    late.sh("ip link add wan9 type veth peer name far9 && ip link set far9 up")
    wait_for("the late port", lambda: "10.7.0.1/24" in late.sh("ip -4 address show wan9"), 5)
    wait_for("the late port to be up", lambda: "state UP" in late.sh("ip link show wan9"), 5)

    # SSH at an address that the device gives itself only later.
    early = Device(world, "early", ["--ssh", "10.8.0.1:2222"])
    early.replay("system-view\ninterface LoopBack 1\nip address 10.8.0.1 32\nreturn\n")
    greeting = early.sh("timeout 5 bash -c 'exec 3<>/dev/tcp/10.8.0.1/2222; head -c 7 <&3'")
    check(greeting.startswith("SSH-2.0"), "nobody answers there: " + greeting)


main(test)
