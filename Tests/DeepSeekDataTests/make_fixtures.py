"""Writes the fixtures of these tests with pyarrow and Pillow, and the values that they must yield; `small` stays as it is.

    python3 make_fixtures.py Fixtures              # needs pyarrow, numpy and pillow
    python3 make_fixtures.py Fixtures duckdb       # writes those of DuckDB alone; needs duckdb
"""
import base64
import datetime
import decimal
import gzip
import json
import math
import os
import struct
import sys
import uuid

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
from PIL import Image

OUT = sys.argv[1]
ROWS = 61
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
EPOCH = datetime.date(1970, 1, 1)


def time_text(count, unit):
    seconds, fraction = divmod(count, PER_SECOND[unit])
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    width = len(str(PER_SECOND[unit])) - 1
    return text + (f".{fraction:0{width}}" if fraction else "")


def timestamp_text(count, unit):
    days, rest = divmod(count, 86400 * PER_SECOND[unit])
    return f"{(EPOCH + datetime.timedelta(days=days)).isoformat()}T{time_text(rest, unit)}"


def canonical(value, kind):
    """A pyarrow scalar's value as Value.json gives it."""
    if value is None or not value.is_valid:
        return None
    if isinstance(kind, pa.DictionaryType):
        return canonical(value.dictionary[value.index.as_py()], kind.value_type)
    if pa.types.is_timestamp(kind):
        return timestamp_text(value.cast(pa.int64()).as_py(), kind.unit)
    if pa.types.is_time(kind):
        return time_text(value.cast(pa.int32() if kind.bit_width == 32 else pa.int64()).as_py(), kind.unit)
    if pa.types.is_duration(kind):
        return f"{value.cast(pa.int64()).as_py()} {kind.unit}"
    if pa.types.is_map(kind):
        return [[canonical(pair["key"], kind.key_type), canonical(pair["value"], kind.item_type)]
                for pair in value.values]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [canonical(item, kind.value_type) for item in value.values]
    if pa.types.is_struct(kind):
        return {field.name: canonical(value[field.name], field.type) for field in kind}
    plain = value.as_py()
    if isinstance(plain, bool) or isinstance(plain, str):
        return plain
    if isinstance(plain, int):
        return plain if plain < 2**63 else str(plain)
    if pa.types.is_floating(kind):
        plain = float(plain)
        if math.isfinite(plain):
            return plain
        return "nan" if math.isnan(plain) else "inf" if plain > 0 else "-inf"
    if isinstance(plain, decimal.Decimal):
        return format(plain, "f")
    if isinstance(plain, datetime.date):
        return plain.isoformat()
    if isinstance(plain, uuid.UUID):
        return str(plain)
    if isinstance(plain, bytes):
        return base64.b64encode(plain).decode()
    if isinstance(plain, tuple):
        return {"months": plain[0], "days": plain[1], "nanoseconds": plain[2]}
    raise TypeError(f"{kind}: {plain!r}")


def expect(name, table):
    columns = {field.name: [canonical(item, field.type) for item in table[field.name]] for field in table.schema}
    with open(os.path.join(OUT, name), "w", encoding="utf-8") as file:
        json.dump(columns, file, ensure_ascii=False, separators=(",", ":"))


def nulls(values, every=5):
    return [None if index % every == 3 else value for index, value in enumerate(values)]


def types_table():
    random = np.random.default_rng(5)
    n = range(ROWS)
    columns, kinds = {}, {}

    def add(name, kind, values):
        columns[name] = pa.array(values, kind)

    for bits in (8, 16, 32, 64):
        low, high = -2 ** (bits - 1), 2 ** (bits - 1) - 1
        add(f"int{bits}", getattr(pa, f"int{bits}")(), nulls([low, high, -1, 0] + [int(x) for x in random.integers(low, high, ROWS - 4)]))
        add(f"uint{bits}", getattr(pa, f"uint{bits}")(), nulls([0, 2**bits - 1, 1] + [int(x) for x in random.integers(0, high, ROWS - 3)]))
    add("float16", pa.float16(), nulls([np.float16(x) for x in [0.0, -0.0, 6e-8, 65504, math.inf] + list(random.normal(size=ROWS - 5))]))
    add("float32", pa.float32(), nulls([math.nan, -math.inf, 1e-45] + list(random.normal(size=ROWS - 3))))
    add("float64", pa.float64(), list(random.normal(size=ROWS)))
    add("bool", pa.bool_(), nulls([i % 3 == 0 for i in n]))
    add("bool_all", pa.bool_(), [i % 7 < 4 for i in n])
    add("string", pa.string(), nulls([["", "déjà vu", "🙂", "long " * 12][i % 4] + (str(i) if i % 2 else "") for i in n]))
    add("large_string", pa.large_string(), [f"row {i // 9}" for i in n])
    add("binary", pa.binary(), nulls([bytes([i, 255 - i]) * (i % 4) for i in n]))
    add("fixed", pa.binary(5), nulls([bytes([i] * 5) for i in n]))
    add("uuid", pa.binary(16), [uuid.UUID(int=i * 10**30).bytes for i in n])
    add("decimal9", pa.decimal128(9, 2), nulls([decimal.Decimal(i * (-1) ** i * 12345) / 100 for i in n]))
    add("decimal18", pa.decimal128(18, 6), nulls([decimal.Decimal(i * (-1) ** i * 123456789) / 10**6 for i in n]))
    add("decimal38", pa.decimal128(38, 10), nulls([decimal.Decimal(int(random.integers(-2**62, 2**62)) * 10**17).scaleb(-10, decimal.Context(prec=60)) for _ in n]))
    add("decimal76", pa.decimal256(60, 4), [decimal.Decimal(int(random.integers(-2**62, 2**62)) * 10**30).scaleb(-4, decimal.Context(prec=80)) for _ in n])
    add("date", pa.date32(), nulls([EPOCH + datetime.timedelta(days=(i - 30) * 997) for i in n]))
    add("time_ms", pa.time32("ms"), nulls([i * 1_234_567 % 86_400_000 for i in n]))
    add("time_us", pa.time64("us"), [i * 1_234_567_891 % 86_400_000_000 for i in n])
    add("time_ns", pa.time64("ns"), [i * 1_234_567_891_011 % 86_400_000_000_000 for i in n])
    for unit in ("ms", "us", "ns"):
        add(f"timestamp_{unit}", pa.timestamp(unit), nulls([(i - 20) * 86_399 * PER_SECOND[unit] + i for i in n]))
    add("timestamp_utc", pa.timestamp("us", "UTC"), [i * 10**14 for i in n])
    add("null", pa.null(), [None] * ROWS)
    add("dictionary", pa.dictionary(pa.int32(), pa.string()), pa.array(nulls([f"class {i % 3}" for i in n])).dictionary_encode())
    return pa.table(columns)


def nested_table():
    n = range(ROWS)
    lists = [None if i % 7 == 3 else [] if i % 7 == 5 else [None if (i + j) % 5 == 0 else i * 10 + j for j in range(i % 4)] for i in n]
    deep = [None if i % 9 == 4 else [None if j == 2 else [i, None, j][: (i + j) % 4] for j in range(i % 5)] for i in n]
    structs = [None if i % 6 == 2 else {"x": None if i % 4 == 1 else i / 4, "name": f"n{i % 3}"} for i in n]
    inside = [None if i % 8 == 1 else [None if j == 1 and i % 2 else {"id": i, "tags": None if j == 2 else [f"t{k}" for k in range(j)]} for j in range(i % 4)] for i in n]
    maps = [None if i % 7 == 1 else [(f"k{j}", None if j == 1 else i * j) for j in range(i % 3)] for i in n]
    holder = [None if i % 5 == 0 else {"list": None if i % 5 == 1 else [i] * (i % 3), "map": [(i, f"v{i}")] if i % 2 else []} for i in n]
    return pa.table({
        "list": pa.array(lists, pa.list_(pa.int64())),
        "required_elements": pa.array([[float(i)] * (i % 3) for i in n], pa.list_(pa.field("element", pa.float32(), nullable=False))),
        "deep": pa.array(deep, pa.list_(pa.list_(pa.int32()))),
        "struct": pa.array(structs, pa.struct([("x", pa.float64()), ("name", pa.string())])),
        "list_of_structs": pa.array(inside, pa.list_(pa.struct([("id", pa.int32()), ("tags", pa.list_(pa.string()))]))),
        "map": pa.array(maps, pa.map_(pa.string(), pa.int64())),
        "struct_of_lists": pa.array(holder, pa.struct([("list", pa.list_(pa.int16())), ("map", pa.map_(pa.int32(), pa.string()))])),
        "fixed_list": pa.array([[i, i + 1, i + 2] for i in n], pa.list_(pa.int8(), 3)),
    })


def encodings_table():
    random = np.random.default_rng(6)
    n = range(400)
    words = ["", "a", "ab", "abc", "abcd", "abcde" * 9]
    return pa.table({
        "delta32": pa.array(nulls([int(x) for x in random.integers(-2**31, 2**31, 400)]), pa.int32()),
        "delta64": pa.array([int(x) for x in random.integers(-2**63, 2**63 - 1, 400)], pa.int64()),
        "ascending": pa.array([i * 3 + i % 2 for i in n], pa.int64()),
        "constant": pa.array([42] * 400, pa.int64()),
        "lengths": pa.array(nulls([words[i % 6] for i in n]), pa.string()),
        "prefixes": pa.array([f"common/prefix/{i // 10}/{words[i % 6]}" for i in n], pa.string()),
        "prefixes_fixed": pa.array([f"{i // 16:06}{i % 16:02}".encode() for i in n], pa.binary(8)),
        "split32": pa.array(nulls([float(x) for x in random.normal(size=400)]), pa.float32()),
        "split64": pa.array(random.normal(size=400), pa.float64()),
        "split_int": pa.array([int(x) for x in random.integers(-2**31, 2**31, 400)], pa.int32()),
        "split_fixed": pa.array([bytes([i % 256, i // 256, 7]) for i in n], pa.binary(3)),
        "bits": pa.array(nulls([i % 5 == 0 for i in n], 7), pa.bool_()),
    })


ENCODINGS = {
    "delta32": "DELTA_BINARY_PACKED", "delta64": "DELTA_BINARY_PACKED", "ascending": "DELTA_BINARY_PACKED",
    "constant": "DELTA_BINARY_PACKED", "lengths": "DELTA_LENGTH_BYTE_ARRAY", "prefixes": "DELTA_BYTE_ARRAY",
    "prefixes_fixed": "DELTA_BYTE_ARRAY", "split32": "BYTE_STREAM_SPLIT", "split64": "BYTE_STREAM_SPLIT",
    "split_int": "BYTE_STREAM_SPLIT", "split_fixed": "BYTE_STREAM_SPLIT", "bits": "RLE",
}


def write(name, table, **options):
    pq.write_table(table, os.path.join(OUT, name), **options)


def images():
    """Two classes of small images, and their pixels: those of PNG exact, those of JPEG as libjpeg gives them."""
    y, x = np.mgrid[0:13, 0:17]
    smooth = np.stack([x * 15, y * 19, (x + y) * 8], -1).astype(np.uint8)
    pixels = {}
    for name, mode, options in (("a/one.png", "RGB", {}), ("a/two.jpg", "RGB", dict(quality=95, subsampling=0)),
                                ("b/three.jpeg", "RGB", dict(quality=80)), ("b/four.png", "L", {}),
                                ("b/five.png", "P", {})):
        path = os.path.join(OUT, "images", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Image.fromarray(smooth).convert(mode).save(path, **options)
        pixels[name] = np.asarray(Image.open(path).convert("RGB")).flatten().tolist()
    with open(os.path.join(OUT, "images.json"), "w", encoding="utf-8") as file:
        json.dump(pixels, file, separators=(",", ":"))
    inks(smooth)


def inks(smooth):
    """A JPEG image for print, in cyan, magenta, yellow and black, as photo programs save them."""
    path = os.path.join(OUT, "inks.jpg")
    Image.fromarray(np.concatenate([smooth, smooth[:, :, :1] // 2], -1), "CMYK").save(path, quality=95, subsampling=0)
    image = Image.open(path).convert("RGB")
    with open(os.path.join(OUT, "inks.json"), "w", encoding="utf-8") as file:
        json.dump({"rgb": np.asarray(image).flatten().tolist(), "gray": np.asarray(image.convert("L")).flatten().tolist()},
                  file, separators=(",", ":"))


def same():
    """The same rows in Parquet and as tf.train.Example in TFRecord."""
    table = pa.table({
        "id": pa.array([10 * i - 100 for i in range(30)], pa.int64()),
        "ids": pa.array([[i] * (i % 4) for i in range(30)], pa.list_(pa.int64())),
        "image": pa.array([bytes([255, i]) for i in range(30)], pa.binary()),
        "text": pa.array([f"déjà vu {i}" for i in range(30)]),
        "x": pa.array([i / 3 for i in range(30)], pa.float32()),
    })
    write("same.parquet", table)
    with open(os.path.join(OUT, "same.tfrecord"), "wb") as file:
        for row in table.to_pylist():
            record = example(row)
            length = struct.pack("<Q", len(record))
            file.write(length + struct.pack("<I", masked(length)) + record + struct.pack("<I", masked(record)))
    with open(os.path.join(OUT, "same.tfrecord"), "rb") as plain:
        with gzip.GzipFile(os.path.join(OUT, "same.tfrecord.gz"), "wb", mtime=0) as packed:
            packed.write(plain.read())


def varint(number):
    number &= 2**64 - 1
    out = b""
    while number >= 128:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, contents):
    return varint(number << 3 | 2) + varint(len(contents)) + contents


def example(row):
    entries = b""
    for name, value in row.items():
        values = value if isinstance(value, list) else [value]
        if name in ("text", "image"):
            feature = field(1, b"".join(field(1, v.encode() if isinstance(v, str) else v) for v in values))
        elif name == "x":
            feature = field(2, field(1, struct.pack(f"<{len(values)}f", *values)))
        else:
            feature = field(3, field(1, b"".join(varint(v) for v in values)))
        entries += field(1, field(1, name.encode()) + field(2, feature))
    return field(1, entries)


def masked(data):
    checksum = 0xFFFFFFFF
    for byte in data:
        checksum ^= byte
        for _ in range(8):
            checksum = checksum >> 1 ^ (0x82F63B78 if checksum & 1 else 0)
    checksum ^= 0xFFFFFFFF
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def glue():
    """The hub's layout of some GLUE tasks."""
    pair = ["sentence1", "sentence2"]

    def part(task, split, texts, label, rows):
        os.makedirs(os.path.join(OUT, "glue", task), exist_ok=True)
        columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(texts)}
        columns["label"] = pa.array([row[2] for row in rows], label)
        columns["idx"] = pa.array([row[3] for row in rows], pa.int32())
        write(f"glue/{task}/{split}.parquet", pa.table(columns))

    part("mrpc", "train-00000-of-00002", pair, pa.int64(), [('Amrozi accused "the witness', '"He did', 1, 0), ("c", "d", 1, 2)])
    part("mrpc", "train-00001-of-00002", pair, pa.int64(), [("g", "h", 0, 5)])
    part("mrpc", "validation-00000-of-00001", pair, pa.int64(), [("a", "b", 0, 1)])
    part("mrpc", "test-00000-of-00001", pair, pa.int64(), [("e", "f", -1, 0)])
    part("stsb", "validation-00000-of-00001", pair, pa.float32(), [("A man.", "A person.", 3.8, 0), ("c", "d", 5, 1)])
    for split in ("matched", "mismatched"):
        part("mnli", f"validation_{split}-00000-of-00001", ["premise", "hypothesis"], pa.int64(), [("a", "b", 2, 0)])


def duckdb_files():
    """What pyarrow does not write: intervals, JSON; and files of another writer, in both of its page versions."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("""create table t as select i as n,
        case when i % 5 = 3 then null else to_months((i * 7)::int) + to_days(i::int) + to_milliseconds(i * 1234) end as interval,
        case when i % 4 = 1 then null else ('{"a":' || i || '}')::json end as json,
        (case i % 3 when 0 then 'red' when 1 then 'green' else 'blue' end)::enum('red', 'green', 'blue') as enum,
        ('00000000-0000-0000-0000-' || lpad(i::varchar, 12, '0'))::uuid as uuid,
        (18446744073709551615 - i::ubigint) as uint64, (i * 1.25)::decimal(38, 10) as decimal, (i % 2 = 0) as bool,
        timestamptz '2020-01-01 00:00:00+00' + to_seconds(i * 86399) as timestamp,
        [[i], [null, i], []] as lists, map([i, i + 1], ['p', null]) as map, {'a': i, 'b': 'x' || i} as struct
        from range(61) r(i)""")
    for version, codec in (("v1", "snappy"), ("v2", "zstd")):
        path = os.path.join(OUT, f"duckdb_{version}.parquet")
        connection.execute(f"copy t to '{path}' (format parquet, parquet_version {version}, compression {codec})")
    start = datetime.datetime(2020, 1, 1)
    n = range(61)
    columns = {
        "n": list(n),
        "interval": [None if i % 5 == 3 else {"months": 7 * i, "days": i, "nanoseconds": 1234 * 10**6 * i} for i in n],
        "json": [None if i % 4 == 1 else f'{{"a":{i}}}' for i in n],
        "enum": [["red", "green", "blue"][i % 3] for i in n],
        "uuid": [str(uuid.UUID(f"00000000-0000-0000-0000-{i:012}")) for i in n],
        "uint64": [str(2**64 - 1 - i) for i in n],
        "decimal": [format(decimal.Decimal(i) * decimal.Decimal("1.25"), ".10f") for i in n],
        "bool": [i % 2 == 0 for i in n],
        "timestamp": [(start + datetime.timedelta(seconds=86399 * i)).isoformat() for i in n],
        "lists": [[[i], [None, i], []] for i in n],
        "map": [[[i, "p"], [i + 1, None]] for i in n],
        "struct": [{"a": i, "b": f"x{i}"} for i in n],
    }
    with open(os.path.join(OUT, "duckdb.json"), "w", encoding="utf-8") as file:
        json.dump(columns, file, separators=(",", ":"))


def main():
    os.makedirs(OUT, exist_ok=True)
    if sys.argv[2:] == ["duckdb"]:
        return duckdb_files()
    glue()
    images()
    same()
    types, nested, encodings = types_table(), nested_table(), encodings_table()
    # Parquet forgets that an all-valid UUID column is one unless it is an extension type.
    types = types.set_column(types.schema.get_field_index("uuid"), "uuid", pa.ExtensionArray.from_storage(pa.uuid(), types["uuid"].combine_chunks()))
    expect("types.json", types)
    expect("nested.json", nested)
    expect("encodings.json", encodings)
    write("types_snappy.parquet", types, compression="snappy", row_group_size=23, write_page_checksum=True)
    write("types_v2_zstd.parquet", types, compression="zstd", data_page_version="2.0", version="2.6", data_page_size=64, write_page_checksum=True)
    write("types_plain_gzip.parquet", types, compression="gzip", use_dictionary=False, data_page_size=100)
    write("types_lz4.parquet", types, compression="lz4", store_decimal_as_integer=True)
    write("types_brotli.parquet", types, compression="brotli")
    no_time_zone = types.select(["timestamp_ms", "timestamp_us", "timestamp_ns"])
    write("int96.parquet", no_time_zone, use_deprecated_int96_timestamps=True)
    for version in ("1.0", "2.0"):
        # A batch size of 4 and tiny pages: rows begin and end on page boundaries everywhere.
        write(f"nested_v{version[0]}.parquet", nested, data_page_version=version, data_page_size=40, write_batch_size=4, row_group_size=37)
    write("nested_one_page.parquet", nested, compression="none")
    for version in ("1.0", "2.0"):
        write(f"encodings_v{version[0]}.parquet", encodings, use_dictionary=False, column_encoding=ENCODINGS, data_page_version=version, data_page_size=700, compression="none" if version == "1.0" else "snappy")

    arrow_types = types.drop_columns(["uuid", "float16"]).append_column("float16", types["float16"])
    arrow = pa.table({**{name: arrow_types[name] for name in arrow_types.column_names}, **{name: nested[name] for name in nested.column_names}})
    n = range(ROWS)
    for name, array in {
        "date64": pa.array([(i - 30) * 86_400_000 for i in n], pa.date64()),
        "duration": pa.array(nulls([i * 11 for i in n]), pa.duration("ms")),
        "interval": pa.array(nulls([pa.MonthDayNano([i, -i, i * 1000]) for i in n]), pa.month_day_nano_interval()),
        "large_list": pa.array([[i] * (i % 3) for i in n], pa.large_list(pa.int32())),
        "views": pa.array(nulls([f"view {i}" * (i % 4) for i in n]), pa.string_view()),
        "time_s": pa.array([i * 1000 for i in n], pa.time32("s")),
        "timestamp_s": pa.array([i * 10**6 for i in n], pa.timestamp("s")),
        "decimal_small": pa.array([decimal.Decimal(i) / 4 for i in n], pa.decimal128(7, 2)),
    }.items():
        arrow = arrow.append_column(name, array)
    expect("arrow.json", arrow)
    batches = arrow.combine_chunks().to_batches(max_chunksize=25)
    for name, codec in {"none": None, "lz4": "lz4", "zstd": "zstd"}.items():
        options = pa.ipc.IpcWriteOptions(compression=codec)
        with pa.OSFile(os.path.join(OUT, f"stream_{name}.arrow"), "wb") as sink:
            with pa.ipc.new_stream(sink, arrow.schema, options=options) as writer:
                for batch in batches:
                    writer.write_batch(batch)
    with pa.OSFile(os.path.join(OUT, "file_zstd.arrow"), "wb") as sink:
        with pa.ipc.new_file(sink, arrow.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            for batch in batches:
                writer.write_batch(batch)
    # Dictionaries that grow between batches, and one that is replaced.
    values = [["a", "b", None], ["b", "c", "a"], ["d", "c", "b"]]
    grown = [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]
    kind = pa.dictionary(pa.int8(), pa.string())
    for name, delta in {"delta": True, "replaced": False}.items():
        with pa.OSFile(os.path.join(OUT, f"dictionary_{name}.arrow"), "wb") as sink:
            options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=delta)
            with pa.ipc.new_stream(sink, pa.schema([("s", kind)]), options=options) as writer:
                for row, words in zip(values, grown):
                    words = words if delta else list(reversed(words))
                    indices = pa.array([None if v is None else words.index(v) for v in row], pa.int8())
                    writer.write_batch(pa.record_batch([pa.DictionaryArray.from_arrays(indices, pa.array(words))], names=["s"]))
    # A few bytes that stand for five million nulls, and a dictionary whose values lie in another one.
    count = 5_000_000
    pq.write_table(
        pa.table({"nulls": pa.nulls(count, pa.list_(pa.int64()))}), os.path.join(OUT, "many_nulls.parquet"),
        row_group_size=count, data_page_size=1 << 30, compression="none", write_statistics=False,
        use_dictionary=False, store_schema=False)
    words = pa.array(["a", "b", "a"]).dictionary_encode()
    lists = pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), words)
    nested = pa.table({"nested": pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), lists)})
    with pa.ipc.new_stream(os.path.join(OUT, "nested_dictionary.arrow"), nested.schema) as writer:
        writer.write_table(nested)


main()
