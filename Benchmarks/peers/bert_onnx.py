"""ONNX Runtime's and OpenVINO's side of the nlp benchmark: a BERT-base that export_bert.py wrote, forward only."""
import argparse
import json

import numpy

from measuring import row, spread, timed


def onnxruntime_runner(path, threads, dtype):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return "ONNX Runtime " + onnxruntime.__version__, lambda ids: session.run(None, {"ids": ids})


def openvino_runner(path, threads, dtype):
    import openvino

    core = openvino.Core()
    hint = {"float32": "f32", "bfloat16": "bf16"}[dtype]
    hints = {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": str(threads), "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(core.read_model(path), "CPU", hints).create_infer_request()
    return "OpenVINO " + openvino.__version__.split("-")[0], lambda ids: request.infer({"ids": ids})


def quantize(model, target, is_static):
    """Weights in int8; inputs in 8 bits too, by ranges found while it runs or, for what OpenVINO reads, on some random texts."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

    if not is_static:
        quantize_dynamic(model, target, weight_type=QuantType.QInt8)
        return

    class Texts(CalibrationDataReader):
        def __init__(self):
            generator = numpy.random.default_rng(1)
            self.batches = iter([{"ids": generator.integers(0, 30522, (4, 128), dtype=numpy.int64)} for _ in range(4)])

        def get_next(self):
            return next(self.batches, None)

    quantize_static(model, target, Texts(), quant_format=QuantFormat.QDQ, op_types_to_quantize=["MatMul", "Gemm"],
                    per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                    extra_options={"MatMulConstBOnly": True})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=["onnxruntime", "openvino"], required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--quantize", help="write the model in 8 bits here, and stop")
    parser.add_argument("--static", action="store_true", help="ranges of inputs are found beforehand, not while it runs")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32", help="products' type, for OpenVINO")
    parser.add_argument("--once", action="store_true", help="run one sequence and stop: the time of a whole process")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--sequence", type=int, default=128)
    arguments = parser.parse_args()
    if arguments.quantize:
        quantize(arguments.model, arguments.quantize, arguments.static)
        return
    make = onnxruntime_runner if arguments.engine == "onnxruntime" else openvino_runner
    name, run = make(arguments.model, arguments.threads, arguments.dtype)
    generator = numpy.random.default_rng(0)
    ids = generator.integers(0, 30522, (arguments.batch, arguments.sequence), dtype=numpy.int64)
    one = ids[:1].copy()
    if arguments.once:
        run(one)
        return
    times = timed(lambda: run(one), arguments.seconds)
    results = [
        row("inference_throughput", arguments.batch, arguments.sequence, timed(lambda: run(ids), arguments.seconds)),
        row("inference_latency", 1, arguments.sequence, times),
    ] + spread(1, arguments.sequence, times)
    print(json.dumps({"engine": name, "results": results}))


if __name__ == "__main__":
    main()
