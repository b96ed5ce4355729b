public import DeepSeekTensor

/// A parameter and its key in the model.
public struct NamedParameter: Sendable {
  /// The key: `encoder.layer.0.output.dense.weight`.
  public let name: String
  /// The parameter.
  public let parameter: Parameter
}

/// A buffer and its key in the model.
public struct NamedBuffer: Sendable {
  /// The key: `norm.running_mean`.
  public let name: String
  /// The buffer.
  public let buffer: Buffer
}

extension Module {
  /// Calls `visit` with every field below this module and its full key, in order; modules come before what they hold.
  public func visitFields(prefix: String = "", _ visit: (_ key: String, _ content: ModuleField.Content) -> Void) {
    for field in fields {
      let key = ModuleField.joined(prefix, field.key)
      visit(key, field.content)
      if case .module(let child) = field.content { child.visitFields(prefix: key, visit) }
    }
  }

  /// Every weight with its key, in order. A weight shared by two modules appears once, under its first key, unless
  /// `keepingDuplicates`.
  public func namedParameters(keepingDuplicates: Bool = false) -> [NamedParameter] {
    var seen: Set<ObjectIdentifier> = []
    var result: [NamedParameter] = []
    visitFields { key, content in
      guard case .parameter(let parameter) = content else { return }
      if seen.insert(ObjectIdentifier(parameter)).inserted || keepingDuplicates {
        result.append(NamedParameter(name: key, parameter: parameter))
      }
    }
    return result
  }

  /// Every weight once, trainable or frozen.
  public func parameters() -> [Parameter] { namedParameters().map(\.parameter) }

  /// Every buffer with its key, in order; a shared one once.
  public func namedBuffers() -> [NamedBuffer] {
    var seen: Set<ObjectIdentifier> = []
    var result: [NamedBuffer] = []
    visitFields { key, content in
      guard case .buffer(let buffer) = content, seen.insert(ObjectIdentifier(buffer)).inserted else { return }
      result.append(NamedBuffer(name: key, buffer: buffer))
    }
    return result
  }

  /// This module, under the empty key, and every module below it with its key; a shared one once.
  public func namedModules() -> [(name: String, module: any Module)] {
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
    var result: [(name: String, module: any Module)] = [("", self)]
    visitFields { key, content in
      guard case .module(let module) = content, seen.insert(ObjectIdentifier(module)).inserted else { return }
      result.append((key, module))
    }
    return result
  }

  /// Calls `body` with this module and every module below it, each once, this one last, so that a module sees its parts
  /// already changed.
  public func forEachModule(_ body: (any Module) throws -> Void) rethrows {
    for (_, module) in namedModules().reversed() { try body(module) }
  }

  /// The number of weights' elements; a shared weight counts once.
  public func parameterCount(trainableOnly: Bool = false) -> Int {
    parameters().reduce(0) { total, parameter in
      trainableOnly && !parameter.isTrainable ? total : total + parameter.spec.shape.elementCount
    }
  }

  /// Puts this module and all below it in training, or in evaluation.
  public func train(_ isTraining: Bool = true) {
    visitFields { _, content in
      if case .mode(let mode) = content { mode.isTraining = isTraining }
    }
  }

  /// Puts this module and all below it in evaluation.
  public func eval() { train(false) }

  /// Wants no gradients of these weights any longer, of those alone whose key satisfies `isIncluded` when it is given.
  public func freeze(where isIncluded: (String) -> Bool = { _ in true }) { setTrainable(false, isIncluded) }

  /// Wants gradients of these weights again.
  public func unfreeze(where isIncluded: (String) -> Bool = { _ in true }) { setTrainable(true, isIncluded) }

  private func setTrainable(_ isTrainable: Bool, _ isIncluded: (String) -> Bool) {
    for named in namedParameters(keepingDuplicates: true) where isIncluded(named.name) {
      named.parameter.isTrainable = isTrainable
    }
  }

  /// Forgets the gathered gradients of all weights.
  public func zeroGradients() {
    for parameter in parameters() { parameter.clearGradient() }
  }

  /// Converts all floating weights and buffers to another floating type: half the memory in `bfloat16`.
  public func convert(to dtype: DType) {
    if !dtype.isFloatingPoint { fatalError("convert: weights cannot be \(dtype); give a floating-point type") }
    let all = parameters() + namedBuffers().map(\.buffer.parameter)
    for parameter in all where parameter.spec.dtype.isFloatingPoint {
      parameter.value = parameter.value.converted(to: dtype)
      parameter.clearGradient()
    }
  }
}
