import DeepSeekOperators
import DeepSeekTensor

/// One use of an operator: what it is given, and the code that uses it. A new operator joins by one row.
struct OperatorSample: Sendable, CustomStringConvertible {
  let name: String
  let inputs: [Tensor]
  let function: @Sendable ([Tensor]) -> [Tensor]

  init(_ name: String, _ inputs: [Tensor], _ function: @escaping @Sendable ([Tensor]) -> [Tensor]) {
    self.name = name
    self.inputs = inputs
    self.function = function
  }

  var description: String { name }

  /// Every operator of the vocabulary, in one row or more.
  static let all: [OperatorSample] = unary + binary + reductions + views + products + normalizations + others

  private static let x = pattern([3, 4])
  private static let y = pattern([3, 4], 2)
  /// Within (0, 1), where every function of floats is defined but the inverse of cosh.
  private static let unit = (pattern([3, 4]).abs() * 0.5 + 0.02).contiguous()
  private static let counts = Tensor([[7, -3, 2], [0, 5, -8]])

  private static let unary: [OperatorSample] = UnaryOperator.Function.allCases.map { function in
    let operation = UnaryOperator(function, 0.5, 20)
    let isFloating = (try? operation.infer([unit.spec])) != nil
    let input = !isFloating ? counts : function == .acosh ? (unit + 1.0).contiguous() : unit
    return OperatorSample("\(function)", [input]) { [apply(operation, $0[0])] }
  }

  private static let binary: [OperatorSample] = BinaryOperator.Function.allCases.flatMap { function in
    let operation = BinaryOperator(function)
    if (try? operation.infer([x.spec, x.spec])) == nil {
      return [OperatorSample("\(function)", [counts, Tensor([[1, 2, 3]])]) { [apply(operation, $0[0], $0[1])] }]
    }
    return [
      OperatorSample("\(function)", [unit, y]) { [apply(operation, $0[0], $0[1])] },
      OperatorSample("\(function), broadcast", [unit, pattern([4], 3)]) { [apply(operation, $0[0], $0[1])] },
      OperatorSample("\(function), in place", [unit, y]) { [apply(operation, $0[0] * 1.5, $0[1] * 0.5)] },
      OperatorSample("\(function), of one value twice", [unit]) { inputs in
        let value = inputs[0] * 1.5
        return [apply(operation, value, value)]
      },
    ]
  }

  private static let reductions: [OperatorSample] = ReduceOperator.Function.allCases.flatMap { function in
    [[0], [1], [0, 1]].map { axes in
      OperatorSample("\(function) over \(axes)", [x]) { [apply(ReduceOperator(function, axes), $0[0])] }
    }
  }

  private static let views: [OperatorSample] = [
    OperatorSample("broadcast", [pattern([4])]) { [$0[0].broadcast(to: [3, 4])] },
    OperatorSample("reshape", [x]) { [$0[0].reshaped(2, -1), $0[0].transposed().reshaped(12)] },
    OperatorSample("slice", [x]) { [$0[0].sliced(1, 1..<4, step: 2), $0[0].flipped([0])] },
    OperatorSample("slice_gradient", [pattern([2])]) {
      [apply(SliceGradientOperator([.init(axis: 0, start: 1, count: 2, step: 2)], [5]), $0[0])]
    },
    OperatorSample("transpose", [x]) { [$0[0].transposed() * 2.0] },
    OperatorSample("cast", [x]) { [$0[0].cast(to: .float64), $0[0].cast(to: .int32), $0[0].cast(to: .bfloat16)] },
    OperatorSample("where", [x, y]) { [Tensor.select($0[0].greater(than: $0[1]), $0[0], $0[1] * 2.0)] },
    OperatorSample("concatenate", [x, y]) { [Tensor.concatenate([$0[0], $0[1], $0[0]], axis: 1)] },
    OperatorSample("embedding", [pattern([5, 3]), Tensor([[0, 4], [2, 2]])]) {
      [Tensor.embedding($0[0], $0[1]), Tensor.embedding($0[0], $0[1], paddingIndex: 2)]
    },
  ]

  private static let products: [OperatorSample] =
    [
      OperatorSample("matmul", [pattern([2, 3, 4]), pattern([4, 5])]) { [$0[0].matmul($0[1])] },
      OperatorSample("matmul, transposed", [pattern([3, 4]), pattern([3, 5])]) { [$0[0].transposed().matmul($0[1])] },
      OperatorSample("matmul, float64", [pattern([3, 4]).cast(to: .float64), pattern([4, 2]).cast(to: .float64)]) {
        [$0[0].matmul($0[1])]
      },
    ]
    + Activation.allCases.map { activation in
      OperatorSample("linear, \(activation)", [pattern([2, 3, 4]), pattern([5, 4]), pattern([5])]) {
        [$0[0].linear($0[1], bias: $0[2], activation: activation)]
      }
    }

  private static let normalizations: [OperatorSample] = [
    OperatorSample("softmax", [x]) { [$0[0].softmax(axis: -1), $0[0].softmax(axis: 0)] },
    OperatorSample("log_softmax", [x]) { [$0[0].logSoftmax(axis: -1)] },
    OperatorSample("layer_norm", [pattern([3, 8]), pattern([8]), pattern([8], 2)]) {
      [$0[0].layerNorm(weight: $0[1], bias: $0[2])]
    },
    OperatorSample("rms_norm", [pattern([3, 8]), pattern([8])]) { [$0[0].rmsNorm(weight: $0[1])] },
  ]

  private static let others: [OperatorSample] = [
    OperatorSample("gather", [x, Tensor([[0, 3], [2, 2], [1, 0]])]) { [$0[0].gather(axis: 1, $0[1])] },
    OperatorSample("scatter", [x, Tensor([[0, 3], [2, 1], [1, 0]]), pattern([3, 2])]) {
      [apply(ScatterOperator(.set, 1), $0), apply(ScatterOperator(.add, 1), $0)].flatMap { $0 }
    },
    OperatorSample("variance", [x]) { [apply(VarianceOperator([0], correction: 1), $0[0])] },
    OperatorSample("arg_reduce", [x]) {
      [apply(ArgReduceOperator(.argmax, 1), $0[0]), apply(ArgReduceOperator(.argmin, 0), $0[0])]
    },
    OperatorSample("cumulative", [x]) {
      [apply(CumulativeOperator(.sum, 0), $0[0]), apply(CumulativeOperator(.product, 1), $0[0])]
    },
    OperatorSample("dropout", [x]) { [$0[0].dropout(0.4, key: RandomGenerator.current.nextKey())] },
    OperatorSample("dropout, in place", [x]) { [($0[0] * 2.0).dropout(0.4, key: RandomGenerator.current.nextKey())] },
    OperatorSample("random", [x]) { inputs in
      [inputs[0] * Tensor.randomNormal([3, 4], key: RandomGenerator.current.nextKey())]
    },
    OperatorSample("cross_entropy", [pattern([3, 5]), Tensor([1, -100, 4])]) {
      [$0[0].crossEntropy($0[1], labelSmoothing: 0.1), $0[0].crossEntropy($0[1], reduction: .none)]
    },
    OperatorSample("attention", [pattern([2, 4, 5, 8]), pattern([2, 2, 5, 8], 1), pattern([2, 2, 5, 8], 2)]) {
      [Tensor.attention(query: $0[0], key: $0[1], value: $0[2], isCausal: true)]
    },
    OperatorSample("attention with dropout", [pattern([1, 2, 5, 8]), pattern([1, 2, 5, 8], 1)]) {
      [
        Tensor.attention(
          query: $0[0], key: $0[1], value: $0[1], dropout: 0.3, dropoutKey: RandomGenerator.current.nextKey())
      ]
    },
  ]
}
