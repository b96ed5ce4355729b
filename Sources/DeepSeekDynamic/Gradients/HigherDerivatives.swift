import DeepSeekOperators
public import DeepSeekTensor

/// The value of `function` at `point` and the product of `cotangent` with its Jacobian: one walk back.
///
/// `cotangent` has the shape of the value, the product that of the point.
public func vectorJacobianProduct(
  at point: Tensor, _ cotangent: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, product: Tensor) {
  let input = point.detached().requiringGradient()
  let value = try withGradient { try function(input) }
  expectShape(cotangent, value.shape, "vectorJacobianProduct: the cotangent", "the value")
  let found = gradients(of: [value], withRespectTo: [input], gradients: [cotangent])
  return (value.detached(), found[0] ?? Tensor.zeros(like: point))
}

/// The value of `function` at `point` and the product of its Jacobian with `tangent`.
///
/// `tangent` has the shape of the point, the product that of the value. Two walks back: the first one's result is linear in
/// its cotangent, and its derivative along the tangent is the product (Townsend, "A new trick for calculating Jacobian
/// vector products", 2017).
public func jacobianVectorProduct(
  at point: Tensor, _ tangent: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, product: Tensor) {
  expectShape(tangent, point.shape, "jacobianVectorProduct: the tangent", "the point")
  let input = point.detached().requiringGradient()
  let value = try withGradient { try function(input) }
  let cotangent = Tensor.zeros(value.shape, dtype: value.dtype).requiringGradient()
  var options = BackwardOptions()
  options.createGraph = true
  let pulled = gradients(of: [value], withRespectTo: [input], gradients: [cotangent], options: options)[0]
  guard let pulled, pulled.tracksGradient else { return (value.detached(), Tensor.zeros(like: value)) }
  let product = gradients(of: [pulled], withRespectTo: [cotangent], gradients: [tangent])[0]
  return (value.detached(), product ?? Tensor.zeros(like: value))
}

/// The gradient of a scalar function at `point` and the product of its Hessian with `vector`, both of the point's shape.
///
/// Costs two walks back; the Hessian is never formed.
public func hessianVectorProduct(
  at point: Tensor, _ vector: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> (gradient: Tensor, product: Tensor) {
  expectShape(vector, point.shape, "hessianVectorProduct: the vector", "the point")
  let input = point.detached().requiringGradient()
  let slope = try gradient(at: input, createGraph: true, of: function)
  guard slope.tracksGradient else { return (slope, Tensor.zeros(like: point)) }
  let product = gradients(of: [slope], withRespectTo: [input], gradients: [vector])[0]
  return (slope.detached(), product ?? Tensor.zeros(like: point))
}

/// The derivative of every element of `function`'s value by every element of the point: `[value's axes…, point's axes…]`.
///
/// One walk back for each element of the value. With `createGraph` the result can be differentiated again.
public func jacobian(
  at point: Tensor, createGraph: Bool = false, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  let input = point.tracksGradient ? point : point.requiringGradient()
  let value = try withGradient { try function(input) }
  let count = value.elementCount
  let shape = Shape(Array(value.shape) + Array(input.shape))
  guard value.tracksGradient, count > 0 else { return Tensor.zeros(shape, dtype: value.dtype) }
  var options = BackwardOptions()
  options.createGraph = createGraph
  options.retainGraph = true
  let flat = createGraph ? withGradient { value.reshaped([count]) } : withGradient { value.flattened() }
  let rows = (0..<count).map { row in
    let unit = Tensor([count], (0..<count).map { $0 == row ? 1.0 : 0.0 }).converted(to: value.dtype)
    let found = gradients(of: [flat], withRespectTo: [input], gradients: [unit], options: options)
    return (found[0] ?? Tensor.zeros(like: input)).reshaped([1, input.elementCount])
  }
  let joined = createGraph ? withGradient { Tensor.concatenate(rows, axis: 0) } : Tensor.concatenate(rows, axis: 0)
  return joined.reshaped(shape)
}

/// The second derivatives of a scalar function: `[point's axes…, point's axes…]`. One walk back for each element of the
/// point.
public func hessian(at point: Tensor, of function: (Tensor) throws -> Tensor) rethrows -> Tensor {
  let input = point.detached().requiringGradient()
  return try jacobian(at: input) { try gradient(at: $0, createGraph: true, of: function) }
}

private func expectShape(_ tensor: Tensor, _ expected: Shape, _ what: String, _ whose: String) {
  if tensor.shape != expected { fatalError("\(what) has shape \(tensor.shape), \(whose) \(expected)") }
}
