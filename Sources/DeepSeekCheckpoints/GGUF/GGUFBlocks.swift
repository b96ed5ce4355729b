import DeepSeekTensor

/// Floats out of the blocks of integers that GGUF files hold.
///
/// A block of 32 has one scale, and where its name ends in 1 a smallest value; a block of 256 ("K") has a scale and a
/// smallest value for each 16 or 32 elements, which are small integers times the block's own two halves. The order of the
/// products and sums is that of llama.cpp's `gguf` package, so that values are the same bit for bit.
///
/// Source: ggml's `ggml-quants.c`, which defines the layouts.
enum GGUFBlocks {
  typealias Input = UnsafeRawPointer
  typealias Output = UnsafeMutablePointer<Float>
  /// Writes the elements of the block that begins at a place.
  typealias Kernel = @Sendable (Input, Output) -> Void

  /// Blocks that are worth another thread.
  private static let grain = 512

  /// Writes all elements of whole blocks, on all threads.
  static func dequantize(_ type: GGUFType, _ bytes: UnsafeRawBufferPointer, to output: Output) {
    guard let base = bytes.baseAddress, let kernel = type.kernel else { return }
    let (elements, size) = (type.elements, type.bytes)
    nonisolated(unsafe) let (input, output) = (base, output)
    Parallel.forEach(bytes.count / size, grain: grain) { blocks in
      for block in blocks { kernel(input + block &* size, output + block &* elements) }
    }
  }

  @inline(__always)
  private static func half(_ input: Input, _ offset: Int) -> Float {
    HalfFloat.value(UInt16(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  @inline(__always)
  private static func word(_ input: Input, _ offset: Int) -> UInt32 {
    UInt32(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always)
  private static func bytes(_ input: Input, _ offset: Int) -> UnsafePointer<UInt8> {
    (input + offset).assumingMemoryBound(to: UInt8.self)
  }

  // MARK: Blocks of 32

  @Sendable static func fourBit(_ input: Input, _ output: Output) {
    let scale = half(input, 0)
    let packed = bytes(input, 2)
    for index in 0..<16 {
      output[index] = scale * Float(Int32(packed[index] & 15) &- 8)
      output[index &+ 16] = scale * Float(Int32(packed[index] >> 4) &- 8)
    }
  }

  @Sendable static func fourBitWithLowest(_ input: Input, _ output: Output) {
    let scale = half(input, 0)
    let lowest = half(input, 2)
    let packed = bytes(input, 4)
    for index in 0..<16 {
      output[index] = scale * Float(Int32(packed[index] & 15)) + lowest
      output[index &+ 16] = scale * Float(Int32(packed[index] >> 4)) + lowest
    }
  }

  @Sendable static func fiveBit(_ input: Input, _ output: Output) {
    let scale = half(input, 0)
    let high = word(input, 2)
    let packed = bytes(input, 6)
    for index in 0..<16 {
      let first = UInt32(packed[index] & 15) | (high >> UInt32(index) & 1) << 4
      let second = UInt32(packed[index] >> 4) | (high >> UInt32(index &+ 16) & 1) << 4
      output[index] = scale * Float(Int32(bitPattern: first) &- 16)
      output[index &+ 16] = scale * Float(Int32(bitPattern: second) &- 16)
    }
  }

  @Sendable static func fiveBitWithLowest(_ input: Input, _ output: Output) {
    let scale = half(input, 0)
    let lowest = half(input, 2)
    let high = word(input, 4)
    let packed = bytes(input, 8)
    for index in 0..<16 {
      let first = UInt32(packed[index] & 15) | (high >> UInt32(index) & 1) << 4
      let second = UInt32(packed[index] >> 4) | (high >> UInt32(index &+ 16) & 1) << 4
      output[index] = scale * Float(Int32(bitPattern: first)) + lowest
      output[index &+ 16] = scale * Float(Int32(bitPattern: second)) + lowest
    }
  }

  @Sendable static func eightBit(_ input: Input, _ output: Output) {
    let scale = half(input, 0)
    let values = (input + 2).assumingMemoryBound(to: Int8.self)
    for index in 0..<32 { output[index] = scale * Float(values[index]) }
  }

  // MARK: Blocks of 256

  @Sendable static func twoBitGroups(_ input: Input, _ output: Output) {
    let scales = bytes(input, 0)
    let packed = bytes(input, 16)
    let scale = half(input, 80)
    let lowest = half(input, 82)
    for group in 0..<16 {
      // Halves of 128 elements, each as four layers of two bits over 32 bytes.
      let source = packed + (group / 8 * 32 + group % 2 * 16)
      let shift = UInt8(group % 8 / 2 * 2)
      let groupScale = scale * Float(scales[group] & 15)
      let groupLowest = lowest * Float(scales[group] >> 4)
      let target = output + group * 16
      for index in 0..<16 { target[index] = groupScale * Float(source[index] &>> shift & 3) - groupLowest }
    }
  }

  @Sendable static func threeBitGroups(_ input: Input, _ output: Output) {
    let high = bytes(input, 0)
    let packed = bytes(input, 32)
    let scales = bytes(input, 96)
    let scale = half(input, 108)
    for group in 0..<16 {
      let low = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4
      let top = scales[8 + group % 4] >> UInt8(group / 4 * 2) & 3
      let groupScale = scale * Float(Int32(low | top << 4) - 32)
      let source = packed + (group / 8 * 32 + group % 2 * 16)
      let mask = high + group % 2 * 16
      let shift = UInt8(group % 8 / 2 * 2)
      let bit = UInt8(group / 2)
      let target = output + group * 16
      for index in 0..<16 {
        // The third bit says that four is not to be taken away.
        let value = Int32(source[index] &>> shift & 3) &+ Int32(mask[index] &>> bit & 1) &* 4 &- 4
        target[index] = groupScale * Float(value)
      }
    }
  }

  /// The 6-bit scale and smallest value of the eighth `group` of a block, out of twelve bytes.
  @inline(__always)
  private static func scales(_ packed: UnsafePointer<UInt8>, _ group: Int) -> (scale: UInt8, lowest: UInt8) {
    if group < 4 { return (packed[group] & 63, packed[group + 4] & 63) }
    return (
      packed[group + 4] & 15 | (packed[group - 4] >> 6) << 4, packed[group + 4] >> 4 | (packed[group] >> 6) << 4
    )
  }

  @Sendable static func fourBitGroups(_ input: Input, _ output: Output) {
    let scale = half(input, 0)
    let lowest = half(input, 2)
    let packed = bytes(input, 16)
    for group in 0..<8 {
      let part = scales(bytes(input, 4), group)
      let (groupScale, groupLowest) = (scale * Float(part.scale), lowest * Float(part.lowest))
      let source = packed + group / 2 * 32
      let shift = UInt8(group % 2 * 4)
      let target = output + group * 32
      for index in 0..<32 { target[index] = groupScale * Float(source[index] &>> shift & 15) - groupLowest }
    }
  }

  @Sendable static func fiveBitGroups(_ input: Input, _ output: Output) {
    let scale = half(input, 0)
    let lowest = half(input, 2)
    let high = bytes(input, 16)
    let packed = bytes(input, 48)
    for group in 0..<8 {
      let part = scales(bytes(input, 4), group)
      let (groupScale, groupLowest) = (scale * Float(part.scale), lowest * Float(part.lowest))
      let source = packed + group / 2 * 32
      let shift = UInt8(group % 2 * 4)
      let bit = UInt8(group)
      let target = output + group * 32
      for index in 0..<32 {
        let value = source[index] &>> shift & 15 | (high[index] &>> bit & 1) &<< 4
        target[index] = groupScale * Float(value) - groupLowest
      }
    }
  }

  @Sendable static func sixBitGroups(_ input: Input, _ output: Output) {
    let scale = half(input, 208)
    let scales = (input + 192).assumingMemoryBound(to: Int8.self)
    for group in 0..<16 {
      // Halves of 128 elements: 64 bytes of low bits, of which the upper nibbles are the second 64 elements, and 32 bytes
      // of high bits in four layers.
      let quarter = group % 8 / 2
      let low = bytes(input, 0) + (group / 8 * 64 + quarter % 2 * 32 + group % 2 * 16)
      let high = bytes(input, 128) + (group / 8 * 32 + group % 2 * 16)
      let lowShift = UInt8(quarter / 2 * 4)
      let highShift = UInt8(quarter * 2)
      let groupScale = scale * Float(scales[group])
      let target = output + group * 16
      for index in 0..<16 {
        let value = low[index] &>> lowShift & 15 | (high[index] &>> highShift & 3) &<< 4
        target[index] = groupScale * Float(Int32(value) &- 32)
      }
    }
  }
}
