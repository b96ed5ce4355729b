package import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A run of elements in a file, in row-major order and native byte order unless said otherwise.
package struct RawElements {
  let file: MappedFile
  /// Bytes of the file.
  let range: Range<Int>
  /// The tensor's name, for errors.
  let item: String?

  /// The elements at some bytes of a file, which must lie in it.
  package init(file: MappedFile, range: Range<Int>, item: String?) {
    self.file = file
    self.range = range
    self.item = item
  }

  /// The elements as a tensor: a view of the file where its alignment permits, else a copy.
  ///
  /// The range must be as long as the specification asks.
  package func tensor(_ spec: TensorSpec, bytesSwapped: Bool = false) throws -> Tensor {
    try tensor(spec.dtype, Layout(spec.shape), bytesSwapped: bytesSwapped)
  }

  func tensor(_ dtype: DType, _ layout: Layout, bytesSwapped: Bool = false) throws -> Tensor {
    let bytes = UnsafeRawBufferPointer(rebasing: file.buffer[range])
    // C's scalar loads through a misaligned pointer are undefined, and a bool other than 0 and 1 is so in Swift.
    let isAligned = Int(bitPattern: bytes.baseAddress) % RawElements.alignment(of: dtype) == 0
    let isUsable = dtype != .bool || bytes.allSatisfy { $0 <= 1 }
    if isAligned && isUsable && !bytesSwapped || range.isEmpty {
      return Tensor(storage: file.storage(range), dtype: dtype, layout: layout)
    }
    try MemoryBudget.check(range.count, file: file.path, item: item)
    let storage = Storage(byteCount: range.count)
    let target = UnsafeMutableRawBufferPointer(start: storage.pointer, count: range.count)
    target.copyMemory(from: bytes)
    RawElements.normalize(target, dtype, bytesSwapped: bytesSwapped)
    return Tensor(storage: storage, dtype: dtype, layout: layout)
  }

  /// Brings bytes as a file may have them into the form that tensors have: native order, bools 0 or 1.
  static func normalize(_ bytes: UnsafeMutableRawBufferPointer, _ dtype: DType, bytesSwapped: Bool) {
    if dtype == .bool {
      for index in bytes.indices where bytes[index] > 1 { bytes[index] = 1 }
    }
    guard bytesSwapped else { return }
    switch alignment(of: dtype) {
    case 2: for word in bytes.assumingMemoryBound(to: UInt16.self).indices { swap(bytes, word, UInt16.self) }
    case 4: for word in bytes.assumingMemoryBound(to: UInt32.self).indices { swap(bytes, word, UInt32.self) }
    case 8: for word in bytes.assumingMemoryBound(to: UInt64.self).indices { swap(bytes, word, UInt64.self) }
    default: break
    }
  }

  private static func swap<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, _ index: Int, _ type: Word.Type
  ) {
    let offset = index &* MemoryLayout<Word>.size
    let word = bytes.loadUnaligned(fromByteOffset: offset, as: type)
    bytes.storeBytes(of: word.byteSwapped, toByteOffset: offset, as: type)
  }

  /// The alignment C asks of an element, in bytes: that of one part of a complex number.
  static func alignment(of dtype: DType) -> Int { dtype == .complex64 ? 4 : dtype.byteCount }
}
