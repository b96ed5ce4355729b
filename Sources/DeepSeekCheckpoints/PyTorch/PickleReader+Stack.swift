extension PickleReader {
  /// The next number, little-endian.
  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws -> Number {
    guard let value = input.next(type) else { throw failure("the pickle ends inside an instruction", .truncated) }
    return value
  }

  /// The next `count` bytes.
  mutating func take(_ count: UInt64) throws -> UnsafeRawBufferPointer {
    guard let count = Int(exactly: count), let bytes = input.take(count) else {
      throw failure("a value of \(count) bytes is longer than what is left of the pickle", .truncated)
    }
    return bytes
  }

  /// The lowest position that may be popped: values below a mark belong to what the mark began.
  private var floor: Int { marks.last ?? 0 }

  mutating func pop() throws -> Int32 {
    guard stack.count > floor, let value = stack.popLast() else {
      throw failure("an instruction needs a value that is not there")
    }
    return value
  }

  func top() throws -> Int32 {
    guard stack.count > floor, let value = stack.last else {
      throw failure("an instruction needs a value that is not there")
    }
    return value
  }

  /// The values above the last mark, which goes.
  mutating func popMarked() throws -> [Int32] {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw failure("an instruction needs a mark that is not there")
    }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  /// A value and its place among those of a container take up to 64 bytes.
  private static let mostNodes = min(Int(Int32.max), MemoryBudget.largestBlock / 64)

  mutating func node(_ node: PickleTree.Node) throws -> Int32 {
    guard nodes.count < PickleReader.mostNodes else {
      throw failure("it has more values than this machine has memory for", .tooLarge)
    }
    nodes.append(node)
    return Int32(nodes.count - 1)
  }

  mutating func push(_ value: PickleTree.Node) throws { stack.append(try node(value)) }

  mutating func container(_ values: [Int32]) -> Int32 {
    children.append(values)
    return Int32(truncatingIfNeeded: children.count - 1)
  }

  mutating func pushTuple(last count: Int) throws {
    guard stack.count - count >= (marks.last ?? 0) else {
      throw failure("an instruction needs a value that is not there")
    }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    try push(.tuple(container(values)))
  }

  /// Keys and values in turn; throws when the last key has none.
  func pairs(_ values: [Int32]) throws -> [Int32] {
    guard values.count % 2 == 0 else { throw failure("a key has no value") }
    return values
  }

  /// Appends to a list, or to an object that is made like one.
  mutating func add(_ values: ArraySlice<Int32>, to target: Int32) throws {
    switch nodes[Int(target)] {
    case .list(let slot): children[Int(slot)] += values
    case .object:
      if items[target] == nil { items[target] = try node(.list(container([]))) }
      guard case .list(let slot) = nodes[Int(items[target]!)] else { throw failure("it is a list and a dictionary") }
      children[Int(slot)] += values
    default: throw failure("it appends to what is not a list")
    }
  }

  /// Puts keys and values into a dictionary, or into an object that is made like one.
  mutating func set(_ values: ArraySlice<Int32>, in target: Int32) throws {
    switch nodes[Int(target)] {
    case .dictionary(let slot): children[Int(slot)] += values
    case .object:
      if items[target] == nil { items[target] = try node(.dictionary(container([]))) }
      guard case .dictionary(let slot) = nodes[Int(items[target]!)] else {
        throw failure("it is a list and a dictionary")
      }
      children[Int(slot)] += values
    default: throw failure("it puts a key into what is not a dictionary")
    }
  }

  mutating func get(_ index: Int) throws {
    let value = memo.indices.contains(index) ? memo[index] : sparseMemo[index]
    guard let value else { throw failure("it refers to value \(index), which was never kept") }
    stack.append(value)
  }

  mutating func put(_ index: Int) throws {
    let value = try top()
    if memo.indices.contains(index) {
      memo[index] = value
    } else if index == memo.count && sparseMemo.isEmpty {
      memo.append(value)
    } else {
      sparseMemo[index] = value
    }
  }
}
