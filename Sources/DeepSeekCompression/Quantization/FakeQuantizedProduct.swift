import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// A layer's product as it will be with few bits, while the weight itself is still trained. Step sizes learn with it, under
/// `weight_step` and `input_step`.
final class FakeQuantizedProduct: LayerProduct {
  /// The integers of an input of so many bits with a learned step.
  static func inputIntegers(_ bits: Int) -> ClosedRange<Int> { -(1 << (bits - 1))...(1 << (bits - 1)) - 1 }
  /// Below this a step would be no normal number.
  private static let smallestStep = 1e-12

  let format: WeightFormat
  /// One for each scale, flat, so that optimizers take it for what it is and do not decay it.
  let weightStep: Parameter
  /// A scalar; `nil` where ranges are found row by row, or inputs stay as they are.
  let inputStep: Parameter?
  /// Bits of an input; `nil` where inputs stay as they are.
  private let inputBits: Int?

  init(_ format: WeightFormat, scales: Tensor, inputStep: Double?, inputBits: Int?) {
    self.format = format
    weightStep = Parameter(scales.reshaped([scales.elementCount]))
    self.inputStep = inputStep.map { Parameter(Tensor.full([], $0)) }
    self.inputBits = inputBits
  }

  var fields: [ModuleField] {
    [ModuleField("weight_step", .parameter(weightStep))]
      + (inputStep.map { [ModuleField("input_step", .parameter($0))] } ?? [])
  }

  func linear(_ input: Tensor, weight: Tensor, bias: Tensor?, activation: Activation) -> Tensor {
    let groups = WeightGrid.grouped(weight, format)
    let scales = FakeQuantizedProduct.positive(weightStep.tensor).reshaped([groups.shape[0], groups.shape[1], 1])
    let integers = format.integers
    let seen = groups.fakeQuantized(
      scale: scales.cast(to: weight.dtype), zeroPoint: Tensor.zeros([], dtype: weight.dtype), integers.lowerBound,
      integers.upperBound,
      scaleGradientFactor: FakeQuantizedProduct.factor(groups.shape[2], integers.upperBound)
    ).reshaped(weight.shape)
    return seeing(input).linear(seen, bias: bias, activation: activation)
  }

  private func seeing(_ input: Tensor) -> Tensor {
    guard let inputBits else { return input }
    let zero = Tensor.zeros([], dtype: input.dtype)
    if let inputStep {
      let integers = FakeQuantizedProduct.inputIntegers(inputBits)
      return input.fakeQuantized(
        scale: FakeQuantizedProduct.positive(inputStep.tensor).cast(to: input.dtype), zeroPoint: zero,
        integers.lowerBound, integers.upperBound,
        scaleGradientFactor: FakeQuantizedProduct.factor(input.shape[input.rank - 1], integers.upperBound))
    }
    let integers = 0...QuantizedInput.largest(bits: inputBits)
    let values = input.detached()
    let low = values.min(axis: -1, keepAxes: true).minimum(0)
    let high = values.max(axis: -1, keepAxes: true).maximum(0)
    let scale = ((high - low) / Double(integers.upperBound)).maximum(FakeQuantizedProduct.smallestStep)
    return input.fakeQuantized(
      scale: scale, zeroPoint: (-low / scale).round(), integers.lowerBound, integers.upperBound)
  }

  /// A step is a size, whatever sign training gave it.
  private static func positive(_ step: Tensor) -> Tensor { step.abs().maximum(smallestStep) }

  /// 1/√(n · largest), as the paper has it.
  private static func factor(_ count: Int, _ largest: Int) -> Double { 1 / Double(count * largest).squareRoot() }

  /// The grid that was learned, for a weight `[outputs, inputs]`.
  func grid(outputs: Int) -> WeightGrid {
    let scales = FakeQuantizedProduct.positive(weightStep.value)
    return WeightGrid(scales: scales.reshaped([outputs, scales.elementCount / outputs, 1]), format)
  }

  /// How inputs are kept once training is over.
  var quantizedInput: QuantizedInput {
    guard let inputBits else { return .unquantized }
    guard let inputStep else { return .dynamic(bits: inputBits) }
    let step = FakeQuantizedProduct.positive(inputStep.value).item(as: Float.self)
    return .fixed(
      scale: step, zeroPoint: -FakeQuantizedProduct.inputIntegers(inputBits).lowerBound, bits: inputBits)
  }
}
