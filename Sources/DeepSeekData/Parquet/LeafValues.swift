import DeepSeekTensor

/// Values of a primitive column as they come from pages, nulls left out.
struct LeafValues {
  /// Bytes of a value; 0 when each has its own length.
  let width: Int
  private(set) var count = 0
  var data = GrowingBytes()
  /// For values with lengths of their own: where each ends, as Int64, after a first 0.
  private var ends = GrowingBytes()

  init(width: Int) {
    self.width = width
    if width == 0 { ends.appendInt64(0) }
  }

  /// Makes room for `expected` values that have about `byteCount` bytes, so that growing does not copy; but not for more
  /// than `limit` bytes.
  mutating func expect(_ expected: Int, byteCount: Int, limit: Int) {
    let (words, overflow) = expected.multipliedReportingOverflow(by: max(width, 8))
    guard !overflow, words <= limit else { return }
    if width > 0 {
      data.reserve(expected * width)
    } else {
      ends.reserve(words)
      if byteCount <= limit { data.reserve(byteCount) }
    }
  }

  /// Room for values of fixed width, which count at once: whoever calls writes all of them.
  mutating func extend(_ extra: Int) throws(PageTrouble) -> UnsafeMutableRawPointer {
    let (byteCount, overflow) = extra.multipliedReportingOverflow(by: width)
    guard !overflow, data.count + byteCount <= DataLimit.largestBlock else {
      throw PageTrouble("its values take more than \(DataLimit.largestBlock) bytes")
    }
    data.reserve(byteCount)
    let target = data.end
    data.advance(byteCount)
    count += extra
    return target
  }

  /// Room for the ends of `extra` values and for `byteCount` bytes of them.
  mutating func reserveVariable(_ extra: Int, byteCount: Int) throws(PageTrouble) {
    guard byteCount <= DataLimit.largestBlock - data.count else {
      throw PageTrouble("its values take more than \(DataLimit.largestBlock) bytes")
    }
    data.reserve(byteCount)
    ends.reserve(extra * 8)
  }

  /// Where the ends of the next values go, the bytes written so far being ``data``'s count.
  var nextEnd: UnsafeMutablePointer<Int64> { ends.end.assumingMemoryBound(to: Int64.self) }

  /// Counts values whose ends and bytes were written into the room.
  mutating func advanceVariable(_ extra: Int, byteCount: Int) {
    ends.advance(extra * 8)
    data.advance(byteCount)
    count += extra
  }

  /// The end of value `index` - 1, for a column of variable width.
  func boundary(_ index: Int) -> Int {
    Int(ends.pointer.load(fromByteOffset: index * 8, as: Int64.self))
  }

  /// The first `taken` values, which are removed: bytes, and for variable width the boundaries.
  mutating func take(_ taken: Int) -> (data: Bytes, ends: Bytes?) {
    if width > 0 {
      let result = data.take(0..<taken * width)
      if data.count > 0 { data.removeFirst(taken * width) }
      count -= taken
      return (result, nil)
    }
    if taken == count {
      let result = (data.take(0..<data.count), ends.take(0..<ends.count))
      ends.appendInt64(0)
      count = 0
      return result
    }
    let boundary = boundary(taken)
    let bytes = data.take(0..<boundary)
    let boundaries = ends.take(0..<(taken + 1) * 8)
    if data.count > 0 { data.removeFirst(boundary) }
    ends.removeFirst(taken * 8)
    count -= taken
    let rest = ends.pointer.assumingMemoryBound(to: Int64.self)
    for index in 0...count { rest[index] -= Int64(boundary) }
    return (bytes, boundaries)
  }
}

extension GrowingBytes {
  mutating func appendInt64(_ value: Int64) {
    reserve(8)
    end.storeBytes(of: value, as: Int64.self)
    advance(8)
  }
}
