import DeepSeekOperators
import DeepSeekTensor

/// Numbers that count along one axis and are alike along all others: the index plus an offset.
struct Ordinals: Hashable {
  /// The axis, counted from the last, which is 0: so it stays where broadcasting adds axes in front.
  var axisFromEnd: Int
  /// The number at index 0.
  var offset: Int
}

extension FusionContext {
  /// How a value counts, seen through what graphs make positions with: running sums of ones, constants, sums with a number,
  /// views and casts. `nil` for all else.
  func ordinals(_ value: Graph.Value) -> Ordinals? {
    if let tensor = constant(value) { return Ordinals(tensor) }
    guard let node = producer(of: value) else { return nil }
    switch node.operation {
    case let running as CumulativeOperator where running.function == .sum && uniform(node.inputs[0]) == 1:
      return Ordinals(axisFromEnd: spec(value).shape.rank - 1 - running.axis, offset: 1)
    case is CastOperator:
      return spec(value).dtype == .bool ? nil : ordinals(node.inputs[0])
    case let unary as UnaryOperator where unary.function == .addScalar:
      return ordinals(node.inputs[0])?.moved(by: unary.parameters[0])
    case let binary as BinaryOperator: return ordinals(binary.function, node.inputs[0], node.inputs[1])
    case is BroadcastOperator: return ordinals(node.inputs[0])
    case is ReshapeOperator:
      return ordinals(node.inputs[0])?.reshaped(from: spec(node.inputs[0]).shape, to: spec(value).shape)
    case let slice as SliceOperator:
      return slice.extents.reduce(ordinals(node.inputs[0])) { $0?.sliced($1, rank: spec(value).shape.rank) }
    default: return nil
    }
  }

  private func ordinals(
    _ function: BinaryOperator.Function, _ first: Graph.Value, _ second: Graph.Value
  ) -> Ordinals? {
    switch function {
    case .add:
      if let number = uniform(second) { return ordinals(first)?.moved(by: number) }
      return uniform(first).flatMap { ordinals(second)?.moved(by: $0) }
    case .subtract: return uniform(second).flatMap { ordinals(first)?.moved(by: -$0) }
    default: return nil
    }
  }
}

extension Ordinals {
  /// Constants with more elements than this are not looked through.
  private static let searchLimit = 1 << 16

  /// How a constant counts; `nil` when it does not, or has but one element.
  init?(_ tensor: Tensor) {
    let long = (0..<tensor.rank).filter { tensor.shape[$0] != 1 && tensor.layout.stride($0) != 0 }
    guard long.count == 1, tensor.dtype.isArithmetic, tensor.dtype != .bool,
      tensor.elementCount <= Ordinals.searchLimit
    else { return nil }
    let axis = long[0]
    let line = (0..<tensor.rank).reversed().filter { $0 != axis }.reduce(tensor) { $0.selected($1, 0) }
    let numbers = line.array(of: Double.self)
    guard numbers.count > 1, let first = Int(exactly: numbers[0]),
      numbers.indices.allSatisfy({ numbers[$0] == Double(first) + Double($0) })
    else { return nil }
    self.init(axisFromEnd: tensor.rank - 1 - axis, offset: first)
  }

  fileprivate func moved(by number: Double) -> Ordinals? {
    guard let whole = Int(exactly: number), abs(whole) < 1 << 40 else { return nil }
    return Ordinals(axisFromEnd: axisFromEnd, offset: offset + whole)
  }

  /// After a reshape that puts in and takes out axes of length 1; `nil` for any other.
  fileprivate func reshaped(from old: Shape, to new: Shape) -> Ordinals? {
    func long(_ shape: Shape) -> [Int] { (0..<shape.rank).filter { shape.dimension($0) != 1 } }
    let (before, after) = (long(old), long(new))
    guard before.map({ old.dimension($0) }) == after.map({ new.dimension($0) }),
      let place = before.firstIndex(of: old.rank - 1 - axisFromEnd)
    else { return nil }
    return Ordinals(axisFromEnd: new.rank - 1 - after[place], offset: offset)
  }

  fileprivate func sliced(_ extent: SliceOperator.Extent, rank: Int) -> Ordinals? {
    if extent.axis != rank - 1 - axisFromEnd { return self }
    guard extent.step == 1, let start = extent.start.known else { return nil }
    return Ordinals(axisFromEnd: axisFromEnd, offset: offset + start)
  }
}
