import Synchronization

/// What kernels derived once from a storage's bytes and want to find again, such as a weight packed for its product.
public final class PreparedForms: Sendable {
  private struct Entry {
    let key: FormKey
    /// The form's type.
    let type: ObjectIdentifier
    /// `nil` where none can be made, which is worth knowing too.
    let form: (any AnyObject & Sendable)?
  }

  private let entries = Mutex<[Entry]>([])
  private let longLived = Atomic<Bool>(false)

  /// Whether the bytes are expected to serve many calls unchanged, as a weight's do: worth preparing a form of.
  public var isLongLived: Bool {
    get { longLived.load(ordering: .relaxed) }
    set { longLived.store(newValue, ordering: .relaxed) }
  }

  /// How many forms there are: copies of the bytes, mostly.
  public var count: Int { entries.withLock { $0.count { $0.form != nil } } }

  /// The form of type `Form` under `key`, made by `make` the first time. To find it again costs a lock and a comparison, and
  /// allocates nothing.
  ///
  /// `make` may run twice when two threads ask at once; one result is kept.
  public func form<Form: AnyObject & Sendable>(_ key: FormKey, make: () -> Form?) -> Form? {
    let type = ObjectIdentifier(Form.self)
    // The key's type is the form's: the casts need no look at it.
    if let found = entries.withLock({ PreparedForms.find(key, type, $0) }) {
      return found.map { unsafeDowncast($0, to: Form.self) }
    }
    let made = make()
    let kept = entries.withLock { entries in
      if let earlier = PreparedForms.find(key, type, entries) { return earlier }
      entries.append(Entry(key: key, type: type, form: made))
      return made
    }
    return kept.map { unsafeDowncast($0, to: Form.self) }
  }

  private static func find(
    _ key: FormKey, _ type: ObjectIdentifier, _ entries: [Entry]
  ) -> (any AnyObject & Sendable)?? {
    for index in entries.indices where entries[index].type == type && entries[index].key == key {
      return .some(entries[index].form)
    }
    return nil
  }

  /// Forgets every form; to be called when the bytes change.
  public func removeAll() {
    entries.withLock { $0.removeAll() }
  }
}
