public import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// Sets weights to zero while a model trains, and keeps them there.
///
/// ```swift
/// let pruning = WeightPruning(model, pattern: .unstructured)
/// for step in 1...steps {
///   …                                                    // a step of training
///   pruning.prune(to: schedule.sparsity(at: step))
/// }
/// pruning.finish()
/// ```
///
/// Masks act through the parameters' transforms: the model keeps its type, and a weight that is masked keeps its value until
/// ``finish()``, so that it can come back.
public final class WeightPruning: Sendable {
  /// Which weights go together.
  public enum Pattern: Sendable, Hashable {
    /// Each by itself, ranked within its layer.
    case unstructured
    /// Each by itself, ranked among all layers.
    case global
    /// Two of each four neighbours along the inputs: what sparse tensor cores run.
    case twoOfFour
  }

  /// Which weights go first.
  public enum Criterion: Sendable, Hashable {
    /// The smallest.
    case magnitude
    /// Those that training moves towards zero (Sanh and others, "Movement pruning", arXiv:2005.07683).
    case movement
  }

  private struct Target {
    let name: String
    let parameter: Parameter
    let mask: PruningMask
  }

  /// What is pruned together.
  public let pattern: Pattern
  /// What goes first.
  public let criterion: Criterion
  private let targets: [Target]

  /// Prepares the weights of fully connected layers, those alone whose key satisfies `isIncluded`; nothing is zero yet.
  public init(
    _ model: any Module, pattern: Pattern = .unstructured, criterion: Criterion = .magnitude,
    where isIncluded: (String) -> Bool = { _ in true }
  ) {
    self.pattern = pattern
    self.criterion = criterion
    var seen: Set<ObjectIdentifier> = []
    var targets: [Target] = []
    for (name, module) in model.namedModules() {
      guard let layer = module as? any AdaptableLayer, layer.weightLayout != .table, isIncluded(name) else { continue }
      let parameter = layer.weight
      guard parameter.spec.dtype.isFloatingPoint, seen.insert(ObjectIdentifier(parameter)).inserted else { continue }
      if pattern == .twoOfFour && parameter.spec.shape[1] % 4 != 0 { continue }
      targets.append(Target(name: name, parameter: parameter, mask: PruningMask(parameter, criterion == .movement)))
    }
    self.targets = targets
  }

  /// The keys of the layers.
  public var layerNames: [String] { targets.map(\.name) }

  /// The share of the layers' weights that is masked.
  public var sparsity: Double {
    let counts = targets.map { target in
      (zeros: target.mask.zeroCount, all: target.parameter.spec.shape.elementCount)
    }
    let all = counts.reduce(0) { $0 + $1.all }
    return all == 0 ? 0 : Double(counts.reduce(0) { $0 + $1.zeros }) / Double(all)
  }

  /// Masks this share of the weights, from 0 to 1, by what they are worth now. With ``Pattern/twoOfFour``, half whatever the
  /// share, once it is above 0.
  public func prune(to share: Double) {
    if !(0...1).contains(share) { fatalError("WeightPruning: \(share) is no share") }
    noGradient {
      let scores = targets.map { $0.mask.scores(criterion) }
      if share == 0 {
        for target in targets { target.mask.set(nil) }
        return
      }
      let threshold =
        pattern == .global ? WeightPruning.threshold(.concatenate(scores.map { $0.flattened() }), share) : nil
      for (target, score) in zip(targets, scores) {
        if pattern == .twoOfFour {
          target.mask.set(WeightPruning.bestTwo(score))
        } else {
          target.mask.set(score.greater(than: threshold ?? WeightPruning.threshold(score.flattened(), share)))
        }
      }
    }
  }

  /// The score that `share` of the scores do not exceed; below all for none.
  private static func threshold(_ scores: Tensor, _ share: Double) -> Tensor {
    let count = Int((Double(scores.elementCount) * share).rounded())
    if count == 0 { return Tensor.full([], -Double.infinity) }
    return scores.sorted().values.selected(0, count - 1)
  }

  /// A mask of the two largest of each four.
  private static func bestTwo(_ scores: Tensor) -> Tensor {
    let quads = scores.reshaped([scores.elementCount / 4, 4])
    // Among equals the first counts as larger: exactly two remain.
    let order = quads.argsort(axis: 1, descending: true)
    let kept = order.sliced(1, 0..<2).oneHot(4, dtype: .float32).sum(axis: 1)
    return kept.greater(than: 0).reshaped(scores.shape)
  }

  /// Writes the zeros into the weights and takes the masks away.
  public func finish() {
    noGradient { for target in targets { target.mask.finish() } }
  }
}

/// One weight's mask, and its scores where they come from training.
final class PruningMask: Sendable {
  private let parameter: Parameter
  private let mask = Mutex<Tensor?>(nil)
  /// What training added to the scores of a weight: minus the sum of gradient times weight.
  private let movement: Parameter?
  private let transform: (@Sendable (Tensor) -> Tensor)?

  init(_ parameter: Parameter, _ wantsMovement: Bool) {
    self.parameter = parameter
    transform = parameter.transform
    movement = wantsMovement ? Parameter(Tensor.zeros(parameter.spec.shape, dtype: parameter.spec.dtype)) : nil
    movement?.gradientHook = { scores in
      guard let gradient = scores.gradient else { return }
      noGradient { scores.value = scores.value - gradient }
      scores.clearGradient()
    }
    parameter.transform = { [weak self, transform] stored in
      let read = self?.masked(stored) ?? stored
      return transform?(read) ?? read
    }
  }

  private func masked(_ stored: Tensor) -> Tensor {
    let mask = mask.withLock { $0 }?.cast(to: stored.dtype)
    guard let movement, isGradientEnabled, stored.tracksGradient else { return mask.map { stored * $0 } ?? stored }
    // Worth nothing, but its gradient is that of the masked weight times the weight.
    let scores = movement.tensor
    let nothing = scores - scores.detached()
    return stored * (mask.map { $0 + nothing } ?? nothing + 1)
  }

  func scores(_ criterion: WeightPruning.Criterion) -> Tensor {
    movement?.value.cast(to: .float32) ?? parameter.value.abs().cast(to: .float32)
  }

  func set(_ mask: Tensor?) { self.mask.withLock { $0 = mask } }

  var zeroCount: Int {
    guard let mask = mask.withLock({ $0 }) else { return 0 }
    return mask.elementCount - mask.cast(to: .int64).sum().item(as: Int.self)
  }

  func finish() {
    if let mask = mask.withLock({ $0 }) { parameter.value = parameter.value * mask.cast(to: parameter.spec.dtype) }
    parameter.transform = transform
    movement?.gradientHook = nil
  }
}
