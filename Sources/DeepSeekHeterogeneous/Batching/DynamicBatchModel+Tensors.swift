public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

extension DynamicBatchModel where Request == Tensor, Response == Tensor {
  /// A batching front of a program with one input and one output, whose first axis is the batch: requests and answers are
  /// without it. Tensors of equal shape and type go together.
  public init(
    _ program: Program, name: String = "model", maxBatch: Int = 32, timeout: Duration = .milliseconds(10),
    queueLimit: Int = 1024
  ) {
    self.init(
      name: name, maxBatch: maxBatch, timeout: timeout, queueLimit: queueLimit, kind: \.spec.description
    ) { requests in
      try program.run([Tensor.stack(requests)]).first?.rows ?? []
    }
  }

  /// A batching front of a layer, which is evaluated eagerly.
  public init(
    _ base: some Layer, name: String = "model", maxBatch: Int = 32, timeout: Duration = .milliseconds(10),
    queueLimit: Int = 1024
  ) {
    self.init(
      name: name, maxBatch: maxBatch, timeout: timeout, queueLimit: queueLimit, kind: \.spec.description
    ) { requests in
      noGradient { base(Tensor.stack(requests)).rows }
    }
  }
}

extension Tensor {
  /// The entries along the first axis, views of its memory; none of one number.
  fileprivate var rows: [Tensor] { rank == 0 ? [] : unstacked() }
}
