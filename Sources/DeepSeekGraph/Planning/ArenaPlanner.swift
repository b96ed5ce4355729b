/// A block of memory that is needed from one step of a plan to another, both included.
struct BufferRequest: Sendable, Hashable {
  /// Bytes; a multiple of ``ArenaPlanner/alignment`` after rounding.
  var byteCount: Int
  /// The step that writes it first.
  var first: Int
  /// The last step that reads or writes it.
  var last: Int

  /// Whether both are needed at some one step.
  func overlaps(_ other: BufferRequest) -> Bool { first <= other.last && other.first <= last }
}

/// Places buffers in one block of memory so that no two that live at the same time share a byte.
///
/// Placing them best is NP-hard (dynamic storage allocation). Greedy placement at the lowest free offset, in a few
/// orders of which the best result is taken, comes close: largest first as in Pisarchyk and Lee, "Efficient Memory
/// Management for Deep Neural Net Inference" (2020), longest-lived bytes first, and in order of time.
enum ArenaPlanner {
  /// Where each buffer starts, and how many bytes the whole takes.
  struct Placement: Sendable, Hashable {
    var offsets: [Int]
    var byteCount: Int
  }

  /// Buffers start at multiples of a cache line, which is also the width of the widest vector.
  static let alignment = 64

  /// The bytes that a buffer takes in the arena.
  static func rounded(_ byteCount: Int) -> Int { (byteCount + alignment - 1) / alignment * alignment }

  /// Places the buffers. Cost: quadratic in their number for buffers alive at once.
  static func place(_ requests: [BufferRequest]) -> Placement {
    let indices = requests.indices
    let orders = [
      indices.sorted { key(requests[$0]) > key(requests[$1]) },
      indices.sorted { area(requests[$0]) > area(requests[$1]) },
      indices.sorted { (requests[$0].first, -requests[$0].byteCount) < (requests[$1].first, -requests[$1].byteCount) },
    ]
    return orders.map { place(requests, order: $0) }.min { $0.byteCount < $1.byteCount }!
  }

  private static func key(_ request: BufferRequest) -> (Int, Int) { (request.byteCount, request.last - request.first) }

  private static func area(_ request: BufferRequest) -> Int {
    request.byteCount * (request.last - request.first + 1)
  }

  /// Places the buffers one after another in an order, each at the lowest offset where it fits.
  static func place(_ requests: [BufferRequest], order: [Int]) -> Placement {
    var offsets = Array(repeating: 0, count: requests.count)
    var placed: [Int] = []
    var total = 0
    for index in order where requests[index].byteCount > 0 {
      let size = rounded(requests[index].byteCount)
      var offset = 0
      // `placed` is kept in order of offset, so that the first gap found is the lowest.
      for other in placed where requests[other].overlaps(requests[index]) {
        if offsets[other] >= offset + size { break }
        offset = max(offset, offsets[other] + rounded(requests[other].byteCount))
      }
      offsets[index] = offset
      total = max(total, offset + size)
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: position)
    }
    return Placement(offsets: offsets, byteCount: total)
  }

  /// The most bytes alive at one step: no placement can take fewer.
  static func lowerBound(_ requests: [BufferRequest]) -> Int {
    var changes: [Int: Int] = [:]
    for request in requests {
      changes[request.first, default: 0] += rounded(request.byteCount)
      changes[request.last + 1, default: 0] -= rounded(request.byteCount)
    }
    var (live, peak) = (0, 0)
    for step in changes.keys.sorted() {
      live += changes[step]!
      peak = max(peak, live)
    }
    return peak
  }
}
