"""pyarrow reading a Parquet file of mixed columns on one thread and on all; --write makes the file."""
import argparse
import json
import os
import statistics
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 2_500_000


def write(path):
    """About 200 MB with the default settings (Snappy, dictionaries): numbers, texts, nulls, lists, times, decimals."""
    random = np.random.default_rng(0)
    words = np.array(["the", "film", "is", "a", "fine", "slow", "bright", "story", "of", "two", "sisters", "and", "their"])
    group = 250_000
    writer = None
    for start in range(0, ROWS, group):
        missing = random.random(group) < 0.1
        text = [" ".join(words[random.integers(0, len(words), 12)]) + f" {start + i}" for i in range(group)]
        lengths = random.integers(0, 9, group)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        tokens = pa.array(random.integers(0, 30_000, offsets[-1]).astype(np.int32))
        table = pa.table({
            "id": pa.array(np.arange(start, start + group)),
            "text": pa.array(text),
            "category": pa.array(random.choice(["news", "sport", "film", "science"], group)),
            "label": pa.array(random.integers(0, 5, group).astype(np.int8)),
            "score": pa.array(random.normal(size=group), mask=missing),
            "weight": pa.array(random.normal(size=group).astype(np.float32)),
            "count": pa.array(random.integers(0, 1_000_000, group), mask=missing),
            "flag": pa.array(random.random(group) < 0.3),
            "time": pa.array(random.integers(0, 2 * 10**15, group), pa.timestamp("us")),
            "price": pa.array(random.integers(0, 10**6, group)).cast(pa.decimal128(19, 0)).cast(pa.decimal128(21, 2)),
            "tokens": pa.ListArray.from_arrays(offsets, tokens),
        })
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def samples(path, threads, seconds):
    size = os.path.getsize(path) / 1e6
    pq.read_table(path, use_threads=threads, memory_map=True)
    rates, end = [], time.perf_counter() + seconds
    while not rates or time.perf_counter() < end:
        start = time.perf_counter()
        pq.read_table(path, use_threads=threads, memory_map=True)
        rates.append(size / (time.perf_counter() - start))
    return rates


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.file)
        return
    pa.set_io_thread_count(1)
    results = []
    for name, threads in (("1_thread", False), ("all_threads", True)):
        results.append(dict(task=f"data/parquet_columns_{name}", metric="throughput", unit="MB/s",
                            value=statistics.median(samples(arguments.file, threads, arguments.seconds))))
    print(json.dumps({"engine": "pyarrow " + pa.__version__, "results": results}))


if __name__ == "__main__":
    main()
