"""Reads what tcpdump wrote: just enough to say what crossed a link."""

import struct


def packets(path):
    """Yields the Ethernet frames of a capture file."""
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def ipv4(frame):
    """(protocol, source, destination, source port, destination port, payload) or None."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00":
        return None
    header = (frame[14] & 15) * 4
    total = struct.unpack(">H", frame[16:18])[0]
    body = frame[14 + header:14 + total]
    source, destination = (".".join(str(b) for b in frame[a:a + 4]) for a in (26, 30))
    ports = struct.unpack(">HH", body[:4]) if frame[23] in (6, 17) and len(body) >= 4 else (0, 0)
    return (frame[23], source, destination) + ports + (body,)
