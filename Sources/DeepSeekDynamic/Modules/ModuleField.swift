public import DeepSeekTensor

/// One thing that a module holds, under its key.
public struct ModuleField: Sendable {
  /// What is held.
  public enum Content: Sendable {
    /// A weight.
    case parameter(Parameter)
    /// State that is not trained.
    case buffer(Buffer)
    /// A part with fields of its own.
    case module(any Module)
    /// Whether the module is being trained.
    case mode(TrainingMode)
  }

  /// The key within the module: `weight`, `layer.0`. Empty when the content's own fields stand in its place.
  public let key: String
  /// What is held.
  public let content: Content

  /// A field.
  public init(_ key: String, _ content: Content) {
    self.key = key
    self.content = content
  }

  /// What a module's stored properties hold, in the order of their declarations, superclasses first.
  ///
  /// Looked through: optionals, arrays (keyed by index) and dictionaries with `String` keys (in the order of the keys).
  /// `names` maps a property to its key.
  static func reflected(of module: any Module, names: [String: String]) -> [ModuleField] {
    var fields: [ModuleField] = []
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: module)
    while let current = mirror {
      mirrors.append(current)
      mirror = current.superclassMirror
    }
    for current in mirrors.reversed() {
      for case let (label?, value) in current.children {
        gather(value, key: names[label] ?? label, into: &fields)
      }
    }
    return fields
  }

  /// Appends what `value` holds; returns whether it is of a kind that can hold anything.
  @discardableResult
  private static func gather(_ value: Any, key: String, into fields: inout [ModuleField]) -> Bool {
    switch value {
    case let parameter as Parameter: fields.append(ModuleField(key, .parameter(parameter)))
    case let buffer as Buffer: fields.append(ModuleField(key, .buffer(buffer)))
    case let mode as TrainingMode: fields.append(ModuleField(key, .mode(mode)))
    case let slot as AdapterSlot: fields += slot.fields
    case let module as any Module: fields.append(ModuleField(key, .module(module)))
    default: return gatherContainer(value, key: key, into: &fields)
    }
    return true
  }

  private static func gatherContainer(_ value: Any, key: String, into fields: inout [ModuleField]) -> Bool {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      guard let wrapped = mirror.children.first else { return true }
      return gather(wrapped.value, key: key, into: &fields)
    case .collection:
      for (index, element) in mirror.children.enumerated() {
        // An array of a million numbers is left after its first.
        if !gather(element.value, key: joined(key, String(index)), into: &fields) { return false }
      }
      return true
    case .dictionary:
      var entries: [(key: String, value: Any)] = []
      for child in mirror.children {
        let pair = Mirror(reflecting: child.value).children.makeIterator()
        guard let name = pair.next()?.value as? String, let held = pair.next()?.value else { return false }
        entries.append((name, held))
      }
      for entry in entries.sorted(by: { $0.key < $1.key }) {
        if !gather(entry.value, key: joined(key, entry.key), into: &fields) { return false }
      }
      return true
    default:
      return false
    }
  }

  /// Two parts of a key with a point between them; an empty part adds nothing.
  package static func joined(_ prefix: String, _ key: String) -> String {
    prefix.isEmpty ? key : key.isEmpty ? prefix : "\(prefix).\(key)"
  }
}
