import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

/// Makes a model's layers in an order in which each has what it reads, and gives them their weights.
struct KerasModelBuilder {
  let file: String
  let isModern: Bool

  /// Models in models: deeper than this is no honest file's.
  private static let largestDepth = 16

  /// Throws, naming all of them at once, when layers have no counterpart.
  static func expectKnown(_ architecture: KerasArchitecture, file: String) throws {
    var missing: [String: (count: Int, first: String)] = [:]
    func visit(_ architecture: KerasArchitecture, _ depth: Int) throws {
      guard depth < largestDepth else {
        throw InterchangeError(.malformed, file: file, "models lie in each other more than \(largestDepth) deep")
      }
      for layer in architecture.layers {
        if KerasArchitecture.kinds.contains(layer.kind) {
          try visit(KerasArchitecture(layer.configuration, file: file), depth + 1)
        } else if layer.kind != "InputLayer" && KerasLayerKind.table[layer.kind] == nil {
          missing[layer.kind, default: (0, layer.name)].count += 1
        }
      }
    }
    try visit(architecture, 0)
    if missing.isEmpty { return }
    if let lambda = missing["Lambda"] {
      throw InterchangeError(
        .unsupported, file: file, node: lambda.first, operation: "Lambda",
        "it holds Python's code, which is never run", advice: "replace it by a layer, or by one of your own in Swift")
    }
    let operators = missing.sorted { $0.key < $1.key }.map {
      InterchangeError.MissingOperator(name: $0.key, count: $0.value.count, firstNode: $0.value.first)
    }
    throw InterchangeError(
      .unsupportedOperators, file: file, operators: operators,
      "no counterpart for: \(operators.map(\.description).joined(separator: ", "))",
      advice: "KerasModel.layerKinds names what there is")
  }

  /// The model; with inputs of these types and shapes when another model calls it.
  func model(
    _ architecture: KerasArchitecture, inputs given: [TensorSpec]?, _ weights: inout KerasWeights
  ) throws -> Keras.Model {
    var build = Build(builder: self, architecture: architecture, given: given)
    for (index, layer) in architecture.layers.enumerated() {
      if KerasArchitecture.kinds.contains(layer.kind) {
        build.nested[index] = weights.nested(layer)
      } else {
        build.weights[index] = try reporting(layer) { try weights.next(layer) }
      }
    }
    return try architecture.isSequential ? build.sequential() : build.functional()
  }

  /// What went wrong at a layer, with its name.
  fileprivate func reporting<Result>(_ layer: KerasArchitecture.Layer, _ body: () throws -> Result) throws -> Result {
    func failure(_ kind: InterchangeError.Kind, _ message: String, _ advice: String = "") -> InterchangeError {
      InterchangeError(kind, file: file, node: layer.name, operation: layer.kind, message, advice: advice)
    }
    do {
      return try body()
    } catch let error as KerasLayerContext.Failure {
      throw failure(error.kind, error.message, error.advice)
    } catch let error as OperatorError {
      throw failure(.invalidNode, "\(error)")
    } catch let error as StateLoadingError {
      throw failure(.invalidNode, "its weights do not fit: \(error)")
    }
  }
}

/// One model being made.
private struct Build {
  let builder: KerasModelBuilder
  let architecture: KerasArchitecture
  /// What another model calls it with.
  let given: [TensorSpec]?
  /// By the layer's place.
  var weights: [Int: [Tensor]] = [:]
  var nested: [Int: KerasWeights] = [:]
  private var made: [Int: any Keras.Layer] = [:]

  init(builder: KerasModelBuilder, architecture: KerasArchitecture, given: [TensorSpec]?) {
    self.builder = builder
    self.architecture = architecture
    self.given = given
  }

  // MARK: Both forms

  /// Layers one after another.
  mutating func sequential() throws -> Keras.Model {
    var current: Keras.SymbolicTensor?
    for (index, layer) in architecture.layers.enumerated() {
      if layer.kind == "InputLayer" {
        if current == nil { current = try input(layer, place: 0) }
        continue
      }
      if current == nil { current = try firstInput(layer) }
      current = try call(index, layer, [current!])
    }
    guard let current, let first = inputs.first else {
      throw InterchangeError(.malformed, file: builder.file, "a model without layers")
    }
    return Keras.Model(inputs: [first], outputs: [current])
  }

  private var inputs: [Keras.SymbolicTensor] = []

  /// Layers as they branch: each call as soon as all that it reads is there.
  mutating func functional() throws -> Keras.Model {
    typealias Reference = KerasArchitecture.Reference
    var values: [Reference: Keras.SymbolicTensor] = [:]
    var readers: [Reference: [(layer: Int, call: Int)]] = [:]
    var missing: [[Int]] = []
    var ready: [(layer: Int, call: Int)] = []
    for (index, layer) in architecture.layers.enumerated() {
      let calls = layer.kind == "InputLayer" ? [[]] : layer.calls
      missing.append(calls.map { Set($0).count })
      for (call, reads) in calls.enumerated() {
        if layer.kind == "InputLayer" { ready.append((index, call)) }
        for reference in Set(reads) { readers[reference, default: []].append((index, call)) }
      }
    }
    var next = 0
    while next < ready.count {
      let (index, call) = ready[next]
      next += 1
      let layer = architecture.layers[index]
      let reference = Reference(layer: layer.name, call: call, output: 0)
      if layer.kind == "InputLayer" {
        let place = architecture.inputs.firstIndex { $0.layer == layer.name }
        values[reference] = try input(layer, place: place)
      } else {
        values[reference] = try self.call(index, layer, layer.calls[call].map { values[$0]! })
      }
      for reader in readers[reference] ?? [] {
        missing[reader.layer][reader.call] -= 1
        if missing[reader.layer][reader.call] == 0 { ready.append(reader) }
      }
    }
    func find(_ reference: Reference, _ what: String) throws -> Keras.SymbolicTensor {
      guard let value = values[reference] else {
        throw InterchangeError(
          .malformed, file: builder.file, node: reference.layer,
          "\(what) reads its call \(reference.call), output \(reference.output), which is not there or never ready")
      }
      return value
    }
    let inputs = try architecture.inputs.map { try find($0, "the model's input") }
    let outputs = try architecture.outputs.map { try find($0, "the model's output") }
    try expectReachable(outputs: architecture.outputs, inputs: Set(architecture.inputs.map(\.layer)))
    return Keras.Model(inputs: inputs, outputs: outputs)
  }

  /// Throws when the outputs need an input that is not among the model's.
  private func expectReachable(outputs: [KerasArchitecture.Reference], inputs: Set<String>) throws {
    let layers = Dictionary(architecture.layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var stack = outputs
    var seen = Set(outputs)
    while let reference = stack.popLast() {
      guard let layer = layers[reference.layer] else { continue }
      if layer.kind == "InputLayer" && !inputs.contains(layer.name) {
        throw InterchangeError(
          .malformed, file: builder.file, node: layer.name,
          "the outputs need it, and it is not among the model's inputs")
      }
      guard layer.calls.indices.contains(reference.call) else { continue }
      for read in layer.calls[reference.call] where seen.insert(read).inserted { stack.append(read) }
    }
  }

  // MARK: Inputs

  private mutating func input(_ layer: KerasArchitecture.Layer, place: Int?) throws -> Keras.SymbolicTensor {
    let shape = layer.configuration["batch_shape"] ?? layer.configuration["batch_input_shape"]
    return try builder.reporting(layer) {
      try made(shape, layer.configuration["dtype"], place: place, name: layer.name)
    }
  }

  /// The input of a Sequential model whose first layer says it, or the model itself.
  private mutating func firstInput(_ layer: KerasArchitecture.Layer) throws -> Keras.SymbolicTensor {
    let own = layer.configuration["batch_input_shape"]
    let inner = layer.configuration["layer"]?["config"]?["batch_input_shape"]
    // What an embedding is called with are indices, whatever its own type.
    let dtype: JSONValue? = layer.kind == "Embedding" ? .string("int32") : layer.configuration["dtype"]
    return try builder.reporting(layer) {
      try made(own ?? inner ?? architecture.inputShape, dtype, place: 0, name: nil)
    }
  }

  private mutating func made(
    _ shape: JSONValue?, _ type: JSONValue?, place: Int?, name: String?
  ) throws -> Keras.SymbolicTensor {
    if let given, let place, given.indices.contains(place) {
      let lengths = given[place].shape.dimensions.dropFirst()
      let tensor = Keras.Input(Array(lengths), dtype: given[place].dtype, name: name)
      inputs.append(tensor)
      return tensor
    }
    guard let lengths = shape?.array, !lengths.isEmpty, lengths.count <= Shape.maximumRank else {
      throw KerasLayerContext.Failure(
        kind: .unsupported, message: "the shape of the model's input is not saved",
        advice: "build the model with an input shape before it is saved")
    }
    let dimensions = try lengths.dropFirst().map { length -> Dimension? in
      if length.isNull { return nil }
      guard let number = length.integer, (0...KerasLayerContext.largestSize).contains(number) else {
        throw KerasLayerContext.Failure(kind: .invalidNode, message: "its shape is not lengths")
      }
      return Dimension(number)
    }
    // A policy of mixed types has its inputs in float32; so have we all that is computed in halves.
    var dtype = type?.string.flatMap { DType(name: $0) } ?? .float32
    if dtype == .float16 || dtype == .bfloat16 { dtype = .float32 }
    guard dtype.isArithmetic || dtype == .bool else {
      throw KerasLayerContext.Failure(kind: .unsupported, message: "its elements are \(dtype)")
    }
    let tensor = Keras.Input(dimensions, dtype: dtype, name: name)
    inputs.append(tensor)
    return tensor
  }

  // MARK: Layers

  private mutating func call(
    _ index: Int, _ layer: KerasArchitecture.Layer, _ tensors: [Keras.SymbolicTensor]
  ) throws -> Keras.SymbolicTensor {
    let isModel = KerasArchitecture.kinds.contains(layer.kind)
    return try builder.reporting(layer) {
      let specs = tensors.map(\.spec)
      let result: Keras.SymbolicTensor
      if let known = made[index] {
        // Weights are there; the new input must fit them as the first did.
        if !isModel { _ = try row(index, layer, specs) }
        result = known(tensors)
      } else if isModel {
        let model = try model(index, layer, specs)
        made[index] = model
        result = model(tensors)
      } else {
        let built = try row(index, layer, specs)
        let named = Named(built.layer, layer.name)
        made[index] = named
        result = named(tensors)
        if let module = named.core.module { try module.load(StateDictionary(built.state)) }
        if layer.configuration["trainable"]?.bool == false {
          for named in named.core.module?.namedParameters() ?? [] { named.parameter.isTrainable = false }
        }
      }
      try GraphAssembler.checkSize(result.spec)
      return result
    }
  }

  private func row(_ index: Int, _ layer: KerasArchitecture.Layer, _ specs: [TensorSpec]) throws -> KerasLayer {
    for spec in specs { try GraphAssembler.checkSize(spec) }
    return try KerasLayerKind.table[layer.kind]!.build(
      KerasLayerContext(
        configuration: layer.configuration, specs: specs, weights: weights[index] ?? [], isModern: builder.isModern))
  }

  private func model(
    _ index: Int, _ layer: KerasArchitecture.Layer, _ specs: [TensorSpec]
  ) throws -> any Keras.Layer {
    let architecture = try KerasArchitecture(layer.configuration, file: builder.file)
    var inner = nested[index]!
    let count = architecture.isSequential ? 1 : architecture.inputs.count
    guard specs.count == count, architecture.isSequential || architecture.outputs.count == 1 else {
      throw KerasLayerContext.Failure(
        kind: .unsupported,
        message: "a model within the model of \(count) inputs, called with \(specs.count), or of several outputs")
    }
    let model = try builder.model(architecture, inputs: specs, &inner)
    return Keras.Layers.Wrapped(model: model, name: layer.name)
  }
}

/// A layer under its name in the architecture.
private struct Named: Keras.Layer {
  let core: Keras.LayerCore

  init(_ layer: any Keras.Layer, _ name: String) { core = layer.core.named(name) }
}
