"""Reads the graph of an event file with TensorBoard's own reader, and prints its nodes as JSON: python read_graph.py FOLDER"""
import json
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    print("no tensorboard")
    sys.exit(0)

events = EventAccumulator(sys.argv[1])
events.Reload()
assert events.Tags()["graph"], events.Tags()
print(json.dumps([
    {
        "name": node.name, "op": node.op, "input": list(node.input),
        "shapes": [[dim.size for dim in shape.dim] for shape in node.attr["_output_shapes"].list.shape],
    }
    for node in events.Graph().node
]))
