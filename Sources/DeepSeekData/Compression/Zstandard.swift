import DeepSeekCheckpoints

/// Zstandard, by libzstd.
struct Zstandard: Sendable {
  private typealias Decompress = @convention(c) (UnsafeMutableRawPointer, Int, UnsafeRawPointer, Int) -> Int
  private typealias IsError = @convention(c) (Int) -> UInt32

  private let decompressAll: Decompress
  private let isError: IsError

  private static let found = Result { () throws(DataError) -> Zstandard in try Zstandard() }

  /// The library, or why there is none.
  static func library() throws(DataError) -> Zstandard { try found.get() }

  private init() throws(DataError) {
    let library = try DynamicLibrary.open(["libzstd.so.1", "libzstd.dylib"], for: "Zstandard", package: "libzstd1")
    decompressAll = try library.needed("ZSTD_decompress", as: Decompress.self)
    isError = try library.needed("ZSTD_isError", as: IsError.self)
  }

  /// Whether `input` gave exactly as many bytes as `target` has.
  func decompress(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    guard let from = input.baseAddress, let to = target.baseAddress else { return false }
    let written = decompressAll(to, target.count, from, input.count)
    return isError(written) == 0 && written == target.count
  }
}
