import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process's tensor memory: a caching allocator and what it counts.
///
/// Freed blocks are kept by size class (eight classes to a doubling, so at most an eighth is lost to rounding) and given
/// out again, which saves the page faults that dominate fresh large blocks. Tensors and kept blocks together exceed what has
/// been in use at once lately by no more than ``slack``: a training step finds most of the memory of the step before, and the
/// process takes little more than its tensors took at their most.
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
    giveBack(cache.withLock { $0.removeAll() })
  }

  private static func giveBack(_ blocks: [UInt]) {
    for address in blocks { free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  /// How much more than has been in use at once lately tensors and kept blocks may take together, in bytes: 64 MiB.
  public static let slack = 64 << 20
  /// What they may take whatever has been in use: 256 MiB.
  public static let leastLimit = 256 << 20

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
      notePeak(inUse.add(byteCount, ordering: .relaxed).newValue)
      return block
    }
    let size = roundedSize(byteCount)
    // In use before it is there, so that blocks taken at the same time know of each other; a peak only once it is.
    let now = inUse.add(size, ordering: .relaxed).newValue
    let (address, surplus) = cache.withLock { $0.take(size, inUse: inUse.load(ordering: .relaxed)) }
    if let address {
      notePeak(now)
      return UnsafeMutableRawPointer(bitPattern: address)!
    }
    giveBack(surplus)
    var block = systemBlock(size)
    if block == nil {
      clearCache()
      block = systemBlock(size)
    }
    if block == nil {
      inUse.subtract(size, ordering: .relaxed)
    } else {
      notePeak(now)
      cache.withLock { $0.noteUse(inUse.load(ordering: .relaxed)) }
    }
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
    inUse.subtract(size, ordering: .relaxed)
    let address = UInt(bitPattern: block)
    giveBack(cache.withLock { $0.put(address, size, inUse: inUse.load(ordering: .relaxed)) })
  }

  /// The size class: `byteCount` rounded up to an eighth of its power of two.
  static func roundedSize(_ byteCount: Int) -> Int {
    let step = Swift.max(1 << (Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount - 3), alignment)
    return (byteCount + step - 1) / step * step
  }

  private static func notePeak(_ now: Int) {
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

/// Addresses of freed blocks by size, and how much has been in use lately.
private struct BlockCache: ~Copyable {
  private var lists: [Int: [UInt]] = [:]
  private(set) var bytes = 0
  /// The most that was in use in this stretch of so many calls, and in the one before it.
  private var highest = 0, highestBefore = 0, calls = 0
  private static let stretch = 1 << 16

  /// A block of this size, which `inUse` counts already; else blocks to give back to the system so that a new one has room.
  mutating func take(_ size: Int, inUse: Int) -> (block: UInt?, surplus: [UInt]) {
    if let block = take(size) {
      noteUse(inUse)
      return (block, [])
    }
    return (nil, makeRoom(inUse: inUse, keeping: size))
  }

  /// Notes that so much is in use, for the limit of the next stretches.
  mutating func noteUse(_ inUse: Int) {
    calls += 1
    if calls >= BlockCache.stretch { (highestBefore, highest, calls) = (highest, 0, 0) }
    highest = max(highest, inUse)
  }

  /// Keeps `block`; returns blocks to give back to the system when too much would be kept.
  mutating func put(_ block: UInt, _ size: Int, inUse: Int) -> [UInt] {
    noteUse(inUse)
    lists[size, default: []].append(block)
    bytes += size
    return makeRoom(inUse: inUse, keeping: size)
  }

  mutating func removeAll() -> [UInt] {
    let all = Array(lists.values.joined())
    lists.removeAll()
    bytes = 0
    return all
  }

  private mutating func take(_ size: Int) -> UInt? {
    guard let address = lists[size]?.popLast() else { return nil }
    bytes -= size
    return address
  }

  /// Takes out what exceeds the limit: the smallest block that is enough, or the largest ones until one is; those of `size` last.
  private mutating func makeRoom(inUse: Int, keeping size: Int) -> [UInt] {
    let limit = max(Memory.leastLimit, max(highest, highestBefore, inUse) + Memory.slack)
    var excess = inUse + bytes - limit
    if excess <= 0 { return [] }
    var surplus: [UInt] = []
    var sizes = lists.keys.filter { $0 != size && !lists[$0]!.isEmpty }.sorted()
    while excess > 0, let other = sizes.first(where: { $0 >= excess }) ?? sizes.last ?? (bytes > 0 ? size : nil) {
      guard let block = take(other) else { break }
      surplus.append(block)
      excess -= other
      if lists[other]!.isEmpty { sizes.removeAll { $0 == other } }
    }
    return surplus
  }
}
