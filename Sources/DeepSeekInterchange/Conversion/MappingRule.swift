public import DeepSeekTensor

/// One line of a ``NameMap``: which tensors become which, and how.
///
/// In this order: axes of length one are dropped, the elements are put under another shape, axes are reordered, the tensor is
/// split, or several are joined, and the element type changes.
public struct MappingRule: Sendable, Hashable {
  /// What happens to the order of the axes.
  public enum Order: Sendable, Hashable {
    /// They stay.
    case kept
    /// They are turned around: of a matrix, the transpose.
    case reversed
    /// Axis `i` of the result is axis `axes[i]` of the source.
    case permuted([Int])
  }

  /// The source's names: one, or several that are joined.
  public var sources: [NamePattern]
  /// The new names: one, or several parts; none for a tensor that is left out.
  public var targets: [NamePattern]
  /// Axes of length one that are dropped.
  public var squeezedAxes: [Int] = []
  /// The shape that the elements are put under.
  public var shape: [Int]?
  /// The order of the axes.
  public var order: Order = .kept
  /// The axis that is split into the targets.
  public var splitAxis: Int?
  /// The lengths of the parts along ``splitAxis``; equal ones when `nil`.
  public var splitLengths: [Int]?
  /// The axis along which the sources are joined.
  public var concatenationAxis: Int?
  /// The type that the elements are cast to, whatever the conversion's own.
  public var dtype: DType?
  /// Why the tensors are left out; `nil` when they are not.
  public var skipReason: String?
  /// Whether it is no error that the source lacks it.
  public var isOptional = false

  init(_ sources: [NamePattern], _ targets: [NamePattern]) {
    self.sources = sources
    self.targets = targets
  }

  /// A rule between names that are known to be right; for the maps of this package.
  init(
    _ source: String, _ target: String, order: Order = .kept, squeeze: [Int] = [], isOptional: Bool = false
  ) {
    self.init([NamePattern(known: source)], [NamePattern(known: target)])
    self.order = order
    squeezedAxes = squeeze
    self.isOptional = isOptional
  }

  /// A rule that leaves tensors out; for the maps of this package.
  init(skipping source: String, _ reason: String) {
    self.init([NamePattern(known: source)], [])
    skipReason = reason
    isOptional = true
  }

  /// Whether the order of the elements changes.
  var reordersElements: Bool {
    switch order {
    case .kept: false
    case .reversed: true
    case .permuted(let axes): axes != Array(axes.indices)
    }
  }
}
