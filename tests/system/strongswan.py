"""Debian's strongSwan in a namespace: charon with ESP in userland (kernel-libipsec), driven by swanctl."""

import os
import shutil
import subprocess

import harness

CHARON = "/usr/lib/ipsec/charon"
LIBIPSEC = "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so"


def need():
    if not os.path.exists(CHARON) or not os.path.exists(LIBIPSEC) or not shutil.which("swanctl"):
        harness.skip("strongSwan (charon, swanctl, kernel-libipsec) is not installed")


class Charon:
    """One charon. Its connection is called `pair` and its child `net`."""

    def __init__(self, world, namespace, name="charon"):
        self.world, self.namespace, self.name = world, namespace, name
        self.uri = os.path.join(world.dir, name + ".vici")
        self.log = os.path.join(world.dir, name + ".log")
        self.conf = os.path.join(world.dir, name + ".conf")
        with open(self.conf, "w") as f:
            f.write("""charon {
  load = random nonce openssl gcrypt aes md5 sha1 sha2 hmac kdf gmp pem pkcs1 pkcs8 x509 revocation pubkey constraints gcm kernel-libipsec kernel-netlink socket-default vici updown
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  retransmit_tries = 3
  retransmit_timeout = 1
  install_virtual_ip = no
  plugins {
    vici { socket = unix://%s }
    openssl { load_legacy = yes }
  }
  filelog { charon { path = %s
      default = 1
      ike = 2
      flush_line = yes } }
}
""" % (self.uri, self.log))
        # Private keys are looked for beside the configuration; everything else is named by its path.
        self.folder = os.path.join(world.dir, name + ".swanctl")
        os.makedirs(os.path.join(self.folder, "private"))
        self.start()

    def add_key(self, path):
        name = "-".join(path.split(os.sep)[-2:])  # the folder's too: there may be several of one name
        shutil.copy(path, os.path.join(self.folder, "private", name))

    def start(self):
        for path in (self.uri, self.log):
            if os.path.exists(path):
                os.unlink(path)
        # `ip netns exec` has a mount namespace of its own: the tmpfs hides the /run that all charons would share.
        self.process = self.world.start(
            self.namespace, ["sh", "-c", "mount -t tmpfs tmpfs /run && STRONGSWAN_CONF=%s exec %s" % (self.conf, CHARON)],
            self.name + ".out")
        harness.wait_for("charon to listen", lambda: os.path.exists(self.uri))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def swanctl(self, *arguments, ok=True, timeout=40):
        done = subprocess.run(["swanctl", arguments[0], "--uri", "unix://" + self.uri] + list(arguments[1:]), text=True,
                              timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ok:
            harness.check(done.returncode == 0, "swanctl %s:\n%s" % (" ".join(arguments), done.stdout))
        return done.stdout

    def load(self, text):
        path = os.path.join(self.folder, "swanctl.conf")
        with open(path, "w") as f:
            f.write(text)
        return self.swanctl("--load-all", "--clear", "--file", path)

    def terminate(self):
        self.swanctl("--terminate", "--ike", "pair", "--force", ok=False)

    def sas(self):
        return self.swanctl("--list-sas")

    def log_text(self):
        with open(self.log, errors="replace") as f:
            return f.read()
