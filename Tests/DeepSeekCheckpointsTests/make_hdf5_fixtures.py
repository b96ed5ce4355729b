"""Writes the HDF5 files that the tests read, and what they hold.  Run: python make_hdf5_fixtures.py Fixtures

Needs h5py, NumPy and ml_dtypes.  The Keras files beside them are written by tensorflow 2.21 (keras 3.15).
"""

import os
import sys

import h5py
import ml_dtypes
import numpy as np

out = sys.argv[1]
DTYPES = "float16 float32 float64 int8 uint8 int16 int32 int64 bool uint16 uint32 uint64".split()
expected = {}


def put(group, name, values, **options):
    group.create_dataset(name, data=values, **options)
    expected[group.file.filename.split("/")[-1] + group.name.rstrip("/") + "/" + name] = (
        values.astype(values.dtype.newbyteorder("=")) if values.dtype.byteorder == ">" else values)


def numbers(shape, dtype):
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    return values % 3 == 1 if dtype == "bool" else values.astype(dtype)


def write(path, libver):
    with h5py.File(path, "w", libver=libver) as file:
        types = file.create_group("types")
        for name in DTYPES[: 12 if libver == "earliest" else 7]:
            put(types, name, numbers((3, 4), name))
            if libver == "earliest" and name not in ("bool", "int8", "uint8"):
                put(types, name + "_big", numbers((5,), np.dtype(name).newbyteorder(">")))
        shapes = file.create_group("shapes/deeper")
        put(shapes, "scalar", np.array(42.5, "f4"))
        put(shapes, "empty", np.zeros((0, 5), "f4"))
        shapes.create_dataset("unwritten", (2, 3), "f4", fillvalue=7)
        expected[os.path.basename(path) + "/shapes/deeper/unwritten"] = np.full((2, 3), 7, "f4")
        shapes["again"] = shapes["scalar"]
        shapes["soft"] = h5py.SoftLink("/types/float32")
        if libver == "earliest":
            chunks = file.create_group("chunks")
            data = numbers((50, 7), "float32")
            put(chunks, "plain", data, chunks=(16, 4))
            put(chunks, "deflate", data, chunks=(16, 4), compression="gzip")
            put(chunks, "shuffle", data.astype("f8"), chunks=(7, 7), compression="gzip", shuffle=True)
            put(chunks, "checked", numbers((5, 3), "int16"), chunks=(2, 3), fletcher32=True)
            put(chunks, "all", numbers((33,), "int32"), chunks=(8,), compression="gzip", shuffle=True, fletcher32=True)
            put(chunks, "cube", numbers((5, 6, 7), "uint8"), chunks=(2, 4, 3), compression=1)
            partly = chunks.create_dataset("partly", (8, 8), "i4", chunks=(4, 4), fillvalue=-1)
            partly[4:, 4:] = 5
            values = np.full((8, 8), -1, "i4")
            values[4:, 4:] = 5
            expected[os.path.basename(path) + "/chunks/partly"] = values
            many = file.create_group("many")
            for index in range(300):
                many.create_dataset(f"item{index:03}", data=np.int16(index))
        else:
            put(file, "one_chunk", numbers((4, 4), "float32"), chunks=(4, 4), compression="gzip")
        texts = file.create_group("texts")
        texts.create_dataset("fixed", data=np.array([b"ab", b"cde"]))
        texts.create_dataset("variable", data=["alpha", "", "grüße"], dtype=h5py.string_dtype())
        half = texts.create_dataset("bfloat16", data=np.array([1, -2.5, 3], ml_dtypes.bfloat16))
        half.attrs["dtype"] = "bfloat16"
        texts.create_dataset("pair", data=np.zeros(2, [("a", "f4"), ("b", "i2")]))
        file.attrs["text"] = "a single text"
        file.attrs["bytes"] = np.bytes_(b"fixed")
        file.attrs["list"] = ["one", "two", "three"]
        file.attrs["fixed list"] = np.array([b"one", b"three"])
        file.attrs["none"] = np.zeros(0)
        file.attrs["numbers"] = np.arange(3, dtype="i8")
        file.attrs["long"] = "x" * 3000


write(os.path.join(out, "earliest.h5"), "earliest")
write(os.path.join(out, "latest.h5"), "latest")
with h5py.File(os.path.join(out, "dense.h5"), "w", libver="latest") as file:
    for index in range(20):
        file[f"item{index}"] = index
with h5py.File(os.path.join(out, "userblock.h5"), "w", userblock_size=1024) as file:
    file["a"] = np.arange(3)
np.savez_compressed(os.path.join(out, "hdf5_expected.npz"), **{k.replace("/", "|"): v for k, v in expected.items()})
