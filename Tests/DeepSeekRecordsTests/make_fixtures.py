"""Makes Fixtures/ with TensorFlow: record files, examples with what TensorFlow parses them to, event files.

    pip install tensorflow-cpu==2.21.0
    python make_fixtures.py
"""

import json
import os
import pathlib
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

folder = pathlib.Path(__file__).parent / "Fixtures"
expected = {}


def feature(values):
    if values and isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def example(features):
    return tf.train.Example(
        features=tf.train.Features(feature={key: feature(value) for key, value in features.items()})
    ).SerializeToString()


def records():
    contents = [b"", b"one", bytes(range(256)) * 3, b"\x00" * 70000, b"last"]
    for name, option in [("plain", None), ("gzip", "GZIP"), ("zlib", "ZLIB")]:
        with tf.io.TFRecordWriter(str(folder / f"{name}.tfrecord"), options=option) as writer:
            for content in contents[:3] + contents[4:] if name == "plain" else contents:
                writer.write(content)
    expected["records"] = {"plain": [0, 3, 768, 4], "gzip": [0, 3, 768, 70000, 4], "zlib": [0, 3, 768, 70000, 4]}


def examples():
    serialized = [
        example({"image": [0.5, -1.0, 2.0, 3.5], "label": [3], "words": [5, 6, 7], "name": [b"a", b"\x00\xff"]}),
        example({"image": [1.0, 2.0, 3.0, 4.0], "label": [-(2**40)], "words": [], "name": [b"b", b""]}),
        example({"image": [0.0, 0.0, 0.0, 1e-30], "words": [9], "name": [b"c", b"d"], "unused": [1.0]}),
    ]
    with tf.io.TFRecordWriter(str(folder / "examples.tfrecord")) as writer:
        for record in serialized:
            writer.write(record)
    parsed = tf.io.parse_example(
        serialized,
        {
            "image": tf.io.FixedLenFeature([2, 2], tf.float32),
            "label": tf.io.FixedLenFeature([], tf.int64, default_value=-7),
            "words": tf.io.VarLenFeature(tf.int64),
            "name": tf.io.FixedLenFeature([2], tf.string),
        },
    )
    dense = tf.sparse.to_dense(parsed["words"], default_value=-1).numpy()
    expected["examples"] = {
        "image": parsed["image"].numpy().ravel().tolist(),
        "label": parsed["label"].numpy().tolist(),
        "words": dense.ravel().tolist(),
        "words_shape": list(dense.shape),
        "name": [list(text) for text in parsed["name"].numpy().ravel()],
    }
    sequence = tf.train.SequenceExample(
        context=tf.train.Features(feature={"length": feature([2])}),
        feature_lists=tf.train.FeatureLists(
            feature_list={"tokens": tf.train.FeatureList(feature=[feature([1, 2]), feature([3])])}
        ),
    )
    (folder / "sequence.bin").write_bytes(sequence.SerializeToString())


def events():
    logs = folder / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    writer = tf.summary.create_file_writer(str(logs))
    with writer.as_default():
        for step in range(3):
            tf.summary.scalar("loss", 1.0 / (step + 1), step=step)
        tf.summary.text("note", "read **me**", step=5)
    writer.close()
    (path,) = logs.iterdir()
    path.rename(folder / "events.out.tfevents.tensorflow2")
    logs.rmdir()
    with tf.Graph().as_default():
        writer = tf.compat.v1.summary.FileWriter(str(logs))
        histogram = tf.compat.v1.HistogramProto(
            min=-1, max=3, num=4, sum=2.5, sum_squares=11.25, bucket_limit=[0, 2, 4], bucket=[1, 2, 1]
        )
        value = tf.compat.v1.Summary.Value
        writer.add_summary(tf.compat.v1.Summary(value=[value(tag="weights", histo=histogram)]), 4)
        writer.add_summary(tf.compat.v1.Summary(value=[value(tag="loss", simple_value=0.25)]), 4)
        writer.close()
    (path,) = logs.iterdir()
    path.rename(folder / "events.out.tfevents.tensorflow1")
    logs.rmdir()


folder.mkdir(exist_ok=True)
records()
examples()
events()
(folder / "expected.json").write_text(json.dumps(expected, indent=1))
