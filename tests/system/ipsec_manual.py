"""Two daemons with manual SAs, the guide's example: pings and TCP between the inner networks, sealed on the wire, and
tshark opens the packets with the keys that were configured."""

import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402

KEYS = {1: ("%032x" % 0x1111, "%040x" % 0x2222), 2: ("%032x" % 0x3333, "%040x" % 0x4444)}
AH_KEYS = {1: "%032x" % 0x5555, 2: "%032x" % 0x6666}


def configuration(n):
    other = 3 - n
    text = """system-view
acl number 3101
 rule permit ip source 10.1.%(n)d.0 0.0.0.255 destination 10.1.%(other)d.0 0.0.0.255
acl number 3102
 rule permit udp source 192.0.2.%(n)d 0 destination 192.0.2.%(other)d 0
ipsec proposal tran1
 esp encryption-algorithm aes
 esp authentication-algorithm sha1
ipsec proposal tran2
 transform ah
 encapsulation-mode transport
interface LoopBack0
 ip address 10.1.%(n)d.1 32
quit
ip route-static 10.1.%(other)d.0 255.255.255.0 192.0.2.%(other)d
ipsec policy map1 10 manual
 security acl 3101
 proposal tran1
 tunnel local 192.0.2.%(n)d
 tunnel remote 192.0.2.%(other)d
 sa spi outbound esp 100%(n)d
 sa spi inbound esp 100%(other)d
 sa encryption-hex outbound esp %(out)s
 sa encryption-hex inbound esp %(in)s
 sa authentication-hex outbound esp %(outh)s
 sa authentication-hex inbound esp %(inh)s
ipsec policy map1 20 manual
 security acl 3102
 proposal tran2
 tunnel local 192.0.2.%(n)d
 tunnel remote 192.0.2.%(other)d
 sa spi outbound ah 200%(n)d
 sa spi inbound ah 200%(other)d
 sa authentication-hex outbound ah %(outa)s
 sa authentication-hex inbound ah %(ina)s
quit
interface GigabitEthernet0/1
 ip address 192.0.2.%(n)d 24
 ipsec policy map1
"""
    return text % {"n": n, "other": other, "out": KEYS[n][0], "in": KEYS[other][0], "outh": KEYS[n][1],
                   "inh": KEYS[other][1], "outa": AH_KEYS[n], "ina": AH_KEYS[other]}


def tshark_key(n):
    return '"IPv4","192.0.2.%d","192.0.2.%d","%s","AES-CBC [RFC3602]","0x%s","HMAC-SHA-1-96 [RFC2404]","0x%s"' % (
        n, 3 - n, "0x%08x" % (1000 + n), KEYS[n][0], KEYS[n][1])


def test():
    need_root()
    world = World("man")
    devices = [Device(world, "gw%d" % n) for n in (1, 2)]
    for n, device in enumerate(devices, 1):
        device.replay(configuration(n))
    capture = os.path.join(world.dir, "wire.pcap")
    dump = world.start(world.net, ["tcpdump", "-i", "br0", "-U", "--immediate-mode", "-s", "0", "-w", capture], "tcpdump.log")
    wait_for("tcpdump to listen", lambda: "listening" in world.read("tcpdump.log"))

    text = devices[0].echo("-c 5 -i 0.2 -W 3 -I 10.1.1.1 10.1.2.1")
    check(" 0% packet loss" in text, text + devices[0].run("display ipsec statistics") +
          devices[1].run("display ipsec statistics") + devices[0].log_text())
    text = devices[0].echo("-c 3 -s 3000 -i 0.2 -W 3 -I 10.1.1.1 10.1.2.1")
    check(" 0% packet loss" in text, "large pings:\n" + text)
    text = devices[0].sh("ping -c 1 -M do -s 1472 -W 3 -I 10.1.1.1 10.1.2.1", ok=False)
    check(re.search(r"mtu ?= ?14\d\d", text), "no path MTU was told:\n" + text)
    # AH in transport mode, for UDP between the ends themselves.
    world.start(devices[1].namespace, ["python3", "-c", "import socket; s = socket.socket(2, 2); s.bind(('192.0.2.2', 7)); "
                                       "print('bound', flush=True); print(s.recv(99), flush=True)"], "udp.log")
    wait_for("the UDP program", lambda: "bound" in world.read("udp.log"))
    devices[0].sh("python3 -c \"import socket; socket.socket(2, 2).sendto(b'signed', ('192.0.2.2', 7))\"")
    wait_for("a signed datagram", lambda: "signed" in world.read("udp.log"))
    dump.send_signal(signal.SIGINT)
    dump.wait(10)

    for n in (1, 2):
        seen = world.sh(world.net, "tshark -r %s -o esp.enable_encryption_decode:TRUE "
                        "-o esp.enable_authentication_check:TRUE -o 'uat:esp_sa:%s' -Y 'esp.icv_good == 1 && icmp "
                        "&& esp.spi == %d' -T fields -e icmp.type 2>/dev/null" % (capture, tshark_key(n), 1000 + n))
        check(len(seen.split()) >= 5, "tshark opened %d packets of gw%d" % (len(seen.split()), n))
        print("tshark opened %d packets of gw%d with a good ICV" % (len(seen.split()), n))
    seen = world.sh(world.net, "tshark -r %s -Y 'ah.spi == 2001 && udp.dstport == 7' -T fields -e ah.sequence -e ah.length "
                    "-e ah.icv 2>/dev/null" % capture).split()
    check(len(seen) == 3 and seen[0] == "1" and len(seen[2]) == 24, "tshark saw of AH: %s" % seen)
    print("tshark decoded AH: sequence %s, %s bits of ICV" % (seen[0], 4 * len(seen[2])))
    clear = world.sh(world.net, "tshark -r %s -Y 'ip.addr == 10.1.2.1' 2>/dev/null" % capture)
    check(clear == "", "in clear on the wire:\n" + clear)

    world.start(devices[1].namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], "iperf-server.log")
    wait_for("iperf3 to listen", lambda: "listening" in world.read("iperf-server.log"))
    text = devices[0].sh("iperf3 -c 10.1.2.1 -B 10.1.1.1 -t 3 -f m", ok=False)
    rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
    check(rate and float(rate.group(1)) > 1, "iperf3 moved nothing:\n" + text + devices[0].run("display ipsec statistics"))
    print("iperf3 TCP through ESP: %s Mbit/s" % rate.group(1))
    print(devices[0].run("display ipsec sa", "display ipsec sa brief"))

    for device in devices:
        device.stop()
        left = device.sh("ip rule; ip -br link")
        check("8800" not in left and "ipsec" not in left, "left behind:\n" + left)


main(test)
