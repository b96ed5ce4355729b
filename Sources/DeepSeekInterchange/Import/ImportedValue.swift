import DeepSeekOperators
import DeepSeekTensor

/// A tensor of a graph that is being taken over, with what else is known of it.
struct ImportedValue {
  /// A place in our graph, or a constant.
  var tensor: Tensor
  /// The elements of a shape or a part of one, where they are known as lengths though perhaps not as numbers; `nil` where
  /// they are not, and for constants, whose elements can be read.
  var lengths: [Length]?
  /// For an image batch with its channels last: the same with its channels second, as our operators have it. Chains of them
  /// then need no transposition in between.
  var channelsSecond: Tensor?
  /// The elements of a list of tensors, `nil` where none was set yet; ``tensor`` then means nothing.
  var list: [Tensor?]?
  /// Conditions, known when the graph runs, under which the value is wanted: their numbers, and which way they go.
  var conditions: [Int: Bool] = [:]
  /// Whether it lies on the way that a condition, known already, does not go.
  var isDead = false

  /// Whether a condition becomes false after a number of rounds that is known, whatever else it depends on.
  var isBounded = false

  /// A value that is never computed.
  static let dead: ImportedValue = {
    var value = ImportedValue(Tensor.zeros([0]))
    value.isDead = true
    return value
  }()

  /// A list of tensors.
  init(list: [Tensor?]) {
    self.init(Tensor.zeros([0]))
    self.list = list
  }

  init(_ tensor: Tensor, lengths: [Length]? = nil, channelsSecond: Tensor? = nil) {
    self.tensor = tensor
    self.lengths = lengths
    self.channelsSecond = channelsSecond
  }

  /// The elements of a scalar or a vector of integers: read from a constant, or as they follow from shapes.
  var knownLengths: [Length]? {
    if let lengths { return lengths }
    guard tensor.graphValue == nil, tensor.rank <= 1, tensor.dtype == .int32 || tensor.dtype == .int64,
      tensor.elementCount <= ImportedValue.longestShape
    else { return nil }
    return tensor.array(of: Int64.self).map { .number(Int($0)) }
  }

  /// Lists of integers longer than this are not shapes, nor parts of them.
  private static let longestShape = 4096
}
