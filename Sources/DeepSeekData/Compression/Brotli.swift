import DeepSeekCheckpoints

/// Brotli, by libbrotlidec.
struct Brotli: Sendable {
  private typealias Decompress =
    @convention(c) (Int, UnsafeRawPointer, UnsafeMutablePointer<Int>, UnsafeMutableRawPointer) -> Int32

  private let decompressAll: Decompress

  private static let found = Result { () throws(DataError) -> Brotli in try Brotli() }

  /// The library, or why there is none.
  static func library() throws(DataError) -> Brotli { try found.get() }

  private init() throws(DataError) {
    let library = try DynamicLibrary.open(
      ["libbrotlidec.so.1", "libbrotlidec.dylib"], for: "Brotli", package: "libbrotli1")
    decompressAll = try library.needed("BrotliDecoderDecompress", as: Decompress.self)
  }

  /// Whether `input` gave exactly as many bytes as `target` has.
  func decompress(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    guard let from = input.baseAddress, let to = target.baseAddress else { return false }
    let success: Int32 = 1
    var written = target.count
    return decompressAll(input.count, from, &written, to) == success && written == target.count
  }
}
