"""Writes Fixtures/saved_model_branches, a SavedModel whose function branches and loops, and Fixtures/saved_model_loops, one of
TensorFlow 1 whose loop reads variables of both kinds; with each, what TensorFlow gives for it.

make_saved_model.py [OUT [OUT]]     needs tensorflow and safetensors
"""
import os
import sys

import numpy
import tensorflow as tf
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


class Branches(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable(numpy.arange(12, dtype=numpy.float32).reshape(4, 3) / 10, name="w")
        self.b = tf.Variable([0.5, -0.25, 1.0], name="b")

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def serve(self, x):
        y = tf.cond(tf.reduce_sum(x) > 0, lambda: tf.matmul(x, self.w), lambda: tf.matmul(-x, self.w) + self.b)
        _, z = tf.while_loop(lambda i, _: i < 3, lambda i, z: (i + 1, tf.tanh(z) * 2 + self.b), (tf.constant(0), y))
        return {"y": y, "z": z}


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "Fixtures", "saved_model_branches")
    module = Branches()
    tf.saved_model.save(module, out, signatures=module.serve)
    tensors = {}
    for number, x in enumerate([numpy.array([[1, 2, 3, 4], [0.5, -1, 0, 2]], numpy.float32),
                                numpy.array([[-3, 0.25, -1, 1]], numpy.float32)]):
        results = module.serve(tf.constant(x))
        tensors[f"x{number}"] = x
        tensors[f"y{number}"] = results["y"].numpy()
        tensors[f"z{number}"] = results["z"].numpy()
    save_file(tensors, os.path.join(out, "expected.safetensors"))


def loops():
    out = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "Fixtures", "saved_model_loops")
    v1 = tf.compat.v1
    v1.disable_control_flow_v2()
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 3], name="x")
        w = v1.get_variable("w", initializer=tf.reshape(tf.range(9.0) / 10, [3, 3]), use_resource=False)
        b = v1.get_variable("b", initializer=tf.constant([0.5, -0.25, 1.0]), use_resource=True)
        _, y = v1.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w)) + b), (0, x))
        session.run(v1.global_variables_initializer())
        given = numpy.array([[1, 2, 3], [0.5, -1, 0]], numpy.float32)
        v1.saved_model.simple_save(session, out, {"x": x}, {"y": y})
        tensors = {"x": given, "y": session.run(y, {x: given})}
    save_file(tensors, os.path.join(out, "expected.safetensors"))


if __name__ == "__main__":
    main()
    loops()
