public import DeepSeekTensor

/// What loading a state dictionary puts up with. Strict when nothing is allowed.
public struct StateLoadingOptions: OptionSet, Sendable {
  /// The bits.
  public let rawValue: Int
  /// Options with these bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Keys of the model that the dictionary lacks keep their values.
  public static let allowsMissing = StateLoadingOptions(rawValue: 1 << 0)
  /// Keys of the dictionary that the model lacks are left out.
  public static let allowsUnused = StateLoadingOptions(rawValue: 1 << 1)
  /// Tensors of another shape than the model's are left out.
  public static let allowsShapeMismatch = StateLoadingOptions(rawValue: 1 << 2)
  /// Tensors keep the element type they have in the dictionary; otherwise they are converted to the model's.
  public static let keepsElementType = StateLoadingOptions(rawValue: 1 << 3)
  /// Nothing but an exact fit of keys and shapes.
  public static let strict: StateLoadingOptions = []
}

/// What loading a state dictionary did.
public struct StateLoadingReport: Sendable, Hashable {
  /// A tensor whose shape is not the model's.
  public struct Mismatch: Sendable, Hashable {
    /// The key.
    public let key: String
    /// The model's shape.
    public let expected: Shape
    /// The dictionary's shape.
    public let found: Shape

    /// A tensor of shape `found` under `key` where the model has `expected`.
    public init(key: String, expected: Shape, found: Shape) {
      self.key = key
      self.expected = expected
      self.found = found
    }
  }

  /// Keys that were loaded.
  public var loaded: [String] = []
  /// Keys of the model that the dictionary lacks.
  public var missing: [String] = []
  /// Keys of the dictionary that the model lacks.
  public var unused: [String] = []
  /// Keys whose shapes differ.
  public var mismatched: [Mismatch] = []
  /// Keys whose element type was converted to the model's.
  public var converted: [String] = []

  /// Whether every key fitted.
  public var isComplete: Bool { missing.isEmpty && unused.isEmpty && mismatched.isEmpty }
}

/// Why a state dictionary was not loaded: every key that does not fit, by name. Nothing was changed.
public struct StateLoadingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What does not fit, and what would.
  public let report: StateLoadingReport
  /// The model's type.
  public let module: String

  /// Every key that does not fit, a line for each kind.
  public var description: String {
    var lines = ["\(module): the state does not fit the model; nothing was loaded"]
    if !report.missing.isEmpty { lines.append("missing: " + report.missing.joined(separator: ", ")) }
    if !report.unused.isEmpty { lines.append("unused: " + report.unused.joined(separator: ", ")) }
    for mismatch in report.mismatched {
      lines.append("\(mismatch.key): shape \(mismatch.found), the model's is \(mismatch.expected)")
    }
    return lines.joined(separator: "\n")
  }
}

extension Module {
  /// Weights and persistent buffers with their keys, in order; a weight that two modules share stands under both keys.
  ///
  /// The tensors share storage with the model until one of them changes: taking the dictionary costs nothing, and the
  /// next change of a weight copies it once.
  public func stateDictionary(prefix: String = "") -> StateDictionary {
    var state = StateDictionary()
    visitState(prefix: prefix) { key, parameter in state[key] = parameter.value }
    return state
  }

  /// Sets weights and persistent buffers from a dictionary.
  ///
  /// All keys and shapes are checked before anything changes. A weight shared under two keys may come under either.
  /// Element types are converted to the model's, unless told otherwise. Throws ``StateLoadingError`` that names every
  /// key that does not fit and is not allowed by `options`.
  @discardableResult
  public func load(
    _ state: StateDictionary, options: StateLoadingOptions = .strict, prefix: String = ""
  ) throws -> StateLoadingReport {
    var report = StateLoadingReport()
    var targets: [(parameter: Parameter, tensor: Tensor)] = []
    var known: Set<String> = []
    var filled: Set<ObjectIdentifier> = []
    var absent: [(key: String, parameter: Parameter)] = []
    visitState(prefix: prefix) { key, parameter in
      known.insert(key)
      guard let tensor = state[key] else { return absent.append((key, parameter)) }
      let spec = parameter.spec
      guard tensor.shape == spec.shape else {
        return report.mismatched.append(.init(key: key, expected: spec.shape, found: tensor.shape))
      }
      if tensor.dtype != spec.dtype && !options.contains(.keepsElementType) { report.converted.append(key) }
      report.loaded.append(key)
      filled.insert(ObjectIdentifier(parameter))
      targets.append((parameter, tensor))
    }
    report.missing = absent.filter { !filled.contains(ObjectIdentifier($0.parameter)) }.map(\.key)
    report.unused = state.keys.filter { !known.contains($0) }
    let isRefused =
      !report.missing.isEmpty && !options.contains(.allowsMissing)
      || !report.unused.isEmpty && !options.contains(.allowsUnused)
      || !report.mismatched.isEmpty && !options.contains(.allowsShapeMismatch)
    if isRefused { throw StateLoadingError(report: report, module: String(describing: Self.self)) }
    for (parameter, tensor) in targets {
      parameter.value = options.contains(.keepsElementType) ? tensor : tensor.converted(to: parameter.spec.dtype)
    }
    return report
  }

  private func visitState(prefix: String, _ visit: (String, Parameter) -> Void) {
    visitFields(prefix: prefix) { key, content in
      switch content {
      case .parameter(let parameter): visit(key, parameter)
      case .buffer(let buffer) where buffer.isPersistent: visit(key, buffer.parameter)
      case .buffer, .module, .mode: break
      }
    }
  }
}
