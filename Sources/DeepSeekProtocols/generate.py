"""Writes Generated/*.pb.swift from the descriptors that TensorFlow's and ONNX's own Python packages carry.

    pip install tensorflow-cpu==2.21.0 onnx==1.23.2
    python generate.py PATH_TO_PROTOC PATH_TO_PROTOC_GEN_SWIFT

`protoc` is Google's compiler (Debian: protobuf-compiler); `protoc-gen-swift` is built in a checkout of
https://github.com/apple/swift-protobuf at the version that Package.swift asks for:

    swift build -c release --product protoc-gen-swift

The packages hold the .proto files compiled to descriptors, which say all that the code needs.
"""

import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from google.protobuf import descriptor_pb2

# What is read or written here; what they depend on follows.
ROOTS = [
    "tensorflow.core.framework.graph_pb2",
    "tensorflow.core.protobuf.saved_model_pb2",
    "tensorflow.core.protobuf.tensor_bundle_pb2",
    "tensorflow.core.protobuf.trackable_object_graph_pb2",
    "tensorflow.core.util.saved_tensor_slice_pb2",
    "onnx.onnx_ml_pb2",
]

# Where graphs were made, line by line: half of its file for nothing that is read here. Its field is dropped too.
DROPPED = "tensorflow/core/framework/graph_debug_info.proto"


def gather():
    """All files needed, those that others depend on first."""
    files = {}

    def add(descriptor):
        if descriptor.name in files or descriptor.name == DROPPED:
            return
        for dependency in descriptor.dependencies:
            add(dependency)
        proto = descriptor_pb2.FileDescriptorProto()
        descriptor.CopyToProto(proto)
        if DROPPED in proto.dependency:
            kept = [name for name in proto.dependency if name != DROPPED]
            del proto.dependency[:]
            proto.dependency.extend(kept)
            for message in proto.message_type:
                fields = [f for f in message.field if not f.type_name.startswith(".tensorflow.GraphDebugInfo")]
                del message.field[:]
                message.field.extend(fields)
        files[descriptor.name] = proto

    for root in ROOTS:
        add(importlib.import_module(root).DESCRIPTOR)
    return files


def main(protoc, plugin):
    files = gather()
    output = pathlib.Path(__file__).parent / "Generated"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        descriptors = pathlib.Path(folder) / "descriptors.bin"
        descriptors.write_bytes(descriptor_pb2.FileDescriptorSet(file=files.values()).SerializeToString())
        subprocess.run(
            [
                protoc,
                f"--plugin=protoc-gen-swift={plugin}",
                f"--descriptor_set_in={descriptors}",
                f"--swift_out={output}",
                "--swift_opt=Visibility=Package",
                "--swift_opt=UseAccessLevelOnImports=true",
                "--swift_opt=FileNaming=DropPath",
                *[name for name in files if not name.startswith("google/")],
            ],
            check=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
