"""Two gateways as the guide's examples have them (DES and MD5 by default, groups of 768 bits, a DVPN domain beside) are led to
strong algorithms by the scripts of `sw8800 --migrate`, one end after the other and stage by stage. After each script all keys
are negotiated anew, from both sides, and traffic passes: by the IPsec policy and by the DVPN tunnel."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root, wait_for  # noqa: E402

# Guide pages 146 to 161 (proposal tran1, policy map1, key abcde) and 205 to 210 (server and client of a domain).
COMMON = """system-view
sysname gw%(n)d
interface GigabitEthernet0/1
 ip address 192.0.2.%(n)d 24
interface LoopBack0
 ip address 10.1.%(n)d.1 32
quit
ip route-static 10.1.%(other)d.0 255.255.255.0 192.0.2.%(other)d
acl number 3101
 rule permit ip source 10.1.%(n)d.0 0.0.0.255 destination 10.1.%(other)d.0 0.0.0.255
quit
ike proposal 10
ike peer other
 pre-shared-key abcde
 remote-address 192.0.2.%(other)d
ipsec proposal tran1
ipsec policy map1 10 isakmp
 security acl 3101
 proposal tran1
 ike-peer other
interface GigabitEthernet0/1
 ipsec policy map1
quit
dvpn service enable
"""
SERVER = """local-user branch
 password simple first-secret
 service-type dvpn
quit
dvpn server pre-shared-key simple three-sites
dvpn policy sites
 authentication-client method chap
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1 24
 source GigabitEthernet0/1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy sites
quit
"""
CLIENT = """dvpn class hq
 public-ip 192.0.2.1
 private-ip 10.0.0.1
 authentication-server method pre-share
 pre-shared-key simple three-sites
 local-user branch password simple first-secret
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.2 24
 source GigabitEthernet0/1
 dvpn server hq
quit
"""


class Test:
    def __init__(self):
        need_root()
        self.world = World("mig")
        self.devices = [Device(self.world, "gw%d" % n) for n in (1, 2)]
        for n, role in ((1, SERVER), (2, CLIENT)):
            self.devices[n - 1].replay(COMMON % {"n": n, "other": 3 - n} + role)

    def saved(self, device):
        device.run("save")
        return os.path.join(self.world.dir, device.name + ".db.flash", "startup.cfg")

    def state(self):
        return "".join("\n--- %s\n%s%s" % (device.name, device.run(
            "display ike sa", "display ipsec sa brief", "display dvpn map all", "display current-configuration"),
            device.log_text()[-2000:]) for device in self.devices)

    def reaches(self, n, source, to):
        return re.search(r"\b1 received", self.devices[n].echo("-q -c 1 -W 2 -I %s %s" % (source, to)))

    def talks(self, when):
        """Both ways, by both tunnels; the packets that begin a negotiation are dropped, as the module does."""
        for n in (0, 1):
            ways = (("10.1.%d.1" % (n + 1), "10.1.%d.1" % (2 - n)), ("10.0.0.%d" % (n + 1), "10.0.0.%d" % (2 - n)))
            for source, to in ways:
                try:
                    wait_for("%s to reach %s" % (source, to), lambda: self.reaches(n, source, to), 40)
                except Exception as failure:
                    check(False, "%s: %s%s" % (when, failure, self.state()))
                text = self.devices[n].echo("-q -c 10 -i 0.05 -W 3 -I %s %s" % (source, to))
                check("10 received" in text, "%s: %s%s" % (when, text, self.state()))

    def anew(self):
        for device in self.devices:
            device.run("reset ipsec sa", "reset ike sa", "reset dvpn map all")

    def migrate(self, device, other, stage):
        done = subprocess.run([os.path.join(BIN, "sw8800"), "--migrate", self.saved(device), "--stage", str(stage), "--peer",
                               self.saved(other)], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(done.returncode == 0, "stage %d of %s:\n%s" % (stage, device.name, done.stdout))
        return done.stdout

    def __call__(self):
        self.talks("before")
        check("DES" in self.devices[0].run("display ipsec sa"), self.state())
        for device in self.devices:
            used = device.run("display security audit")
            for what in ("IKE: DES encrypts", "IPsec: DES encrypts", "DVPN registration: ", "DVPN data: "):
                check(re.search(r"in use: .*: %s.*: used last " % what, used), "%s: %s: %s" % (device.name, what, used))
        order = {1: (0, 1), 2: (1, 0), 3: (0, 1)}  # whoever begins
        for stage in (1, 2, 3):
            for n in order[stage]:
                device, other = self.devices[n], self.devices[1 - n]
                script = self.migrate(device, other, stage)
                device.replay(script)
                when = "after stage %d of %s" % (stage, device.name)
                self.talks(when)
                self.anew()
                self.talks(when + ", with new keys")
                print("%s: %d line(s), and all traffic passes" % (when, len(re.findall(r"(?m)^[^#]", script))))
                again = self.migrate(device, other, stage)
                check("# nothing to change" in again, again)
        for device in self.devices:
            sa = device.run("display ipsec sa")
            check("ESP-ENCRYPT-AES-256 ESP-AUTH-SHA2-256" in sa.upper() and "DES" not in sa, sa)
            used = [line for line in device.run("display security audit").splitlines() if line.startswith("in use: ")]
            check(used and all(": gone, used last " in line for line in used), "\n".join(used))
            done = subprocess.run([os.path.join(BIN, "sw8800"), "--check", self.saved(device), "--audit", "--report", "json"],
                                  text=True, stdout=subprocess.PIPE)
            found = [f["fingerprint"] for f in json.loads(done.stdout)["findings"] if f["severity"] != "note"
                     and (f["area"] == "algorithms" or f["rule"] == "pfs-off")]
            check(not found, "%s: %s" % (device.name, found))
        print("nothing weak is left")


main(Test())
