"""What an operator sees of a device on Linux beside its tunnels: a sub-interface with its VLAN (where the kernel has them), lines at a log host,
`ping` and `tracert`, files, and a device that starts anew from what was saved.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402

SYSLOG = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 514))
print("ready", flush=True)
while True:
    data, peer = s.recvfrom(4096)
    print(peer[0], data.decode(), flush=True)
"""


def text_of(shown):
    """What a display printed, without the line that asked for it."""
    return shown.split("\n", 1)[1]


def check_vlan(device):
    """The sub-interface is a link of the kernel, tagged, and carries packets."""
    device.replay("""interface GigabitEthernet0/1.30
 description towards the office
 vlan-type dot1q vid 30
 ip address 198.51.100.1 255.255.255.0
 ip address 198.51.101.1 255.255.255.0 sub
""")
    link = device.sh("ip -d link show eth0.30")
    check("vlan protocol 802.1Q id 30" in link, link)
    reply = device.run("ping -c 2 198.51.100.9")
    check("2 packet(s) received" in reply, reply)
    shown = device.run("display interface GigabitEthernet0/1.30")
    check("Encapsulation is 802.1Q Virtual LAN, Vlan ID 30." in shown and "198.51.101.1/24 (Sub)" in shown, shown)
    device.run("system-view", "interface GigabitEthernet0/1.30", "shutdown")
    check("Administratively DOWN" in device.run("display interface GigabitEthernet0/1.30"), "not shut down")
    device.run("system-view", "interface GigabitEthernet0/1.30", "undo shutdown")


def test():
    need_root()
    world = World("mgmt")
    host = world.host("host")
    world.sh(host, "ip addr add 192.0.2.9/24 dev eth0")
    made = world.sh(host, "ip link add link eth0 name eth0.30 type vlan id 30 2>&1", ok=False)
    vlans = "Unknown device type" not in made
    if vlans:
        world.sh(host, "ip link set eth0.30 up && ip addr add 198.51.100.9/24 dev eth0.30")
    else:
        print("this kernel has no VLAN links: sub-interfaces are left out")
    world.start(host, [sys.executable, "-c", SYSLOG], "syslog.log")
    world.sh(host, "ip route add 203.0.113.0/24 via 192.0.2.1")
    wait_for("the log host", lambda: "ready" in world.read("syslog.log"))
    device = Device(world, "gw")
    device.replay("""sysname gw
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
 ip address 198.51.100.254 255.255.255.255 sub
interface LoopBack1
 ip address 203.0.113.1 255.255.255.255
info-center loghost 192.0.2.9 facility local3
info-center loghost source LoopBack1
clock timezone CET add 01:00:00
""")
    if vlans:
        check_vlan(device)

    reply = device.run("ping -c 2 192.0.2.9")
    check("2 packet(s) received" in reply, reply)
    way = device.run("tracert -q 1 -w 1000 192.0.2.9")
    check(re.search(r"^ 1  192\.0\.2\.9 \d+ ms$", way, re.M), way)

    # Start anew from what was saved: a line at the log host says so, from the address that was chosen.
    device.run("save force", "system-view", "sysname other", "interface LoopBack7", "return", "reboot")
    running = device.run("display current-configuration")
    check(" sysname gw\n" in running and "LoopBack7" not in running, running)
    wait_for("the line at the log host", lambda: "CFM" in world.read("syslog.log"))
    line = [each for each in world.read("syslog.log").splitlines() if "CFM" in each][0]
    # local3 is 19, notifications 6: 19 * 8 + 5.
    check(re.match(r"203\.0\.113\.1 <157>\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} gw CFM/6/STARTUP:", line), line)
    check("STARTUP" in device.run("display logbuffer"), "not in the buffer")
    saved = device.run("display saved-configuration")
    check(text_of(saved) == text_of(running), "saved and running differ:\n" + saved + running)

    # Files outlive the process.
    device.run("copy startup.cfg spare.cfg", "delete startup.cfg")
    device.stop()
    device.boot()
    files = device.run("dir /all")
    check("spare.cfg" in files and "[startup.cfg]" in files, files)
    check(device.run("display current-configuration") == running, "the configuration changed over a restart")


if __name__ == "__main__":
    main(test)
