import DeepSeekOperators
import DeepSeekTensor

extension ONNXNode {
  /// The truth that a constant input holds.
  func truth(_ index: Int) throws -> Bool { try truth(tensor(index)) }

  private func truth(_ tensor: Tensor) throws -> Bool {
    guard tensor.graphValue == nil else {
      throw unsupported(
        "its condition is known only when the graph runs", advice: "give the inputs that it follows from as values")
    }
    guard tensor.elementCount == 1, tensor.dtype == .bool else {
      throw invalid("a condition \(tensor.spec); one bool is expected")
    }
    return tensor.item(as: Bool.self)
  }

  /// The body again and again, as long as a count of rounds and a condition say. Outputs: what is carried from round to
  /// round, and then what each round gives, stacked.
  func loop(_ body: ([ImportedValue]) throws -> [ImportedValue]) throws -> [ImportedValue] {
    let limit = has(0) ? try integer(0) : .max
    var goesOn = has(1) ? try truth(1) : true
    var carried = try inputs.indices.dropFirst(2).map { try value($0) }
    var rounds: [[Tensor]] = []
    let collected = outputCount - carried.count
    guard collected >= 0 else { throw invalid("\(outputCount) outputs for \(carried.count) values that are carried") }
    var round = 0
    while goesOn && round < limit {
      let number = ImportedValue(Tensor.full([], round, dtype: .int64))
      let results = try body([number, ImportedValue(Tensor([], [true]))] + carried)
      guard results.count == 1 + carried.count + collected else {
        throw invalid("its graph has \(results.count) outputs, \(1 + carried.count + collected) are expected")
      }
      goesOn = try truth(results[0].tensor)
      carried = Array(results[1..<1 + carried.count])
      rounds.append(results.suffix(collected).map(\.tensor))
      round += 1
    }
    let stacks = try (0..<collected).map { place -> ImportedValue in
      guard !rounds.isEmpty else { throw unsupported("no round is made, so what each would give has no known shape") }
      return ImportedValue(try stacked(rounds.map { $0[place] }, 0))
    }
    return carried + stacks
  }

  /// The body for each index of some axes: what is carried, and what each gives, stacked.
  func scan(inner: Int, _ body: ([ImportedValue]) throws -> [ImportedValue]) throws -> [ImportedValue] {
    guard version >= 9 else { throw unsupported("version 8 of this operator", advice: "export with opset 9 or later") }
    let count = try int("num_scan_inputs")
    // Before it is reckoned with: any number may stand there.
    let isCount = count >= 1 && count <= inputs.count
    let states = isCount ? inputs.count - count : 0
    guard isCount, outputCount >= states, inner == inputs.count else {
      throw invalid("num_scan_inputs \(count) for \(inputs.count) inputs")
    }
    let zeros = Array(repeating: 0, count: count)
    let axes = try ints("scan_input_axes", default: zeros)
    let directions = try ints("scan_input_directions", default: zeros)
    guard axes.count == count, directions.count == count else {
      throw invalid("as many axes as scanned inputs are expected")
    }
    let scanned = try (0..<count).map { place -> (tensor: Tensor, axis: Int) in
      let x = try tensor(states + place)
      let axis = try axis(axes[place], rank: x.rank)
      return (directions[place] == 1 ? try flipped(x, [axis]) : x, axis)
    }
    guard let length = scanned[0].tensor.dimension(scanned[0].axis).known else {
      throw unsupported("a sequence whose length is known only when the graph runs")
    }
    var carried = try (0..<states).map { try value($0) }
    var rounds: [[Tensor]] = []
    for round in 0..<length {
      let parts = try scanned.map { x, axis -> ImportedValue in
        let one = try sliced(x, axis, from: round, count: 1)
        return ImportedValue(try reshaped(one, x.shape.removing(axis).dimensions))
      }
      let results = try body(carried + parts)
      guard results.count == outputCount else {
        throw invalid("its graph has \(results.count) outputs, \(outputCount) are expected")
      }
      carried = Array(results.prefix(states))
      rounds.append(results.dropFirst(states).map(\.tensor))
    }
    let collected = outputCount - states
    let outputAxes = try ints("scan_output_axes", default: Array(repeating: 0, count: collected))
    let turned = try ints("scan_output_directions", default: Array(repeating: 0, count: collected))
    guard outputAxes.count == collected, turned.count == collected, collected == 0 || length > 0 else {
      throw invalid("\(collected) outputs of \(length) rounds with axes \(outputAxes)")
    }
    let stacks = try (0..<collected).map { place -> ImportedValue in
      var parts = rounds.map { $0[place] }
      if turned[place] == 1 { parts.reverse() }
      return ImportedValue(try stacked(parts, axis(outputAxes[place], rank: parts[0].rank + 1)))
    }
    return carried + stacks
  }

  /// Tensors of one shape along a new axis.
  func stacked(_ parts: [Tensor], _ axis: Int) throws -> Tensor {
    let wide = try parts.map { part -> Tensor in
      guard axis <= part.rank else { throw invalid("axis \(axis) of \(part.spec)") }
      var lengths = part.shape.dimensions
      lengths.insert(1, at: axis)
      return try reshaped(part, lengths)
    }
    return try assembler.apply(ConcatenateOperator(axis), wide)[0]
  }
}
