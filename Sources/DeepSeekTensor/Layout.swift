/// How a tensor's indices map to its storage: element `(i, j, …)` is at `offset + i * strides[0] + j * strides[1] + …`,
/// all counted in elements.
public struct Layout: Sendable, Hashable {
  /// The lengths of the axes; all known.
  public let shape: Shape
  /// Where the element with all indices zero is.
  public let offset: Int
  /// Whether the elements stand in row-major order without gaps.
  public let isContiguous: Bool
  var strideWords: InlineWords

  /// Row-major order without gaps.
  public init(_ shape: Shape, offset: Int = 0) {
    self.shape = shape
    self.offset = offset
    isContiguous = true
    strideWords = InlineWords()
    var stride = 1
    var axis = shape.rank - 1
    while axis >= 0 {
      strideWords[axis] = stride
      stride &*= shape.words[axis]
      axis -= 1
    }
  }

  /// Any strides; zero repeats an element, negative ones run backwards.
  public init(_ shape: Shape, strides: [Int], offset: Int) {
    var words = InlineWords()
    for axis in 0..<shape.rank { words[axis] = strides[axis] }
    self.init(shape, strideWords: words, offset: offset)
  }

  init(_ shape: Shape, strideWords: InlineWords, offset: Int) {
    self.shape = shape
    self.offset = offset
    self.strideWords = strideWords
    var expected = 1
    var contiguous = true
    var empty = false
    var axis = shape.rank - 1
    while axis >= 0 {
      let length = shape.words[axis]
      if length == 0 { empty = true }
      if length != 1 && strideWords[axis] != expected { contiguous = false }
      expected &*= length
      axis -= 1
    }
    isContiguous = contiguous || empty
  }

  /// The strides, in elements.
  public var strides: [Int] { (0..<shape.rank).map { strideWords[$0] } }

  /// The stride of an axis, in elements.
  @inline(__always)
  public func stride(_ axis: Int) -> Int { strideWords[axis] }

  /// Axes in another order: axis `i` of the result is axis `permutation[i]` of this.
  public func permuted(_ permutation: [Int]) -> Layout {
    var result = Shape(rank: shape.rank)
    var words = InlineWords()
    for (axis, source) in permutation.enumerated() {
      result.words[axis] = shape.words[source]
      words[axis] = strideWords[source]
    }
    return Layout(result, strideWords: words, offset: offset)
  }

  /// Stretched to a larger shape with strides of zero; `nil` when the shapes do not fit.
  public func broadcast(to target: Shape) -> Layout? {
    guard target.rank >= shape.rank else { return nil }
    var words = InlineWords()
    let added = target.rank - shape.rank
    for axis in 0..<shape.rank {
      if shape.words[axis] == target.words[axis + added] {
        words[axis + added] = strideWords[axis]
      } else if shape.words[axis] != 1 {
        return nil
      }
    }
    return Layout(target, strideWords: words, offset: offset)
  }

  /// The same elements in the same order under another shape, if that needs no copy.
  public func reshaped(_ target: Shape) -> Layout? {
    if isContiguous { return Layout(target, offset: offset) }
    // Each run of axes that lies evenly in storage may be cut anew; `source` walks those runs with `axis`.
    var words = InlineWords()
    var source = shape.rank - 1
    var axis = target.rank - 1
    while axis >= 0 {
      if target.words[axis] == 1 {
        words[axis] = 1
        axis -= 1
        continue
      }
      while source >= 0 && shape.words[source] == 1 { source -= 1 }
      guard source >= 0 else { return nil }
      let innerStride = strideWords[source]
      var runLength = shape.words[source]
      var used = 1
      var first = source
      while axis >= 0 {
        while used * target.words[axis] > runLength {
          var next = first - 1
          while next >= 0 && shape.words[next] == 1 { next -= 1 }
          guard next >= 0, strideWords[next] == strideWords[first] * shape.words[first] else { return nil }
          first = next
          runLength *= shape.words[next]
        }
        words[axis] = innerStride * used
        used *= target.words[axis]
        axis -= 1
        if used == runLength { break }
      }
      guard used == runLength else { return nil }
      source = first - 1
    }
    return Layout(target, strideWords: words, offset: offset)
  }

  /// Every `step`-th index from `start`, `count` of them, along one axis.
  public func sliced(axis: Int, start: Int, count: Int, step: Int) -> Layout {
    var words = strideWords
    words[axis] = strideWords[axis] * step
    return Layout(
      shape.replacing(axis, with: Dimension(count)), strideWords: words,
      offset: count == 0 ? offset : offset + start * strideWords[axis])
  }

  /// Equal shape, strides and offset.
  public static func == (left: Layout, right: Layout) -> Bool {
    left.shape == right.shape && left.offset == right.offset
      && left.strideWords.equals(right.strideWords, count: left.shape.rank)
  }

  /// Hashes shape and offset.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(shape)
    hasher.combine(offset)
  }
}
