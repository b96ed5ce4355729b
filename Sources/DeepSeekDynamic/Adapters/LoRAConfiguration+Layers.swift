extension LoRAConfiguration {
  /// Those of a model's layers that this configuration selects.
  package func layers(
    of all: [(key: String, layer: any AdaptableLayer)]
  ) throws(AdapterError) -> [(key: String, layer: any AdaptableLayer)] {
    let isTarget = try matcher()
    let chosen = all.filter { key, layer in
      isTarget(key, layer) && !excluded.contains { LoRAConfiguration.selects($0, key) }
        && !LoRAConfiguration.isWithin(modulesToSave, key)
    }
    if chosen.isEmpty { throw .noTarget(targets: targets.description, available: all.map(\.key)) }
    return chosen
  }

  private func matcher() throws(AdapterError) -> (String, any AdaptableLayer) -> Bool {
    switch targets {
    case .names(let names):
      return { key, _ in names.contains { LoRAConfiguration.selects($0, key) } }
    case .allLinear:
      return { _, layer in layer.weightLayout != .table }
    case .pattern(let pattern):
      let expression: Regex<AnyRegexOutput>
      do {
        expression = try Regex(pattern)
      } catch {
        throw .invalidPattern(pattern, reason: "\(error)")
      }
      return { key, _ in (try? expression.wholeMatch(in: key)) != nil }
    }
  }
}

extension LoRAConfiguration.Targets: CustomStringConvertible {
  /// As a message has it.
  public var description: String {
    switch self {
    case .names(let names): names.joined(separator: ", ")
    case .pattern(let pattern): "the pattern '\(pattern)'"
    case .allLinear: "all-linear"
    }
  }
}
