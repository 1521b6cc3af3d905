"""A flood of openers: each takes steps 1 to 3 of a registration and never goes on."""

import contextlib
import multiprocessing
import os
import select
import time

import dvpn_outsider as dvpn
from dvpn_intruder import udp


def _run(sockets, server, rate, opened, begun):
    public = dvpn.X25519().public  # one for all: keys of its own would slow down only the attacker
    by_number = {s.fileno(): s for s in sockets}
    ready = select.poll()
    for s in sockets:
        s.setblocking(False)
        ready.register(s, select.POLLIN)
    sent, began = 0, time.monotonic()
    begun.value = began
    while True:
        due = min(int((time.monotonic() - began) * rate) - sent, 64)
        for _ in range(due):
            offer = dvpn.alg_req(os.urandom(32), [15])
            with contextlib.suppress(BlockingIOError):
                sockets[sent % len(sockets)].sendto(dvpn.datagram(dvpn.ALG_REQ, sent + 1, 0, offer), server)
            sent += 1
        if due == 64:
            sent = max(sent, int((time.monotonic() - began) * rate) - 64)  # faster than this machine can
        for number, _ in ready.poll(2):
            with contextlib.suppress(BlockingIOError):
                raw = by_number[number].recv(2048)
                if dvpn.kind_of(raw) == dvpn.KEX_RSP:
                    opened.value += 1
                if dvpn.kind_of(raw) != dvpn.ALG_RSP:
                    continue
                offer = dvpn.alg_req(raw[20:52], [15])
                by_number[number].sendto(dvpn.datagram(
                    dvpn.KEX_REQ, int.from_bytes(raw[8:16], "big"), 0,
                    offer + raw[52:53] + raw[53:69] + b"\x01\x00" + dvpn.two(public)), server)


@contextlib.contextmanager
def flood(namespace, addresses, server, rate):
    """Floods from all addresses until the block ends; gives how many places a second were taken so far."""
    fork = multiprocessing.get_context("fork")
    sockets = [udp(namespace, one) for one in addresses]
    opened, begun = fork.Value("L", 0, lock=False), fork.Value("d", 0.0, lock=False)
    process = fork.Process(target=_run, args=(sockets, (server, dvpn.PORT), rate, opened, begun), daemon=True)
    process.start()
    for s in sockets:
        s.close()
    try:
        yield lambda: opened.value / (time.monotonic() - begun.value)
    finally:
        process.kill()
        process.join()
