"""DVPN as sw8800-dvpn(7) specifies it, for programs that attack it: messages, seals, keys and the proof by CPace.

Written from that page alone and sharing no line with the product, so that what the page says is what is tested.
"""

import ctypes
import hashlib
import hmac
import ipaddress
import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VERSION, PORT = 2, 9876
(ALG_REQ, ALG_RSP, KEX_REQ, KEX_RSP, AUTH_REQ, AUTH_RSP, REG_REQ, REG_RSP, REFUSE, ABORT) = range(1, 11)
(SETUP_REQ, SETUP_RSP, KEEPALIVE, KEEPALIVE_ACK, REKEY_REQ, REKEY_RSP, REDIRECT, RELEASE, RELEASE_ACK, PROBE) = \
    range(16, 26)
UNREACHED, CLEAR = 29, 32
MODP_1024 = int(  # RFC 2409 section 6.2
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE65381FFFFFFFFFFFFFFFF", 16)


class Broken(Exception):
    """What came does not open, or does not parse."""


def address(text):
    return ipaddress.IPv4Address(text).packed


# ------------------------------------------------------------------------------------------------- messages

def datagram(kind, channel, counter, body, version=VERSION):
    return struct.pack(">IBBHQI", 0, version, kind, 20 + len(body), channel, counter) + body


class Message:
    def __init__(self, raw):
        if len(raw) < 20 or raw[:4] != bytes(4):
            raise Broken("no control message")
        self.raw, self.header, self.body = raw, raw[:20], raw[20:]
        _, self.version, self.kind, self.length, self.channel, self.counter = struct.unpack(">IBBHQI", raw[:20])


def kind_of(raw):
    """The type of a control message; 0 for ESP."""
    return raw[5] if len(raw) >= 20 and raw[:4] == bytes(4) else 0


def apart(raw):
    """Control messages of one length that were sent together pass an interface as one."""
    size = struct.unpack(">H", raw[6:8])[0] if kind_of(raw) else 0
    while 20 <= size < len(raw) and raw[size:size + 4] == bytes(4):
        yield raw[:size]
        raw = raw[size:]
    yield raw


def alg_req(nonce, suites):
    return nonce + bytes([len(suites)]) + bytes(suites).ljust(31, b"\0")


def two(value):
    return struct.pack(">H", len(value)) + value


# ------------------------------------------------------------------------------------------------- algorithms

class X25519:
    def __init__(self):
        self.key = X25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def agree(self, other):
        return self.key.exchange(X25519PublicKey.from_public_bytes(other))


class P256:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]

    def agree(self, other):
        return self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + other))


class Modp1024:
    def __init__(self):
        self.key = int.from_bytes(os.urandom(128), "big") % MODP_1024
        self.public = pow(2, self.key, MODP_1024).to_bytes(128, "big")

    def agree(self, other):
        return pow(int.from_bytes(other, "big"), self.key, MODP_1024).to_bytes(128, "big")


class Gcm:
    def __init__(self, bits, group):
        self.key_bytes, self.group, self.cpace = bits // 8, group, True

    def seal(self, key, covered, plain):
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, plain, covered)

    def open(self, key, covered, sealed):
        try:
            return AESGCM(key).decrypt(sealed[:12], sealed[12:], covered)
        except Exception:
            raise Broken("the tag is wrong")


class AesSha1:
    key_bytes, group, cpace = 36, Modp1024, False  # AES-128, then HMAC-SHA1

    def seal(self, key, covered, plain):
        pad = 16 - len(plain) % 16
        iv = os.urandom(16)
        e = Cipher(algorithms.AES(key[:16]), modes.CBC(iv)).encryptor()
        out = iv + e.update(plain + bytes([pad]) * pad) + e.finalize()
        return out + hmac.digest(key[16:], covered + out, "sha1")

    def open(self, key, covered, sealed):
        out, mac = sealed[:-20], sealed[-20:]
        if len(out) < 32 or not hmac.compare_digest(mac, hmac.digest(key[16:], covered + out, "sha1")):
            raise Broken("the HMAC is wrong")
        d = Cipher(algorithms.AES(key[:16]), modes.CBC(out[:16])).decryptor()
        plain = d.update(out[16:]) + d.finalize()
        return plain[:-plain[-1]]


SUITES = {12: AesSha1(), 14: Gcm(128, P256), 15: Gcm(128, X25519), 16: Gcm(256, P256), 17: Gcm(256, X25519)}


def extract(salt, secret):
    return hmac.digest(salt or bytes(32), secret, "sha256")


def expand(prk, label, context, size):
    out, block, number = b"", b"", 1
    while len(out) < size:
        block = hmac.digest(prk, block + b"sw8800 dvpn 2 " + label + context + bytes([number]), "sha256")
        out, number = out + block, number + 1
    return out[:size]


def transcript(*parts):
    return hashlib.sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()


# ------------------------------------------------------------------------------------------------- CPace

SODIUM = ctypes.CDLL("libsodium.so.23")
SODIUM.sodium_init()


def lv(*parts):
    out = b""
    for part in parts:
        size, head = len(part), b""
        while size > 127:
            head, size = head + bytes([size & 127 | 128]), size >> 7
        out += head + bytes([size]) + part
    return out


class Cpace:
    """draft-irtf-cfrg-cpace-21, CPACE-RISTR255-SHA512."""

    CI = lv(b"sw8800 dvpn client", b"sw8800 dvpn server")

    def __init__(self, secret, nonce, cookie, scalar=None):
        self.sid = nonce + cookie
        self.scalar = scalar or os.urandom(31) + b"\x01"
        zeros = bytes(max(0, 128 - 1 - len(lv(secret)) - len(lv(b"CPaceRistretto255"))))
        text = hashlib.sha512(lv(b"CPaceRistretto255", secret, zeros, self.CI, self.sid)).digest()
        generator = ctypes.create_string_buffer(32)
        SODIUM.crypto_core_ristretto255_from_hash(generator, text)
        self.share = self._times(generator.raw)

    def _times(self, point):
        out = ctypes.create_string_buffer(32)
        if SODIUM.crypto_scalarmult_ristretto255(out, self.scalar, point) != 0:
            raise Broken("the share is no element")
        return out.raw

    def key(self, other, initiator, own=None):
        """`own`: the share that was sent, if it was not this one."""
        mine, theirs = lv(own or self.share, b""), lv(other, b"")
        return hashlib.sha512(lv(b"CPaceRistretto255_ISK", self.sid, self._times(other)) +
                              (mine + theirs if initiator else theirs + mine)).digest()


# ------------------------------------------------------------------------------------------------- keys and channels

class Channel:
    """Keys of both directions; `forward`: this end sends in that one."""

    def __init__(self, suite, prk, name, context, forward):
        self.suite = SUITES[suite]
        self.id = int.from_bytes(expand(prk, name + b" channel", context, 8), "big")
        keys = [expand(prk, name + way, context, self.suite.key_bytes) for way in (b" forward", b" backward")]
        self.out_key, self.in_key = keys if forward else reversed(keys)
        self.sent = 0

    def seal(self, kind, plain, clear=b"", channel=None):
        self.sent += 1
        size = len(self.suite.seal(self.out_key, b"", plain))
        head = struct.pack(">IBBHQI", 0, VERSION, kind, 20 + len(clear) + size, channel or self.id, self.sent)
        return head + clear + self.suite.seal(self.out_key, head + clear, plain)

    def open(self, message, clear=0):
        return self.suite.open(self.in_key, message.header + message.body[:clear], message.body[clear:])


class MapKeys:
    """Of a registration: `key` is the key of CPace, the pre-shared key, or empty."""

    def __init__(self, suite, secret, key, nonces, bodies, forward):
        self.transcript = transcript(*bodies)
        prk = extract(nonces[0] + nonces[1], two(secret) + two(key))
        self.channel = Channel(suite, prk, b"map", self.transcript, forward)
        self.proof = hmac.digest(expand(prk, b"map server proof", self.transcript, 32), self.transcript, "sha256")
        self.chap = expand(prk, b"map chap", self.transcript, 17)
        self.base = expand(prk, b"map session base", self.transcript, 32)


class KexRequest:
    def __init__(self, body):
        self.nonce, self.offer = body[:32], body[:64]
        self.suite, self.cookie, self.asks = body[64], body[65:81], body[81] == 2
        self.share = body[83:83 + body[82]]
        self.public = body[85 + body[82]:]


class KexResponse:
    def __init__(self, body):
        shared = body[32]
        end = 35 + shared
        self.nonce, self.share = body[:32], body[33:33 + shared]
        end += struct.unpack(">H", body[33 + shared:end])[0]
        self.public, self.clear, self.sealed = body[35 + shared:end], body[:end], body[end:]


def kex_proof(plain):
    """The sealed part: server-authentication response, method, CHAP identifier and challenge."""
    size = plain[0]
    return plain[1:1 + size], plain[1 + size], plain[2 + size], plain[4 + size:]
