"""IPsec of a daemon against scapy's IPsec layer, packet by packet, both directions: every protocol, mode, cipher, hash."""

import hashlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402

PYTHON = "/usr/bin/python3"  # Debian's, which has python3-scapy
CIPHERS = {"des": ("DES", 8), "3des": ("3DES", 24), "aes": ("AES-CBC", 16), "aes 192": ("AES-CBC", 24),
           "aes 256": ("AES-CBC", 32), None: ("NULL", 0)}
HASHES = {"md5": ("HMAC-MD5-96", 16), "sha1": ("HMAC-SHA1-96", 20), "sha2-256": ("SHA2-256-128", 32), None: ("NULL", 0)}


def key(label, size):
    return hashlib.shake_128(label.encode()).hexdigest(size)


def pairs():
    """What the peer is told, and the lines that configure the same in the device; seen from the peer."""
    kinds = [("ah", None, h) for h in ("md5", "sha1", "sha2-256")]
    kinds += [("esp", c, h) for c in CIPHERS for h in HASHES if c or h]
    kinds += [("ah-esp", "aes", None), ("ah-esp", "3des", "sha1")]
    out = []
    for mode in ("tunnel", "transport"):
        for transform, cipher, digest in kinds:
            n = len(out) + 1
            name = "%s %s %s %s" % (transform, mode, cipher, digest)
            ah = transform != "esp"
            out.append({
                "n": n, "name": name, "tunnel": mode == "tunnel", "ah": ah, "esp": transform != "ah",
                "spi_in": 1000 + n, "spi_out": 2000 + n, "local": "192.0.2.%d" % (100 + n), "remote": "192.0.2.1",
                "cipher": CIPHERS[cipher][0], "cipher_key": key("c%d" % n, CIPHERS[cipher][1]),
                "hash": HASHES[digest][0], "hash_key": key("h%d" % n, HASHES[digest][1]),
                "ah_hash": HASHES[(digest if transform == "ah" else "sha1")][0] if ah else None,
                "ah_key": key("a%d" % n, HASHES[digest if transform == "ah" else "sha1"][1]) if ah else "",
                "transform": transform, "cli_cipher": cipher, "cli_hash": digest,
                "target": "10.2.%d.1" % n if mode == "tunnel" else "192.0.2.%d" % (100 + n)})
    return out


def configuration(all_pairs):
    lines = []
    for p in all_pairs:
        inner = "10.1.1.1" if p["tunnel"] else "192.0.2.1"
        lines += ["acl number %d" % (3000 + p["n"]),
                  "rule permit ip source %s 0 destination %s 0" % (inner, p["target"]), "quit",
                  "ipsec proposal p%d" % p["n"], "transform " + p["transform"]]
        if not p["tunnel"]:
            lines.append("encapsulation-mode transport")
        if p["ah"]:
            lines.append("ah authentication-algorithm " + (p["cli_hash"] if p["transform"] == "ah" else "sha1"))
        if p["esp"]:
            lines.append("esp authentication-algorithm " + p["cli_hash"] if p["cli_hash"]
                         else "undo esp authentication-algorithm")
            lines.append("esp encryption-algorithm " + p["cli_cipher"] if p["cli_cipher"]
                         else "undo esp encryption-algorithm")
        lines += ["quit", "ipsec policy m %d manual" % p["n"], "security acl %d" % (3000 + p["n"]),
                  "proposal p%d" % p["n"], "tunnel local 192.0.2.1", "tunnel remote " + p["local"]]
        for protocol, wanted in (("ah", p["ah"]), ("esp", p["esp"])):
            if not wanted:
                continue
            for direction, spi in (("outbound", p["spi_in"]), ("inbound", p["spi_out"])):
                lines.append("sa spi %s %s %d" % (direction, protocol, spi))
                digest = p["ah_key"] if protocol == "ah" else p["hash_key"]
                if digest:
                    lines.append("sa authentication-hex %s %s %s" % (direction, protocol, digest))
                if protocol == "esp" and p["cipher_key"]:
                    lines.append("sa encryption-hex %s esp %s" % (direction, p["cipher_key"]))
        lines.append("quit")
    lines += ["interface LoopBack0", "ip address 10.1.1.1 32", "quit", "interface GigabitEthernet0/1",
              "ip address 192.0.2.1 24", "ipsec policy m", "quit", ""]
    return "system-view\n" + "\n".join(lines)


def test():
    need_root()
    if subprocess.run([PYTHON, "-c", "import scapy.layers.ipsec"], stderr=subprocess.DEVNULL).returncode != 0:
        skip("python3-scapy is not installed")
    world = World("esp")
    device = Device(world, "gateway")
    peer = world.host("peer")
    all_pairs = pairs()
    for p in all_pairs:
        world.sh(peer, "ip addr add %s/24 dev eth0" % p["local"])
    device.replay(configuration(all_pairs))
    path = os.path.join(world.dir, "pairs.json")
    with open(path, "w") as f:
        json.dump(all_pairs, f)
    world.start(peer, [PYTHON, "-W", "ignore", os.path.join(os.path.dirname(__file__), "scapy_peer.py"), path], "scapy.log")
    wait_for("scapy to listen", lambda: "listening" in world.read("scapy.log"))
    failed = []
    for p in all_pairs:
        source = "10.1.1.1" if p["tunnel"] else "192.0.2.1"
        text = device.echo("-c 3 -i 0.2 -W 2 -I %s %s" % (source, p["target"]))
        good = re.search(r", [123] received", text) is not None  # one may be late on a busy machine
        print("%-40s %s" % (p["name"], "both directions" if good else "FAILED"))
        if not good:
            failed.append(p["name"])
    print(device.run("display ipsec statistics"))
    check(not failed, "failed: %s\n%s" % (failed, world.read("scapy.log")[-3000:]))


main(test)
