"""Reads what our tests wrote with TensorBoard's own reader, and exits with a message when values differ.

Run: python read_events.py FOLDER.  FOLDER holds event files and expected.json.
"""

import json
import os
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    print("no tensorboard")
    sys.exit(0)

folder = sys.argv[1]
with open(os.path.join(folder, "expected.json")) as file:
    expected = json.load(file)
events = EventAccumulator(folder, size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
events.Reload()

scalars = [[event.step, event.value] for event in events.Scalars("train/loss")]
assert scalars == expected["loss"], (scalars, expected["loss"])

(histogram,) = [event.histogram_value for event in events.Histograms("weights")]
wanted = expected["histogram"]
assert [histogram.min, histogram.max, histogram.num, histogram.sum, histogram.sum_squares] == wanted["numbers"]
assert list(histogram.bucket_limit) == wanted["limits"] and list(histogram.bucket) == wanted["buckets"]

(text,) = events.Tensors("note")
assert text.step == 3 and list(text.tensor_proto.string_val) == ["größer **bold**".encode()], text
metadata = events.SummaryMetadata("note")
assert metadata.plugin_data.plugin_name == "text", metadata

if "graph" in expected:
    names = [node.name for node in events.Graph().node]
    assert names == expected["graph"], names
print("same")
