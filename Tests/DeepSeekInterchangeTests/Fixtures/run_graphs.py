"""Runs frozen graphs with TensorFlow: python run_graphs.py FOLDER

For each N.pb of the folder, N.in.0.npy and so on are fed to its placeholders, in their order, and what its identities give is
written to N.out.0.npy and so on.
"""
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])
failed = []
for file in folder.glob("*.pb"):
    definition = tf.compat.v1.GraphDef.FromString(file.read_bytes())
    inputs = [node.name + ":0" for node in definition.node if node.op == "Placeholder"]
    outputs = [node.name + ":0" for node in definition.node if node.op == "Identity"]
    feeds = {name: np.load(folder / f"{file.stem}.in.{place}.npy") for place, name in enumerate(inputs)}
    try:
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(definition, name="")
            with tf.compat.v1.Session() as session:
                results = session.run(outputs, feeds)
    except Exception as error:
        failed.append(f"{file.name}: {str(error)[:300]}")
        continue
    for place, result in enumerate(results):
        np.save(folder / f"{file.stem}.out.{place}.npy", np.asarray(result, order="C"))
sys.exit("\n".join(failed) if failed else 0)
