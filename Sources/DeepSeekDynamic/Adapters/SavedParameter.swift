import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// A parameter that adapters train whole: each has a value of its own for it, beside the model's.
///
/// The values of the adapter that is active lie in the parameter itself, where optimizers and state dictionaries look; those
/// of the others lie here.
final class SavedParameter: Sendable {
  private struct State {
    var values: [String: Tensor] = [:]
    /// The adapter whose values the parameter holds now; `nil` for the model's own.
    var current: String?
    /// The model's own value, while the parameter holds another.
    var original: Tensor?
  }

  /// The key in the model.
  let key: String
  let parameter: Parameter
  private let owner: AdapterOwner
  private let state = Mutex(State())
  private let transform: (@Sendable (Tensor) -> Tensor)?

  init(_ key: String, _ parameter: Parameter, owner: AdapterOwner) {
    self.key = key
    self.parameter = parameter
    self.owner = owner
    transform = parameter.transform
    parameter.transform = { [weak self, transform] stored in
      let read = self?.scoped() ?? stored
      return transform?(read) ?? read
    }
  }

  /// The value that the current scope asks for, where it is not what the parameter holds.
  private func scoped() -> Tensor? {
    guard let names = AdapterScope.names[ObjectIdentifier(owner)] else { return nil }
    return state.withLock { state in
      let wanted = names.first { $0 == state.current || state.values[$0] != nil }
      if wanted == state.current { return nil }
      return wanted.map { state.values[$0]! } ?? state.original
    }
  }

  /// Starts an adapter's value from the model's own.
  func add(_ name: String) {
    state.withLock { $0.values[name] = $0.original ?? parameter.value }
  }

  func has(_ name: String) -> Bool { state.withLock { $0.current == name || $0.values[name] != nil } }

  /// The value of an adapter that has one.
  func value(of name: String) -> Tensor {
    state.withLock { $0.current == name ? parameter.value : $0.values[name]! }
  }

  func setValue(_ value: Tensor, of name: String) {
    let value = value.converted(to: parameter.spec.dtype)
    state.withLock { state in
      if state.current == name { parameter.value = value } else { state.values[name] = value }
    }
  }

  /// Puts the value of the first of these adapters that has one into the parameter, or the model's own; returns whether it
  /// is an adapter's.
  @discardableResult
  func activate(_ names: [String]) -> Bool {
    state.withLock { state in
      let next = names.first { $0 == state.current || state.values[$0] != nil }
      if next == state.current { return next != nil }
      if let current = state.current {
        state.values[current] = parameter.value
      } else {
        state.original = parameter.value
      }
      parameter.value = next.map { state.values[$0]! } ?? state.original!
      if let next { state.values[next] = nil } else { state.original = nil }
      state.current = next
      return next != nil
    }
  }

  /// Forgets an adapter's value; the model's own comes back when it was in use. Returns whether others are left.
  func remove(_ name: String) -> Bool {
    if state.withLock({ $0.current == name }) { activate([]) }
    return state.withLock { state in
      state.values[name] = nil
      return state.current != nil || !state.values.isEmpty
    }
  }

  /// Leaves the parameter as it is now.
  func detach() { parameter.transform = transform }
}
