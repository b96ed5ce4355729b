"""Writes a checkpoint of TensorFlow 1 in several files, one for each device.  Run: python make_sharded.py Fixtures/tf1_sharded

Needs tensorflow-cpu 2.21.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()
with v1.device("/cpu:0"):
    v1.get_variable("a", initializer=np.arange(6, dtype="f4").reshape(2, 3))
with v1.device("/cpu:1"):
    v1.get_variable("b", initializer=np.arange(4, dtype="i8") * 10)
c = list(v1.get_variable("c", shape=[5, 2], partitioner=v1.fixed_size_partitioner(2), initializer=v1.zeros_initializer()))
with v1.Session(config=v1.ConfigProto(device_count={"CPU": 2})) as session:
    session.run(v1.global_variables_initializer())
    for part, numbers in zip(c, np.split(np.arange(10, dtype="f4").reshape(5, 2), [3])):
        session.run(part.assign(numbers))
    v1.train.Saver(sharded=True).save(session, os.path.join(sys.argv[1], "model.ckpt"), write_meta_graph=False)
