#!/usr/bin/env python3
"""Finds the numbers in hal/soft/des_wiring.h, which says what they mean: writers, readers and switches of a butterfly
that carries DES's P and E. Random orders of the wires are tried until the 48 connections of S-box outputs to S-box
inputs are covered exactly by six permutations that the butterfly can do.

    des_wiring.py [SEED]
"""
import random
import sys

P = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
     2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25]
STAGES = (4, 2, 1)


def connections():
    """The pairs (S-box that writes, S-box that reads); no pair has two bits."""
    pairs = [((P[(4 * box - 1 + e) % 32] - 1) // 4, box) for box in range(8) for e in range(6)]
    assert len(set(pairs)) == 48
    return {pair: 1 << n for n, pair in enumerate(pairs)}


def butterfly(switches):
    """What each wire carries at the end, by the wire it started on."""
    wires, n = list(range(8)), 0
    for far in STAGES:
        for a in range(8):
            if not a & far:
                if switches >> n & 1:
                    wires[a], wires[a | far] = wires[a | far], wires[a]
                n += 1
    return wires


def cover(left, options, chosen):
    """Six options without an overlap that cover `left`, or None."""
    if not left:
        return chosen
    fewest = min((options[bit] for bit in options if left & bit),
                 key=lambda some: sum(1 for mask, _ in some if not mask & ~left))
    for mask, switches in fewest:
        if not mask & ~left:
            found = cover(left & ~mask, options, chosen + [switches])
            if found:
                return found
    return None


def main():
    rng = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    pairs, ways = connections(), [(s, butterfly(s)) for s in range(4096)]
    while True:
        writer, reader = rng.sample(range(8), 8), rng.sample(range(8), 8)
        options = {bit: [] for bit in pairs.values()}
        for switches, wires in ways:
            bits = [pairs.get((writer[wires[w]], reader[w]), 0) for w in range(8)]
            if all(bits):
                for bit in bits:
                    options[bit].append((sum(bits), switches))
        found = cover(sum(pairs.values()), options, [])
        if found:
            print("kWriter", writer, "kReader", reader, "kSwitches", sorted(found))
            return


main()
