#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Whole files as bytes, without Foundation's cost at the start of a process.
enum FileBytes {
  /// No tokenizer's file is larger; a device or pipe without end stops here.
  static let maximumByteCount = 1 << 28

  static func read(_ path: String) throws(TokenizerError) -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw failure(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var count = 0
    var room = 1 << 16
    if fseek(file, 0, SEEK_END) == 0 {
      let size = ftell(file)
      rewind(file)
      // The size is a hint: what is read decides.
      if size > 0 { room = min(size + 1, maximumByteCount + 1) }
    }
    while true {
      bytes.append(contentsOf: repeatElement(0, count: room))
      let read = bytes.withUnsafeMutableBytes { fread($0.baseAddress! + count, 1, room, file) }
      count += read
      if ferror(file) != 0 { throw failure(path) }
      if read < room { break }
      guard count <= maximumByteCount else {
        throw .unreadableFile(path: path, reason: "more than \(maximumByteCount) bytes")
      }
      room = max(room, 1 << 16)
    }
    bytes.removeSubrange(count...)
    return bytes
  }

  static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

  private static func failure(_ path: String) -> TokenizerError {
    .unreadableFile(path: path, reason: String(cString: strerror(errno)))
  }
}
