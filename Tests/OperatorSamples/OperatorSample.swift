import DeepSeekOperators
public import DeepSeekTensor

/// One row of the operator table: a call, its inputs, and what PyTorch calls the same thing.
///
/// Everything that tests an operator runs over these rows: values and gradients against stored references, gradients
/// against finite differences, eager against captured, strided inputs, element types, instruction sets and threads. A new
/// operator is covered by adding a row and running `make_references.py`.
public struct OperatorSample: Sendable {
  /// A name unique in the table: the operator, then what is special about this row.
  public let name: String
  /// How the inputs are made.
  public let inputs: [SampleInput]
  /// The same computation as a Python expression over `torch`, `F` and the inputs `a`, `b`, `c` …; `nil` where PyTorch has
  /// none, in which case the `float64` result, tested by other rows, is what the other types are compared with.
  public let torch: String?
  /// The types that the inputs without a type of their own take in turn.
  public let dtypes: [DType]
  /// How many derivatives are tested: 0, 1 or 2.
  public let derivatives: Int
  /// How much larger than usual an error may be.
  public let tolerance: Double
  /// How far another library may be whatever the type, where values are rounded to steps and its last bit decides to which;
  /// `nil` where results do not jump.
  public let stepError: Double?
  /// Whether the gradient is the true one, which finite differences can test; false where it is held back on purpose.
  public let hasTrueGradient: Bool
  /// Whether `float16` and `bfloat16` give `float32`.
  public let widensHalves: Bool
  /// Whether the row can be captured in a graph; false where a shape follows from values.
  public let captures: Bool
  /// Operator types that the row tests and that a capture of it would not show.
  public let covers: [any Operator.Type]
  /// The computation.
  public let body: @Sendable ([Tensor]) -> [Tensor]

  /// The inputs in `dtype`, where they have no type of their own, laid out as told.
  public func makeInputs(_ dtype: DType, _ layout: SampleLayout = .contiguous) -> [Tensor] {
    inputs.enumerated().map { index, input in
      layout.arranged(input.make(seed: Digest(name).combined(UInt64(index)).value, dtype))
    }
  }

  /// Which inputs gradients are taken of.
  public var differentiable: [Int] { inputs.indices.filter { inputs[$0].isDifferentiable } }

  /// The sum of the outputs, each element times a weight: a scalar whose gradient tests all outputs at once.
  public static func weightedSum(_ outputs: [Tensor], phase: Int) -> Tensor? {
    var total: Tensor?
    for output in outputs where output.dtype.isFloatingPoint && output.tracksGradient {
      let term = (output * weights(output.shape, phase: phase).cast(to: output.dtype)).sum()
      total = total.map { $0 + term } ?? term
    }
    return total
  }

  /// Weights that differ from element to element, the same in `make_references.py`.
  public static func weights(_ shape: Shape, phase: Int) -> Tensor {
    Tensor(shape, (0..<shape.elementCount).map { Double(($0 * 7 + phase) % 13 - 6) / 8 })
  }

  /// What the stored reference was made from: expression and inputs.
  public var digest: String {
    var digest = Digest(torch ?? "")
    for input in makeInputs(.float64) {
      digest = digest.combined("\(input.spec)")
      input.withUnsafeBytes { digest = digest.combined($0) }
    }
    return String(digest.value, radix: 16)
  }
}

extension OperatorSample: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

/// The FNV-1a hash, which is the same in every process and on every machine.
struct Digest {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  init(_ text: String) { self = combined(text) }

  private init() {}

  func combined(_ text: String) -> Digest { combined(Array(text.utf8)) }

  func combined(_ number: UInt64) -> Digest { withUnsafeBytes(of: number.littleEndian) { combined($0) } }

  func combined(_ bytes: some Sequence<UInt8>) -> Digest {
    var result = self
    for byte in bytes { result.value = (result.value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return result
  }
}
