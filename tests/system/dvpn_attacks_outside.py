"""Attacks by those who know no secret: strangers anywhere, and one between a client and its server."""

import os
import random
import select
import time

import dvpn_outsider as dvpn
from dvpn_flood import flood
from dvpn_intruder import echo_request, passed, watcher
from dvpn_outsider import PORT
from dvpn_scene import BYSTANDER, HQ, STRANGER
from harness import check, wait_for

def recorded(scene):
    """What the honest said so far, each datagram once, in order."""
    rows = sorted({row[1:]: row for tap in scene.taps for row in tap.seen}.values(), key=lambda row: row[0])
    return [row for row in rows if row[1][0] in (HQ, "192.0.2.11", "192.0.2.12")]


def invented(channels):
    """Ends of registrations, maps and sessions, in the name of every channel that was seen, sealed with nothing; and
    packets in clear, which no list here permits."""
    for channel in channels:
        for answer in range(1, 23):
            yield dvpn.datagram(dvpn.REFUSE, channel, 0, os.urandom(32) + bytes([answer]))
        for kind in (dvpn.ABORT, dvpn.AUTH_RSP, dvpn.REG_RSP, dvpn.REDIRECT, dvpn.UNREACHED, dvpn.RELEASE,
                     dvpn.RELEASE_ACK):
            for counter in (1, 100, 0xffffffff):
                yield dvpn.datagram(kind, channel, counter, os.urandom(29))
                yield dvpn.datagram(kind, channel, counter, b"\x01")
        yield dvpn.datagram(dvpn.CLEAR, channel, 0, echo_request("10.1.2.1", "10.1.1.1"))


def a_stranger_repeats_reorders_and_invents(scene):
    rows = recorded(scene)[:600]
    channels = {int.from_bytes(row[3][8:16], "big") for row in rows if dvpn.kind_of(row[3])}
    places = sorted({(row[1], row[2]) for row in rows})
    behind = watcher(scene.one.namespace, "Tunnel0")
    sent, at = 0, scene.victims_tap.mark()
    for order in (rows, rows[::-1], random.sample(rows, len(rows))):
        for _, source, destination, raw in order:
            scene.forger.send(source, destination, raw)
            scene.forger.send((BYSTANDER, PORT), destination, raw)
            sent += 2
    for raw in invented(channels):
        for source, destination in places:
            scene.forger.send(source, destination, raw)
            sent += 1
    scene.only_questions(at, 3 * sum(len(row[3]) for row in rows), others=True)
    came = passed(behind, "10.1.2.1", "10.1.1.1")
    check(came == 0, "%d packets in clear came through client-1" % came)
    for device in (scene.hq, scene.one, scene.two):
        check("map removed" not in device.log_text(), "a map ended:\n" + device.log_text())
    return "%d datagrams ended nothing" % sent


def one_between_drops_repeats_and_refuses(scene):
    """The first copy of everything is lost, what comes late comes beside what is due, refusals are made up."""
    seen, last, refusals = set(), {}, []

    def edit(to_server, raw):
        kind, channel = dvpn.kind_of(raw), int.from_bytes(raw[8:16], "big")
        if kind and (to_server, kind) not in seen:
            seen.add((to_server, kind))
            return []
        refusals.append(dvpn.datagram(dvpn.REFUSE, channel, 0, os.urandom(32) + b"\x04"))
        out = [refusals[-1], last.get(to_server, raw), raw, raw]
        last[to_server] = raw
        return out

    middle = scene.middle()
    middle.edit = edit
    mark = scene.restart(scene.three)
    wait_for("the client in the middle's hands to register", lambda: "10.0.0.13" in scene.maps(), 25)
    middle.edit = lambda to_server, raw: [raw]
    log = scene.three.log_text()[mark:]
    check("refused" not in log, "an invented refusal was heard:\n" + log)
    scene.quiet()
    middle.stop()
    return "registered at last, past %d lost and %d invented" % (len(seen), len(refusals))



def openers_fill_every_place(scene):
    """Steps 1 to 3 from 128 addresses, of the network that the genuine client is in too."""
    told, lines = [], scene.lines()
    for rate in (300, 800, 2500):
        with flood(scene.stranger, ["192.0.2.%d" % n for n in range(100, 228)], HQ, rate) as count:
            time.sleep(2)
            for _ in range(2):
                began = scene.tap.mark()
                scene.restart(scene.two)
                done = wait_for("the genuine client, under %d a second" % rate,
                                lambda: scene.tap.between(began, HQ, "192.0.2.12", dvpn.SETUP_RSP), 10)[0][0]
                took = done - scene.tap.between(began, "192.0.2.12", HQ, dvpn.ALG_REQ)[0][0]
                check(took < 2, "a genuine client needed %.1f s under the flood" % took)
                told.append("%.2f s" % took)
        told.append("under %.0f exchanges a second" % count())
    scene.after_restart_of_two()
    check(scene.lines() - lines < 300, "%d log lines about the flood" % (scene.lines() - lines))
    return "%s, %d log lines" % (", ".join(told), scene.lines() - lines)


def a_genuine_message_comes_from_a_victims_address(scene):
    """All that a client sends is taken off the way and sent on in the name of somebody who asked for nothing."""
    middle = scene.middle()
    scene.restart(scene.three)
    wait_for("the client in the middle's hands to register", lambda: "10.0.0.13" in scene.maps(), 25)
    at, sent = scene.victims_tap.mark(), []

    def edit(to_server, raw):
        if not to_server:
            return [raw]
        sent.append(len(raw))
        scene.forger.send((BYSTANDER, PORT), (HQ, PORT), raw)
        return []

    middle.edit = edit
    scene.three.sh("ping -q -c 30 -i 0.05 -s 1000 -W 1 -I 10.1.3.1 10.1.0.1; true")
    scene.hq.sh("ping -q -c 30 -i 0.05 -s 1000 -W 1 10.0.0.13; true")
    middle.edit = lambda to_server, raw: [raw]
    check(sent, "client-3 sent nothing")
    got = scene.only_questions(at, sum(sent))
    check("10.0.0.13" in scene.maps(), "the map of the client ended")
    wait_for("the client to be served where it is", lambda: " 0% packet loss" in scene.three.echo(
        "-c 3 -i 0.1 -W 2 -I 10.1.3.1 10.1.0.1"), 10)
    scene.quiet()
    middle.stop()
    return "%d bytes in the victim's name, %d of questions to it, no data" % (sum(sent), got)


# ------------------------------------------------------------------------------------------------- downgrades

def offered(raw, suites):
    """A message of step 1 or 3 with another list of suites."""
    return raw[:52] + bytes([len(suites)]) + bytes(suites).ljust(31, b"\0") + raw[84:]


def chosen(raw, suite):
    return raw[:52] + bytes([suite]) + raw[53:] if raw[5] == dvpn.ALG_RSP else raw[:84] + bytes([suite]) + raw[85:]


def unproved(raw):
    """Step 3 that asks for no proof of the server."""
    end = 20 + 83 + raw[102]
    body = raw[20:101] + b"\x01\x00" + raw[end:]
    return raw[:6] + (20 + len(body)).to_bytes(2, "big") + raw[8:20] + body


DOWNGRADES = [
    ("weak ones offered instead", {dvpn.ALG_REQ: lambda raw: offered(raw, [1])}),
    ("null offered instead", {dvpn.ALG_REQ: lambda raw: offered(raw, [13])}),
    ("weak ones offered before", {dvpn.ALG_REQ: lambda raw: offered(raw, [1, 15])}),
    ("null chosen", {dvpn.ALG_RSP: lambda raw: chosen(raw, 13)}),
    ("a weak one offered, and hidden from the client",
     {dvpn.ALG_REQ: lambda raw: offered(raw, [1]), dvpn.ALG_RSP: lambda raw: chosen(raw, 15)}),
    ("the same, and hidden from the server",
     {dvpn.ALG_REQ: lambda raw: offered(raw, [1]), dvpn.ALG_RSP: lambda raw: chosen(raw, 15),
      dvpn.KEX_REQ: lambda raw: chosen(offered(raw, [1]), 1)}),
    ("more offered than was", {dvpn.ALG_REQ: lambda raw: offered(raw, [15, 14]),
                               dvpn.KEX_REQ: lambda raw: offered(raw, [15, 14])}),
    ("no proof asked for", {dvpn.KEX_REQ: unproved}),
]


def one_between_talks_the_suite_down(scene):
    for name, edits in DOWNGRADES:
        middle = scene.middle()
        touched = []

        def edit(to_server, raw):
            change = edits.get(dvpn.kind_of(raw))
            if change:
                touched.append(raw)
            return [change(raw)] if change else [raw]

        middle.edit = edit
        began = scene.tap.mark()
        scene.restart(scene.three)
        wait_for("the edit '%s'" % name, lambda: len(touched) >= len(edits), 5)
        wait_for("the client to give up '%s'" % name, lambda: scene.given_up(scene.three), 5)
        went = [row for row in scene.tap.seen[began:] if STRANGER in (row[1][0], row[2][0])]
        check("10.0.0.13" not in scene.maps(), "a map was built with " + name)
        for kind in (dvpn.AUTH_REQ, dvpn.REG_REQ, 0):
            check(not any(dvpn.kind_of(row[3]) == kind for row in went), "the client went on with " + name)
        scene.quiet()
        middle.stop()
    return "%d ways, all ended before step 5" % len(DOWNGRADES)


# ------------------------------------------------------------------------------------------------- no attack

def an_older_end_is_told(scene):
    """Version 1, at either end: its REFUSE is answer 1 behind the nonce, in its own words, and both logs say so."""
    nonce = os.urandom(32)
    scene.socket.sendto(dvpn.datagram(dvpn.ALG_REQ, 99, 0, dvpn.alg_req(nonce, [12]), 1), (HQ, PORT))
    check(select.select([scene.socket], [], [], 2)[0], "a client of version 1 gets no answer")
    check(scene.socket.recv(2048) == dvpn.datagram(dvpn.REFUSE, 99, 0, nonce + b"\x01", 1), "nor one of its own")
    check("it speaks version 1" in scene.hq.log_text(), "the server's log does not say so")

    mark = scene.restart(scene.three)
    while select.select([scene.inner], [], [], 6)[0]:
        raw, source = scene.inner.recvfrom(2048)
        if raw[4] == 1:
            channel = int.from_bytes(raw[8:16], "big")
            scene.inner.sendto(dvpn.datagram(dvpn.REFUSE, channel, 0, raw[20:52] + b"\x01", 1), source)
            break
    wait_for("the client's log to say so", lambda: "speaks version 1" in scene.three.log_text()[mark:], 3)
    scene.quiet()
    return "both ends are told, and say so in their logs"


ATTACKS = [
    a_stranger_repeats_reorders_and_invents, one_between_drops_repeats_and_refuses, openers_fill_every_place,
    a_genuine_message_comes_from_a_victims_address, one_between_talks_the_suite_down,
    an_older_end_is_told]
