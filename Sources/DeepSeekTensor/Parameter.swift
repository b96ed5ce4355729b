import Synchronization

/// A named piece of state that lasts: a weight that training changes, or a buffer such as a running mean.
///
/// The one home of shared mutable state. A lock guards its tensor and its accumulated gradient; an optional transform
/// stands between the stored tensor and what a module reads, through which quantization, adapters and pruning act without
/// a change of the module.
public final class Parameter: Sendable {
  private struct State {
    var value: Tensor
    var leaf: GradientNode
    var gradient: Tensor?
    var isTrainable: Bool
    var transform: (@Sendable (Tensor) -> Tensor)?
    var hook: (@Sendable (Parameter) -> Void)?
    var source: (@Sendable () -> Tensor)?
  }

  private let state: Mutex<State>

  /// A parameter with this value. Only floating types are trainable.
  public init(_ value: Tensor, isTrainable: Bool = true) {
    let detached = value.detached()
    detached.storage.prepared.isLongLived = true
    state = Mutex(
      State(
        value: detached, leaf: GradientNode(leaf: detached.spec),
        isTrainable: isTrainable && detached.dtype.isFloatingPoint))
    state.withLock { $0.leaf.parameter = self }
  }

  /// A parameter that has no value of its own: `source` gives it, always of this type and shape, each time it is read.
  ///
  /// For what the host knows anew before every run of a graph, such as the learning rate that a schedule sets: in a capture
  /// it is a variable like any other. It is not trainable, and what is assigned to it is never read.
  public convenience init(_ spec: TensorSpec, source: @escaping @Sendable () -> Tensor) {
    self.init(.zeros(spec.shape, dtype: spec.dtype), isTrainable: false)
    state.withLock { $0.source = source }
  }

  /// What a module computes with: the stored tensor, tracked when the parameter is trainable, through the transform when
  /// there is one. Inside a capture, the graph's variable.
  public var tensor: Tensor {
    let (tensor, transform) = state.withLock { state in
      (
        Tensor(body: state.value.body, node: state.isTrainable ? state.leaf : nil),
        state.transform
      )
    }
    let read = CaptureScope.current?.variable(for: self, value: tensor) ?? tensor
    return transform.map { $0(read) } ?? read
  }

  /// The stored tensor, without gradient or transform. Inside a capture, the graph's variable, and setting it notes what
  /// the variable is to hold after a run.
  public var value: Tensor {
    get {
      let (stored, source) = state.withLock { ($0.value, $0.source) }
      if let capture = CaptureScope.current { return capture.variable(for: self, value: stored).detached() }
      guard let source else { return stored }
      let value = source()
      if value.spec != stored.spec { fatalError("Parameter: its source gave a \(value.spec), not a \(stored.spec)") }
      return value
    }
    set {
      if let capture = CaptureScope.current {
        return capture.assign(newValue, to: self, value: state.withLock { $0.value })
      }
      state.withLock { state in
        if newValue.spec != state.value.spec {
          state.leaf = GradientNode(leaf: newValue.spec)
          state.leaf.parameter = self
        }
        state.value = newValue.detached()
        state.value.storage.prepared.isLongLived = true
      }
    }
  }

  /// Type and shape.
  public var spec: TensorSpec { state.withLock { $0.value.spec } }

  /// The node where its gradients come to rest.
  public var leaf: GradientNode { state.withLock { $0.leaf } }

  /// The gradient gathered since it was last cleared; `nil` when there is none. A capture has gradients of its own, which
  /// end with it.
  public var gradient: Tensor? {
    get {
      if let capture = CaptureScope.current { return capture.gradient(of: self) }
      return state.withLock { $0.gradient }
    }
    set {
      if let capture = CaptureScope.current { return capture.setGradient(newValue?.detached(), of: self) }
      state.withLock { $0.gradient = newValue?.detached() }
    }
  }

  /// Whether gradients are wanted. False for buffers and frozen weights.
  public var isTrainable: Bool {
    get { state.withLock { $0.isTrainable } }
    set { state.withLock { $0.isTrainable = newValue && $0.value.dtype.isFloatingPoint } }
  }

  /// What stands between the stored tensor and what modules read.
  public var transform: (@Sendable (Tensor) -> Tensor)? {
    get { state.withLock { $0.transform } }
    set { state.withLock { $0.transform = newValue } }
  }

  /// Called by the backward walk when the gradient of this walk is complete; an optimizer that steps during the backward
  /// pass hangs here, so that a gradient lives no longer than its layer's turn.
  public var gradientHook: (@Sendable (Parameter) -> Void)? {
    get { state.withLock { $0.hook } }
    set { state.withLock { $0.hook = newValue } }
  }

  /// Changes the stored tensor in place. It is copied first if anyone else holds it. Inside a capture, changes the graph's
  /// variable.
  public func update<Result>(_ change: (inout Tensor) throws -> sending Result) rethrows -> sending Result {
    if let capture = CaptureScope.current {
      let stored = state.withLock { $0.value }
      var variable = capture.variable(for: self, value: stored).detached()
      let result = try change(&variable)
      capture.assign(variable, to: self, value: stored)
      return result
    }
    return try state.withLock { state in
      let result = try change(&state.value)
      state.value.storage.prepared.isLongLived = true
      return result
    }
  }

  /// Changes the stored tensors of several parameters together, in place; all differ. Each is copied first if anyone else
  /// holds it. Inside a capture, changes the graph's variables.
  ///
  /// All are locked meanwhile, one after another in their order.
  public static func update(
    _ parameters: [Parameter], _ change: (inout [Tensor]) throws -> Void
  ) rethrows {
    var tensors: [Tensor] = []
    tensors.reserveCapacity(parameters.count)
    if let capture = CaptureScope.current {
      let stored = parameters.map { parameter in parameter.state.withLock { $0.value } }
      for (parameter, value) in zip(parameters, stored) {
        tensors.append(capture.variable(for: parameter, value: value).detached())
      }
      try change(&tensors)
      for index in parameters.indices {
        capture.assign(tensors[index], to: parameters[index], value: stored[index])
      }
      return
    }
    try update(parameters[...], &tensors, change)
  }

  /// Takes the tensor out of the first parameter, so that `change` finds it without another owner, then goes on with the
  /// rest, and puts it back.
  private static func update(
    _ parameters: ArraySlice<Parameter>, _ tensors: inout [Tensor], _ change: (inout [Tensor]) throws -> Void
  ) rethrows {
    guard let first = parameters.first else { return try change(&tensors) }
    let index = tensors.count
    try first.state.withLock { state in
      tensors.append(state.value)
      state.value = vacant
      defer {
        state.value = tensors[index].detached()
        state.value.storage.prepared.isLongLived = true
      }
      try update(parameters.dropFirst(), &tensors, change)
    }
  }

  /// What stands in a locked parameter whose tensor was taken out.
  private static let vacant = Tensor(uninitialized: .float32, [0])

  /// Forgets the gathered gradient.
  public func clearGradient() { gradient = nil }
}

/// The capture that the current task runs in, if any: where a ``Parameter`` asks for its variable.
public enum CaptureScope {
  /// What a capture gives parameters.
  public protocol Variables: AnyObject, Sendable {
    /// The graph's variable for a parameter, made the first time it is met.
    func variable(for parameter: Parameter, value: Tensor) -> Tensor
    /// Notes what a parameter, which holds `value` now, is to hold after a run.
    func assign(_ newValue: Tensor, to parameter: Parameter, value: Tensor)
    /// The gradient gathered for a parameter in this capture.
    func gradient(of parameter: Parameter) -> Tensor?
    /// Sets the gradient gathered for a parameter in this capture.
    func setGradient(_ gradient: Tensor?, of parameter: Parameter)
  }

  /// The capture of the current task; `nil` outside one.
  @TaskLocal public static var current: (any Variables)?
}

extension Parameter: CustomStringConvertible {
  /// The stored tensor, and whether it is trained.
  public var description: String { "Parameter(\(value.detached()))" + (isTrainable ? "" : ", not trainable") }
}
