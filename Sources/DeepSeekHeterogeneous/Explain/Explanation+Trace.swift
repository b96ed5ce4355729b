public import DeepSeekJSON
import DeepSeekTensor

extension Explanation {
  /// The steps in the trace format that Perfetto and Chrome open: complete events, times in microseconds.
  public var trace: JSONValue {
    var start = 0.0
    let events = steps.map { step -> JSONValue in
      defer { start += step.seconds }
      return [
        "name": .string(step.label), "ph": "X", "pid": 1, "tid": 1, "ts": .double(start * 1e6),
        "dur": .double(step.seconds * 1e6),
        "args": [
          "inputs": .array(step.inputs.map { .string($0.description) }),
          "outputs": .array(step.outputs.map { .string($0.description) }),
          "operations": .double(step.operations), "bytes": .double(step.bytes),
        ],
      ]
    }
    return ["displayTimeUnit": "ms", "traceEvents": .array(events)]
  }
}
