public import DeepSeekTensor

/// Stretched to a larger shape by NumPy's rules; moves no element.
public struct BroadcastOperator: Operator {
  /// The lengths of the result.
  public let target: Shape

  /// Stretched to `target`.
  public init(_ target: Shape) { self.target = target }

  /// `broadcast`.
  public var name: String { "broadcast" }
  /// A view.
  public var traits: OperatorTraits { [.view] }

  /// The target shape, which the input must stretch to.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    guard try Shape.broadcast(inputs[0].shape, target, in: name) == target else {
      throw mismatch("\(inputs[0].shape) does not stretch to \(target)")
    }
    return [TensorSpec(inputs[0].dtype, target)]
  }

  /// Strides of zero on the new axes.
  public func view(of input: Tensor, output: TensorSpec) -> Layout? { input.layout.broadcast(to: output.shape) }

  /// Copies the elements.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    inputs[0].broadcastView(outputs[0].shape).copyElements(to: outputs[0])
  }

  /// Summed over the stretched axes.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [context.gradient.sum(to: context.inputSpec(0).shape)]
  }

  /// With the symbols in the target replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> BroadcastOperator {
    BroadcastOperator(target.resolved(bindings))
  }
}

extension Tensor {
  /// Stretched to a larger shape by NumPy's rules, without a copy.
  public func broadcast(to shape: Shape, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if shape == self.shape { return self }
    return apply(BroadcastOperator(shape), self, file: file, line: line)
  }

  /// The ones that a backward walk from this tensor starts with. Of a place in a graph they are a place too: what becomes of
  /// them may have lengths that are known only when the graph runs.
  public func gradientSeed() -> Tensor {
    let ones = Tensor.ones(like: self)
    guard let builder = graphValue?.builder, ones.graphValue == nil else { return ones }
    do {
      return try builder.append(
        BroadcastOperator(shape), [Tensor.ones([], dtype: dtype)], outputs: [TensorSpec(dtype, shape)])[0]
    } catch {
      fatalError("broadcast: \(error)")
    }
  }

  /// Zeros of another tensor's type and shape; one zero, stretched.
  public static func zeros(like other: Tensor) -> Tensor { other.stretched(0, to: other.shape) }

  /// Ones of another tensor's type and shape; one one, stretched.
  public static func ones(like other: Tensor) -> Tensor { other.stretched(1, to: other.shape) }

  /// One number of this tensor's type stretched to a shape. When the shape has symbols, the stretch is noted in the graph
  /// that this tensor is a place of, to happen when it runs.
  func stretched(_ value: Double, to target: Shape) -> Tensor {
    let scalar = Tensor.full([], value, dtype: dtype)
    guard !target.isKnown, let builder = graphValue?.builder else { return scalar.broadcast(to: target) }
    do {
      return try builder.append(BroadcastOperator(target), [scalar], outputs: [TensorSpec(dtype, target)])[0]
    } catch {
      fatalError("broadcast: \(error)")
    }
  }
}
