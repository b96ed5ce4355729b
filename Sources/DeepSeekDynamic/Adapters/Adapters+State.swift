import DeepSeekOperators
import DeepSeekTensor
import Synchronization

extension Adapters {
  /// An adapter's tensors under PEFT's keys, without its name: `encoder.query.lora_A.weight`, the biases that it trains
  /// (`encoder.query.base_layer.bias`), and its whole modules' weights under the model's own keys.
  public func stateDictionary(of name: String = Adapters.defaultName) throws(AdapterError) -> StateDictionary {
    var state = StateDictionary()
    for (key, tensor, _) in try slots(of: name) { state[key] = tensor() }
    return state
  }

  /// Sets an adapter's tensors from what ``stateDictionary(of:)`` or PEFT wrote. All keys and shapes are checked before
  /// anything changes; element types are converted.
  public func load(_ tensors: StateDictionary, into name: String = Adapters.defaultName) throws(AdapterError) {
    var (missing, mismatched): ([String], [String]) = ([], [])
    var known: Set<String> = []
    var changes: [() -> Void] = []
    for (key, tensor, set) in try slots(of: name) {
      // A bias of an adapted layer may come under the model's own key.
      let found = [key, key.replacing(".base_layer.", with: ".")].first { tensors[$0] != nil }
      guard let found, let value = tensors[found] else {
        missing.append(key)
        continue
      }
      known.insert(found)
      if value.shape == tensor().shape { changes.append { set(value) } } else { mismatched.append(key) }
    }
    let unused = tensors.keys.filter { !known.contains($0) }
    if !missing.isEmpty || !unused.isEmpty || !mismatched.isEmpty {
      throw .unfitting(missing: missing, unused: unused, mismatched: mismatched)
    }
    for change in changes { change() }
  }

  /// What belongs to an adapter: key, tensor, and how it is set.
  private func slots(
    of name: String
  ) throws(AdapterError) -> [(key: String, tensor: () -> Tensor, set: (Tensor) -> Void)] {
    guard names.contains(name) else { throw .unknownAdapter(name, known: names) }
    func slot(_ key: String, _ parameter: Parameter) -> (String, () -> Tensor, (Tensor) -> Void) {
      (key, { parameter.value }, { parameter.value = $0.converted(to: parameter.spec.dtype) })
    }
    var result: [(key: String, tensor: () -> Tensor, set: (Tensor) -> Void)] = []
    var adaptedBiases: Set<String> = []
    for (key, _, adapter) in adapted(name) {
      result.append(slot(ModuleField.joined(key, adapter.keys.first), adapter.first))
      result.append(slot(ModuleField.joined(key, adapter.keys.second), adapter.second))
      adaptedBiases.insert(ModuleField.joined(key, "bias"))
    }
    for parameter in state.withLock({ $0.saved.filter { $0.has(name) } }) {
      // PEFT has the adapted layer under this key, within the one that it puts in its place.
      let isAdapted = adaptedBiases.contains(parameter.key)
      let key = isAdapted ? "\(parameter.key.dropLast("bias".count))base_layer.bias" : parameter.key
      result.append((key, { parameter.value(of: name) }, { parameter.setValue($0, of: name) }))
    }
    return result
  }
}
