import DeepSeekTensor
import Synchronization

extension Optimizer {
  /// All that the optimizer remembers, as tensors, so that a checkpoint can hold it beside the weights.
  ///
  /// Keys: `state.NAME.step`, `state.NAME.exp_avg` and so on for each weight that has moved, `state.NAME.master` for the
  /// precise copy of a 16-bit one; `groups.N.learning_rate`; `step`; `learning_rate_factor`. Other hyperparameters and the
  /// schedule belong to the program. Loaded into an optimizer of the same groups, training goes on bit for bit.
  public func stateDictionary() -> StateDictionary {
    var result = StateDictionary()
    result["step"] = pace.count.value
    pace.settings.withLock { settings in
      result["learning_rate_factor"] = Tensor([], [settings.factor])
      for (index, rule) in settings.rules.enumerated() {
        result["groups.\(index).learning_rate"] = Tensor([], [rule.learningRate])
      }
    }
    for entry in entries.joined() {
      guard let memory = entry.memory, memory.step.value.item(as: Int.self) > 0 else { continue }
      result["state.\(entry.name).step"] = memory.step.value
      for (name, tensor) in zip(memory.names, memory.tensors) {
        result["state.\(entry.name).\(name)"] = tensor.value
      }
      if let master = memory.master { result["state.\(entry.name).master"] = master.value }
    }
    return result
  }

  /// Restores what ``stateDictionary()`` gave. Throws ``StateLoadingError`` that names every key that is missing, unused or
  /// of another shape; nothing is changed then. Weights that had not moved yet have no state and need none. Steps captured
  /// before go on from what was loaded.
  public func load(_ dictionary: StateDictionary) throws {
    var rules = rules
    var report = StateLoadingReport()
    var known: Set<String> = ["step", "learning_rate_factor"]
    let count = scalar(dictionary, "step", Int64.self, &report) ?? 0
    let factor = scalar(dictionary, "learning_rate_factor", Double.self, &report) ?? 1
    for group in rules.indices {
      let key = "groups.\(group).learning_rate"
      known.insert(key)
      if let rate = scalar(dictionary, key, Double.self, &report) { rules[group].learningRate = rate }
    }
    let restored = entries.enumerated().map { group, entries in
      entries.map { RestoredMemory($0, dictionary, rules[group], &report, &known) }
    }
    report.unused = dictionary.keys.filter { !known.contains($0) }
    if !report.isComplete { throw StateLoadingError(report: report, module: "Optimizer") }
    for (group, memories) in restored.enumerated() {
      for (index, memory) in memories.enumerated() { memory.fill(entries[group][index], rules[group]) }
    }
    pace.count.value = Tensor([], [count])
    let loaded = rules
    pace.settings.withLock { settings in
      settings.rules = loaded
      settings.factor = factor
    }
  }
}

/// What a dictionary says of one weight; without tensors when it says nothing.
private struct RestoredMemory {
  private var tensors: [Tensor]?
  private var step: Int64 = 0
  private var master: Tensor?

  init(
    _ entry: OptimizerEntry, _ dictionary: StateDictionary, _ rule: any UpdateRule, _ report: inout StateLoadingReport,
    _ known: inout Set<String>
  ) {
    let prefix = "state.\(entry.name)."
    guard dictionary[prefix + "step"] != nil else { return }
    known.insert(prefix + "step")
    step = scalar(dictionary, prefix + "step", Int64.self, &report) ?? 0
    let spec = TensorSpec(entry.dtype, entry.parameter.spec.shape)
    let fresh = rule.makeState(for: .zeros(spec.shape, dtype: spec.dtype))
    var found: [Tensor] = []
    for (slot, tensor) in zip(fresh.names, fresh.tensors) {
      known.insert(prefix + slot)
      found.append(fitted(dictionary, prefix + slot, tensor.spec, &report) ?? tensor)
    }
    tensors = found
    if entry.parameter.spec.dtype != spec.dtype {
      known.insert(prefix + "master")
      master = fitted(dictionary, prefix + "master", spec, &report)
    }
  }

  func fill(_ entry: OptimizerEntry, _ rule: any UpdateRule) {
    if tensors != nil { _ = entry.remembering(rule) }
    entry.remember(tensors, step: step, master: master, rule)
  }
}

/// The tensor under a key with the type asked for; notes in the report when it is missing or has another shape.
private func fitted(
  _ dictionary: StateDictionary, _ key: String, _ spec: TensorSpec, _ report: inout StateLoadingReport
) -> Tensor? {
  guard let tensor = dictionary[key] else {
    report.missing.append(key)
    return nil
  }
  guard tensor.shape == spec.shape else {
    report.mismatched.append(.init(key: key, expected: spec.shape, found: tensor.shape))
    return nil
  }
  return tensor.converted(to: spec.dtype).contiguous()
}

private func scalar<Element: TensorElement>(
  _ dictionary: StateDictionary, _ key: String, _ type: Element.Type, _ report: inout StateLoadingReport
) -> Element? {
  fitted(dictionary, key, TensorSpec(type.dtype, []), &report)?.item(as: type)
}
