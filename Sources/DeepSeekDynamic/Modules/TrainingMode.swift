import Synchronization

/// Whether a layer is being trained or evaluated: a layer that behaves differently in the two (dropout, batch
/// normalization) holds one, and ``Module/train(_:)`` sets them all.
///
/// ```swift
/// final class Noisy: Module {
///   let mode = TrainingMode()
///   func callAsFunction(_ x: Tensor) -> Tensor { mode.isTraining ? x + noise(x.shape) : x }
/// }
/// ```
///
/// Each module has its own, so that one part of a model can be evaluated while another is trained.
public final class TrainingMode: Sendable {
  private let flag: Atomic<Bool>

  /// A mode; a new module is in training, as the field expects.
  public init(isTraining: Bool = true) {
    flag = Atomic(isTraining)
  }

  /// Whether the layer is being trained.
  public var isTraining: Bool {
    get { flag.load(ordering: .relaxed) }
    set { flag.store(newValue, ordering: .relaxed) }
  }
}
