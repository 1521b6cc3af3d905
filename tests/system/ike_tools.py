"""Two small independent implementations of IKE version 1 against ours: ike-scan as a prober, vpnc as an aggressive mode
client (whose phase 1 ends where its XAUTH would begin); and the service sw8800d as responder to strongSwan."""

import os
import re
import shutil
import subprocess

import harness
import strongswan
from harness import check, wait_for
from ike_strongswan import CONNECTION, Case, Peer

OURS, THEIRS = "192.0.2.1", "192.0.2.2"


def ike_scan(world, here, there):
    peer = Peer(world, here, ["--local", OURS, "--remote", THEIRS, "--psk", "secret", "--ike", "aes128:sha1:2",
                              "--ike", "3des:md5:5"], "scan")
    rows = []
    for trans, group, answer in (("7/128,2,1,2", None, "Enc=AES"), ("5,1,1,5", None, "Enc=3DES"), ("1,2,1,1", None, "Enc=DES"),
                                 ("7/256,2,1,14", None, "NO-PROPOSAL-CHOSEN"), ("7/128,2,3,2", None, "NO-PROPOSAL-CHOSEN")):
        text = world.sh(there, "ike-scan --sport=500 --retry=2 --timeout=1500 --trans='%s' %s" % (trans, OURS), ok=False)
        check(answer.lower() in text.lower(), "ike-scan %s:\n%s\n%s" % (trans, text, peer.text()))
        rows.append("main %s: %s" % (trans, answer))
    text = world.sh(there, "ike-scan --sport=500 --aggressive --id=%s --idtype=1 --dhgroup=2 --retry=2 --timeout=1500 "
                    "--trans=7/128,2,1,2 %s" % ("0xc0000202", OURS), ok=False)
    check("Aggressive Mode Handshake returned" in text and "Hash(20 bytes)" in text, text + peer.text())
    rows.append("aggressive: handshake and HASH_R")
    # From an address that is no peer's there is no answer at all.
    world.sh(there, "ip addr add 192.0.2.9/24 dev eth0")
    text = world.sh(there, "ike-scan --sport=500 --bindip=192.0.2.9 --retry=1 --timeout=700 --trans=7/128,2,1,2 %s" % OURS,
                    ok=False)
    check("0 returned handshake; 0 returned notify" in text, text)
    rows.append("a stranger: silence")
    peer.stop()
    for row in rows:
        print("ike-scan  " + row)


def vpnc(world, here, there):
    # vpnc offers a key identity (the group's name) in aggressive mode and checks our HASH_R with the group's secret.
    for natt in ("none", "natt"):
        peer = Peer(world, here, ["--local", OURS, "--remote-name", "group", "--psk", "group secret", "--nat", "--ike",
                                  "aes128:sha1:2", "--debug"], "vpnc-" + natt)
        conf = os.path.join(world.dir, "vpnc-%s.conf" % natt)
        with open(conf, "w") as f:
            f.write("IPSec gateway %s\nIPSec ID group\nIPSec secret group secret\nIKE Authmode psk\nXauth username u\n"
                    "Xauth password p\nNAT Traversal Mode %s\nLocal Port 0\nIKE DH Group dh2\nNo Detach\n" % (OURS, natt))
        process = subprocess.Popen(["ip", "netns", "exec", there, "vpnc", "--debug", "2", conf], text=True,
                                   stdin=subprocess.DEVNULL, stdout=open(os.path.join(world.dir, "vpnc-%s.log" % natt), "w"),
                                   stderr=subprocess.STDOUT)
        world.processes.append(process)
        try:
            peer.wait("ESTABLISHED", seconds=20)
        except harness.Failure as failure:
            raise harness.Failure("%s\n%s" % (failure, world.read("vpnc-%s.log" % natt)[-3000:]))
        process.kill()
        process.wait()
        world.processes.remove(process)
        peer.stop()
        print("vpnc      aggressive, key identity, NAT traversal %s: phase 1 stands" % natt)


def service(world, there):
    device = harness.Device(world, "device")
    device.replay("""system-view
sysname gateway
interface GigabitEthernet0/1
 ip address 192.0.2.4 255.255.255.0
 quit
ike proposal 10
 encryption-algorithm aes-cbc 128
 dh group2
 quit
ike peer strongswan
 pre-shared-key a shared secret of both ends
 remote-address 192.0.2.2
 nat traversal
 quit
""".replace("a shared secret of both ends", "a-shared-secret-of-both-ends"))
    charon = strongswan.Charon(world, there)
    case = Case("service", we_begin=False)
    charon.load(CONNECTION.format(local=THEIRS, remote="192.0.2.4", aggressive="no", ike=case.their_ike(), auth="psk",
                                  local_id=THEIRS, remote_id="192.0.2.4", certs="", cacerts="", esp=case.their_esp(),
                                  key="a-shared-secret-of-both-ends", ike_rekey="4h", esp_rekey="1h", esp_life="66m",
                                  dpd="0s"))
    charon.swanctl("--initiate", "--child", "net", "--timeout", "10", ok=False)
    shown = wait_for("display ike sa to show the SA", lambda: (lambda t: t if re.search(r"192\.0\.2\.2 +RD", t) else None)(
        device.run("display ike sa")))
    check("total phase-1 SAs:  1" in shown, shown)
    check("ESTABLISHED" in charon.sas(), charon.sas())
    # No policy protects an interface: the offer is refused, and said so.
    check("NO_PROPOSAL_CHOSEN" in charon.log_text() or "NO_PROP" in charon.log_text(), charon.log_text()[-3000:])
    device.run("reset ike sa")
    wait_for("the SA to be gone on both ends", lambda: "ESTABLISHED" not in charon.sas()
             and "total phase-1 SAs:  0" in device.run("display ike sa"))
    check("%IKE" in device.log_text() or "IKE/" in device.log_text(), device.log_text()[-2000:])
    print("sw8800d   main mode as responder to strongSwan, display ike sa, reset ike sa")
    device.stop()


def main():
    harness.need_root()
    strongswan.need()
    for tool in ("ike-scan", "vpnc"):
        if not shutil.which(tool):
            harness.skip(tool + " is not installed")
    world = harness.World("tool")
    here, there = world.host("us"), world.host("them")
    world.sh(here, "ip addr add %s/24 dev eth0" % OURS)
    world.sh(there, "ip addr add %s/24 dev eth0" % THEIRS)
    ike_scan(world, here, there)
    vpnc(world, here, there)
    service(world, there)


if __name__ == "__main__":
    harness.main(main)
