"""Attacks by insiders: who holds the pre-shared key of the domain, who has a user of its own, who guesses the key."""

import re
import time

import dvpn_outsider as dvpn
from dvpn_intruder import Client, FalseServer, echo_request, passed, watcher
from dvpn_outsider import PORT, Broken
from dvpn_scene import BYSTANDER, HQ, KEY, STRANGER
from harness import Failure, check, wait_for


def insider(scene, n=4, key=KEY, suite=15):
    return Client(scene.socket, HQ, suite, key.encode(), "branch-%d" % n, "secret-%d" % n)


def a_false_server_hands_on_the_challenge_of_the_real_one(scene):
    relay = insider(scene, 3).begin().agree()
    scene.restart(scene.three)
    false = FalseServer(scene.inner)
    false.meet()
    false.send(false.answer(KEY.encode(), bytes([relay.chap_id]) + relay.challenge))
    message = false.hear((dvpn.AUTH_REQ, dvpn.ABORT, dvpn.REFUSE), 3)
    check(message and message.kind == dvpn.ABORT and false.map.channel.open(message) == b"\x10",
          "the client answered another's challenge")
    wait_for("the reason in the client's log", lambda: "not that of this exchange" in scene.three.log_text(), 5)

    # What it answers to the challenge of this exchange is of no use at the real server.
    scene.restart(scene.three)
    false.meet()
    false.send(false.answer(KEY.encode()))
    message = false.hear((dvpn.AUTH_REQ,), 3)
    check(message is not None, "the client did not answer the challenge of this exchange")
    plain = false.map.channel.open(message, 32)
    name = plain[2:2 + plain[1]]
    check(name == b"branch-3" and relay.prove(plain[-16:]) == 4, "another exchange's answer was taken")
    check("authentication of user branch-3 failed" in scene.hq.log_text(), "the server's log does not say so")
    check("branch-3" not in scene.hq.run("display dvpn online-user"), "branch-3 is registered")
    scene.quiet()
    return "the client refused it, and its answer to another was worth nothing"


def a_false_server_asks_for_the_password(scene):
    scene.restart(scene.three)
    false = FalseServer(scene.inner)
    false.meet()
    false.send(false.answer(KEY.encode(), pap=True))
    message = false.hear((dvpn.AUTH_REQ, dvpn.ABORT, dvpn.REFUSE), 3)
    check(message and message.kind == dvpn.ABORT and false.map.channel.open(message) == b"\x0c",
          "the client did not refuse to send its password")
    scene.quiet()
    return "refused as below the client's minimum"


def a_client_takes_the_address_of_another(scene):
    rogue = insider(scene).begin().agree()
    check(rogue.prove() == 0 and rogue.register("10.0.0.11") == 6, "branch-4 got the address of branch-1")
    line = re.search(r".*registration of 10\.0\.0\.11 refused.*", scene.hq.log_text())
    check(line and "branch-4" in line.group(0) and "branch-1" in line.group(0), "the log does not name both")
    scene.unharmed()
    # Nor when its owner is away for a while.
    scene.restart(scene.two)
    scene.two.replay("interface Tunnel0\nshutdown\n")
    wait_for("client-2 to leave", lambda: "10.0.0.12" not in scene.maps())
    rogue = insider(scene).begin().agree()
    check(rogue.prove() == 0 and rogue.register("10.0.0.12") == 6, "branch-4 got the address of branch-2")
    scene.restart(scene.two)
    scene.after_restart_of_two()
    return "refused, with both names: " + line.group(0)[line.group(0).index("registration"):]


def a_client_sends_in_the_name_of_another(scene):
    rogue = insider(scene).join("10.0.0.14")
    link = rogue.session
    link.send(link.esp(echo_request("10.0.0.14", "10.1.0.1")))
    answers = link.inner()
    check(len(answers) == 1 and answers[0][20] == 0, "a packet of its own gets no answer: the attack proves nothing")
    link.send(link.esp(echo_request("10.0.0.14", "10.1.2.1")))
    redirect = rogue.hear((dvpn.REDIRECT,), 3)
    check(redirect is not None, "no redirect came")
    direct = rogue.follow(redirect)
    direct.send(direct.esp(echo_request("10.0.0.14", "10.1.2.1")))
    check(len(direct.inner()) >= 1, "a packet of its own by the direct session gets no answer")

    reached, behind = [], {"10.1.0.1": watcher(scene.hq.namespace, "Tunnel0"),
                           "10.1.2.1": watcher(scene.two.namespace, "Tunnel0")}
    for way, to in ((link, "10.1.0.1"), (link, "10.1.2.1"), (direct, "10.1.2.1")):
        for source in ("10.0.0.14", "10.0.0.11", "10.1.1.1", "10.0.0.1"):
            for _ in range(10):
                way.send(way.esp(echo_request(source, to)))
            time.sleep(0.2)
            count = passed(behind[to], source, to)
            if source == "10.0.0.14":
                check(count > 0, "its own packets do not arrive either")
            elif count:
                reached.append("%d of 10 from %s to %s by %s" % (count, source, to, way.place[0]))
    check(not reached, "packets in another's name arrived: " + ", ".join(reached))
    link.send(rogue.map.channel.seal(dvpn.RELEASE, b"\x01"))
    return "none of 90 arrived"


def a_client_points_sessions_at_a_victim(scene):
    """By forged sources at the server, and by what it says of itself at the other clients."""
    at, sent = scene.victims_tap.mark(), 0
    rogue = insider(scene).join("10.0.0.14", (BYSTANDER, PORT))
    link = rogue.session
    link.send(link.esp(echo_request("10.0.0.14", "10.1.2.1")))
    check(rogue.hear((dvpn.PROBE,), 3, ("192.0.2.12", PORT)) is not None, "client-2 was not led to the rogue")
    for number in range(5):
        for raw in (link.channel.seal(dvpn.KEEPALIVE, bytes(3) + bytes([number])),
                    link.esp(echo_request("10.0.0.14", "10.1.0.1", 1000))):
            scene.forger.send((BYSTANDER, PORT), (HQ, PORT), raw)
            sent += len(raw)
        for _ in range(20):
            link.send(link.esp(echo_request("10.0.0.14", "10.1.0.1", 1000)))
        time.sleep(0.2)
    answers = len(link.inner())
    got = scene.only_questions(at, sent)
    check(answers >= 100, "%d answers of 105 came where the client is" % answers)
    link.send(rogue.map.channel.seal(dvpn.RELEASE, b"\x01"))
    return "%d bytes of questions for %d in the victim's name" % (got, sent)


# ------------------------------------------------------------------------------------------------- the key, guessed

WORDS = [b"word-%d" % n for n in range(60)] + [KEY.encode()] + [b"other-%d" % n for n in range(40)]


def opens(client, key):
    try:
        client.try_key(key)
        return True
    except Broken:
        return False


def found(client, words):
    """The words that explain an exchange in which the client knew none of them."""
    if client.cpace is None:
        return [word for word in words if opens(client, word)]
    out = []
    for word in words:
        other = dvpn.Cpace(word, client.nonce, client.cookie, client.cpace.scalar)
        # As if the share had been made of this word; and as it was, or as it would have been, in the transcript.
        if any(opens(client, other.key(client.response.share, True, own)) for own in (None, client.cpace.share)):
            out.append(word)
    return out


def one_exchange_is_searched_for_the_key(scene):
    for suite, finds in ((12, True), (14, False), (15, False), (16, False), (17, False)):
        client = insider(scene, key="a wrong guess", suite=suite).begin()
        try:
            client.agree()
            check(False, "a wrong key opened step 4")
        except Broken:
            pass
        words = found(client, WORDS)
        check(words == ([KEY.encode()] if finds else []), "suite %d: an exchange gives away %s" % (suite, words))
        # The one guess that an exchange does test:
        insider(scene, suite=suite).begin().agree()
    return "suites 14 to 17 give nothing to %d words; suite 12 gives the key, as the manual says" % len(WORDS)


def a_false_server_tries_many_keys_on_one_exchange(scene):
    scene.restart(scene.three)
    mark = len(scene.three.log_text())
    false = FalseServer(scene.inner)
    false.meet()
    guesses = WORDS[52:64]  # the ninth is right
    for answer in [false.answer(word) for word in guesses]:
        false.send(answer)
    message = false.hear((dvpn.AUTH_REQ, dvpn.ABORT, dvpn.REFUSE), 3)
    check(message and message.kind == dvpn.REFUSE, "the client took one of many keys in one exchange")
    wait_for("the failure in the client's log",
             lambda: "server authentication failed" in scene.three.log_text()[mark:], 5)
    check(false.hear((dvpn.AUTH_REQ, dvpn.ABORT), 0.5) is None, "the client went on")
    scene.quiet()
    return "the client heard no third, and said why"


def guesses_at_the_server_have_to_wait(scene):
    """Silently, each with an exchange of its own, from one address. The last of all: what comes from there now waits."""
    began, tried, refused = time.monotonic(), 0, set()
    for n in range(100):
        try:
            insider(scene, key="guess-%d" % n).begin().agree()
        except Broken:
            tried += 1
        except Failure as failure:
            refused.add(str(failure))
    took = time.monotonic() - began
    # Earlier attacks guessed too. One more a second, then one in two: less than that many in so much time.
    check(50 <= tried <= 66 + took, "%d guesses were answered in %.1f s" % (tried, took))
    check(refused == {"step 3 was refused: 19"}, "the others were refused in other words: %s" % refused)
    line = re.compile(STRANGER + r":\d+: too many registrations that were begun from its address did not go on")
    said = wait_for("the guesses in the server's log", lambda: line.findall(scene.hq.log_text()), 5)
    check(len(said) == 1, "%d lines for one guesser" % len(said))
    return "%d of 100 in %.1f s were answered, one line" % (tried, took)


ATTACKS = [
    a_false_server_hands_on_the_challenge_of_the_real_one, a_false_server_asks_for_the_password,
    a_client_takes_the_address_of_another,
    a_client_sends_in_the_name_of_another, a_client_points_sessions_at_a_victim,
    one_exchange_is_searched_for_the_key, a_false_server_tries_many_keys_on_one_exchange,
    guesses_at_the_server_have_to_wait]
