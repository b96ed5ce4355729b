import DeepSeekJSON

/// A model as Keras describes it: layers and how they are connected, in the JSON of Keras 1, 2 or 3.
struct KerasArchitecture {
  /// One of a layer's outputs, at one of its calls.
  struct Reference: Hashable {
    let layer: String
    let call: Int
    let output: Int
  }

  /// What a call is given in one place: a tensor, or a value of the program.
  enum Argument {
    case tensor(Reference)
    case value(JSONValue)
  }

  /// One call of a layer.
  struct Call {
    /// What it is given by place, lists written out. In Keras 2 tensors alone.
    var arguments: [Argument] = []
    /// Tensors under names, in order; `nil` for one of several that is not there.
    var named: [String: [Reference?]] = [:]
    /// What else is given under names.
    var options: [String: JSONValue] = [:]

    /// The tensors that it is given by place.
    var tensors: [Reference] {
      arguments.compactMap { argument in
        if case .tensor(let reference) = argument { return reference }
        return nil
      }
    }

    /// What it is given by place, tensors as `nil`.
    var values: [JSONValue?] {
      arguments.map { argument in
        if case .value(let value) = argument { return value }
        return nil
      }
    }

    /// All that it reads.
    var reads: [Reference] { tensors + named.sorted { $0.key < $1.key }.flatMap { $0.value.compactMap { $0 } } }
  }

  /// A layer or an operation, and its calls.
  struct Layer {
    let name: String
    /// The class in Keras; of an operation with `ops.` before it.
    let kind: String
    let configuration: JSONValue
    let calls: [Call]

    /// One of `keras.ops`, which has no weights.
    var isOperation: Bool { kind.hasPrefix("ops.") }
  }

  let name: String
  let layers: [Layer]
  let inputs: [Reference]
  let outputs: [Reference]
  /// The layers follow each other.
  let isSequential: Bool
  /// The shape of a batch, where the model itself says it.
  let inputShape: JSONValue?

  /// The classes of whole models.
  static let kinds: Set<String> = ["Sequential", "Functional", "Model"]

  init(_ document: JSONValue, file: String) throws {
    func failure(_ message: String, node: String? = nil) -> InterchangeError {
      InterchangeError(
        .malformed, file: file, node: node, message, advice: "see that Keras wrote the model's architecture")
    }
    guard let kind = document["class_name"]?.string, let content = document["config"] else {
      throw failure("its architecture has no 'class_name' or 'config'")
    }
    guard KerasArchitecture.kinds.contains(kind) else {
      throw InterchangeError(
        .unsupported, file: file, operation: kind,
        "a model of a class of its own, which is known to its own code alone",
        advice: "save a Sequential or functional model")
    }
    guard let entries = content.array ?? content["layers"]?.array else {
      throw failure("its architecture has no layers")
    }
    name = content["name"]?.string ?? "model"
    isSequential = kind == "Sequential"
    inputShape = content["build_input_shape"] ?? document["build_config"]?["input_shape"]
    var names: Set<String> = []
    var layers: [Layer] = []
    for entry in entries {
      guard let layerKind = entry["class_name"]?.string, let configuration = entry["config"] else {
        throw failure("a layer has no 'class_name' or 'config'")
      }
      // HDF5 files say no module; layers, unlike operations, say whether they are trainable.
      let isNewForm = entry["inbound_nodes"]?.array?.first?["args"] != nil
      let isOperation =
        entry["module"]?.string.map { $0.hasPrefix("keras.src.ops") }
        ?? (isNewForm && configuration["trainable"] == nil)
      let kind = (isOperation ? "ops." : "") + layerKind
      let given = entry["name"]?.string ?? configuration["name"]?.string
      let name = given ?? "\(kind)_\(layers.count)"
      guard names.insert(name).inserted else { throw failure("two layers have this name", node: name) }
      let calls = try (entry["inbound_nodes"]?.array ?? []).map { call in
        try KerasArchitecture.call(call) { failure($0, node: name) }
      }
      // A model in a model needs its whole entry.
      let isModel = KerasArchitecture.kinds.contains(kind)
      layers.append(Layer(name: name, kind: kind, configuration: isModel ? entry : configuration, calls: calls))
    }
    self.layers = layers
    inputs = KerasArchitecture.tensors(content["input_layers"])
    outputs = KerasArchitecture.tensors(content["output_layers"])
    guard Set(inputs).count == inputs.count else { throw failure("one of its inputs is named twice") }
    if !isSequential && (inputs.isEmpty || outputs.isEmpty) { throw failure("its inputs or outputs are not named") }
  }

  /// What a call is given: `[["x", 0, 0, {}]]` in Keras 1 and 2, `{"args": […], "kwargs": {…}}` in Keras 3.
  private static func call(_ call: JSONValue, _ failure: (String) -> InterchangeError) throws -> Call {
    var result = Call()
    let options: [JSONValue?]
    if let arguments = call["args"] {
      result.arguments = self.arguments(arguments)
      options = [call["kwargs"]]
    } else {
      let found = tensors(call)
      guard !found.isEmpty else { throw failure("what it is called with is not understood") }
      result.arguments = found.map { .tensor($0) }
      // Each tensor may have options of the call behind it.
      options = (call.array ?? []).map { $0.array.flatMap { $0.count > 3 ? $0[3] : nil } }
    }
    for case let option? in options {
      for (name, value) in option.object?.members.map({ ($0.key, $0.value) }) ?? [] {
        let found = named(value)
        if found.contains(where: { $0 != nil }) { result.named[name] = found } else { result.options[name] = value }
      }
    }
    return result
  }

  /// What a call in Keras 3 is given by place, lists written out.
  private static func arguments(_ value: JSONValue) -> [Argument] {
    if let reference = kerasTensor(value) { return [.tensor(reference)] }
    if let items = value.array { return items.flatMap { arguments($0) } }
    return [.value(value)]
  }

  /// The tensors of an option, in either form; `nil` where one of several is not there.
  private static func named(_ value: JSONValue) -> [Reference?] {
    if let reference = kerasTensor(value) { return [reference] }
    guard let items = value.array else { return value.isNull ? [nil] : [] }
    if items.count >= 3, items[0].string != nil { return tensors(value) }
    return items.flatMap { named($0) }
  }

  private static func kerasTensor(_ value: JSONValue) -> Reference? {
    guard value["class_name"]?.string == "__keras_tensor__" else { return nil }
    return tensors(value["config"]?["keras_history"]).first
  }

  /// `["x", 0, 0]`, alone or in lists or under names.
  private static func tensors(_ value: JSONValue?) -> [Reference] {
    guard let items = value?.array else {
      return value?.object?.members.flatMap { tensors($0.value) } ?? []
    }
    if items.count >= 3, let layer = items[0].string, let call = items[1].integer, let output = items[2].integer {
      return [Reference(layer: layer, call: call, output: output)]
    }
    return items.flatMap { tensors($0) }
  }
}
