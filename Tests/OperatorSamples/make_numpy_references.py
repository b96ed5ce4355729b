"""Stores NumPy's rules as data: promotion, broadcasting and printing.

    python make_numpy_references.py References/numpy.safetensors

Needs numpy and safetensors.
"""

import itertools
import json
import sys

import numpy as np
from safetensors.numpy import save_file

DTYPES = ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]
SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3), (4, 1, 3), (0,), (2, 0), (1, 2, 3), (2,)]


def promotions():
    for a, b in itertools.product(DTYPES, DTYPES):
        yield f"promote|{a}|{b}", str(np.promote_types(a, b))
    for a in DTYPES:
        yield f"scalar|{a}|integer", str((np.ones(1, a) + 1).dtype)
        yield f"scalar|{a}|float", str((np.ones(1, a) + 1.5).dtype)


def broadcasts():
    for a, b in itertools.product(SHAPES, SHAPES):
        try:
            result = json.dumps(list(np.broadcast_shapes(a, b)))
        except ValueError:
            result = "error"
        yield f"broadcast|{json.dumps(list(a))}|{json.dumps(list(b))}", result


def arrays():
    steps = np.arange(24)
    yield from [
        np.array([1, 2, 3]), np.array([-5, 10000]), np.array([1.5, -2.25, 1e3]), np.array([1e-9, 1.0]),
        np.arange(12.0).reshape(3, 4), np.array([True, False]), np.zeros((0, 3)), np.arange(2000),
        np.arange(10000).reshape(100, 100) / 7, np.array([np.nan, np.inf, -np.inf, 1.0]), np.array([np.nan, np.nan]),
        np.array([1e20, 1.0]), np.array([1e8, 1e7]), np.array([99999999.0, 1e7]), steps.reshape(2, 3, 4),
        np.array([0.1, 0.2], np.float32), np.array(3.0), np.array(7), np.array([1 / 3, 2 / 3]),
        np.array([123456.789, 0.001]), np.array([1e-4, 1e-2]), np.array([9.9e-5, 1e-2]), np.array([1e-310, 1.0]),
        np.array([1e100, -1e-100]), np.array([1.0, 1000.0]), np.array([1.0, 1001.0]), np.array([0.0, -0.0]),
        np.arange(40.0), np.arange(60).reshape(2, 30), np.linspace(-1, 1, 21), np.array([[1.0], [-22.5]]),
        np.array([1234567.9], np.float32), np.array([0.1, 2.5], np.float16), np.array([65504.0, 1.0], np.float16),
        np.arange(1200.0).reshape(2, 3, 200), np.array([2.5, 3.5, 0.00005]), np.array([0.12345, 0.99995]),
        np.array([127, -128], np.int8), np.array([2**62, 1]), np.arange(1, 31).reshape(1, 30) * 1000003,
    ]


def printing(tensors):
    for index, array in enumerate(arrays()):
        for precision in (4, 8):
            text = np.array2string(
                array, precision=precision, separator=", ", threshold=1000, edgeitems=3, max_line_width=80)
            yield f"print|{index}|{precision}", text
        tensors[f"array|{index}"] = np.array(array, order="C")


if __name__ == "__main__":
    tensors = {}
    rules = dict([*promotions(), *broadcasts(), *printing(tensors)])
    save_file(tensors, sys.argv[1], metadata=rules)
    print(f"{len(rules)} rules, {len(tensors)} arrays")
