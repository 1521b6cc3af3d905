"""Who attacks a DVPN domain: a stranger with forged sources, a client with a password of its own, a false server, and
one in the middle. Each is a socket or two in namespaces of the test; what they say is made by dvpn_outsider.py."""

import ctypes
import hashlib
import os
import select
import socket
import struct
import threading
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import dvpn_outsider as dvpn
from dvpn_outsider import Broken, Message
from harness import Failure, check

LIBC = ctypes.CDLL(None, use_errno=True)


def inside(namespace, make):
    """What `make` opens belongs to the namespace; this thread comes back."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open("/var/run/netns/" + namespace, os.O_RDONLY)
    try:
        check(LIBC.setns(there, 0x40000000) == 0, "setns: errno %d" % ctypes.get_errno())
        return make()
    finally:
        LIBC.setns(home, 0x40000000)
        os.close(home)
        os.close(there)


def udp(namespace, source, port=dvpn.PORT):
    def make():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        s.bind((source, port))
        return s
    return inside(namespace, make)


class Forger:
    """Sends UDP under any source."""

    def __init__(self, namespace):
        self.socket = inside(namespace, lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))

    def send(self, source, destination, payload):
        """`source`, `destination`: address and port."""
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, dvpn.address(source[0]),
                           dvpn.address(destination[0]))
        self.socket.sendto(head + struct.pack(">HHHH", source[1], destination[1], 8 + len(payload), 0) + payload,
                           (destination[0], 0))


def watcher(namespace, interface):
    def make():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        s.bind((interface, 3))
        return s
    return inside(namespace, make)


def passed(sock, source, destination):
    """How many packets of a pair of addresses a watcher has seen; it forgets them."""
    count = 0
    while select.select([sock], [], [], 0)[0]:
        p = sock.recv(2048)
        count += (socket.inet_ntoa(p[12:16]), socket.inet_ntoa(p[16:20])) == (source, destination)
    return count


class Tap:
    """Everything of UDP that passes an interface of a namespace, both ways."""

    def __init__(self, namespace, interface):
        self.socket, self.seen = watcher(namespace, interface), []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                p = self.socket.recv(65535)
            except OSError:  # the interface goes down at the end
                continue
            if len(p) < 28 or p[0] != 0x45 or p[9] != 17:
                continue
            source, destination = struct.unpack(">HH", p[20:24])
            for raw in dvpn.apart(p[28:struct.unpack(">H", p[2:4])[0]]):
                self.seen.append((time.monotonic(), (socket.inet_ntoa(p[12:16]), source),
                                  (socket.inet_ntoa(p[16:20]), destination), raw))

    def mark(self):
        return len(self.seen)

    def between(self, since, source=None, destination=None, kind=None):
        """What passed since a mark: (time, source, destination, payload)."""
        return [row for row in self.seen[since:] if (source is None or row[1][0] == source) and
                (destination is None or row[2][0] == destination) and (kind is None or dvpn.kind_of(row[3]) == kind)]


class Client:
    """A client as the manual describes it, which does what it is told and no more."""

    def __init__(self, sock, server, suite=15, key=None, user=None, password=None):
        self.socket, self.server, self.suite, self.key = sock, (server, dvpn.PORT), suite, key
        self.user, self.password = user, password
        self.id, self.nonce = int.from_bytes(os.urandom(8), "big"), os.urandom(32)
        self.map = self.session = None

    def hear(self, kinds, seconds=2.0, place=None):
        end = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            raw, source = self.socket.recvfrom(2048)
            if source == (place or self.server) and dvpn.kind_of(raw) in kinds:
                return Message(raw)
        return None

    def ask(self, raw, kinds, place=None):
        """Repeats the request until one of `kinds` comes."""
        for wait in (0.5, 1, 2, 4):
            self.socket.sendto(raw, place or self.server)
            message = self.hear(kinds, wait, place)
            if message:
                return message
        raise Failure("no answer to a message of type %d" % raw[5])

    def begin(self):
        self.offer = dvpn.alg_req(self.nonce, [self.suite])
        message = self.ask(dvpn.datagram(dvpn.ALG_REQ, self.id, 0, self.offer), (dvpn.ALG_RSP, dvpn.REFUSE))
        check(message.kind == dvpn.ALG_RSP, "step 1 was refused: %d" % message.body[-1])
        self.choice, self.cookie = message.body, message.body[33:]
        return self

    def request(self):
        """The body of step 3."""
        self.dh = dvpn.SUITES[self.suite].group()
        pake = self.key is not None and dvpn.SUITES[self.suite].cpace
        self.cpace = dvpn.Cpace(self.key, self.nonce, self.cookie) if pake else None
        share = self.cpace.share if pake else b""
        return (self.offer + bytes([self.suite]) + self.cookie + bytes([1 if self.key is None else 2, len(share)]) +
                share + dvpn.two(self.dh.public))

    def agree(self):
        """Steps 3 and 4; Broken where the pre-shared keys differ."""
        self.asked = self.request()
        message = self.ask(dvpn.datagram(dvpn.KEX_REQ, self.id, 0, self.asked), (dvpn.KEX_RSP, dvpn.REFUSE))
        check(message.kind == dvpn.KEX_RSP, "step 3 was refused: %d" % message.body[-1])
        self.answer, self.response = message, dvpn.KexResponse(message.body)
        key = self.cpace.key(self.response.share, True) if self.cpace else self.key or b""
        plain = self.try_key(key)
        proof, self.method, self.chap_id, self.challenge = dvpn.kex_proof(plain)
        check(self.key is None or proof == self.map.proof, "the server's proof is not what the manual says")
        return self

    def try_key(self, key):
        """Opens step 4 with what would be the key of CPace, or the pre-shared key."""
        self.map = dvpn.MapKeys(self.suite, self.dh.agree(self.response.public), key,
                                (self.nonce, self.response.nonce),
                                (self.offer, self.choice, self.asked, self.response.clear), True)
        return self.map.channel.open(self.answer, len(self.response.clear))

    def sealed(self, kind, plain, kinds, clear=b""):
        message = self.ask(self.map.channel.seal(kind, plain, clear), kinds)
        return message, message.body[-1:] if message.kind == dvpn.REFUSE else self.map.channel.open(message)

    def prove(self, proof=None):
        """Steps 5 and 6; returns the answer."""
        proof = proof or hashlib.md5(bytes([self.chap_id]) + self.password.encode() + self.challenge).digest()
        name = self.user.encode()
        _, plain = self.sealed(dvpn.AUTH_REQ, bytes([3, len(name)]) + name + bytes([len(proof)]) + proof,
                               (dvpn.AUTH_RSP, dvpn.REFUSE), self.nonce)
        return plain[0]

    def register(self, private, claims=("0.0.0.0", 0)):
        """Steps 7 and 8; returns the answer. `claims`: its own public endpoint, as it says."""
        self.private = dvpn.address(private)
        _, plain = self.sealed(dvpn.REG_REQ, b"\x04" + self.private + dvpn.address(claims[0]) +
                               struct.pack(">H", claims[1]) + b"\x07rogue-1",
                               (dvpn.REG_RSP, dvpn.REFUSE), self.nonce)
        if plain[0] == 0:
            self.terms, self.server_private = plain[7:21], plain[21:25]
        return plain[0]

    def join(self, private, *claims):
        self.begin().agree()
        check(self.prove() == 0 and self.register(private, *claims) == 0, "no map for %s" % private)
        self.open_session()
        return self

    def open_session(self):
        self.session = Link(self, self.server, self.map.base, self.terms, self.server_private)

    def follow(self, message):
        """A session with the client that a REDIRECT names."""
        body = self.session.channel.open(message)
        check(body[0] == 1, "the source of a packet was not made the active end")
        place = (socket.inet_ntoa(body[9:13]), struct.unpack(">H", body[13:15])[0])
        return Link(self, place, body[35:67], body[21:35], body[1:5])


class Link:
    """A session of which a client is the active end, opened and proven."""

    def __init__(self, client, place, base_secret, terms, peer_private):
        self.socket, self.place = client.socket, place
        suite, data = terms[0], dvpn.SUITES[terms[1]]
        base = dvpn.Channel(suite, dvpn.extract(b"", base_secret), b"base", b"", client.private < peer_private)
        dh, nonce = dvpn.SUITES[suite].group(), os.urandom(32)
        self.own_spi = b"\x01" + os.urandom(3)
        request = nonce + self.own_spi + dvpn.two(dh.public)
        response = base.open(client.ask(base.seal(dvpn.SETUP_REQ, request), (dvpn.SETUP_RSP,), place))
        t = dvpn.transcript(bytes([dvpn.SETUP_REQ]), request, response)
        prk = dvpn.extract(nonce + response[32:64], dvpn.two(dh.agree(response[70:])) + dvpn.two(base_secret))
        self.channel = dvpn.Channel(suite, prk, b"session", t, True)
        self.spi, self.packets = response[64:68], 0
        self.out_key, self.in_key = (dvpn.expand(prk, label, t, data.key_bytes + 4)
                                     for label in (b"data forward", b"data backward"))
        client.ask(self.channel.seal(dvpn.KEEPALIVE, bytes(4)), (dvpn.KEEPALIVE_ACK,), place)

    def esp(self, packet):
        """An inner packet as ESP with AES-GCM (RFC 4106)."""
        self.packets += 1
        pad = -(len(packet) + 2) % 4
        plain = packet + bytes(range(1, pad + 1)) + bytes([pad, 4])
        head, iv = self.spi + struct.pack(">I", self.packets), struct.pack(">Q", self.packets)
        return head + iv + AESGCM(self.out_key[:-4]).encrypt(self.out_key[-4:] + iv, plain, head)

    def open_esp(self, raw):
        try:
            plain = AESGCM(self.in_key[:-4]).decrypt(self.in_key[-4:] + raw[8:16], raw[16:], raw[:8])
        except Exception:
            raise Broken("ESP does not open")
        return plain[:-2 - plain[-2]]

    def send(self, raw):
        self.socket.sendto(raw, self.place)

    def inner(self, seconds=0.5):
        """Inner packets that come by this session, until nothing has come for so long."""
        out = []
        while select.select([self.socket], [], [], seconds)[0]:
            raw = self.socket.recv(2048)
            if raw[:4] == self.own_spi:
                out.append(self.open_esp(raw))
        return out


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff


def echo_request(source, destination, size=56):
    """An inner packet; `size` is even."""
    icmp = struct.pack(">BBHHH", 8, 0, 0, 7, 1) + bytes(size)
    icmp = icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:]
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 1, 0, 64, 1, 0, dvpn.address(source),
                       dvpn.address(destination))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + icmp


class FalseServer:
    """Poses as the server to a client that can reach no other."""

    def __init__(self, sock, suite=15):
        self.socket, self.suite, self.cookie = sock, suite, os.urandom(16)

    def hear(self, kinds, seconds=8.0):
        end = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            raw, self.client = self.socket.recvfrom(2048)
            if dvpn.kind_of(raw) in kinds:
                return Message(raw)
        return None

    def send(self, raw):
        self.socket.sendto(raw, self.client)

    def meet(self):
        """Steps 1 to 3; returns the client's KEX-REQ."""
        message = self.hear((dvpn.ALG_REQ,))
        check(message is not None, "no client came to the false server")
        self.offer, self.choice = message.body, message.body[:32] + bytes([self.suite]) + self.cookie
        self.send(dvpn.datagram(dvpn.ALG_RSP, message.channel, 0, self.choice))
        self.asked = self.hear((dvpn.KEX_REQ,))
        check(self.asked is not None, "the client did not go on after step 2")
        self.request = dvpn.KexRequest(self.asked.body)
        return self.request

    def answer(self, key, chap=None, pap=False):
        """Step 4 with a guess of the key, and with another's identifier and challenge, or asking for the password."""
        dh, nonce = dvpn.SUITES[self.suite].group(), os.urandom(32)
        cpace = dvpn.Cpace(key, self.request.nonce, self.cookie)
        clear = nonce + bytes([32]) + cpace.share + dvpn.two(dh.public)
        self.map = dvpn.MapKeys(self.suite, dh.agree(self.request.public), cpace.key(self.request.share, False),
                                (self.request.nonce, nonce), (self.offer, self.choice, self.asked.body, clear), False)
        chap = chap or self.map.chap
        asks = bytes([2, 0, 0]) if pap else bytes([3, chap[0], len(chap) - 1]) + chap[1:]
        plain = bytes([32]) + self.map.proof + asks
        return self.map.channel.seal(dvpn.KEX_RSP, plain, clear, self.asked.channel)


class Middle:
    """Between one client and its server: `edit(to_server, raw)` says what goes on instead of each datagram."""

    def __init__(self, inner, outer, server):
        self.inner, self.outer, self.server, self.client = inner, outer, (server, dvpn.PORT), None
        self.edit, self.stopped = lambda to_server, raw: [raw], threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopped.is_set():
            for s in select.select([self.inner, self.outer], [], [], 0.1)[0]:
                raw, source = s.recvfrom(2048)
                if s is self.inner:
                    self.client = source
                elif source != self.server or self.client is None:
                    continue
                for out in self.edit(s is self.inner, raw):
                    (self.outer if s is self.inner else self.inner).sendto(
                        out, self.server if s is self.inner else self.client)

    def stop(self):
        self.stopped.set()
        self.thread.join()
