import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// `EinsumDense`: a product whose equation says which axes meet.
  static let einsum: [String: KerasLayerKind] = [
    "EinsumDense": KerasLayerKind { context in
      let spec = try context.input()
      let text = try context.string("equation", default: "")
      guard let equation = KerasEquation(text) else { throw context.unsupported("'equation' is '\(text)'") }
      let axes = try context.value(["bias_axes"]) == nil ? nil : context.string("bias_axes", default: "")
      guard context.weights.count == (axes == nil ? 1 : 2), context.weights[0].dtype.isFloatingPoint else {
        throw context.invalid("it has \(context.weights.count) weights in the file")
      }
      let weight = context.weights[0]
      try equation.check(context, spec, weight)
      var state = ["weight": weight]
      if let axes {
        let shape = try equation.biasShape(context, spec, weight, axes)
        guard context.weights[1].shape.elementsEqual(shape) else {
          throw context.invalid("its bias is \(context.weights[1].spec), \(shape) is expected")
        }
        state["bias"] = context.weights[1]
      }
      let product = EinsumProduct(text, weight.shape, bias: axes == nil ? nil : context.weights[1].shape, spec.dtype)
      return KerasLayer(
        KerasModule("EinsumDense", product, activation: try context.activation()) { product($0[0]) }, state)
    }
  ]
}

/// An equation of two operands, the second being a weight: `abc,cd->abd`, with `...` at one side of the first and the result.
private struct KerasEquation {
  private let input: [Character]
  private let weight: [Character]
  private let output: [Character]
  private let dots: (left: Bool, right: Bool)

  init?(_ text: String) {
    let sides = text.split(separator: ">", omittingEmptySubsequences: false)
    guard sides.count == 2, sides[0].hasSuffix("-") else { return nil }
    let operands = sides[0].dropLast().split(separator: ",", omittingEmptySubsequences: false)
    guard operands.count == 2 else { return nil }
    let (first, last) = (KerasEquation.term(operands[0]), KerasEquation.term(sides[1]))
    guard first.left == last.left, first.right == last.right, !(first.left && first.right) else { return nil }
    (input, weight, output) = (first.labels, Array(operands[1]), last.labels)
    dots = (first.left, first.right)
    let isKnown = [input, weight, output].allSatisfy { labels in
      !labels.isEmpty && labels.allSatisfy { $0.isASCII && $0.isLetter } && Set(labels).count == labels.count
    }
    let all = Set(input).union(weight)
    guard isKnown, output.allSatisfy(all.contains), weight.allSatisfy({ input.contains($0) || output.contains($0) })
    else { return nil }
  }

  private static func term(_ text: Substring) -> (labels: [Character], left: Bool, right: Bool) {
    let (left, right) = (text.hasPrefix("..."), text.hasSuffix("..."))
    return (Array(text.dropFirst(left ? 3 : 0).dropLast(right && text.count > 3 ? 3 : 0)), left, right)
  }

  /// Axes that the dots stand for.
  private func elided(_ spec: TensorSpec) -> Int { spec.shape.rank - input.count }

  /// The length of an axis by its label; `nil` where it is not known.
  private func length(_ label: Character, _ spec: TensorSpec, _ kernel: Tensor) -> Int? {
    if let place = weight.firstIndex(of: label) { return kernel.shape[place] }
    return input.firstIndex(of: label).flatMap { spec.shape.dimension($0 + (dots.left ? elided(spec) : 0)).known }
  }

  /// Throws unless the input and the weight fit the equation and each other.
  func check(_ context: KerasLayerContext, _ spec: TensorSpec, _ kernel: Tensor) throws {
    let elided = elided(spec)
    // Examples stay apart, and come first.
    guard dots.left && elided > 0 || input[0] == output[0] else {
      throw context.unsupported("an equation that moves the examples")
    }
    guard dots.left || dots.right ? elided >= 0 : elided == 0, kernel.rank == weight.count,
      spec.shape.rank + kernel.rank <= Shape.maximumRank, kernel.shape.allSatisfy({ $0 > 0 })
    else { throw context.invalid("its input is \(spec), its weight \(kernel.spec)") }
    for (place, label) in input.enumerated() where weight.contains(label) {
      guard spec.shape.dimension(place + (dots.left ? elided : 0)).known == length(label, spec, kernel) else {
        throw context.invalid("its input is \(spec), its weight \(kernel.spec): axis '\(label)' differs")
      }
    }
  }

  /// A length for each axis of the result from the first that the bias has on, 1 where it has none.
  func biasShape(_ context: KerasLayerContext, _ spec: TensorSpec, _ kernel: Tensor, _ axes: String) throws -> [Int] {
    guard let first = output.firstIndex(where: { axes.contains($0) }), axes.allSatisfy(output.contains) else {
      throw context.invalid("'bias_axes' is '\(axes)'")
    }
    let lengths = try output[first...].map { label -> Int in
      guard axes.contains(label) else { return 1 }
      guard let length = length(label, spec, kernel) else {
        throw context.unsupported("a bias along axis '\(label)' of \(spec), whose length is not known")
      }
      return length
    }
    return lengths + Array(repeating: 1, count: dots.right ? elided(spec) : 0)
  }
}

/// A sum of products with a weight, and perhaps a bias.
private final class EinsumProduct: Layer {
  let weight: Parameter
  let bias: Parameter?
  private let equation: String

  init(_ equation: String, _ shape: Shape, bias: Shape?, _ dtype: DType) {
    self.equation = equation
    weight = Parameter(.zeros(shape, dtype: dtype))
    self.bias = bias.map { Parameter(.zeros($0, dtype: dtype)) }
  }

  func callAsFunction(_ input: Tensor) -> Tensor {
    let product = Tensor.einsum(equation, input, weight.tensor)
    return bias.map { product + $0.tensor } ?? product
  }
}
