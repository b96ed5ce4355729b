/// Up to eight integers kept in place, without an allocation: the lengths or the strides of a tensor's axes.
struct InlineWords: Sendable, BitwiseCopyable {
  static let capacity = 8
  private var words: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)

  @inline(__always)
  subscript(index: Int) -> Int {
    get {
      withUnsafeBytes(of: words) { $0.load(fromByteOffset: index &* MemoryLayout<Int>.stride, as: Int.self) }
    }
    set {
      withUnsafeMutableBytes(of: &words) {
        $0.storeBytes(of: newValue, toByteOffset: index &* MemoryLayout<Int>.stride, as: Int.self)
      }
    }
  }

  @inline(__always)
  func withPointer<Result>(_ body: (UnsafePointer<Int>) -> Result) -> Result {
    withUnsafeBytes(of: words) { body($0.baseAddress!.assumingMemoryBound(to: Int.self)) }
  }

  @inline(__always)
  func equals(_ other: InlineWords, count: Int) -> Bool {
    for index in 0..<count where self[index] != other[index] { return false }
    return true
  }
}
