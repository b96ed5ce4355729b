import CLibCrypto

/// A running SHA-256 (FIPS 180-4), by libcrypto, which uses the processor's SHA instructions: about 2 GB/s.
///
/// Copies share their state: finish one of them only.
struct SHA256 {
  private final class Context {
    let pointer: OpaquePointer

    init() {
      guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
        fatalError("SHA256: libcrypto has no memory left, or refuses SHA-256")
      }
      pointer = context
    }

    deinit { EVP_MD_CTX_free(pointer) }
  }

  private let context = Context()

  /// Adds bytes.
  func update(_ bytes: UnsafeRawBufferPointer) {
    if EVP_DigestUpdate(context.pointer, bytes.baseAddress, bytes.count) != 1 {
      fatalError("SHA256: libcrypto failed to add \(bytes.count) bytes")
    }
  }

  /// The digest as 64 lower-case hexadecimal digits. Nothing can be added afterwards.
  func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    if EVP_DigestFinal_ex(context.pointer, &digest, &count) != 1 { fatalError("SHA256: libcrypto failed to finish") }
    let digits = Array("0123456789abcdef".utf8)
    let text = digest.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of a file's contents; one pass over them.
  static func digest(of file: MappedFile) -> String {
    let hash = SHA256()
    file.withBytes { hash.update($0) }
    return hash.finish()
  }
}
