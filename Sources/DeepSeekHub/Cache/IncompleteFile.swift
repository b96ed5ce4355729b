import DeepSeekCheckpoints
import Foundation
import Synchronization

/// A blob that is being fetched: `blobs/<etag>.incomplete`, which a later try goes on with.
///
/// Its contents are checked as they lie on the disk before they get their name.
final class IncompleteFile: Sendable {
  private let path: String
  private let descriptor: Int32
  private let count: Mutex<Int>

  /// How much is read at a time while checking, in bytes.
  private static let pieceByteCount = 1 << 20

  /// Opens what an earlier try left, or begins anew.
  init(blob: String) throws {
    let path = blob + ".incomplete"
    self.path = path
    let descriptor = Int32(
      try SystemCall.retrying(.unwritable, "create it", file: path) {
        Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666))
      })
    self.descriptor = descriptor
    count = Mutex(Int(lseek(descriptor, 0, SEEK_END)))
  }

  deinit { close(descriptor) }

  var byteCount: Int { count.withLock { $0 } }

  /// Throws away what is there.
  func restart() throws {
    try count.withLock { count in
      try SystemCall.retrying(.unwritable, "shorten it", file: path) { Int(ftruncate(descriptor, 0)) }
      lseek(descriptor, 0, SEEK_SET)
      count = 0
    }
  }

  /// Adds bytes at the end.
  func append(_ data: Data) throws {
    try count.withLock { count in
      try data.withUnsafeBytes { try AppendedFile.write($0, to: descriptor, file: path) }
      count += data.count
    }
  }

  /// Whether the contents are those that an ETag names: a SHA-256, or git's SHA-1 of a blob. Other ETags say nothing.
  func matches(_ etag: String) throws -> Bool {
    let digest: Digest
    if PathParts.isHexadecimal(etag, 64) {
      digest = Digest(.sha256)
    } else if PathParts.isHexadecimal(etag, 40) {
      digest = Digest(.sha1)
      var head = Array("blob \(byteCount)".utf8)
      head.append(0)
      head.withUnsafeBytes { digest.update($0) }
    } else {
      return true
    }
    var piece = [UInt8](repeating: 0, count: IncompleteFile.pieceByteCount)
    var offset = 0
    while true {
      let read = try SystemCall.retrying(.unreadable, "read it", file: path) {
        piece.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
      }
      if read == 0 { break }
      piece.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
      offset += read
    }
    return digest.finish() == etag
  }

  /// Gives the contents their name.
  func finish(as blob: String) throws {
    try SystemCall.retrying(.unwritable, "write it to the disk", file: path) { Int(fsync(descriptor)) }
    try SystemCall.retrying(.unwritable, "rename it into place", file: path) { Int(rename(path, blob)) }
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
