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
  /// Calls of layers, those of models in models each time that these are called: more than this is no honest file's.
  private static let largestCallCount = 1 << 18

  /// Throws, naming all of them at once, when layers have no counterpart.
  static func expectKnown(_ architecture: KerasArchitecture, file: String) throws {
    var missing: [String: (count: Int, first: String)] = [:]
    // Gives the number of calls.
    func visit(_ architecture: KerasArchitecture, _ depth: Int) throws -> Int {
      guard depth < largestDepth else {
        throw InterchangeError(.malformed, file: file, "models lie in each other more than \(largestDepth) deep")
      }
      var count = 0
      for layer in architecture.layers {
        let calls = max(layer.calls.count, 1)
        count += calls
        if KerasArchitecture.kinds.contains(layer.kind) {
          // Once when it is made, and once for each call.
          let inner = try visit(KerasArchitecture(layer.configuration, file: file), depth + 1)
          count += inner * (calls + 1)
        } else if layer.kind != "InputLayer" && KerasLayerKind.table[layer.kind] == nil {
          missing[layer.kind, default: (0, layer.name)].count += 1
        }
        guard count <= largestCallCount else {
          throw InterchangeError(.tooLarge, file: file, "its layers are called more than \(largestCallCount) times")
        }
      }
      return count
    }
    _ = try visit(architecture, 0)
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
        build.weights[index] = layer.isOperation ? [] : try reporting(layer) { try weights.next(layer) }
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
  /// What each layer was called with the first time.
  private var firstSpecs: [Int: [TensorSpec]] = [:]
  private var firstTypes: [Int: DType] = [:]

  /// Layers that are made for the lengths or the number of tensors that they first meet, and models, whose layers may be.
  private static let boundKinds: Set<String> = [
    "CenterCrop", "Cropping1D", "Cropping2D", "Cropping3D", "Dot", "Flatten", "GlobalAveragePooling1D",
    "GroupNormalization", "Normalization", "RNN", "Reshape", "Softmax", "TimeDistributed", "UnitNormalization",
  ]

  init(builder: KerasModelBuilder, architecture: KerasArchitecture, given: [TensorSpec]?) {
    self.builder = builder
    self.architecture = architecture
    self.given = given
  }

  // MARK: Both forms

  /// Layers one after another.
  mutating func sequential() throws -> Keras.Model {
    var current: KerasValue?
    for (index, layer) in architecture.layers.enumerated() {
      if layer.kind == "InputLayer" {
        if current == nil { current = KerasValue(try input(layer, place: 0)) }
        continue
      }
      if current == nil { current = KerasValue(try firstInput(layer)) }
      current = try call(index, layer, KerasArchitecture.Call(), [current!])[0]
    }
    guard let current, let first = inputs.first else {
      throw InterchangeError(.malformed, file: builder.file, "a model without layers")
    }
    return Keras.Model(inputs: [first], outputs: [current.tensor])
  }

  private var inputs: [Keras.SymbolicTensor] = []

  /// Layers as they branch: each call as soon as all that it reads is there.
  mutating func functional() throws -> Keras.Model {
    typealias Reference = KerasArchitecture.Reference
    var values: [Reference: KerasValue] = [:]
    var readers: [Reference: [(layer: Int, call: Int)]] = [:]
    var missing: [[Int]] = []
    var ready: [(layer: Int, call: Int)] = []
    for (index, layer) in architecture.layers.enumerated() {
      let calls = layer.kind == "InputLayer" ? [[]] : layer.calls.map(\.reads)
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
      var outputs: [KerasValue]
      if layer.kind == "InputLayer" {
        let place = architecture.inputs.firstIndex { $0.layer == layer.name }
        outputs = [KerasValue(try input(layer, place: place))]
      } else {
        let what = layer.calls[call]
        outputs = try self.call(
          index, layer, what, what.tensors.map { values[$0]! },
          named: what.named.mapValues { $0.map { $0.map { values[$0]! } } })
      }
      for (output, value) in outputs.enumerated() {
        let reference = Reference(layer: layer.name, call: call, output: output)
        values[reference] = value
        for reader in readers[reference] ?? [] {
          missing[reader.layer][reader.call] -= 1
          if missing[reader.layer][reader.call] == 0 { ready.append(reader) }
        }
      }
    }
    func find(_ reference: Reference, _ what: String) throws -> Keras.SymbolicTensor {
      guard let value = values[reference] else {
        throw InterchangeError(
          .malformed, file: builder.file, node: reference.layer,
          "\(what) reads its call \(reference.call), output \(reference.output), which is not there or never ready")
      }
      return value.tensor
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
      for read in layer.calls[reference.call].reads where seen.insert(read).inserted { stack.append(read) }
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
      guard let number = length.integer, (1...KerasLayerContext.largestSize).contains(number) else {
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
    _ index: Int, _ layer: KerasArchitecture.Layer, _ call: KerasArchitecture.Call, _ given: [KerasValue],
    named: [String: [KerasValue?]] = [:]
  ) throws -> [KerasValue] {
    try builder.reporting(layer) {
      let isModel = KerasArchitecture.kinds.contains(layer.kind)
      let plan = try isModel ? wholeModel(given, named) : self.plan(index, layer, call, given, named)
      let specs = plan.inputs.map(\.spec)
      firstTypes[index] = firstTypes[index] ?? specs.first?.dtype
      let results: [Keras.SymbolicTensor]
      if isModel || layer.isOperation || Build.boundKinds.contains(layer.kind) {
        let first = firstSpecs[index, default: specs]
        func lengths(_ specs: [TensorSpec]) -> [[Int?]] { specs.map { $0.shape.dimensions.map(\.known) } }
        guard first.map(\.dtype) == specs.map(\.dtype), lengths(first) == lengths(specs) else {
          throw ImportFailure(kind: .unsupported, message: "it is called with \(first), and again with \(specs)")
        }
        firstSpecs[index] = first
      }
      if made[index] != nil { try expectSameKind(index, layer, call, specs) }
      if let known = made[index] {
        // Weights are there; the new input must fit them as the first did.
        if !isModel { _ = try row(index, layer, call, specs) }
        results = known.outputs(plan.inputs)
      } else if isModel {
        let model = try model(index, layer, specs)
        made[index] = model
        results = model.outputs(plan.inputs)
      } else {
        let built = try row(index, layer, call, specs)
        let named = KerasNamed(built.layer, layer.name)
        made[index] = named
        results = named.outputs(plan.inputs)
        if let module = named.core.module { try module.load(StateDictionary(built.state)) }
        if layer.configuration["trainable"]?.bool == false {
          for named in named.core.module?.namedParameters() ?? [] { named.parameter.isTrainable = false }
        }
      }
      for result in results { try GraphAssembler.checkSize(result.spec) }
      return results.enumerated().map { place, result in
        KerasValue(result, mask: plan.masks.indices.contains(place) ? plan.masks[place] : nil)
      }
    }
  }

  /// Throws unless a layer that is there can be called so too: its weights have the type that it first met, and an operation
  /// has the numbers that it was first called with.
  private func expectSameKind(
    _ index: Int, _ layer: KerasArchitecture.Layer, _ call: KerasArchitecture.Call, _ specs: [TensorSpec]
  ) throws {
    let isModel = KerasArchitecture.kinds.contains(layer.kind)
    let isSame =
      firstTypes[index] == specs.first?.dtype && (!isModel || Build.isRenamed(firstSpecs[index] ?? [], specs))
    guard isSame, !layer.isOperation || call.values == layer.calls.first?.values else {
      throw ImportFailure(
        kind: .unsupported, message: "it is called again, with \(specs), in other ways than before")
    }
  }

  /// How the layer is called, masks among its inputs. A mask must have the shape of the steps that it is of.
  private func plan(
    _ index: Int, _ layer: KerasArchitecture.Layer, _ call: KerasArchitecture.Call, _ given: [KerasValue],
    _ named: [String: [KerasValue?]]
  ) throws -> KerasCallPlan {
    let context = layerContext(index, layer, call, given.map(\.tensor.spec))
    if !layer.isOperation { try call.expectTensors(context) }
    // Layers that prepare images are called so as a matter of course.
    let preparesImages = layer.kind.hasPrefix("Random") || layer.kind == "Resizing" || layer.kind == "CenterCrop"
    if call.options["training"]?.bool == true, !preparesImages {
      throw context.unsupported("it is called as in training")
    }
    let rule = KerasLayerKind.table[layer.kind]!.masks
    if case .softmax = rule {
    } else if let mask = named["mask"]?.first??.tensor, let first = given.first?.tensor {
      guard mask.spec.dtype == .bool, mask.spec.shape.rank == 2,
        mask.spec.shape.dimensions == Array(first.spec.shape.dimensions.prefix(2))
      else { throw context.unsupported("its mask is \(mask.spec) for \(first.spec)") }
    }
    return try rule.plan(context, given, named)
  }

  /// A model within the model takes tensors by place, and what it masks is its own affair.
  private func wholeModel(_ given: [KerasValue], _ named: [String: [KerasValue?]]) throws -> KerasCallPlan {
    if given.contains(where: { $0.mask != nil }) || !named.isEmpty {
      throw ImportFailure(
        kind: .unsupported, message: "a model within the model is called with masked tensors, or with some under names")
    }
    let batches = Set(given.map { $0.tensor.spec.shape.dimensions.first })
    guard batches.count == 1, !batches.contains(nil) else {
      throw ImportFailure(
        kind: .unsupported,
        message: "a model within the model is called with \(given.map(\.tensor.spec)), not one batch of examples")
    }
    return KerasCallPlan(inputs: given.map(\.tensor), masks: [])
  }

  /// Whether what holds for lengths of some shapes holds for those of others: they are the same, or names for others, one for
  /// each.
  private static func isRenamed(_ first: [TensorSpec], _ second: [TensorSpec]) -> Bool {
    if first == second { return true }
    var names: [Dimension: Dimension] = [:]
    for (old, new) in zip(first.flatMap(\.shape.dimensions), second.flatMap(\.shape.dimensions)) where old.known == nil
    {
      guard old.complexity == 1, names[old] == nil || names[old] == new else { return false }
      names[old] = new
    }
    return true
  }

  private func layerContext(
    _ index: Int, _ layer: KerasArchitecture.Layer, _ call: KerasArchitecture.Call, _ specs: [TensorSpec]
  ) -> KerasLayerContext {
    KerasLayerContext(
      configuration: layer.configuration, specs: specs, weights: weights[index] ?? [], isModern: builder.isModern,
      call: call, calls: layer.calls)
  }

  private func row(
    _ index: Int, _ layer: KerasArchitecture.Layer, _ call: KerasArchitecture.Call, _ specs: [TensorSpec]
  ) throws -> KerasLayer {
    for spec in specs { try GraphAssembler.checkSize(spec) }
    return try KerasLayerKind.table[layer.kind]!.build(layerContext(index, layer, call, specs))
  }

  private func model(
    _ index: Int, _ layer: KerasArchitecture.Layer, _ specs: [TensorSpec]
  ) throws -> any Keras.Layer {
    let architecture = try KerasArchitecture(layer.configuration, file: builder.file)
    var inner = nested[index]!
    let count = architecture.isSequential ? 1 : architecture.inputs.count
    guard specs.count == count else {
      throw KerasLayerContext.Failure(
        kind: .unsupported, message: "a model within the model of \(count) inputs, called with \(specs.count)")
    }
    let model = try builder.model(architecture, inputs: specs, &inner)
    return Keras.Layers.Wrapped(model: model, name: layer.name)
  }
}

/// A layer under its name in the architecture.
struct KerasNamed: Keras.Layer {
  let core: Keras.LayerCore

  init(_ layer: any Keras.Layer, _ name: String) { core = layer.core.named(name) }
}
