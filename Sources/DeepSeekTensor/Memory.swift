import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process's tensor memory: a caching allocator and what it counts.
///
/// Freed blocks are kept by size class (eight classes to a doubling, so at most an eighth is lost to rounding) and given
/// out again, which saves the page faults that dominate fresh large blocks. What is kept unused never exceeds the larger of
/// ``cacheLimit`` and a quarter of what is in use.
public enum Memory {
  /// Counts since the process began or since ``resetPeak()``, in bytes.
  public struct Statistics: Sendable, Hashable {
    /// Bytes in live tensors.
    public let inUse: Int
    /// The most that ``inUse`` has been.
    public let peak: Int
    /// Bytes kept for reuse.
    public let cached: Int
  }

  /// What is in use, the peak and what is cached, now.
  public static var statistics: Statistics {
    Statistics(
      inUse: inUse.load(ordering: .relaxed), peak: peak.load(ordering: .relaxed),
      cached: cache.withLock { $0.bytes })
  }

  /// Starts the peak anew from what is in use.
  public static func resetPeak() {
    peak.store(inUse.load(ordering: .relaxed), ordering: .relaxed)
  }

  /// Gives every cached block back to the system.
  public static func clearCache() {
    let blocks = cache.withLock { $0.removeAll() }
    for address in blocks { free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  /// Bytes that may be kept unused whatever is in use: 256 MiB.
  public static let cacheLimit = 256 << 20

  /// Blocks up to this size come from and go back to `malloc`, whose own per-thread cache is faster than a lock.
  public static let smallLimit = 4096
  private static let alignment = 64
  /// From this size on, blocks are aligned to and advised as huge pages, which spares the TLB in large products.
  private static let hugeThreshold = 4 << 20
  private static let hugePage = 2 << 20

  private static let inUse = Atomic<Int>(0)
  private static let peak = Atomic<Int>(0)
  private static let cache = Mutex(BlockCache())

  /// A block of at least `byteCount` bytes, contents undefined. Traps when the system has no memory left.
  static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    guard let block = allocated(byteCount) else {
      fatalError("out of memory: \(byteCount) bytes asked for with \(inUse.load(ordering: .relaxed)) in use")
    }
    return block
  }

  /// The same, or `nil` when the system has no memory left.
  static func allocated(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    if byteCount <= smallLimit {
      guard let block = malloc(Swift.max(byteCount, 1)) else { return nil }
      count(byteCount)
      return block
    }
    let size = roundedSize(byteCount)
    if let address = cache.withLock({ $0.take(size) }) {
      count(size)
      return UnsafeMutableRawPointer(bitPattern: address)!
    }
    var block = systemBlock(size)
    if block == nil {
      clearCache()
      block = systemBlock(size)
    }
    if block != nil { count(size) }
    return block
  }

  /// Takes back a block that ``allocate(_:)`` gave for the same number of bytes.
  static func release(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    if byteCount <= smallLimit {
      inUse.subtract(byteCount, ordering: .relaxed)
      free(block)
      return
    }
    let size = roundedSize(byteCount)
    let remaining = inUse.subtract(size, ordering: .relaxed).newValue
    let limit = Swift.max(cacheLimit, remaining / 4)
    let address = UInt(bitPattern: block)
    let surplus = cache.withLock { $0.put(address, size, limit: limit) }
    for address in surplus { free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  /// The size class: `byteCount` rounded up to an eighth of its power of two.
  static func roundedSize(_ byteCount: Int) -> Int {
    let step = Swift.max(1 << (Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount - 3), alignment)
    return (byteCount + step - 1) / step * step
  }

  private static func count(_ bytes: Int) {
    let now = inUse.add(bytes, ordering: .relaxed).newValue
    var highest = peak.load(ordering: .relaxed)
    while now > highest {
      let (exchanged, original) = peak.weakCompareExchange(expected: highest, desired: now, ordering: .relaxed)
      if exchanged { break }
      highest = original
    }
  }

  private static func systemBlock(_ size: Int) -> UnsafeMutableRawPointer? {
    var block: UnsafeMutableRawPointer?
    guard posix_memalign(&block, size >= hugeThreshold ? hugePage : alignment, size) == 0 else { return nil }
    #if os(Linux)
      if size >= hugeThreshold { madvise(block, size, MADV_HUGEPAGE) }
    #endif
    return block
  }
}

/// Addresses of freed blocks by size.
private struct BlockCache: ~Copyable {
  private var lists: [Int: [UInt]] = [:]
  private(set) var bytes = 0

  mutating func take(_ size: Int) -> UInt? {
    guard let address = lists[size]?.popLast() else { return nil }
    bytes -= size
    return address
  }

  /// Keeps `block`; returns blocks to give back to the system when more than `limit` bytes would be kept.
  mutating func put(_ block: UInt, _ size: Int, limit: Int) -> [UInt] {
    if size > limit { return [block] }
    var surplus: [UInt] = []
    if bytes + size > limit {
      // Sizes no longer asked for make room first: the largest lists' blocks, other than this size's.
      for other in lists.keys.sorted(by: >) where other != size {
        while bytes + size > limit, let freed = take(other) { surplus.append(freed) }
        if bytes + size <= limit { break }
      }
      if bytes + size > limit {
        surplus.append(block)
        return surplus
      }
    }
    lists[size, default: []].append(block)
    bytes += size
    return surplus
  }

  mutating func removeAll() -> [UInt] {
    let all = Array(lists.values.joined())
    lists.removeAll()
    bytes = 0
    return all
  }
}
