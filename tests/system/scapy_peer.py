"""The other end of manual SAs, on scapy's IPsec layer: opens what arrives and answers pings through the same SAs.

Reads a JSON list of pairs from the file in argv[1]; runs until it is ended. Prints one line per packet.
"""

import json
import select
import socket
import sys

from scapy.all import ICMP, IP, bind_layers, raw, split_layers
from scapy.layers.ipsec import AH, ESP, SecurityAssociation


def association(pair, kind, direction):
    arguments = {"spi": pair["spi_" + direction], "seq_num": 1}
    if kind is ESP:
        arguments.update(crypt_algo=pair["cipher"], crypt_key=bytes.fromhex(pair["cipher_key"]),
                         auth_algo=pair["hash"], auth_key=bytes.fromhex(pair["hash_key"]))
    else:
        arguments.update(auth_algo=pair["ah_hash"], auth_key=bytes.fromhex(pair["ah_key"]))
    # In `ah-esp` AH goes around the packet that ESP made, as it is.
    if pair["tunnel"] and not (kind is AH and pair["esp"]):
        ends = (pair["remote"], pair["local"]) if direction == "in" else (pair["local"], pair["remote"])
        arguments["tunnel_header"] = IP(src=ends[0], dst=ends[1])
    return SecurityAssociation(kind, **arguments)


def sign(outside, packet):
    """AH with no layer ESP in sight: scapy would sign that instead of the packet."""
    def layers(call):
        call(IP, ESP, proto=socket.IPPROTO_ESP)
        call(AH, ESP, nh=socket.IPPROTO_ESP)
    layers(split_layers)
    try:
        return raw(outside.encrypt(IP(raw(packet))))
    finally:
        layers(bind_layers)


def main():
    with open(sys.argv[1]) as f:
        pairs = json.load(f)
    by_spi = {}
    for pair in pairs:
        kinds = ([AH] if pair["ah"] else []) + ([ESP] if pair["esp"] else [])
        steps = [(association(pair, kind, "in"), association(pair, kind, "out")) for kind in kinds]
        by_spi[(kinds[0], pair["spi_in"])] = (pair["name"], steps)
    inputs = {socket.socket(socket.AF_INET, socket.SOCK_RAW, number): kind for number, kind in ((50, ESP), (51, AH))}
    output = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("listening", flush=True)
    while True:
        for one in select.select(list(inputs), [], [])[0]:
            packet = IP(one.recv(65535))
            kind = inputs[one]
            known = by_spi.get((kind, packet[kind].spi))
            if known is None:
                continue
            name, steps = known
            try:
                for inside, _ in steps:
                    packet = IP(raw(inside.decrypt(packet)))
                if ICMP not in packet or packet[ICMP].type != 8:
                    continue
                answer = IP(src=packet.dst, dst=packet.src, id=7, ttl=64) / ICMP(
                    type=0, id=packet[ICMP].id, seq=packet[ICMP].seq) / packet[ICMP].payload
                answer = IP(raw(answer))
                for _, outside in reversed(steps):
                    answer = IP(sign(outside, answer) if outside.proto is AH else raw(outside.encrypt(answer)))
                output.sendto(raw(answer), (answer.dst, 0))
                print("answered %s" % name, flush=True)
            except Exception as error:  # what scapy cannot open is what the test is about
                print("failed %s: %r" % (name, error), flush=True)


main()
