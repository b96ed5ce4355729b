import DeepSeekCheckpoints

/// LZ4 in its three wrappings, by liblz4.
struct LZ4: Sendable {
  private typealias DecompressSafe =
    @convention(c) (UnsafeRawPointer, UnsafeMutableRawPointer, Int32, Int32) -> Int32
  private typealias CreateContext = @convention(c) (UnsafeMutablePointer<OpaquePointer?>, UInt32) -> Int
  private typealias FreeContext = @convention(c) (OpaquePointer) -> Int
  private typealias DecompressFrame =
    @convention(c) (
      OpaquePointer, UnsafeMutableRawPointer, UnsafeMutablePointer<Int>, UnsafeRawPointer, UnsafeMutablePointer<Int>,
      UnsafeRawPointer?
    ) -> Int
  private typealias IsError = @convention(c) (Int) -> UInt32

  private let decompressSafe: DecompressSafe
  private let createContext: CreateContext
  private let freeContext: FreeContext
  private let decompressPart: DecompressFrame
  private let isError: IsError

  private static let found = Result { () throws(DataError) -> LZ4 in try LZ4() }

  /// The library, or why there is none.
  static func library() throws(DataError) -> LZ4 { try found.get() }

  private init() throws(DataError) {
    let library = try DynamicLibrary.open(["liblz4.so.1", "liblz4.dylib"], for: "LZ4", package: "liblz4-1")
    decompressSafe = try library.needed("LZ4_decompress_safe", as: DecompressSafe.self)
    createContext = try library.needed("LZ4F_createDecompressionContext", as: CreateContext.self)
    freeContext = try library.needed("LZ4F_freeDecompressionContext", as: FreeContext.self)
    decompressPart = try library.needed("LZ4F_decompress", as: DecompressFrame.self)
    isError = try library.needed("LZ4F_isError", as: IsError.self)
  }

  /// One bare block. Whether it gave exactly as many bytes as `target` has.
  func decompressBlock(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    guard let from = input.baseAddress, let to = target.baseAddress, let inputCount = Int32(exactly: input.count),
      let count = Int32(exactly: target.count)
    else { return false }
    return decompressSafe(from, to, inputCount, count) == count
  }

  /// Hadoop's wrapping: before each block its two lengths, big-endian; or, as some writers have it, a bare block.
  func decompressHadoop(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    decompressPrefixed(input, into: target) || decompressBlock(input, into: target)
  }

  private func decompressPrefixed(
    _ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var position = 0
    var written = 0
    while position < input.count {
      guard input.count - position >= 8 else { return false }
      let count = Int(UInt32(bigEndian: input.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
      let stored = Int(UInt32(bigEndian: input.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)))
      position += 8
      guard stored <= input.count - position, count <= target.count - written else { return false }
      if count > 0 {
        let block = UnsafeRawBufferPointer(rebasing: input[position..<position + stored])
        let room = UnsafeMutableRawBufferPointer(rebasing: target[written..<written + count])
        guard decompressBlock(block, into: room) else { return false }
      }
      position += stored
      written += count
    }
    return written == target.count
  }

  /// A frame, as Arrow has it.
  func decompressFrame(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    let version: UInt32 = 100
    var created: OpaquePointer?
    guard isError(createContext(&created, version)) == 0, let context = created else { return false }
    defer { _ = freeContext(context) }
    guard let from = input.baseAddress, let to = target.baseAddress else { return false }
    var position = 0
    var written = 0
    while position < input.count {
      var consumed = input.count - position
      var produced = target.count - written
      let hint = decompressPart(context, to + written, &produced, from + position, &consumed, nil)
      guard isError(hint) == 0 else { return false }
      position += consumed
      written += produced
      if hint == 0 { return written == target.count && position == input.count }
      if consumed == 0 && produced == 0 { return false }
    }
    return false
  }
}
