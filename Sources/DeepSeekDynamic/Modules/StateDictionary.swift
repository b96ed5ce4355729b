public import DeepSeekTensor

/// Tensors by key, in the order in which they were put in: what a model's weights are saved as and loaded from.
public struct StateDictionary: Sendable {
  /// The keys, in order.
  public private(set) var keys: [String] = []
  private var tensors: [String: Tensor] = [:]

  /// An empty dictionary.
  public init() {}

  /// These tensors, in the order of their keys as text.
  public init(_ tensors: [String: Tensor]) {
    keys = tensors.keys.sorted()
    self.tensors = tensors
  }

  /// The tensor under a key. Setting `nil` removes it; the order of the others stays.
  public subscript(key: String) -> Tensor? {
    get { tensors[key] }
    set {
      let isPresent = tensors[key] != nil
      tensors[key] = newValue
      if newValue != nil && !isPresent { keys.append(key) }
      if newValue == nil && isPresent { keys.removeAll { $0 == key } }
    }
  }

  /// The same tensors as a plain dictionary.
  public var dictionary: [String: Tensor] { tensors }

  /// Tensors under keys made from the old ones; those for which `rename` gives `nil` are left out. Traps when two get one
  /// key.
  public func renamed(_ rename: (String) -> String?) -> StateDictionary {
    var result = StateDictionary()
    for key in keys {
      guard let name = rename(key) else { continue }
      if result[name] != nil { fatalError("StateDictionary: '\(key)' and another key both become '\(name)'") }
      result[name] = tensors[key]
    }
    return result
  }
}

extension StateDictionary: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// The number of tensors.
  public var endIndex: Int { keys.count }
  /// The key and tensor at a position.
  public subscript(position: Int) -> (key: String, value: Tensor) { (keys[position], tensors[keys[position]]!) }
}

extension StateDictionary: ExpressibleByDictionaryLiteral {
  /// These tensors in this order; a key given twice keeps its last tensor.
  public init(dictionaryLiteral elements: (String, Tensor)...) {
    for (key, tensor) in elements { self[key] = tensor }
  }
}
