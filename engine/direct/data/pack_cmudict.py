#!/usr/bin/env python3
"""Packs the CMU Pronouncing Dictionary into `cmudict.bin`.

    python3 pack_cmudict.py cmudict.dict cmudict.bin

Only the first pronunciation of a word is kept, and only words of letters and apostrophes.
The packed file is one zlib stream. Inside, all numbers little endian:

    u32             number of blocks
    u32 per block   where the block begins, from the end of this table
    blocks          up to 16 entries each, words in byte order

An entry is: one byte, how many bytes the word shares with the one before (0 for the first of a
block); one byte, how many bytes follow; these bytes; one byte, how many sounds; the sounds, a
byte each. Sounds are numbered as in `src/sound.rs`: the 15 vowels three times over, with stress
0, 1 and 2 (vowel * 3 + stress), then the 24 consonants from 45.
"""

import re
import struct
import sys
import zlib

VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
BLOCK = 16


def code(symbol):
    if symbol[-1].isdigit():
        return VOWELS.index(symbol[:-1]) * 3 + int(symbol[-1])
    return 45 + CONSONANTS.index(symbol)


def read(path):
    words = {}
    for line in open(path, encoding="latin-1"):
        fields = line.split("#")[0].split()
        if fields and re.fullmatch(r"[a-z']+", fields[0]):
            words.setdefault(fields[0], bytes(code(symbol) for symbol in fields[1:]))
    return sorted((word.encode(), sounds) for word, sounds in words.items())


def pack(entries):
    blocks, offsets, previous = bytearray(), [], b""
    for index, (word, sounds) in enumerate(entries):
        if index % BLOCK == 0:
            offsets.append(len(blocks))
            previous = b""
        shared = 0
        while shared < min(len(word), len(previous)) and word[shared] == previous[shared]:
            shared += 1
        rest = word[shared:]
        blocks += bytes([shared, len(rest)]) + rest + bytes([len(sounds)]) + sounds
        previous = word
    table = struct.pack(f"<{len(offsets) + 1}I", len(offsets), *offsets)
    return zlib.compress(table + blocks, 9)


if __name__ == "__main__":
    packed = pack(read(sys.argv[1]))
    open(sys.argv[2], "wb").write(packed)
