import DeepSeekJSON

/// A model as Keras describes it: layers and how they are connected, in the JSON of Keras 1, 2 or 3.
struct KerasArchitecture {
  /// One of a layer's outputs, at one of its calls.
  struct Reference: Hashable {
    let layer: String
    let call: Int
    let output: Int
  }

  /// A layer, and what each of its calls reads.
  struct Layer {
    let name: String
    let kind: String
    let configuration: JSONValue
    let calls: [[Reference]]
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
      guard let kind = entry["class_name"]?.string, let configuration = entry["config"] else {
        throw failure("a layer has no 'class_name' or 'config'")
      }
      let given = entry["name"]?.string ?? configuration["name"]?.string
      let name = given ?? "\(kind)_\(layers.count)"
      guard names.insert(name).inserted else { throw failure("two layers have this name", node: name) }
      let calls = try (entry["inbound_nodes"]?.array ?? []).map { call in
        try KerasArchitecture.references(call) { failure($0, node: name) }
      }
      // A model in a model needs its whole entry.
      let isModel = KerasArchitecture.kinds.contains(kind)
      layers.append(Layer(name: name, kind: kind, configuration: isModel ? entry : configuration, calls: calls))
    }
    self.layers = layers
    inputs = KerasArchitecture.tensors(content["input_layers"])
    outputs = KerasArchitecture.tensors(content["output_layers"])
    if !isSequential && (inputs.isEmpty || outputs.isEmpty) { throw failure("its inputs or outputs are not named") }
  }

  /// What a call reads: `[["x", 0, 0, {}]]` in Keras 1 and 2, `{"args": […], "kwargs": {…}}` in Keras 3.
  private static func references(
    _ call: JSONValue, _ failure: (String) -> InterchangeError
  ) throws -> [Reference] {
    if let arguments = call["args"] {
      if let named = call["kwargs"], !kerasTensors(named).isEmpty {
        throw failure("it is called with tensors under names, which is not supported")
      }
      if call["kwargs"]?["training"]?.bool == true { throw failure("it is called as in training") }
      return kerasTensors(arguments)
    }
    let found = tensors(call)
    guard !found.isEmpty else { throw failure("what it is called with is not understood") }
    return found
  }

  /// All tensors in the arguments of a call in Keras 3, in order.
  private static func kerasTensors(_ value: JSONValue) -> [Reference] {
    if value["class_name"]?.string == "__keras_tensor__" {
      return tensors(value["config"]?["keras_history"])
    }
    if let items = value.array { return items.flatMap { kerasTensors($0) } }
    return value.object?.members.flatMap { kerasTensors($0.value) } ?? []
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
