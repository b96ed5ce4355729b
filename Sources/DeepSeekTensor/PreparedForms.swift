import Synchronization

/// What kernels derived once from a storage's bytes and want to find again, such as a weight packed for its product.
public final class PreparedForms: Sendable {
  private struct Entry {
    let key: String
    let form: any Sendable
  }

  private let entries = Mutex<[Entry]>([])
  private let longLived = Atomic<Bool>(false)

  /// Whether the bytes are expected to serve many calls unchanged, as a weight's do: worth preparing a form of.
  public var isLongLived: Bool {
    get { longLived.load(ordering: .relaxed) }
    set { longLived.store(newValue, ordering: .relaxed) }
  }

  /// The form under `key`, made by `make` the first time.
  ///
  /// `make` may run twice when two threads ask at once; one result is kept.
  public func form<Form: Sendable>(_ key: String, make: () -> Form) -> Form {
    if let found = entries.withLock({ $0.first { $0.key == key } }), let form = found.form as? Form { return form }
    let form = make()
    entries.withLock { $0.append(Entry(key: key, form: form)) }
    return form
  }

  /// Forgets every form; to be called when the bytes change.
  public func removeAll() {
    entries.withLock { $0.removeAll() }
  }
}
