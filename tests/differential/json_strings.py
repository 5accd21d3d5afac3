#!/usr/bin/env python3
"""Strings of any bytes through onehead's JSON writer, judged by Python's json.

usage: json_strings.py DIRECTORY-OF-dump_json [COUNT] [SEED]
"""
import json
import os
import random
import subprocess
import sys

PIECES = [
    b"", b'"', b"\\", b"/", b"\x00", b"\x1f", b"\x7f", b"\n\r\t\b\f", b"</script>", b"\xc3\xa9",
    "漢字".encode(), "\U0001f600".encode(), "\u2028\u2029\u202e\u2066".encode(), "\x85\x9b".encode(),
    b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xef\xbb\xbf", "\ufffd\uffff".encode(), b"a" * 3000,
]


def some_bytes(rng):
    if rng.random() < 0.3:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(12)))
    return b"".join(rng.choice(PIECES) for _ in range(rng.randrange(5)))


def main():
    program = os.path.join(sys.argv[1], "dump_json")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    strings = PIECES + [some_bytes(rng) for _ in range(count)]
    sent = "".join(s.hex() + "\n" for s in strings).encode()
    out = subprocess.run([program], input=sent, stdout=subprocess.PIPE, check=True).stdout
    got = json.loads(out.decode("utf-8"))
    differ = abs(len(got) - len(strings))
    for raw, value in zip(strings, got):
        if raw.decode("utf-8", "replace") != value:
            differ += 1
            print("differs:", raw, ascii(value))
    # nothing in it that a terminal would act upon
    text = out.decode("utf-8")
    differ += sum(1 for c in text if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u202e")
    print(f"{len(strings)} strings, {differ} differ")
    return 1 if differ else 0


sys.exit(main())
