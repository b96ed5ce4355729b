import DeepSeekCheckpoints
import DeepSeekTensor

extension Planner {
  /// Plans every tensor that is written.
  mutating func plan() {
    if let rules {
      for group in groups { plan(group, rules[group.rule]) }
      return
    }
    let folder = archive as? CheckpointFolderArchive
    for (place, entry) in entries.enumerated() {
      guard let dtype = readable(place) else { continue }
      let (group, name) = folder?.place(of: entry.name) ?? (CheckpointFolderArchive.modelGroup, entry.name)
      let part = PlannedTensor.Part(place: place)
      add(name, group, dtype, nil, [part], axis: 0, from: [place])
    }
  }

  /// The type in which a tensor is read; `nil`, with the reason noted, when it cannot be.
  private mutating func readable(_ place: Int) -> DType? {
    let entry = entries[place]
    if let dtype = entry.dtype, (try? Shape(checking: entry.lengths)) != nil { return dtype }
    // The reader says best why; where it does not, the type alone is to blame.
    var reason = "its element type \(entry.storedType) has no counterpart"
    do { _ = try archive.tensor(entry.name) } catch let error as CheckpointError { reason = error.message } catch {
      reason = "\(error)"
    }
    leaveOut(place, reason)
    return nil
  }

  private mutating func plan(_ group: Group, _ rule: MappingRule) {
    let places = rule.sources.indices.compactMap { group.members[$0] }
    if let reason = rule.skipReason {
      for place in places { leaveOut(place, reason, isMapped: true) }
      return
    }
    guard places.count == rule.sources.count else {
      for place in places { leaveOut(place, "what it would be joined with is missing") }
      return
    }
    let types = places.compactMap { readable($0) }
    guard types.count == places.count else { return }
    guard types.allSatisfy({ $0 == types[0] }) else {
      for place in places { unfit(place, "it is to be joined with tensors of other types") }
      return
    }
    var parts: [PlannedTensor.Part] = []
    for place in places {
      guard let steps = steps(of: rule, place) else { return }
      parts.append(PlannedTensor.Part(place: place, steps: steps))
    }
    let names = rule.targets.map { $0.filled(group.captures) ?? $0.description }
    if let axis = rule.splitAxis {
      split(parts[0], names, axis, rule, places[0], types[0])
    } else {
      add(
        names[0], CheckpointFolderArchive.modelGroup, types[0], rule.dtype, parts, axis: rule.concatenationAxis ?? 0,
        from: places)
    }
  }

  private mutating func unfit(_ place: Int, _ reason: String) {
    report.tensors[place].outcomes = [.leftOut]
    report.tensors[place].note = reason
    error.unfit.append(ConversionError.Item(name: entries[place].name, reason: reason))
  }

  /// What a rule does to a tensor before it is split or joined; `nil`, with the reason noted, when it does not fit.
  private mutating func steps(of rule: MappingRule, _ place: Int) -> [PlannedTensor.Step]? {
    var lengths = entries[place].lengths
    var steps: [PlannedTensor.Step] = []
    if !rule.squeezedAxes.isEmpty {
      guard rule.squeezedAxes.allSatisfy({ lengths.indices.contains($0) && lengths[$0] == 1 }) else {
        unfit(place, "axes \(rule.squeezedAxes) of \(lengths) do not all have length 1")
        return nil
      }
      lengths = lengths.indices.filter { !rule.squeezedAxes.contains($0) }.map { lengths[$0] }
      steps.append(.shaped(lengths))
    }
    if let shape = rule.shape {
      steps.append(.shaped(shape))
      guard let next = steps.last!.applied(to: lengths) else {
        unfit(place, "\(lengths) does not have the elements of \(shape)")
        return nil
      }
      lengths = next
    }
    let axes: [Int]? =
      switch rule.order {
      case .kept: nil
      case .reversed: Array(lengths.indices.reversed())
      case .permuted(let axes): axes
      }
    if let axes, axes != Array(axes.indices) || axes.count != lengths.count {
      steps.append(.permuted(axes))
      guard steps.last!.applied(to: lengths) != nil else {
        unfit(place, "\(lengths) does not have the axes \(axes)")
        return nil
      }
    }
    return steps
  }

  private mutating func split(
    _ part: PlannedTensor.Part, _ names: [String], _ axis: Int, _ rule: MappingRule, _ place: Int, _ dtype: DType
  ) {
    let lengths = lengths(of: part)
    guard lengths.indices.contains(axis) else { return unfit(place, "\(lengths) has no axis \(axis) to split") }
    let counts = rule.splitLengths ?? Array(repeating: lengths[axis] / names.count, count: names.count)
    guard counts.allSatisfy({ $0 <= lengths[axis] }), counts.reduce(0, { $0 &+ $1 }) == lengths[axis] else {
      return unfit(place, "axis \(axis) of \(lengths) does not split into \(names.count) parts of \(counts)")
    }
    var start = 0
    for (name, count) in zip(names, counts) {
      var piece = part
      piece.steps.append(.sliced(axis: axis, start: start, count: count))
      add(name, CheckpointFolderArchive.modelGroup, dtype, rule.dtype, [piece], axis: 0, from: [place])
      start += count
    }
  }

  private func lengths(of part: PlannedTensor.Part) -> [Int] {
    part.steps.reduce(entries[part.place].lengths) { $1.applied(to: $0) ?? [] }
  }

  private mutating func add(
    _ name: String, _ group: String, _ dtype: DType, _ ruleType: DType?, _ parts: [PlannedTensor.Part], axis: Int,
    from places: [Int]
  ) {
    var shape = lengths(of: parts[0])
    if parts.count > 1 {
      guard shape.indices.contains(axis) else { return unfit(places[0], "\(shape) has no axis \(axis) to join") }
      for (place, part) in zip(places, parts).dropFirst() {
        var other = lengths(of: part)
        guard other.count == shape.count else { return unfit(place, "\(other) does not join \(shape)") }
        let (sum, overflow) = shape[axis].addingReportingOverflow(other[axis])
        other[axis] = shape[axis]
        guard other == shape, !overflow else { return unfit(place, "\(lengths(of: part)) does not join \(shape)") }
        shape[axis] = sum
      }
    }
    guard let whole = try? Shape(checking: shape) else {
      return unfit(places[0], "\(shape) is not a shape that tensors have")
    }
    let new = ruleType ?? (dtype.isFloatingPoint ? options.dtype : nil) ?? dtype
    let result = PlannedTensor(name: name, group: group, spec: TensorSpec(new, whole), parts: parts, axis: axis)
    let key = ExactNameKey(group: group, name: name)
    if let other = owners[key] {
      return unfit(places[0], "'\(name)' is the name of '\(entries[planned[other].parts[0].place].name)' already")
    }
    for (place, part) in zip(places, parts) {
      note(place, part, result, wasCast: new != dtype, isJoined: parts.count > 1)
    }
    owners[key] = planned.count
    planned.append(result)
  }

  private mutating func note(
    _ place: Int, _ part: PlannedTensor.Part, _ result: PlannedTensor, wasCast: Bool, isJoined: Bool
  ) {
    var outcomes: [ConversionReport.Outcome] = []
    if result.name != entries[place].name && result.group == CheckpointFolderArchive.modelGroup {
      outcomes.append(.renamed)
    }
    if !part.steps.isEmpty || isJoined { outcomes.append(.transposed) }
    let isQuantized = ["Q", "IQ"].contains { entries[place].storedType.hasPrefix($0) }
    if wasCast || isQuantized { outcomes.append(.cast) }
    if isQuantized { report.tensors[place].note = "dequantized from \(entries[place].storedType)" }
    report.tensors[place].outcomes = outcomes.isEmpty ? [.mapped] : outcomes
    report.tensors[place].targets.append(result.name)
  }

  /// Writes tied weights once, and throws when anything stands in the way.
  mutating func finish() throws {
    let roots = entries.map { $0.sharedWith.flatMap { places[$0] } }
    var first: [PlannedTensor.Part: Int] = [:]
    var kept: [PlannedTensor] = []
    for tensor in planned {
      guard tensor.parts.count == 1, let part = tensor.parts.first else {
        kept.append(tensor)
        continue
      }
      // The same elements, treated alike, under another name.
      let key = PlannedTensor.Part(place: roots[part.place] ?? part.place, steps: part.steps)
      if roots[part.place] != nil, let other = first[key], kept[other].spec == tensor.spec,
        kept[other].group == tensor.group
      {
        report.tied[tensor.name] = kept[other].name
        report.tensors[part.place].note =
          "it shares the elements of '\(kept[other].name)', which are written once"
        continue
      }
      if first[key] == nil { first[key] = kept.count }
      kept.append(tensor)
    }
    planned = kept
    report.tensorCount = kept.count
    report.byteCount = kept.reduce(0) { $0 + $1.spec.shape.elementCount * $1.spec.dtype.byteCount }
    if !error.isEmpty { throw error }
  }
}
