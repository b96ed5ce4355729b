/// What bytes are written to.
package protocol ByteSink {
  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws
}

extension AtomicFile: ByteSink {}

/// Gives the elements of the tensor at a position, for writers of tensors larger than memory: writes the bytes, in row-major
/// order, to the sink that it is handed, piece by piece.
package typealias ElementSource = (_ position: Int, _ sink: any ByteSink) throws -> Void
