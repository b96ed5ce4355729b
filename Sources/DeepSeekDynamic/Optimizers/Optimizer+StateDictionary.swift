import DeepSeekTensor
import Synchronization

extension Optimizer {
  /// All that the optimizer remembers, as tensors, so that a checkpoint can hold it beside the weights.
  ///
  /// Keys: `state.NAME.step`, `state.NAME.exp_avg` and so on for each weight that has moved, `state.NAME.master` for the
  /// precise copy of a 16-bit one; `groups.N.learning_rate`; `step`; `learning_rate_factor`. Other hyperparameters and the
  /// schedule belong to the program. Loaded into an optimizer of the same groups, training goes on bit for bit.
  public func stateDictionary() -> StateDictionary {
    state.withLock { state in
      var result = StateDictionary()
      result["step"] = Tensor([], [Int64(state.stepCount)])
      result["learning_rate_factor"] = Tensor([], [state.factor])
      for (index, rule) in state.rules.enumerated() {
        result["groups.\(index).learning_rate"] = Tensor([], [rule.learningRate])
      }
      for entry in state.entries.joined() {
        guard let held = entry.state else { continue }
        result["state.\(entry.name).step"] = Tensor([], [Int64(held.step)])
        for (name, tensor) in zip(held.names, held.tensors) { result["state.\(entry.name).\(name)"] = tensor }
        if let master = entry.master { result["state.\(entry.name).master"] = master }
      }
      return result
    }
  }

  /// Restores what ``stateDictionary()`` gave. Throws ``StateLoadingError`` that names every key that is missing, unused or
  /// of another shape; nothing is changed then. Weights that had not moved yet have no state and need none.
  public func load(_ dictionary: StateDictionary) throws {
    try state.withLock { state in
      var report = StateLoadingReport()
      var restored = state
      var known: Set<String> = ["step", "learning_rate_factor"]
      restored.stepCount = Int(scalar(dictionary, "step", Int64.self, &report) ?? 0)
      restored.factor = scalar(dictionary, "learning_rate_factor", Double.self, &report) ?? 1
      for group in restored.rules.indices {
        let key = "groups.\(group).learning_rate"
        known.insert(key)
        if let rate = scalar(dictionary, key, Double.self, &report) { restored.rules[group].learningRate = rate }
        for index in restored.entries[group].indices {
          restored.entries[group][index].restore(dictionary, rule: restored.rules[group], &report, &known)
        }
      }
      report.unused = dictionary.keys.filter { !known.contains($0) }
      if !report.isComplete { throw StateLoadingError(report: report, module: "Optimizer") }
      state = restored
    }
  }
}

extension Optimizer.Entry {
  fileprivate mutating func restore(
    _ dictionary: StateDictionary, rule: any UpdateRule, _ report: inout StateLoadingReport, _ known: inout Set<String>
  ) {
    state = nil
    master = nil
    let prefix = "state.\(name)."
    guard dictionary[prefix + "step"] != nil else { return }
    known.insert(prefix + "step")
    let weight = prototype
    var fresh = rule.makeState(for: weight)
    fresh.step = Int(scalar(dictionary, prefix + "step", Int64.self, &report) ?? 0)
    for (index, slot) in fresh.names.enumerated() {
      known.insert(prefix + slot)
      if let tensor = fitted(dictionary, prefix + slot, fresh.tensors[index].spec, &report) {
        fresh.tensors[index] = tensor
      }
    }
    if parameter.spec.dtype != .float32 && parameter.spec.dtype != .float64 {
      known.insert(prefix + "master")
      master = fitted(dictionary, prefix + "master", weight.spec, &report)
    }
    state = fresh
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
