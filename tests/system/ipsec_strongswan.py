"""A device configured by commands alone against Debian's strongSwan: policies on an interface, SAs by IKE, traffic through
them. Both roles, main and aggressive mode, keys and certificates, renewal, reset, a dead peer."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import harness  # noqa: E402
import ike_strongswan  # noqa: E402
import strongswan  # noqa: E402
from harness import check, wait_for  # noqa: E402
from ike_strongswan import KEY, OUR_INSIDE, OURS, THEIR_INSIDE, THEIRS, Case  # noqa: E402

BASE = """system-view
interface GigabitEthernet0/1
 ip address %s 24
interface LoopBack0
 ip address %s 32
quit
ip route-static 10.92.0.0 255.255.255.0 %s
acl number 3101
 rule permit ip source 10.91.0.0 0.0.0.255 destination 10.92.0.0 0.0.0.255
quit
""" % (OURS, OUR_INSIDE, THEIRS)

CIPHERS = {"des": "des-cbc", "3des": "3des-cbc", "aes128": "aes-cbc 128", "aes256": "aes-cbc 256"}
HASHES = {"md5": "md5", "sha1": "sha"}
ESP = {"des": "des", "3des": "3des", "aes128": "aes", "aes256": "aes 256", "gcm128": "aes-gcm", "gcm256": "aes-gcm 256"}
ESP_HASHES = {"md5": "md5", "sha1": "sha1", "sha256": "sha2-256"}


def configuration(case, pki):
    cipher, digest, group = case.ike.split(":")[:3]
    esp, integrity = case.esp.split(":")
    rsa = case.by.startswith("rsa")
    lines = ["system-view", "ike local-name us.example", "ike dpd dead", " interval-time 2", " time-out 1", "quit",
             "ike proposal 10", " encryption-algorithm " + CIPHERS[cipher], " authentication-algorithm " + HASHES[digest],
             " dh group" + group]
    if rsa:
        lines += [" authentication-method rsa-signature", "quit", "pki domain site", " certificate local %s/us.pem" % pki,
                  " private-key %s/us.key" % pki, " certificate ca %s/ca.pem" % pki]
    lines += ["quit", "ike peer them", " remote-address " + THEIRS, " nat traversal", " dpd dead"]
    if case.aggressive:
        lines += [" exchange-mode aggressive"]
    if case.by == "name":
        lines += [" id-type name", " remote-name them.example"]
    lines += [" certificate domain site"] if rsa else [" pre-shared-key %s" % KEY.replace(" ", "-")]
    lines += ["quit", "ipsec proposal tran1", " esp encryption-algorithm " + ESP[esp]]
    if integrity != "aead":
        lines += [" esp authentication-algorithm " + ESP_HASHES[integrity]]
    lines += ["quit", "ipsec policy map1 10 isakmp", " security acl 3101", " proposal tran1", " ike-peer them"]
    if case.pfs:
        lines += [" pfs dh-group%d" % case.pfs]
    lines += ["quit", "interface GigabitEthernet0/1", " ipsec policy map1", "quit"]
    return "\n".join(lines) + "\n"


REMOVE = """system-view
interface GigabitEthernet0/1
 undo ipsec policy
quit
undo ipsec policy map1
undo ipsec proposal tran1
undo ike peer them
undo ike proposal 10
undo ike dpd dead
"""


class Test(ike_strongswan.Test):
    def __init__(self):
        harness.need_root()
        strongswan.need()
        self.world = harness.World("ss")
        self.device = harness.Device(self.world, "us")
        self.here = self.device.namespace
        self.there = self.world.host("them")
        self.world.sh(self.there, "ip addr add %s/24 dev eth0; ip addr add %s/32 dev lo" % (THEIRS, THEIR_INSIDE))
        self.world.sh(self.there, "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0", ok=False)
        self.charon = strongswan.Charon(self.world, self.there)
        self.pki = {}
        self.rows = []
        self.device.replay(BASE)

    def everything(self):
        return "\n%s\n%s\n--- charon:\n%s" % (
            self.device.run("display ike sa", "display ipsec sa", "display ipsec statistics",
                            "display current-configuration"), self.device.log_text(), self.charon.log_text()[-5000:])

    def up(self, case):
        pki = self.make_pki(case.bits) if case.by.startswith("rsa") else None
        self.configure(case, key=KEY.replace(" ", "-"))
        self.device.replay(configuration(case, pki))
        if case.we_begin:
            wait_for("an answer", lambda: "1 received" in self.device.sh(
                "ping -n -c 1 -W 1 -I %s %s" % (OUR_INSIDE, THEIR_INSIDE), ok=False), 20)
        else:
            self.charon.swanctl("--initiate", "--child", "net", "--timeout", "15")
        self.ping()

    def run(self, case):
        try:
            self.up(case)
        except harness.Failure as failure:
            raise harness.Failure("%s: %s%s" % (case.name, failure, self.everything()))
        for way in ("received packet: from", "sending packet: from"):
            sizes = re.findall(r"%s \S+ to \S+ \((\d+) bytes\)" % way, self.charon.log_text())
            check(case.bits < 4096 or max(map(int, sizes)) > 1920, "%s: no large message: %s" % (case.name, sizes[-12:]))
        self.row("%s, %s, IKE %s, ESP %s, %s, we %s" % (
            case.by + (" %d" % case.bits if case.by.startswith("rsa") else ""),
            "aggressive" if case.aggressive else "main", case.their_ike(), case.their_esp(),
            "PFS %d" % case.pfs if case.pfs else "no PFS", "begin" if case.we_begin else "answer"), "traffic")

    def down(self):
        self.device.replay(REMOVE)
        self.charon.terminate()
        wait_for("no SA of phase 1", lambda: "total phase-1 SAs:  0" in self.device.run("display ike sa"))

    def tcp(self):
        self.world.start(self.there, ["iperf3", "-s", "-1", "--forceflush", "-B", THEIR_INSIDE], "iperf.log")
        wait_for("iperf3 to listen", lambda: "listening" in self.world.read("iperf.log"))
        text = self.device.sh("iperf3 -c %s -B %s -t 2 -f m" % (THEIR_INSIDE, OUR_INSIDE), ok=False)
        rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
        check(rate and float(rate.group(1)) > 1, "iperf3 moved nothing:\n" + text + self.everything())
        self.row("TCP through the tunnel, %s Mbit/s" % rate.group(1), "traffic")

    def reset(self):
        self.device.run("reset ipsec sa")
        wait_for("strongSwan to delete its SAs", lambda: "INSTALLED" not in self.charon.sas())
        wait_for("an answer", lambda: "1 received" in self.device.sh(
            "ping -n -c 1 -W 1 -I %s %s" % (OUR_INSIDE, THEIR_INSIDE), ok=False), 20)
        self.row("reset ipsec sa: deleted at the other end, and made anew", "traffic")
        self.charon.swanctl("--terminate", "--child", "net")
        wait_for("our SAs to go", lambda: "spi:" not in self.device.run("display ipsec sa"))
        self.row("strongSwan deletes its SAs: ours are gone", "deleted")
        wait_for("an answer", lambda: "1 received" in self.device.sh(
            "ping -n -c 1 -W 1 -I %s %s" % (OUR_INSIDE, THEIR_INSIDE), ok=False), 20)

    def dead_peer(self):
        self.charon.kill()
        self.device.sh("ping -n -c 15 -i 0.2 -W 1 -I %s %s" % (OUR_INSIDE, THEIR_INSIDE), ok=False)
        wait_for("DPD to notice", lambda: "spi:" not in self.device.run("display ipsec sa"), 40)
        check("is lost" in self.device.log_text(), self.device.log_text())
        self.row("strongSwan killed: DPD notices, and the log says so", "detected")


def cases():
    for begin in (True, False):
        yield Case("guide's default", ike="des:sha1:1", esp="des:md5", we_begin=begin)
        yield Case("AES", ike="aes128:sha1:2", esp="aes128:sha1", pfs=2, we_begin=begin)
        yield Case("GCM", ike="aes256:sha1:2", esp="gcm128:aead", we_begin=begin)
        yield Case("aggressive by name", aggressive=True, by="name", ike="3des:md5:2", esp="3des:sha1", we_begin=begin)
        yield Case("RSA", ike="aes128:sha1:2", by="rsa", we_begin=begin)
        # Messages of more than 1,920 octets, which IP cuts and no Packet holds.
        yield Case("RSA 4096", ike="aes256:sha1:14", by="rsa", bits=4096, we_begin=begin)


def main():
    test = Test()
    for number, case in enumerate(cases()):
        if number:
            test.down()
        test.run(case)
    test.tcp()
    test.reset()
    test.dead_peer()
    print("%d combinations" % len(test.rows))


if __name__ == "__main__":
    harness.main(main)
