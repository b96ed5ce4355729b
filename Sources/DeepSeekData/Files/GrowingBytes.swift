import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Bytes that grow at their end, in storage that a column can take over.
struct GrowingBytes {
  private(set) var storage: Storage
  private(set) var count = 0

  init(capacity: Int = 0) { storage = Storage(byteCount: capacity) }

  var pointer: UnsafeMutableRawPointer { storage.pointer }

  /// Room for `extra` more bytes; what is written there counts after ``advance(_:)``.
  mutating func reserve(_ extra: Int) {
    guard extra > storage.byteCount - count else { return }
    let larger = Storage(byteCount: max(count + extra, storage.byteCount * 2, 64))
    larger.pointer.copyMemory(from: storage.pointer, byteCount: count)
    storage = larger
  }

  /// The end, where the next bytes go.
  var end: UnsafeMutableRawPointer { storage.pointer + count }

  /// Bytes that may be written after the end.
  var room: Int { storage.byteCount - count }

  mutating func advance(_ extra: Int) {
    precondition(extra >= 0 && extra <= room, "GrowingBytes: advanced past its room")
    count += extra
  }

  mutating func append(_ source: UnsafeRawPointer, _ extra: Int) {
    reserve(extra)
    end.copyMemory(from: source, byteCount: extra)
    count += extra
  }

  /// Drops bytes from the front.
  mutating func removeFirst(_ dropped: Int) {
    precondition(dropped >= 0 && dropped <= count, "GrowingBytes: dropped more than there is")
    guard dropped > 0 else { return }
    memmove(storage.pointer, storage.pointer + dropped, count - dropped)
    count -= dropped
  }

  /// A copy of a range, or the storage itself when it is all of it; `self` is then empty.
  mutating func take(_ range: Range<Int>) -> Bytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "GrowingBytes: outside")
    if range == 0..<count {
      let result = Bytes(storage: storage, offset: 0, count: count)
      storage = Storage(byteCount: 0)
      count = 0
      return result
    }
    let copy = Storage(byteCount: range.count)
    copy.pointer.copyMemory(from: storage.pointer + range.lowerBound, byteCount: range.count)
    return Bytes(storage: copy, offset: 0, count: range.count)
  }
}

extension UnsafeMutableRawPointer {
  /// Copies sixteen bytes, in two words: short values are copied so whatever their length, where both sides have room, and
  /// what follows them is overwritten by the next.
  @inline(__always)
  func copy16(from source: UnsafeRawPointer) {
    let low = source.loadUnaligned(as: UInt64.self)
    let high = source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    storeBytes(of: low, as: UInt64.self)
    storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
  }
}
