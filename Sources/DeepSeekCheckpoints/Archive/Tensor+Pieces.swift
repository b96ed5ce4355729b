package import DeepSeekTensor

extension Tensor {
  /// Bytes that a piece of a tensor has at most, where nothing else is said: small beside a model, large beside a call.
  package static let pieceByteCount = 8 << 20

  /// Calls `body` with the elements' bytes in row-major order, cast to `dtype`, piece by piece.
  ///
  /// Elements that stand in this order and type already are handed over where they lie; others through one small buffer, so a
  /// strided or cast tensor costs no copy of its own size.
  package func forEachPiece(
    as dtype: DType, limit: Int = pieceByteCount, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if elementCount == 0 { return }
    if isContiguous && dtype == self.dtype {
      return try withUnsafeBytes { bytes in
        var start = 0
        while start < bytes.count {
          let end = Swift.min(start + limit, bytes.count)
          try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
          start = end
        }
      }
    }
    try forEachBlock(as: dtype, limit: limit) { block in try block.withUnsafeBytes(body) }
  }

  /// Writes the elements' bytes in row-major order.
  package func write(to sink: any ByteSink) throws { try forEachPiece(as: dtype) { try sink.write($0) } }

  /// Copies of successive runs along the first axis; a run that is too long by itself is cut along the next.
  private func forEachBlock(as dtype: DType, limit: Int, _ body: (Tensor) throws -> Void) throws {
    let rows = rank == 0 ? 1 : shape[0]
    let rowByteCount = elementCount / rows * dtype.byteCount
    if rowByteCount > limit && rank > 1 {
      for row in 0..<rows {
        var shape = Array(self.shape)
        var strides = layout.strides
        shape.removeFirst()
        let stride = strides.removeFirst()
        let part = viewed(Layout(Shape(shape), strides: strides, offset: layout.offset + row * stride))
        try part.forEachBlock(as: dtype, limit: limit, body)
      }
      return
    }
    let count = Swift.max(1, Swift.min(rows, limit / rowByteCount))
    var start = 0
    while start < rows {
      let length = Swift.min(count, rows - start)
      let part = rank == 0 ? self : viewed(layout.sliced(axis: 0, start: start, count: length, step: 1))
      let block = Tensor(uninitialized: dtype, part.shape)
      part.copyElements(to: block)
      try body(block)
      start += length
    }
  }
}
