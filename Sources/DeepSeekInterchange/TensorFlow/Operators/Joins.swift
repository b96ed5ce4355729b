import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Tensors put together.
  static let joins: [TensorFlowOperator] = [
    TensorFlowOperator("ConcatV2", 2...Int.max) { node in
      let last = node.inputs.count - 1
      return [try node.concatenated(0..<last, try node.integer(last))]
    },
    TensorFlowOperator("Concat", 2...Int.max) { node in
      [try node.concatenated(1..<node.inputs.count, try node.integer(0))]
    },
    TensorFlowOperator("Pack", 1...Int.max) { node in
      let first = try node.tensor(0)
      guard first.rank < Shape.maximumRank else { throw node.unsupported("a result of \(first.rank + 1) axes") }
      let axis = try node.axis(node.int("axis", default: 0), rank: first.rank + 1)
      let parts = try node.inputs.indices.map { index in
        let x = try node.tensor(index)
        guard x.rank == first.rank else { throw node.invalid("\(first.spec) beside \(x.spec)") }
        var lengths = x.shape.dimensions
        lengths.insert(1, at: axis)
        return try node.reshaped(x, lengths)
      }
      return [ImportedValue(try node.assembler.apply(ConcatenateOperator(axis), parts)[0])]
    },
    TensorFlowOperator("Pad", 2...2) { [try $0.padded(value: 0)] },
    TensorFlowOperator("PadV2", 3...3) { [try $0.padded(value: $0.number(2))] },
    TensorFlowOperator("MirrorPad", 2...2) { node in
      let mode = try node.string("mode", default: "")
      guard mode == "REFLECT" else { throw node.unsupported("mode '\(mode)'") }
      return [try node.padded(value: 0, mode: .reflect)]
    },
    TensorFlowOperator("SpaceToBatchND", 3) { node in
      let x = try node.tensor(0)
      guard x.dtype.isArithmetic else { throw node.unsupported("padding of \(x.dtype)") }
      let blocks = try node.blocks(1, x)
      let widths = try node.pairs(2, count: blocks.count)
      let (before, after) = (widths.map(\.0), widths.map(\.1))
      let rest = Array(repeating: 0, count: x.rank - blocks.count - 1)
      let wide = try node.apply(PadOperator([0] + before + rest, [0] + after + rest), x)
      // [batch, s₁, …] becomes [batch, s₁ / b₁, b₁, …], the blocks go first, and join the batch.
      var split = [wide.dimension(0)]
      for (axis, block) in blocks.enumerated() {
        split += [try node.quotient(wide.dimension(axis + 1), Dimension(block)), Dimension(block)]
      }
      let remaining = (blocks.count + 1..<x.rank).map { wide.dimension($0) }
      let places = blocks.indices
      let last = 1 + 2 * blocks.count
      let order = places.map { 2 * $0 + 2 } + [0] + places.map { 2 * $0 + 1 } + (last..<last + remaining.count)
      let turned = try node.transposed(node.reshaped(wide, split + remaining), order)
      let batch = blocks.reduce(wide.dimension(0)) { $0 * Dimension($1) }
      return try node.reshaped(turned, [batch] + places.map { split[2 * $0 + 1] } + remaining)
    },
    TensorFlowOperator("BatchToSpaceND", 3) { node in
      let x = try node.tensor(0)
      let blocks = try node.blocks(1, x)
      let crops = try node.pairs(2, count: blocks.count)
      let product = blocks.reduce(Dimension(1)) { $0 * Dimension($1) }
      let batch = try node.quotient(x.dimension(0), product)
      let others = (1..<x.rank).map { x.dimension($0) }
      let split = try node.reshaped(x, blocks.map { Dimension($0) } + [batch] + others)
      let count = blocks.count
      var order = [count]
      for axis in 0..<count { order += [count + 1 + axis, axis] }
      order += (2 * count + 1..<count + 1 + others.count + 0).map { $0 }
      let turned = try node.transposed(split, order)
      var lengths = [batch]
      for axis in 0..<count { lengths.append(others[axis] * Dimension(blocks[axis])) }
      var result = try node.reshaped(turned, lengths + others.dropFirst(count))
      for (axis, crop) in crops.enumerated() {
        guard let end = Length(result.dimension(axis + 1)) - .number(crop.1) else { throw node.invalid("crop \(crop)") }
        result = try node.cut(result, axis + 1, .number(crop.0), end)
      }
      return result
    },
  ]
}

extension TensorFlowNode {
  /// Some inputs one after the other; images stay with their channels second.
  func concatenated(_ range: Range<Int>, _ axis: Int) throws -> ImportedValue {
    guard let first = range.first else { throw invalid("no inputs") }
    let rank = try tensor(first).rank
    let place = try self.axis(axis, rank: rank)
    let images = range.compactMap { inputs[$0].channelsSecond }
    if images.count == range.count && images.allSatisfy({ $0.rank == rank }) {
      let turned = place == 0 ? 0 : place == rank - 1 ? 1 : place + 1
      return try channelsLast(assembler.apply(ConcatenateOperator(turned), images)[0])
    }
    return ImportedValue(try assembler.apply(ConcatenateOperator(place), range.map { try tensor($0) })[0])
  }

  /// Pairs of numbers, from a matrix `[count, 2]`.
  func pairs(_ index: Int, count: Int) throws -> [(Int, Int)] {
    let matrix = try tensor(index)
    guard matrix.graphValue == nil, matrix.dtype == .int32 || matrix.dtype == .int64 else {
      throw unsupported("input \(index), \(matrix.spec), must be a constant of integers")
    }
    guard matrix.shape == [count, 2] else {
      throw invalid("input \(index), \(matrix.spec); \(count) pairs are expected")
    }
    let numbers = matrix.array(of: Int64.self).map { Int($0) }
    guard numbers.allSatisfy({ (0...1 << 30).contains($0) }) else { throw invalid("widths \(numbers)") }
    return (0..<count).map { (numbers[2 * $0], numbers[2 * $0 + 1]) }
  }

  /// The sizes of blocks of the axes behind the first.
  func blocks(_ index: Int, _ x: Tensor) throws -> [Int] {
    let blocks = try integers(index)
    guard !blocks.isEmpty, blocks.count < x.rank, x.rank + blocks.count <= Shape.maximumRank,
      blocks.allSatisfy({ (1...1 << 20).contains($0) })
    else { throw invalid("blocks \(blocks) of \(x.spec)") }
    return blocks
  }

  /// Axes grown at both ends; images stay with their channels second.
  func padded(value: Double, mode: PadOperator.Mode = .constant) throws -> ImportedValue {
    let x = try tensor(0)
    guard x.dtype.isArithmetic else { throw unsupported("padding of \(x.dtype)") }
    var widths = try pairs(1, count: x.rank)
    let image = inputs[0].channelsSecond
    if image != nil { widths.insert(widths.removeLast(), at: 1) }
    let operation = PadOperator(widths.map(\.0), widths.map(\.1), mode: mode, value: value)
    let result = try apply(operation, image ?? x)
    return image == nil ? ImportedValue(result) : try channelsLast(result)
  }
}
