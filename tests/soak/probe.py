"""Echo requests along several ways at once, for hours, and what became of each."""

import os
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from dvpn_intruder import inside  # noqa: E402
from echo import request  # noqa: E402

INTERVAL = 0.2  # seconds between two requests of one way
STEADY = 10  # so many answers in a row: it is back
IP_FREEBIND = 15  # ip(7): the source may be an address that comes later


class Way:
    """Requests from one address to another. `sent` and `answered` are as long as each other; only the prober writes."""

    def __init__(self, name, namespace, source, destination):
        self.name, self.destination = name, destination
        self.sent, self.answered = [], bytearray()
        self.ident = struct.unpack(">H", os.urandom(2))[0]
        self.socket = inside(namespace, lambda: self._open(source))

    @staticmethod
    def _open(source):
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        s.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        s.bind((source, 0))
        s.setblocking(False)
        return s

    def send(self):
        number = len(self.sent)
        self.sent.append(time.monotonic())
        self.answered.append(0)
        try:
            self.socket.sendto(request(self.ident, number & 0xffff, struct.pack(">I", number) + bytes(52)),
                               (self.destination, 0))
        except OSError:
            pass  # no way, no address: it stays without an answer

    def receive(self):
        try:
            packet = self.socket.recv(2048)
        except OSError:
            return
        icmp = packet[(packet[0] & 15) * 4:]
        if len(icmp) >= 12 and icmp[0] == 0 and struct.unpack(">H", icmp[4:6])[0] == self.ident:
            number = struct.unpack(">I", icmp[8:12])[0]
            if number < len(self.answered):
                self.answered[number] = 1

    def _first(self, since):
        """Index of the first request sent at `since` or later."""
        at = len(self.sent)
        while at > 0 and self.sent[at - 1] >= since:
            at -= 1
        return at

    def back(self, since):
        """Seconds from `since` to the first of the requests that were answered one after the other; None: not yet."""
        row = 0
        for at in range(self._first(since), len(self.answered)):
            row = row + 1 if self.answered[at] else 0
            if row == STEADY:
                return self.sent[at - STEADY + 1] - since
        return None

    def lost(self, since, until):
        """How many of the requests sent in that time were not answered, and of how many."""
        rows = [a for t, a in zip(self.sent[self._first(since):], self.answered[self._first(since):]) if t < until]
        return rows.count(0), len(rows)


class Prober:
    def __init__(self, ways):
        self.ways = {way.name: way for way in ways}
        self.late = 0.0  # the longest time that this machine kept a request waiting
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopped.set()
        self._thread.join()

    def _run(self):
        by_socket = {way.socket: way for way in self.ways.values()}
        due = time.monotonic()
        while not self._stopped.is_set():
            now = time.monotonic()
            if now >= due:
                self.late = max(self.late, now - due)
                due = max(due + INTERVAL, now)
                for way in self.ways.values():
                    way.send()
            for s in select.select(list(by_socket), [], [], max(0.0, due - time.monotonic()))[0]:
                by_socket[s].receive()
