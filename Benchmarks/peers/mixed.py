"""A peer's throughput on real sentences of mixed length, in batches as they come, each padded to its longest.

Prints one JSON object: {"engine", "results": [{"metric", "batch", "value", "unit", "samples"}]}.
"""
import argparse
import json
import statistics

import numpy

from measuring import timed

BATCH = 32


def batches(model, path):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(model + "/tokenizer.json")
    tokenizer.no_padding()
    # Lines end as `ds` ends them: at a line feed alone.
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")[:-1]
    with open(model + "/sentence_bert_config.json", encoding="utf-8") as file:
        tokenizer.enable_truncation(json.load(file)["max_seq_length"])
    encodings = tokenizer.encode_batch(lines)
    for start in range(0, len(encodings), BATCH):
        rows = [encoding.ids for encoding in encodings[start:start + BATCH]]
        ids = numpy.zeros((len(rows), max(map(len, rows))), dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, :len(row)] = row
            mask[number, :len(row)] = 1
        yield ids, mask


def runner(engine, model, file, threads):
    if engine == "torch":
        import torch
        from transformers import AutoModel

        torch.set_num_threads(threads)
        encoder = AutoModel.from_pretrained(model).eval()

        def run(ids, mask):
            with torch.inference_mode():
                encoder(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))

        return "PyTorch " + torch.__version__.split("+")[0], run
    if engine == "onnxruntime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        return "ONNX Runtime " + onnxruntime.__version__, lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})
    import openvino

    core = openvino.Core()
    hints = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": str(threads), "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(core.read_model(file), "CPU", hints).create_infer_request()
    return ("OpenVINO " + openvino.__version__.split("-")[0],
            lambda ids, mask: request.infer({"ids": ids, "mask": mask}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=["torch", "onnxruntime", "openvino"], required=True)
    parser.add_argument("--model", required=True, help="the folder: tokenizer, and PyTorch's weights")
    parser.add_argument("--file", help="the model as ONNX")
    parser.add_argument("--input", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    name, run = runner(arguments.engine, arguments.model, arguments.file, arguments.threads)
    work = list(batches(arguments.model, arguments.input))
    count = sum(len(ids) for ids, _ in work)
    rates = [count / seconds for seconds in timed(lambda: [run(*batch) for batch in work], arguments.seconds)]
    results = [dict(metric="mixed_throughput", batch=BATCH, value=statistics.median(rates), unit="sentences/s",
                    samples=rates)]
    print(json.dumps({"engine": name, "results": results}))


if __name__ == "__main__":
    main()
