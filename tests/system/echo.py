"""Sends echo requests as ping(8) does and says the same at the end, with one difference that a busy machine needs: it waits
`-W` seconds for the last answer, where ping gives up after two round trips. As root; options -c -i -s -p -W -I -M -n -q.
"""

import argparse
import os
import select
import socket
import struct
import time

IP_MTU_DISCOVER, DISCOVERY = 10, {"dont": 0, "want": 1, "do": 2}  # ip(7)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def request(ident, number, payload):
    header = struct.pack(">BBHHH", 8, 0, 0, ident, number)
    return struct.pack(">BBHHH", 8, 0, checksum(header + payload), ident, number) + payload


def answered(packet, ident):
    """The number of the request that a received packet answers, or None."""
    icmp = packet[(packet[0] & 15) * 4:]
    if len(icmp) < 8 or icmp[0] != 0 or struct.unpack(">H", icmp[4:6])[0] != ident:
        return None
    return struct.unpack(">H", icmp[6:8])[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-c", type=int, dest="count", required=True)
    parser.add_argument("-i", type=float, dest="interval", default=1.0)
    parser.add_argument("-s", type=int, dest="size", default=56)
    parser.add_argument("-p", type=bytes.fromhex, dest="pattern", default=bytes(range(16, 64)))
    parser.add_argument("-W", type=float, dest="patience", default=10.0)
    parser.add_argument("-I", dest="source", default="")
    parser.add_argument("-M", dest="discovery", choices=DISCOVERY)
    parser.add_argument("-n", action="store_true", help="as it always is")
    parser.add_argument("-q", action="store_true", dest="quiet")
    parser.add_argument("destination")
    options = parser.parse_args()

    link = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    link.bind((options.source, 0))
    if options.discovery:
        link.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, DISCOVERY[options.discovery])
    ident = struct.unpack(">H", os.urandom(2))[0]
    payload = (options.pattern * (options.size // len(options.pattern) + 1))[:options.size]
    sent, sent_at, answers = 0, {}, set()
    next_one = end = time.monotonic()
    while len(answers) < options.count:
        now = time.monotonic()
        if sent < options.count and now >= next_one:
            sent += 1
            sent_at[sent] = now
            next_one, end = now + options.interval, now + options.patience
            try:
                link.sendto(request(ident, sent, payload), (options.destination, 0))
            except OSError as error:
                print("icmp_seq=%d: %s" % (sent, error), flush=True)
            continue
        if sent == options.count and now >= end:
            break
        if not select.select([link], [], [], max(0.0, (end if sent == options.count else next_one) - now))[0]:
            continue
        packet, (source, _) = link.recvfrom(65535)
        number = answered(packet, ident)
        if number in sent_at and number not in answers:
            answers.add(number)
            if not options.quiet:
                print("%d bytes from %s: icmp_seq=%d time=%.3f ms"
                      % (options.size + 8, source, number, (time.monotonic() - sent_at[number]) * 1e3), flush=True)
    print("%d packets transmitted, %d received, %d%% packet loss"
          % (sent, len(answers), int(100 * (sent - len(answers)) / sent)), flush=True)
    return 0 if answers else 1


if __name__ == "__main__":
    raise SystemExit(main())
