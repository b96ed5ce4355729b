/// A name of Python's that a pickle refers to: a class or a function. Nothing of it is ever called.
struct PickleGlobal: Sendable, Hashable {
  let module: String
  let name: String

  /// `torch._utils._rebuild_tensor_v2`.
  var fullName: String { "\(module).\(name)" }
}

/// The data of a pickle: values that refer to each other by number.
///
/// Numbers instead of references, because a pickle may share a value many times, contain itself, or be nested as deep as
/// it is long: none of that costs more than the pickle's own length, and nothing recurses when it is let go.
final class PickleTree: Sendable {
  /// A value; numbers of containers are positions in ``children``.
  enum Node: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// Decimal digits of an integer beyond 64 bits.
    case wideInteger(String)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case list(Int32)
    case tuple(Int32)
    /// Keys and values in turn.
    case dictionary(Int32)
    case set(Int32)
    case global(Int32)
    /// What a call would have made: the function or class, its arguments and, where there are any, its named arguments.
    case object(Int32)
    /// What the file keeps outside the pickle, by the value that stands for it.
    case persistent(Int32)
  }

  let nodes: [Node]
  let children: [[Int32]]
  let globals: [PickleGlobal]
  /// What an object was given as its state.
  let states: [Int32: Int32]
  /// The list or dictionary of what was put into an object as if it were one.
  let items: [Int32: Int32]
  let root: Int32
  /// Bytes of the pickle.
  let byteCount: Int

  init(
    nodes: [Node], children: [[Int32]], globals: [PickleGlobal], states: [Int32: Int32], items: [Int32: Int32],
    root: Int32, byteCount: Int
  ) {
    self.nodes = nodes
    self.children = children
    self.globals = globals
    self.states = states
    self.items = items
    self.root = root
    self.byteCount = byteCount
  }

  /// The elements of a list or tuple; `nil` for anything else.
  func sequence(_ node: Int32) -> [Int32]? {
    switch nodes[Int(node)] {
    case .list(let slot), .tuple(let slot): children[Int(slot)]
    default: nil
    }
  }

  func string(_ node: Int32) -> String? {
    if case .string(let text) = nodes[Int(node)] { return text }
    return nil
  }

  func integer(_ node: Int32) -> Int? {
    switch nodes[Int(node)] {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  func global(_ node: Int32) -> PickleGlobal? {
    if case .global(let index) = nodes[Int(node)] { return globals[Int(index)] }
    return nil
  }

  /// The function or class of an object and its arguments; `nil` for anything else, or when they are not a tuple.
  func call(_ node: Int32) -> (global: PickleGlobal, arguments: [Int32])? {
    guard case .object(let slot) = nodes[Int(node)] else { return nil }
    let parts = children[Int(slot)]
    guard let global = global(parts[0]), let arguments = sequence(parts[1]) else { return nil }
    return (global, arguments)
  }
}
