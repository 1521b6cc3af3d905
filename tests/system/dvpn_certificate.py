"""A server that proves itself by the certificate of its PKI domain, made by openssl; and what its client refuses: another
authority, another end of the same one, a revoked and an expired certificate. Files that change count with the next change."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from dvpn_domain import client, loss, registered, server  # noqa: E402
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402

EXTENSIONS = "[v3]\nbasicConstraints=CA:false\nsubjectAltName=%s\n[ca]\ndatabase=%s/index\ndefault_md=sha256\ndefault_crl_days=30\n"


class Authority:
    def __init__(self, world, name):
        self.world, self.name = world, name
        self.run("req -x509 -newkey rsa:2048 -nodes -keyout %s.key -out %s.pem -days 30 -subj /CN=%s" % ((name,) * 3))
        open(self.path("index"), "w").close()

    def path(self, name):
        return os.path.join(self.world.dir, name)

    def run(self, command):
        done = os.system("cd %s && openssl %s >/dev/null 2>&1" % (self.world.dir, command))
        check(done == 0, "openssl %s: %d" % (command, done))

    def extensions(self, names):
        with open(self.path("ext"), "w") as f:
            f.write(EXTENSIONS % (names, self.world.dir))

    def issue(self, name, names, days="-days 20"):
        self.extensions(names)
        self.run("req -newkey rsa:2048 -nodes -keyout %s.key -out %s.csr -subj /O=tests/CN=%s" % ((name,) * 3))
        self.run("x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial %s -extfile ext -extensions v3 -out %s.pem" % (
            name, self.name, self.name, days, name))

    def revoke(self, *names):
        for name in names:
            self.run("ca -config ext -name ca -cert %s.pem -keyfile %s.key -revoke %s.pem" % (self.name, self.name, name))
        self.run("ca -config ext -name ca -cert %s.pem -keyfile %s.key -gencrl -out %s.crl" % ((self.name,) * 3))


def domain(folder, own, ca, crl=None):
    out = "pki domain d\n certificate ca %s/%s.pem\n" % (folder, ca)
    if own:
        out += " certificate local %s/%s.pem\n private-key %s/%s.key\n" % (folder, own, folder, own)
    return out + (" crl file %s/%s.crl\n" % (folder, crl) if crl else "")


def test():
    need_root()
    if os.system("command -v openssl >/dev/null") != 0:
        skip("openssl is not installed")
    started = time.monotonic()
    world = World("cert")
    folder = world.dir
    ca, other = Authority(world, "ca"), Authority(world, "other")
    ca.issue("hq", "IP:192.0.2.1,DNS:hq.example")
    ca.issue("branch", "IP:192.0.2.11")
    ca.issue("old", "IP:192.0.2.1", "-days -1")
    other.issue("false", "IP:192.0.2.1")
    ca.extensions("IP:192.0.2.1")
    ca.revoke()
    hq, one = Device(world, "server"), Device(world, "client-1")
    hq.replay(domain(folder, "hq", "ca") + "dvpn server certificate domain d\n" + server([1]))
    asks = "dvpn class hq\n authentication-server method certificate\n certificate domain d\n"
    one.replay(domain(folder, None, "ca", "ca") + client(1, "192.0.2.11") + asks)
    wait_for("the client to register by the server's certificate", lambda: len(registered(hq)) == 1, 20)
    check(loss(one, "10.1.1.1", "10.1.0.1")[0] == 0, "the client does not reach the server")
    check("certificate" in one.run("display dvpn session all"), "the proof is not shown:\n" + one.run("display dvpn session all"))
    print("registered, proved by certificate")

    def refused(what, at_server, at_client, why):
        mark = len(one.log_text())
        if at_server:
            hq.replay(at_server)
        if at_client:
            one.replay(at_client)
        one.replay("interface Tunnel0\nshutdown\nundo shutdown\n")
        wait_for("%s to be refused" % what, lambda: "certificate refused: " + why in one.log_text()[mark:], 20)
        check(not registered(hq), "it registered with " + what)
        said = "the certificate of the server is not accepted"
        check(said in hq.log_text(), "the server's log does not say so:\n" + hq.log_text()[-2000:])
        print("%s: %s" % (what, why))

    refused("an authority that is not ours", domain(folder, "false", "other"), "", "unable to get local issuer certificate")
    refused("another end of our authority", domain(folder, "branch", "ca"), "", "CN=branch,O=tests is not 192.0.2.1")
    refused("an expired certificate", domain(folder, "old", "ca"), "", "certificate has expired")
    refused("another name than the class wants", domain(folder, "hq", "ca"), "dvpn class hq\n certificate server-name x.example\n",
            "CN=hq,O=tests is not x.example")
    one.replay("dvpn class hq\n certificate server-name hq.example\n")
    wait_for("the client to be back, by name", lambda: len(registered(hq)) == 1, 20)

    # The list is written anew under the same name.
    ca.revoke("hq")
    refused("a revoked certificate", "", "", "certificate revoked")

    # Without a certificate the server says so, and with the one before it is good again.
    mark = len(one.log_text())
    hq.replay("undo dvpn server certificate domain\n")
    wait_for("the client to hear that there is none", lambda: "the server has no certificate" in one.log_text()[mark:], 20)
    ca.issue("hq", "IP:192.0.2.1,DNS:hq.example")
    hq.replay("dvpn server certificate domain d\n")
    wait_for("the client to be back", lambda: len(registered(hq)) == 1, 20)
    print("with a new certificate in the same files it is back")
    print("%.0f s" % (time.monotonic() - started))


main(test)
