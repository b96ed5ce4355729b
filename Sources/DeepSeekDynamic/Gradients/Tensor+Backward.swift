public import DeepSeekOperators
public import DeepSeekTensor

extension Tensor {
  /// Walks back from this tensor and adds the gradients of all parameters that it was computed from to theirs
  /// (``Parameter/gradient``), for an optimizer's step to use.
  ///
  /// `gradient` is that of something with respect to this tensor, of the same shape; it may be left out for a scalar, and
  /// is 1 then. Traps when this tensor was computed from no parameter or leaf.
  ///
  /// With `retainGraph`, what the walk read is kept, so that it can be walked again; otherwise it is released as the walk
  /// goes. With `createGraph`, the gradients returned can be differentiated again; those in the parameters are values alone.
  ///
  /// - Returns: the gradients of the leaves made by ``requiringGradient()``.
  @discardableResult
  public func backward(
    gradient: Tensor? = nil, retainGraph: Bool = false, createGraph: Bool = false, file: StaticString = #file,
    line: UInt = #line
  ) -> GradientMap {
    if !tracksGradient {
      fatalError(
        "backward: this \(spec) was computed from no parameter that wants a gradient, or inside `noGradient`",
        file: file, line: line)
    }
    var options = BackwardOptions()
    options.retainGraph = retainGraph
    options.createGraph = createGraph
    options.accumulatesIntoParameters = true
    let start = gradient ?? scalarSeed("backward", file: file, line: line)
    return DeepSeekOperators.backward(from: [self], gradients: [start], options: options)
  }

  /// The 1 from which a walk back from a scalar starts; traps for anything larger.
  func scalarSeed(_ operation: String, file: StaticString, line: UInt) -> Tensor {
    if shape.isKnown && elementCount != 1 {
      fatalError(
        "\(operation): the result has shape \(shape); only a scalar has a gradient of its own, so reduce it or give one",
        file: file, line: line)
    }
    return gradientSeed()
  }
}
