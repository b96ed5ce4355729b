"""Writes the NumPy files that the tests read.  Run: python make_fixtures.py Fixtures"""

import io
import os
import sys
import zipfile

import numpy as np

out = sys.argv[1]
DTYPES = "float16 float32 float64 int8 uint8 int16 int32 int64 bool uint16 uint32 uint64 complex64".split()


def npy(array, version=None):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version, allow_pickle=True)
    return buffer.getvalue()


arrays = {}
for name in DTYPES:
    values = np.arange(12).reshape(3, 4)
    values = (values % 2 == 1) if name == "bool" else values.astype(name)
    arrays[name] = values
    if values.dtype.itemsize > 1:
        arrays[name + "_big"] = values.astype(values.dtype.newbyteorder(">"))
arrays["fortran"] = np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4))
arrays["fortran_big"] = np.asfortranarray(np.arange(6, dtype=">i4").reshape(2, 3))
arrays["scalar"] = np.array(42.5)
arrays["empty"] = np.zeros((0, 5), "f4")
np.savez(os.path.join(out, "stored.npz"), **arrays)
np.savez_compressed(os.path.join(out, "deflated.npz"), **arrays)

# One of each kind that must be refused, and each version of the format.
with zipfile.ZipFile(os.path.join(out, "special.npz"), "w", zipfile.ZIP_DEFLATED) as archive:
    plain = np.arange(3, dtype="i4")
    for version in ((1, 0), (2, 0), (3, 0)):
        archive.writestr(f"version{version[0]}.npy", npy(plain, version))
    archive.writestr("object.npy", npy(np.array([None, 1], dtype=object)))
    archive.writestr("structured.npy", npy(np.zeros(2, [("x", "f4"), ("y", "i8", (2,))])))
    archive.writestr("bytes.npy", npy(np.array([b"ab"])))
    archive.writestr("text.npy", npy(np.array(["ab"])))
    archive.writestr("date.npy", npy(np.array(["2026-01-01"], "M8[D]")))
    archive.writestr("void.npy", npy(np.zeros(2, "V2")))
    archive.writestr("complex128.npy", npy(np.zeros(2, "c16")))
    archive.writestr("longdouble.npy", npy(np.zeros(2, np.longdouble)))
    archive.writestr("notes.txt", b"not an array")
np.save(os.path.join(out, "plain.npy"), np.arange(6, dtype="f4").reshape(2, 3))
