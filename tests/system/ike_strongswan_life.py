"""How SAs with strongSwan live and end: rekeying of both phases under traffic, DPD, deletion, NAT, a wrong key."""

import re
import subprocess
import sys
import time

import harness
from harness import check, wait_for
from ike_strongswan import CONNECTION, KEY, OUR_INSIDE, OURS, THEIR_INSIDE, THEIRS, Case, Peer, Test


def pings(test, seconds, interval=0.01):
    """Echo requests all the while, from both ends; a callable that ends them and returns [sent, lost] of each."""
    running = []
    for namespace, source, to in ((test.here, OUR_INSIDE, THEIR_INSIDE), (test.there, THEIR_INSIDE, OUR_INSIDE)):
        running.append(subprocess.Popen(["ip", "netns", "exec", namespace] + harness.ECHO + [
                                            "-q", "-i", str(interval), "-c", str(int(seconds / interval)), "-W", "2", "-I",
                                            source, to],
                                        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        test.world.processes.append(running[-1])

    def end():
        out = []
        for process in running:
            text, _ = process.communicate(timeout=4 * seconds + 10)
            test.world.processes.remove(process)
            found = re.search(r"(\d+) packets transmitted, (\d+) received", text)
            check(found, "ping said:\n" + text)
            out.append((int(found.group(1)), int(found.group(1)) - int(found.group(2))))
        return out
    return end


def rekey_phase2(test):
    """We begin and replace our SAs every few seconds; nothing may be lost."""
    case = Case("rekey")
    test.configure(case)
    peer = test.start(case, ["--life", "6:0"])
    test.begin(case, peer)
    end = pings(test, 12)
    result = end()
    peer.wait("INSTALLED", 3)
    check(all(lost == 0 for _, lost in result), "lost in rekeying: %s\n%s" % (result, peer.text()))
    test.row("rekey of phase 2 by us, %d pairs, %s packets" % (peer.count("INSTALLED"), "+".join(str(n) for n, _ in result)),
             "0 lost")
    test.charon.terminate()
    peer.stop()


def rekey_phase2_theirs(test):
    case = Case("rekey", we_begin=False)
    test.configure(case, esp_rekey="3s", esp_life="30s")
    peer = test.start(case)
    test.begin(case, peer)
    end = pings(test, 9)
    result = end()
    peer.wait("INSTALLED", 3)
    check(all(lost == 0 for _, lost in result), "lost in rekeying: %s\n%s\n%s" % (
        result, peer.text(), test.charon.log_text()[-5000:]))
    test.row("rekey of phase 2 by strongSwan, %d pairs, %s packets"
             % (peer.count("INSTALLED"), "+".join(str(n) for n, _ in result)), "0 lost")
    test.charon.terminate()
    peer.stop()


def rekey_phase1(test, ours):
    case = Case("rekey", we_begin=ours)
    test.configure(case, **({} if ours else {"ike_rekey": "5s"}))
    # Ours ends after the least that can be configured; the test does not wait for the guide's minute.
    peer = test.start(case, ["--ike", case.ike + ":psk:6"] if ours else [])
    test.begin(case, peer)
    end = pings(test, 9)
    result = end()
    peer.wait("ESTABLISHED", 2)
    check(all(lost == 0 for _, lost in result), "lost in rekeying: %s\n%s" % (result, peer.text()))
    test.ping()
    test.row("rekey of phase 1 by %s, %d ISAKMP SAs, %s packets"
             % ("us" if ours else "strongSwan", peer.count("ESTABLISHED"), "+".join(str(n) for n, _ in result)), "0 lost")
    test.charon.terminate()
    peer.stop()


def dpd(test):
    case = Case("dpd")
    test.configure(case)
    peer = test.start(case, ["--dpd", "1:1"])
    test.begin(case, peer)
    test.ping()
    test.charon.kill()
    started = time.monotonic()
    # DPD asks on demand: something must want to go out.
    test.world.sh(test.here, "ping -n -c 30 -i 0.2 -W 1 %s" % THEIR_INSIDE, ok=False)
    peer.wait("LOST", seconds=20)
    test.row("DPD: strongSwan killed, peer lost after %.1f s" % (time.monotonic() - started), "lost")
    test.charon.start()
    test.configure(case)
    wait_for("the tunnel to be back", lambda: " 0% packet loss" in
             test.world.echo(test.here, "-n -c 2 -i 0.2 -W 1 %s" % THEIR_INSIDE), 30)
    test.row("DPD: traffic asks for the tunnel again", "traffic")
    test.charon.terminate()
    peer.stop()


def dpd_asked(test):
    case = Case("dpd", we_begin=False)
    test.configure(case, dpd="1s")
    peer = test.start(case)
    test.begin(case, peer)
    wait_for("strongSwan's question and our answer", lambda: "R_U_THERE_ACK" in test.charon.log_text()
             or re.search(r"parsed INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD_ACK\)", test.charon.log_text()), 20)
    test.row("DPD asked by strongSwan", "answered")
    test.charon.terminate()
    peer.stop()


def deletes(test):
    case = Case("delete")
    test.configure(case)
    peer = test.start(case)
    test.begin(case, peer)
    test.ping()
    test.charon.swanctl("--terminate", "--child", "net", ok=False)
    peer.wait("DELETED")
    peer.say("wish")
    peer.wait("INSTALLED", 2)
    test.ping()
    test.row("delete of the IPsec SAs by strongSwan, made again", "traffic")
    peer.say("withdraw")
    wait_for("strongSwan to delete its SAs", lambda: "INSTALLED" not in test.charon.sas())
    test.row("delete of the IPsec SAs by us", "gone there")
    peer.say("reset")
    wait_for("strongSwan to delete its ISAKMP SA", lambda: "pair:" not in test.charon.sas())
    test.row("delete of the ISAKMP SA by us", "gone there")
    peer.say("wish")
    peer.wait("INSTALLED", 3)
    test.charon.swanctl("--terminate", "--ike", "pair", ok=False)
    peer.say("show")
    peer.wait("shown 0 pairs")
    check("phase 1" not in peer.text().split("shown")[-2], peer.text())
    test.row("delete of everything by strongSwan", "gone here")
    peer.stop()


def wrong_key(test):
    case = Case("wrong key")
    test.configure(case)
    options = ["--local", OURS, "--remote", THEIRS, "--nat", "--ike", case.ike, "--psk", "not the key"]
    peer = Peer(test.world, test.here, options, "wrong")
    peer.say("wish")
    wait_for("strongSwan to refuse the key", lambda: "AUTH_FAILED" in test.charon.log_text()[-4000:]
             or "could not decrypt" in test.charon.log_text()[-4000:] or "PLD_MAL" in test.charon.log_text()[-4000:])
    check(peer.count("INSTALLED") == 0 and peer.count("ESTABLISHED") == 0, peer.text())
    test.row("another pre-shared key", "no SA")
    peer.stop()


def nat(test):
    """We are behind a real NAT (nftables masquerade) in a namespace of its own."""
    if subprocess.run(["sh", "-c", "command -v nft || command -v iptables"], stdout=subprocess.DEVNULL).returncode != 0:
        test.row("NAT between", "SKIPPED: neither nft nor iptables")
        return
    world = test.world
    router = world.host("nat")
    inner = world._namespace("inner")
    world.sh(inner, "ip link add eth0 type veth peer name in0 netns %s" % router)
    world.sh(inner, "ip addr add 172.16.0.2/24 dev eth0; ip link set eth0 up; ip route add default via 172.16.0.1")
    world.sh(router, "ip addr add 172.16.0.1/24 dev in0; ip link set in0 up; ip addr add 192.0.2.3/24 dev eth0; "
             "echo 1 > /proc/sys/net/ipv4/ip_forward")
    rules = ("nft add table ip t && nft 'add chain ip t post { type nat hook postrouting priority 100; }' && "
             "nft add rule ip t post oifname eth0 masquerade random")
    text = world.sh(router, "%s || iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE --random && echo fine" % rules, ok=False)
    if "fine" not in text:
        test.row("NAT between", "SKIPPED: the kernel has no NAT: " + text.strip().splitlines()[-1][:60])
        return
    for aggressive in (False, True):
        case = Case("nat", aggressive=aggressive)
        values = dict(local=THEIRS, remote="%any", aggressive="yes" if aggressive else "no", ike=case.their_ike(), auth="psk",
                      local_id=THEIRS, remote_id="172.16.0.2", certs="", cacerts="", esp=case.their_esp(), key=KEY,
                      ike_rekey="4h", esp_rekey="1h", esp_life="66m", dpd="0s")
        if not aggressive:  # in main mode the key is found by the address that the packets have
            values["remote_id"] = "%any"
        test.charon.load(CONNECTION.format(**values).replace("id-2 = %any", "id-2 = 0.0.0.0/0"))
        peer = Peer(world, inner, ["--local", "172.16.0.2", "--remote", THEIRS, "--nat", "--psk", KEY, "--ike", case.ike]
                    + (["--aggressive"] if aggressive else []), "nat%d" % aggressive)
        test.begin(case, peer)
        text = world.echo(inner, "-n -c 3 -i 0.05 -W 2 -I %s %s" % (OUR_INSIDE, THEIR_INSIDE))
        check(" 0% packet loss" in text, text)
        check("[4500]" not in re.search(r"remote '[^']*' @ ([^\n]*)", test.charon.sas()).group(1),
              "the NAT has not changed the port:\n" + test.charon.sas())
        test.row("NAT between, %s mode, we begin" % ("aggressive" if aggressive else "main"), "traffic")
        test.charon.terminate()
        peer.stop()


SCENARIOS = {"rekey 2": rekey_phase2, "rekey 2 theirs": rekey_phase2_theirs, "rekey 1": lambda t: rekey_phase1(t, True),
             "rekey 1 theirs": lambda t: rekey_phase1(t, False), "dpd": dpd, "dpd asked": dpd_asked, "deletes": deletes,
             "wrong key": wrong_key, "nat": nat}


def main():
    test = Test()
    only = sys.argv[1:]
    for name, scenario in SCENARIOS.items():
        if not only or name in only:
            scenario(test)
    print("%d rows" % len(test.rows))


if __name__ == "__main__":
    harness.main(main)
