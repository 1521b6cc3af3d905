"""Attacks by quantity: questions without a cookie, and everything that the honest said, altered in every way."""

import os
import random
import struct
import time

import dvpn_outsider as dvpn
from dvpn_outsider import PORT
from dvpn_scene import BYSTANDER, HQ, STRANGER
from harness import check, wait_for


def questions():
    """Every type with every length at which a body can end, and steps 1 and 3 that parse. The channel is a number."""
    for kind in list(range(0, 40)) + [255]:
        for size in list(range(20, 160)) + [300, 700, 1400]:
            yield kind, os.urandom(size - 20), dvpn.VERSION
    for size in range(20, 160):
        yield dvpn.ALG_REQ, os.urandom(size - 20), 1
    for suites in ([15], [1], [13], [200], [15, 1, 13], list(range(1, 32))):
        offer = dvpn.alg_req(os.urandom(32), suites)
        yield dvpn.ALG_REQ, offer, dvpn.VERSION
        yield dvpn.ALG_REQ, offer, 1
        yield (dvpn.KEX_REQ, offer + bytes([suites[0]]) + os.urandom(16) + b"\x01\x00" + dvpn.two(os.urandom(32)),
               dvpn.VERSION)


def an_answer_is_smaller_than_its_question(scene):
    memory, began, asked = scene.memory(scene.hq), scene.tap.mark(), {}
    for number, (kind, body, version) in enumerate(questions(), 1):
        raw = dvpn.datagram(kind, number, 0, body, version)
        asked[number] = len(raw)
        scene.socket.sendto(raw, (HQ, PORT))
        if number % 50 == 0:
            time.sleep(0.005)
    last = max(asked)
    wait_for("an answer to the last question", lambda: any(
        struct.unpack(">Q", row[3][8:16])[0] == last for row in scene.tap.between(began, HQ, STRANGER)), 5)
    got = {}
    for _, _, _, raw in scene.tap.between(began, HQ, STRANGER):
        number = struct.unpack(">Q", raw[8:16])[0]
        got[number] = got.get(number, 0) + len(raw)
    for number, size in got.items():
        check(number in asked and size < asked[number], "%d bytes answer %d" % (size, asked.get(number, 0)))
    check(set(scene.maps()) == {"10.0.0.11", "10.0.0.12"}, "strangers have maps")
    grown = scene.memory(scene.hq) - memory
    check(grown < 1024, "the server grew by %d KiB" % grown)
    return "%d questions of %d bytes, %d answers of %d bytes, %d KiB kept" % (
        len(asked), sum(asked.values()), len(got), sum(got.values()), grown)


def mutations(rows):
    """Each message cut short, with wrong lengths wherever two bytes could be one, and with bytes changed."""
    for _, source, destination, raw in rows:
        for size in range(0, len(raw), 1 + len(raw) // 24):
            yield source, destination, raw[:size]
            if size >= 20:
                yield source, destination, raw[:6] + struct.pack(">H", size) + raw[8:size]
        for at in list(range(0, min(len(raw) - 1, 130))):
            for value in (b"\x00\x00", b"\xff\xff"):
                yield source, destination, raw[:at] + value + raw[at + 2:]
        yield source, destination, raw + b"\x00"
        yield source, destination, raw[:6] + struct.pack(">H", len(raw) + 1) + raw[8:] + b"\x00"
        for _ in range(20):
            at = random.randrange(len(raw))
            yield source, destination, raw[:at] + bytes([raw[at] ^ random.randrange(1, 256)]) + raw[at + 1:]


def one_of_each(scene):
    """The longest message of each type that each end sent, and an ESP packet."""
    best = {}
    for tap in scene.taps:
        for row in tap.seen:
            name = (dvpn.kind_of(row[3]), row[1][0])
            if row[1][0] in (HQ, "192.0.2.11") and row[2][0] in (HQ, "192.0.2.11", "192.0.2.12"):
                best[name] = row
    return list(best.values())


def thousands_of_mutations_do_no_harm(scene):
    rows = one_of_each(scene)
    devices = (scene.hq, scene.one, scene.two)
    memory, lines, sent = [scene.memory(device) for device in devices], scene.lines(), 0
    for source, destination, raw in mutations(rows):
        scene.forger.send(source, destination, raw)
        scene.forger.send((BYSTANDER, PORT), destination, raw)
        sent += 2
        if sent % 100 == 0:
            time.sleep(0.005)
    scene.unharmed()
    grown = max(scene.memory(device) - before for device, before in zip(devices, memory))
    said = scene.lines() - lines
    check(grown < 4096, "a device grew by %d KiB" % grown)
    check(said < 100, "%d log lines:\n%s" % (said, scene.hq.log_text()[-3000:]))
    return "%d mutations of %d messages, %d log lines, %d KiB kept" % (sent, len(rows), said, grown)


ATTACKS = [an_answer_is_smaller_than_its_question, thousands_of_mutations_do_no_harm]
