/// A value of a pickle: what a file says, as data.
///
/// ```swift
/// let file = try PyTorch.open("checkpoint.pt")
/// let rate = file.root["optimizer"]?["param_groups"]?[0]?["lr"]?.double
/// ```
///
/// Values may share and even contain each other, as Python's do: code that walks all of them must keep count.
public struct PickleValue: Sendable {
  /// What a value is.
  public enum Kind: String, Sendable, Hashable {
    /// Python's `None`.
    case none
    /// A truth value.
    case bool
    /// An integer of any size.
    case integer
    /// A 64-bit float.
    case float
    /// Text.
    case string
    /// Bytes.
    case bytes
    /// A list.
    case list
    /// A tuple.
    case tuple
    /// A dictionary of any class.
    case dictionary
    /// A set.
    case set
    /// A class or function, by name.
    case global
    /// Anything else: what class or function it is made by, from which arguments, and its state. Tensors are among these.
    case object
    /// A storage of elements outside the pickle.
    case storage
  }

  let tree: PickleTree
  let node: Int32

  private var content: PickleTree.Node { tree.nodes[Int(node)] }

  private func value(_ node: Int32) -> PickleValue { PickleValue(tree: tree, node: node) }

  /// What it is.
  public var kind: Kind {
    switch content {
    case .none: .none
    case .bool: .bool
    case .integer, .wideInteger: .integer
    case .float: .float
    case .string: .string
    case .bytes: .bytes
    case .list: .list
    case .tuple: .tuple
    case .dictionary: .dictionary
    case .set: .set
    case .global: .global
    case .object: .object
    case .persistent: .storage
    }
  }

  /// Whether it is Python's `None`.
  public var isNone: Bool { kind == .none }

  /// A truth value; `nil` for anything else.
  public var bool: Bool? {
    switch content {
    case .bool(let value): value
    case .object: NumPyValue.scalar(tree, node).flatMap { if case .bool(let value) = $0 { value } else { nil } }
    default: nil
    }
  }

  /// An integer of up to 64 bits, also one of NumPy's; `nil` for anything else.
  public var int: Int? {
    switch content {
    case .integer(let value): value
    case .object: NumPyValue.scalar(tree, node).flatMap { if case .integer(let value) = $0 { value } else { nil } }
    default: nil
    }
  }

  /// A number as a float, also one of NumPy's; `nil` for anything else.
  public var double: Double? {
    switch content {
    case .float(let value): value
    case .integer(let value): Double(value)
    case .wideInteger(let digits): Double(digits)
    case .object:
      switch NumPyValue.scalar(tree, node) {
      case .float(let value): value
      case .integer(let value): Double(value)
      default: nil
      }
    default: nil
    }
  }

  /// Text; `nil` for anything else.
  public var string: String? { tree.string(node) }

  /// Bytes; `nil` for anything else.
  public var bytes: [UInt8]? {
    if case .bytes(let value) = content { return value }
    return nil
  }

  /// The elements of a list, tuple or set, or of an object that is a kind of list; `nil` for anything else.
  public var elements: [PickleValue]? {
    switch content {
    case .list(let slot), .tuple(let slot), .set(let slot): tree.children[Int(slot)].map(value)
    case .object: tree.items[node].flatMap { tree.sequence($0) }?.map(value)
    default: nil
    }
  }

  /// The keys and values of a dictionary, or of an object that is a kind of dictionary, in order; a key that was set twice
  /// occurs twice. `nil` for anything else.
  public var pairs: [(key: PickleValue, value: PickleValue)]? {
    guard let slot = pairSlot else { return nil }
    let children = tree.children[slot]
    return stride(from: 0, to: children.count - 1, by: 2).map { (value(children[$0]), value(children[$0 + 1])) }
  }

  private var pairSlot: Int? {
    switch content {
    case .dictionary(let slot): return Int(slot)
    case .object:
      if let items = tree.items[node], case .dictionary(let slot) = tree.nodes[Int(items)] { return Int(slot) }
      return nil
    default: return nil
    }
  }

  /// What a dictionary has under a key, or an object under the name of an attribute; `nil` when there is none.
  ///
  /// Cost: looks at the keys one after another.
  public subscript(key: String) -> PickleValue? {
    if let slot = pairSlot {
      let children = tree.children[slot]
      var position = children.count - 2
      while position >= 0 {
        if tree.string(children[position]) == key { return value(children[position + 1]) }
        position -= 2
      }
    }
    guard kind == .object, let state, state.kind == .dictionary else { return nil }
    return state[key]
  }

  /// The element of a list or tuple, or what a dictionary has under an integer; `nil` when there is none.
  public subscript(index: Int) -> PickleValue? {
    switch content {
    case .list(let slot), .tuple(let slot):
      let children = tree.children[Int(slot)]
      return children.indices.contains(index) ? value(children[index]) : nil
    default: return pairs?.last { $0.key.int == index }?.value
    }
  }

  /// The full name of a class or function, or of what an object is made by: `argparse.Namespace`.
  public var className: String? {
    switch content {
    case .global(let index): tree.globals[Int(index)].fullName
    case .object(let slot): tree.global(tree.children[Int(slot)][0])?.fullName
    default: nil
    }
  }

  /// The arguments that an object is made from; empty for anything else.
  public var arguments: [PickleValue] { tree.call(node)?.arguments.map(value) ?? [] }

  /// The attributes of an object, or what else it is given as its state; `nil` when it has none.
  public var state: PickleValue? { tree.states[node].map(value) }
}

extension PickleValue: CustomStringConvertible {
  /// A plain value as Python writes it, a list or tuple of few plain values likewise, else a word about it.
  public var description: String { text() ?? "a value of kind \(kind.rawValue)" }

  /// How many elements a list may have that is written out.
  static let longestList = 64

  /// The value as text, when it is plain or a short sequence of plain values; text itself stands without quotes.
  func text(quoted: Bool = false, depth: Int = 0) -> String? {
    switch content {
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .integer(let value): return String(value)
    case .wideInteger(let digits): return digits
    case .float(let value): return PickleValue.text(value)
    case .string(let value): return quoted ? "'\(value)'" : value
    case .global(let index): return tree.globals[Int(index)].fullName
    case .list(let slot), .tuple(let slot):
      let children = tree.children[Int(slot)]
      // Two levels of 64 are the most that is written: a value may be nested in itself.
      guard children.count <= PickleValue.longestList, depth < 2 else { return nil }
      var parts: [String] = []
      for child in children {
        guard let part = value(child).text(quoted: true, depth: depth + 1), part.utf8.count <= 256 else { return nil }
        parts.append(part)
      }
      if case .list = content { return "[" + parts.joined(separator: ", ") + "]" }
      return "(" + parts.joined(separator: ", ") + (parts.count == 1 ? ",)" : ")")
    case .object:
      switch NumPyValue.scalar(tree, node) {
      case .bool(let value): return value ? "True" : "False"
      case .integer(let value): return String(value)
      case .float(let value): return PickleValue.text(value)
      case nil: break
      }
      guard className == "torch.device", depth < 2, let name = arguments.first?.string else { return nil }
      return arguments.count > 1 ? arguments[1].int.map { "\(name):\($0)" } : name
    default: return nil
    }
  }

  private static func text(_ value: Double) -> String {
    if value.isFinite { return value.description }
    return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
  }
}
