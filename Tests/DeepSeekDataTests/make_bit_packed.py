"""Writes Fixtures/bit_packed.parquet, byte by byte as the format's description says: levels in the encoding of its first
years (BIT_PACKED), which no library writes any more.

    python3 make_bit_packed.py Fixtures/bit_packed.parquet       # needs nothing
"""
import struct
import sys

INT32, INT64, TEXT, LIST, STRUCT = 5, 6, 8, 9, 12  # Thrift's compact types
REQUIRED, OPTIONAL, REPEATED = 0, 1, 2
PLAIN, RLE, BIT_PACKED = 0, 3, 4


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def value(kind, item):
    if kind in (INT32, INT64):
        return varint(item << 1 if item >= 0 else (-item << 1) - 1)
    if kind == TEXT:
        return varint(len(item)) + item.encode()
    if kind == LIST:
        element, items = item
        head = bytes([len(items) << 4 | element]) if len(items) < 15 else bytes([0xF0 | element]) + varint(len(items))
        return head + b"".join(value(element, each) for each in items)
    return item  # a structure's bytes


def structure(*fields):
    """Of (number, kind, item), in the order of their numbers; those without an item are left out."""
    out, last = b"", 0
    for number, kind, item in fields:
        if item is not None:
            out += bytes([number - last << 4 | kind]) + value(kind, item)
            last = number
    return out + b"\0"


def packed(levels, width):
    """From each byte's most significant bit on, without a length before."""
    bits = "".join(format(level, f"0{width}b") for level in levels)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


# The description's own example.
assert packed(range(8), 3) == bytes([0b00000101, 0b00111001, 0b01110111])


def page(repetitions, definitions, numbers, largest):
    repetition, definition = largest
    body = b""
    if repetition:
        body += packed(repetitions, repetition.bit_length())
    if definition:
        body += packed(definitions, definition.bit_length())
    body += struct.pack(f"<{len(numbers)}i", *numbers)
    count = len(definitions)
    header = structure((1, INT32, 0), (2, INT32, len(body)), (3, INT32, len(body)), (5, STRUCT, structure(
        (1, INT32, count), (2, INT32, PLAIN), (3, INT32, BIT_PACKED), (4, INT32, BIT_PACKED))))
    return header + body


def element(name, kind=None, repetition=None, children=None, converted=None):
    return structure((1, INT32, kind), (3, INT32, repetition), (4, TEXT, name), (5, INT32, children),
                     (6, INT32, converted))


SCHEMA = [
    element("schema", children=2),
    element("number", 1, OPTIONAL),
    element("list", repetition=OPTIONAL, children=1, converted=3),
    element("list", repetition=REPEATED, children=1),
    element("element", 1, OPTIONAL),
]
ROWS = 12
# A page of nine entries and one of three; every third number is not there.
FLAT = [i * 100 - 300 if i % 3 else None for i in range(ROWS)]
# null, [], [null], [1, 2], … in two pages that end between rows.
LISTS = [None, [], [None], [1, 2], [3], [], [4, None, 5], None, [6, 7, 8, 9, 10], [11], [12, 13], []]


def flat_page(rows):
    return page([], [int(number is not None) for number in rows], [number for number in rows if number is not None],
                (0, 1))


def list_page(rows):
    repetitions, definitions, numbers = [], [], []
    for row in rows:
        for place, item in enumerate(row or [None]):
            repetitions.append(int(place > 0))
            definitions.append(0 if row is None else 1 if not row else 2 if item is None else 3)
            if row and item is not None:
                numbers.append(item)
    return page(repetitions, definitions, numbers, (1, 3))


out = b"PAR1"
columns = []
for path, pages, count in (
    (["number"], [flat_page(FLAT[:9]), flat_page(FLAT[9:])], ROWS),
    (["list", "list", "element"], [list_page(LISTS[:7]), list_page(LISTS[7:])], sum(len(row or [0]) for row in LISTS)),
):
    start, size = len(out), sum(map(len, pages))
    out += b"".join(pages)
    columns.append(structure((2, INT64, start), (3, STRUCT, structure(
        (1, INT32, 1), (2, LIST, (INT32, [PLAIN, BIT_PACKED])), (3, LIST, (TEXT, path)), (4, INT32, 0),
        (5, INT64, count), (6, INT64, size), (7, INT64, size), (9, INT64, start)))))
group = structure((1, LIST, (STRUCT, columns)), (2, INT64, len(out) - 4), (3, INT64, ROWS))
footer = structure((1, INT32, 1), (2, LIST, (STRUCT, SCHEMA)), (3, INT64, ROWS), (4, LIST, (STRUCT, [group])))
out += footer + struct.pack("<i", len(footer)) + b"PAR1"
with open(sys.argv[1], "wb") as file:
    file.write(out)
