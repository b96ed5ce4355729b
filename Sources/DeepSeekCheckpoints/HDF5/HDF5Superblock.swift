/// Where a file's tree begins and how wide its numbers are.
struct HDF5Superblock {
  let format: HDF5Format
  /// The address of the root group's header.
  let root: Int

  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Whether these bytes are an HDF5 file's.
  static func isHDF5(_ file: MappedFile) -> Bool { place(file) != nil }

  /// The signature stands at byte 0, 512, 1024, 2048 and so on.
  private static func place(_ file: MappedFile) -> Int? {
    file.withBytes { bytes in
      var start = 0
      while start <= bytes.count - signature.count {
        if bytes[start..<start + signature.count].elementsEqual(signature) { return start }
        start = start == 0 ? 512 : start * 2
      }
      return nil
    }
  }

  init(_ file: MappedFile) throws {
    guard let start = HDF5Superblock.place(file) else {
      throw CheckpointError(
        .malformed, file: file.path, offset: 0, "it does not begin as an HDF5 file does",
        advice: "check that this is an HDF5 file, and that it is complete")
    }
    let bytes = HDF5Format(file: file, base: 0, offsetWidth: 8, lengthWidth: 8)
    var cursor = try bytes.cursor(at: start + 8, "the superblock")
    let version = try cursor.version(0...3)
    if version < 2 { try cursor.skip(4) }
    let widths = (try cursor.byte(), try cursor.byte())
    guard [2, 4, 8].contains(widths.0), [2, 4, 8].contains(widths.1) else {
      throw bytes.failure(at: start, "addresses of \(widths.0) and lengths of \(widths.1) bytes")
    }
    // The base address stands where addresses count from: for a file with a block before it, at the superblock.
    var format = HDF5Format(file: file, base: 0, offsetWidth: widths.0, lengthWidth: widths.1)
    let fixed = version < 2 ? start + (version == 0 ? 24 : 28) : start + 12
    cursor = try format.cursor(at: fixed, "the superblock")
    let base = try cursor.existingAddress()
    format = HDF5Format(file: file, base: base, offsetWidth: widths.0, lengthWidth: widths.1)
    self.format = format
    _ = try cursor.address()
    _ = try cursor.address()
    if version < 2 {
      _ = try cursor.address()
      try cursor.skip(widths.0)
      root = try cursor.existingAddress()
    } else {
      root = try cursor.existingAddress()
      try cursor.checksum(from: start)
    }
  }
}
