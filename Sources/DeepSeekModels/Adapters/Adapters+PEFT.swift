import DeepSeekCheckpoints
public import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekTensor
public import Foundation

/// Adapters in PEFT's folders: `adapter_config.json` and `adapter_model.safetensors`.
extension Adapters {
  private static let weightsName = "adapter_model.safetensors"
  /// What stands before a layer's key in PEFT's files.
  private static let prefix = "base_model.model."

  /// Writes an adapter as `peft` does, so that its `PeftModel.from_pretrained` reads it. Each file replaces an old one only
  /// when it is whole.
  ///
  /// - Parameters:
  ///   - name: Which adapter.
  ///   - folder: Made when it is missing.
  ///   - baseModel: The model that it belongs to, a folder or a name on the hub, for `peft` to find.
  ///   - task: What the model is for; `peft` takes a plain wrapper without.
  ///   - keys: The layers' keys in the file.
  public func save(
    _ name: String = Adapters.defaultName, to folder: URL, baseModel: String? = nil, task: AdapterTask? = nil,
    keys: AdapterKeys = .same
  ) throws {
    guard let configuration = configuration(of: name) else { throw AdapterError.unknownAdapter(name, known: names) }
    let adapted = Set(adaptedLayers(of: name))
    var isByInputs = false
    let chosen = layers.filter { adapted.contains($0.key) }.map { key, layer in
      if layer.weightLayout == .inputsByOutputs { isByInputs = true }
      let rank = configuration.rank(of: key)
      return (key: keys.inFile(key), rank: rank, alpha: configuration.alpha(of: key))
    }
    let json = configuration.peftJSON(
      layers: chosen, modulesToSave: configuration.modulesToSave.map(keys.inFile), fanInFanOut: isByInputs,
      baseModel: baseModel, task: task)
    let tensors = try stateDictionary(of: name).map { (key: Adapters.prefix + keys.inFile($0.key), value: $0.value) }
    try Folder.create(folder.path)
    try Safetensors.save(
      tensors, to: folder.appendingPathComponent(Adapters.weightsName).path, metadata: ["format": "pt"])
    try AtomicFile.write(
      json.serialized(.indented(2)), to: folder.appendingPathComponent(PEFTConfiguration.fileName).path)
  }

  /// Adds the adapter in a folder that ``save(_:to:baseModel:task:keys:)`` or `peft` wrote, and returns the keys of its
  /// layers. The first is active, as with ``add(_:named:)``.
  ///
  /// Which layers have it, and their ranks, follow from the tensors; a regular expression in the file is not run. Throws
  /// ``ModelError`` or ``AdapterError``, and changes nothing, when file and model do not fit or the file holds a variant
  /// of the method that this library does not have.
  @discardableResult
  public func load(
    contentsOf folder: URL, as name: String = Adapters.defaultName, keys: AdapterKeys = .same
  ) throws -> [String] {
    let file = try PEFTConfiguration(contentsOf: folder)
    let path = folder.appendingPathComponent(Adapters.weightsName).path
    let state = try Adapters.state(Adapters.weights(in: folder), keys)
    let found = try ranks(in: state, path)
    var configuration = file.lora
    let own = model.namedModules().map(\.name)
    configuration.modulesToSave = configuration.modulesToSave.map { keys.inModel($0) ?? $0 }.filter { module in
      own.contains { LoRAConfiguration.selects(module, $0) }
    }
    let isNamed = Set((try? configuration.layers(of: layers))?.map(\.key) ?? []) == Set(found.keys)
    if !isNamed { configuration.targets = .names(layers.map(\.key).filter { found[$0] != nil }) }
    for (key, rank) in found {
      if rank != configuration.rank { configuration.rankPattern[key] = rank }
      let alpha = file.alpha(of: keys.inFile(key))
      if alpha != configuration.alpha { configuration.alphaPattern[key] = alpha }
    }
    let chosen = layers.filter { found[$0.key] != nil }
    // Nothing is drawn for what the file gives.
    try Initializer.withoutValues { try add(configuration, named: name, to: chosen) }
    do {
      try load(state, into: name)
    } catch {
      try remove(name)
      throw error
    }
    return chosen.map(\.key)
  }

  /// Whether a folder's adapter has layers whose keys begin so.
  static func fileHasKeys(in folder: URL, beginningWith prefix: String) throws -> Bool {
    try weights(in: folder).names.contains { $0.hasPrefix(Adapters.prefix + prefix) }
  }

  private static func weights(in folder: URL) throws -> SafetensorsFile {
    let path = folder.appendingPathComponent(weightsName).path
    guard Folder.hasFile(path) else {
      throw ModelError.missingFile(path: path, hint: "PEFT writes it beside \(PEFTConfiguration.fileName)")
    }
    return try Safetensors.open(path, access: .read)
  }

  /// A file's tensors under the model's keys.
  private static func state(_ file: SafetensorsFile, _ keys: AdapterKeys) throws -> StateDictionary {
    var state = StateDictionary()
    for name in file.names {
      // With all biases trained, PEFT also writes those of the whole modules that it set aside.
      if name.contains(".original_module.") { continue }
      let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
      guard let key = keys.inModel(bare.replacing(".modules_to_save.", with: ".")) else { continue }
      state[key] = try file.tensor(name)
    }
    return state
  }

  /// The rank of each adapted layer; checks both factors against the layer before anything is made.
  private func ranks(in state: StateDictionary, _ path: String) throws -> [String: Int] {
    var sizes: [String: (inputs: Int, outputs: Int)] = [:]
    for (key, layer) in layers { sizes[key] = layer.adaptedSize }
    var result: [String: Int] = [:]
    let factors = [(".lora_A.weight", ".lora_B.weight"), (".lora_embedding_A", ".lora_embedding_B")]
    for (key, first) in state {
      guard let (a, b) = factors.first(where: { key.hasSuffix($0.0) }) else { continue }
      let layer = String(key.dropLast(a.count))
      guard let size = sizes[layer] else {
        throw AdapterError.unfitting(missing: [], unused: [key], mismatched: [])
      }
      guard let second = state[layer + b] else {
        throw ModelError.missingWeight(folder: path, key: Adapters.prefix + layer + b)
      }
      let rank = first.rank == 2 ? first.shape[0] : 0
      guard rank > 0, first.shape == [rank, size.inputs], second.shape == [size.outputs, rank] else {
        throw AdapterError.unfitting(missing: [], unused: [], mismatched: [key])
      }
      result[layer] = rank
    }
    if result.isEmpty {
      throw ModelError.missingWeight(folder: path, key: Adapters.prefix + "….lora_A.weight")
    }
    return result
  }
}
