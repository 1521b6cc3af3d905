"""IKE version 1 against Debian's strongSwan, each cipher, hash and group, both roles, both modes, with traffic. The other
end's ESP is in userland, so NAT traversal is always at work."""

import os
import re
import subprocess
import sys

import harness
import strongswan
from harness import TEST_DIR, check, wait_for

OURS, THEIRS = "192.0.2.1", "192.0.2.2"
OUR_NET, THEIR_NET = "10.91.0.0/24", "10.92.0.0/24"
OUR_INSIDE, THEIR_INSIDE = "10.91.0.1", "10.92.0.1"
KEY = "a shared secret of both ends"

CONNECTION = """connections {{ pair {{
  version = 1
  aggressive = {aggressive}
  local_addrs = {local}
  remote_addrs = {remote}
  proposals = {ike}
  rekey_time = {ike_rekey}
  rand_time = 0s
  over_time = 30s
  reauth_time = 0
  dpd_delay = {dpd}
  local {{ auth = {auth}
    id = {local_id}
    {certs} }}
  remote {{ auth = {auth}
    id = {remote_id}
    {cacerts} }}
  children {{ net {{
    local_ts = 10.92.0.0/24
    remote_ts = 10.91.0.0/24
    esp_proposals = {esp}
    mode = tunnel
    rekey_time = {esp_rekey}
    rand_time = 0s
    life_time = {esp_life} }} }}
}} }}
secrets {{
  ike-pair {{
    id-1 = {local_id}
    id-2 = {remote_id}
    secret = "{key}" }}
}}
"""


class Peer:
    """Our end: the program ike_peer in its namespace."""

    def __init__(self, world, namespace, options, name):
        self.log = name + ".peer.log"
        self.world = world
        out = open(os.path.join(world.dir, self.log), "ab")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, os.path.join(TEST_DIR, "ike_peer"), "--inside", OUR_INSIDE + "/24",
             "--local-net", OUR_NET, "--remote-net", THEIR_NET] + options,
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, text=True)
        world.processes.append(self.process)
        self.wait("READY")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def text(self):
        return self.world.read(self.log)

    def count(self, word):
        return len(re.findall("^" + word, self.text(), re.M))

    def wait(self, word, times=1, seconds=15):
        def there():
            check(self.process.poll() is None, "our end has ended:\n" + self.text())
            return self.count(word) >= times
        try:
            wait_for("%d times %s" % (times, word), there, seconds)
        except harness.Failure as failure:
            raise harness.Failure("%s\n%s" % (failure, self.text()))

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.world.processes.remove(self.process)


class Case:
    def __init__(self, name, ike="aes128:sha1:2", esp="aes128:sha1", pfs=0, we_begin=True, aggressive=False, by="address",
                 bits=2048):
        self.bits = bits
        self.name, self.ike, self.esp, self.pfs = name, ike, esp, pfs
        self.we_begin, self.aggressive, self.by = we_begin, aggressive, by

    GROUP = {1: "modp768", 2: "modp1024", 5: "modp1536", 14: "modp2048"}

    def their_ike(self):
        cipher, digest, group = self.ike.split(":")[:3]
        return "%s-%s-%s" % (cipher, digest, self.GROUP[int(group)])

    def their_esp(self):
        cipher, integrity = self.esp.split(":")
        cipher = {"gcm128": "aes128gcm16", "gcm256": "aes256gcm16"}.get(cipher, cipher)
        parts = [cipher] + ([integrity] if integrity != "aead" else [])
        return "-".join(parts + ([self.GROUP[self.pfs]] if self.pfs else []))


class Test:
    def __init__(self):
        harness.need_root()
        strongswan.need()
        self.world = harness.World("ike")
        self.here = self.world.host("us")
        self.there = self.world.host("them")
        self.world.sh(self.here, "ip addr add %s/24 dev eth0" % OURS)
        self.world.sh(self.there, "ip addr add %s/24 dev eth0; ip addr add %s/32 dev lo" % (THEIRS, THEIR_INSIDE))
        self.world.sh(self.there, "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0", ok=False)
        self.charon = strongswan.Charon(self.world, self.there)
        self.number = 0
        self.pki = {}  # by the bits of the keys
        self.rows = []

    def row(self, what, result):
        self.rows.append((what, result))
        print("%-64s %s" % (what, result), flush=True)

    def make_pki(self, bits):
        if bits in self.pki:
            return self.pki[bits]
        d = os.path.join(self.world.dir, "pki%d" % bits)
        os.mkdir(d)
        def run(command):
            done = subprocess.run(["sh", "-ec", command], cwd=d, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            check(done.returncode == 0, done.stdout)
        run("openssl req -x509 -newkey rsa:%d -nodes -days 30 -subj '/C=CH/O=sw/CN=Test CA %d' -keyout ca.key -out ca.pem "
            "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign" % (bits, bits))
        for name, address in (("us", OURS), ("them", THEIRS)):
            run("openssl req -newkey rsa:%d -nodes -subj '/C=CH/O=sw/CN=%s.example' -keyout %s.key -out %s.csr && "
                "printf 'subjectAltName=IP:%s,DNS:%s.example' > ext && "
                "openssl x509 -req -in %s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out %s.pem"
                % (bits, name, name, name, address, name, name, name))
        self.charon.add_key(d + "/them.key")
        self.pki[bits] = d
        return d

    def configure(self, case, ike_rekey="4h", esp_rekey="1h", esp_life="66m", dpd="0s", key=KEY):
        ids = {"address": (THEIRS, OURS), "name": ("them.example", "us.example"), "rsa": (THEIRS, OURS),
               "rsa-name": ("them.example", "us.example"), "rsa-dn": ('"C=CH, O=sw, CN=them.example"', OURS)}[case.by]
        values = dict(local=THEIRS, remote=OURS, aggressive="yes" if case.aggressive else "no", ike=case.their_ike(),
                      auth="psk", local_id=ids[0], remote_id=ids[1], certs="", cacerts="", esp=case.their_esp(), key=key,
                      ike_rekey=ike_rekey, esp_rekey=esp_rekey, esp_life=esp_life, dpd=dpd)
        if case.by.startswith("rsa"):
            d = self.make_pki(case.bits)
            values.update(auth="pubkey", certs="certs = %s/them.pem" % d, cacerts="cacerts = %s/ca.pem" % d)
        self.charon.load(CONNECTION.format(**values))

    def start(self, case, extra=()):
        self.number += 1
        options = ["--local", OURS, "--remote", THEIRS, "--nat", "--esp", case.esp, "--pfs", str(case.pfs)]
        if "--ike" not in extra:
            options += ["--ike", case.ike]
        if case.aggressive:
            options += ["--aggressive"]
        if case.by in ("name", "rsa-name"):
            options += ["--name-id", "--local-name", "us.example", "--remote-name", "them.example"]
        if case.by.startswith("rsa"):
            d = self.make_pki(case.bits)
            options += ["--cert", d + "/us.pem", "--key", d + "/us.key", "--ca", d + "/ca.pem"]
        else:
            options += ["--psk", KEY]
        return Peer(self.world, self.here, options + list(extra), "%02d" % self.number)

    def begin(self, case, peer):
        try:
            if case.we_begin:
                peer.say("wish")
            else:
                self.charon.swanctl("--initiate", "--child", "net", "--timeout", "15")
            peer.wait("INSTALLED")
        except harness.Failure as failure:
            raise harness.Failure("%s: %s\n--- charon:\n%s" % (case.name, failure, self.charon.log_text()[-6000:]))

    def ping(self, count=3, both=True):
        for namespace, source, to in ((self.here, OUR_INSIDE, THEIR_INSIDE), (self.there, THEIR_INSIDE, OUR_INSIDE)):
            text = self.world.echo(namespace, "-n -c %d -i 0.05 -W 2 -I %s %s" % (count, source, to))
            check(" 0% packet loss" in text, "ping from %s:\n%s" % (source, text))

    def run(self, case):
        self.configure(case)
        peer = self.start(case)
        self.begin(case, peer)
        self.ping()
        self.row("%s, %s, IKE %s, ESP %s, %s, we %s" % (case.by, "aggressive" if case.aggressive else "main", case.their_ike(),
                 case.their_esp(), "PFS %d" % case.pfs if case.pfs else "no PFS", "begin" if case.we_begin else "answer"),
                 "traffic")
        self.charon.terminate()
        peer.stop()


def cases():
    for begin in (True, False):
        for cipher in ("des", "3des", "aes128", "aes192", "aes256"):
            for digest in ("md5", "sha1"):
                group = {"des": 1, "3des": 2, "aes128": 5, "aes192": 2, "aes256": 14}[cipher]
                yield Case("phase 1", ike="%s:%s:%d" % (cipher, digest, group), we_begin=begin)
        for esp in ("des:md5", "des:sha1", "3des:md5", "3des:sha1", "aes128:md5", "aes192:sha1", "aes256:sha1", "aes256:sha256",
                    "null:sha1", "gcm128:aead", "gcm256:aead"):
            yield Case("phase 2", esp=esp, we_begin=begin)
        for pfs in (1, 2, 5, 14):
            yield Case("pfs", pfs=pfs, we_begin=begin)
        yield Case("aggressive by address", aggressive=True, we_begin=begin)
        yield Case("aggressive by name", aggressive=True, by="name", ike="3des:md5:5", we_begin=begin)
        yield Case("RSA by address", ike="aes128:sha1:2:rsa", by="rsa", we_begin=begin)
        yield Case("RSA by name", ike="aes256:sha1:14:rsa", by="rsa-name", we_begin=begin)
        yield Case("RSA by DN", ike="aes256:sha256:14:rsa", by="rsa-dn", we_begin=begin)
        yield Case("RSA aggressive", ike="aes128:sha1:2:rsa", by="rsa", aggressive=True, we_begin=begin)


def main():
    test = Test()
    only = sys.argv[1:]
    for case in cases():
        if not only or case.name in only:
            test.run(case)
    print("%d combinations" % len(test.rows))


if __name__ == "__main__":
    harness.main(main)
