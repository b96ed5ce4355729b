/// The tokens of pieces met before in the same text: words repeat, merging need not.
///
/// It lives as long as one encoding, so that nothing is shared between threads and nothing grows without bound.
struct PieceCache {
  /// A piece longer than this is not worth remembering: it hardly repeats.
  private static let maximumLength = 64
  /// Slots; a later piece takes the place of an earlier one.
  private static let slotCount = 1024

  private struct Slot {
    var hash: UInt64 = 0
    var first: Int32 = 0
    var count: Int32 = 0
    var base: Int32 = 0
    var length: Int32 = -1
  }

  private var slots: [Slot] = []
  private var seen = 0

  /// Adds the tokens that the same piece had before.
  @inline(__always)
  mutating func replay(_ piece: UnsafeBufferPointer<UInt8>, into sink: inout TokenSink) -> Bool {
    guard !slots.isEmpty, piece.count <= Self.maximumLength, let text = piece.baseAddress else { return false }
    let hash = byteHash(text, piece.count)
    let slot = slots[Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)]
    guard slot.length == Int32(piece.count), slot.hash == hash else { return false }
    for index in Int(slot.first)..<Int(slot.first + slot.count) {
      sink.add(sink.ids[index], Int(sink.starts[index] - slot.base), Int(sink.ends[index] - slot.base))
    }
    return true
  }

  @inline(__always)
  mutating func record(_ piece: UnsafeBufferPointer<UInt8>, from first: Int, of sink: TokenSink) {
    // A short text ends before the cache's memory pays.
    seen += 1
    guard seen > 16, piece.count <= Self.maximumLength, let text = piece.baseAddress else { return }
    if slots.isEmpty { slots = [Slot](repeating: Slot(), count: Self.slotCount) }
    let hash = byteHash(text, piece.count)
    slots[Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)] = Slot(
      hash: hash, first: Int32(first), count: Int32(sink.ids.count - first), base: sink.base,
      length: Int32(piece.count))
  }
}
