/// A block of bytes that tensors share: from the caching allocator, or somebody else's memory (a mapped file).
///
/// Written only while it has one owner: between its making and the return of the operator that fills it, or by
/// ``Parameter/update(_:)`` when nobody else holds it. That is what makes it safe to send between threads.
public final class Storage: @unchecked Sendable {
  /// The first byte.
  public let pointer: UnsafeMutableRawPointer
  /// How many bytes there are.
  public let byteCount: Int
  /// Whether the bytes may be written: false for mapped files.
  public let isWritable: Bool
  private let release: (@Sendable () -> Void)?
  /// Forms of these bytes that a kernel prepared once (packed weights); dropped when the bytes change.
  public let prepared = PreparedForms()

  /// A new block; contents undefined.
  public init(byteCount: Int) {
    pointer = Memory.allocate(byteCount)
    self.byteCount = byteCount
    isWritable = true
    release = nil
  }

  /// A new block, contents undefined, or `nil` when the system has no memory left: for sizes that come from outside.
  package init?(ifAvailable byteCount: Int) {
    guard let block = Memory.allocated(byteCount) else { return nil }
    pointer = block
    self.byteCount = byteCount
    isWritable = true
    release = nil
  }

  /// Memory owned elsewhere, read only; `release` runs when no tensor needs it any longer.
  public init(borrowing bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
    pointer =
      bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? UnsafeMutableRawPointer(bitPattern: 64)!
    byteCount = bytes.count
    isWritable = false
    self.release = release
  }

  deinit {
    if let release {
      release()
    } else {
      Memory.release(pointer, byteCount)
    }
  }
}
