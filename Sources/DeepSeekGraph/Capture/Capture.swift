public import DeepSeekTensor

/// Runs `body` once on places of a graph instead of values, and returns the graph of what it computes.
///
/// ```swift
/// let batch = Dimension.symbol("batch")
/// let graph = try capture([("x", TensorSpec(.float32, Shape([batch, 4])))]) { inputs in
///   [("y", (inputs["x"]! * 2).sum(axis: 1))]
/// }
/// ```
///
/// Concrete tensors that `body` reads become constants, parameters named variables, random keys inputs that each run
/// draws. A parameter that `body` assigns becomes a variable with an update: so a whole training step, backward walk and
/// all, can be captured. Gradients that parameters held before are put back afterwards. Lengths that are symbols stay
/// open; code that asks for the number behind one traps.
///
/// - Parameters:
///   - inputs: Names, types and shapes of what the graph is fed.
///   - naming: Names for parameters, as a module's state dictionary has them.
/// - Throws: ``GraphError`` when the outputs do not make a whole graph, and whatever `body` throws.
public func capture(
  _ inputs: [(name: String, spec: TensorSpec)], naming: [(name: String, parameter: Parameter)] = [],
  _ body: ([String: Tensor]) throws -> [(name: String, tensor: Tensor)]
) throws -> Graph {
  let builder = GraphBuilder(naming: naming)
  defer { builder.close() }
  var places: [String: Tensor] = [:]
  for (name, spec) in inputs { places[name] = try builder.input(name, spec) }
  let outputs = try builder.building { try body(places) }
  return try builder.finish(outputs: outputs)
}

/// As above, for code whose inputs and outputs have no names of their own: they are called `input_0` and `output_0`, and
/// so on.
public func capture(
  _ inputs: [TensorSpec], naming: [(name: String, parameter: Parameter)] = [], _ body: ([Tensor]) throws -> [Tensor]
) throws -> Graph {
  let named = inputs.enumerated().map { (name: "input_\($0.offset)", spec: $0.element) }
  return try capture(named, naming: naming) { places in
    let outputs = try body(named.map { places[$0.name]! })
    return outputs.enumerated().map { (name: "output_\($0.offset)", tensor: $0.element) }
  }
}

/// As above, for a function of one tensor with one output: `input_0` and `output_0`.
public func capture(
  _ input: TensorSpec, naming: [(name: String, parameter: Parameter)] = [], _ body: (Tensor) throws -> Tensor
) throws -> Graph {
  try capture([input], naming: naming) { [try body($0[0])] }
}
