/// The Snappy block format, which Parquet's writers use unless told otherwise: so its files open without a library.
///
/// Source: google/snappy, format_description.txt.
enum Snappy {
  /// Whether `input` gave exactly as many bytes as `target` has.
  static func decompress(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    guard let source = input.baseAddress, let base = target.baseAddress else { return false }
    var position = 0
    guard let length = length(input, &position), length == target.count else { return false }
    let end = input.count
    let limit = target.count
    var written = 0
    while position < end {
      let tag = source.load(fromByteOffset: position, as: UInt8.self)
      position &+= 1
      if tag & 3 == 0 {
        var count = Int(tag >> 2)
        if count >= 60 {
          let extra = count &- 59
          guard end &- position >= extra else { return false }
          count = 0
          for index in 0..<extra {
            count |= Int(source.load(fromByteOffset: position &+ index, as: UInt8.self)) << (8 &* index)
          }
          position &+= extra
        }
        count &+= 1
        guard count <= end &- position, count <= limit &- written else { return false }
        if count <= 16 && end &- position >= 16 && limit &- written >= 16 {
          // One move of fixed size, past the literal's end but inside both buffers.
          (base + written).copy16(from: source + position)
        } else {
          (base + written).copyMemory(from: source + position, byteCount: count)
        }
        position &+= count
        written &+= count
        continue
      }
      var count: Int
      var distance: Int
      switch tag & 3 {
      case 1:
        guard end &- position >= 1 else { return false }
        count = Int(tag >> 2 & 7) &+ 4
        distance = Int(tag >> 5) << 8 | Int(source.load(fromByteOffset: position, as: UInt8.self))
        position &+= 1
      case 2:
        guard end &- position >= 2 else { return false }
        count = Int(tag >> 2) &+ 1
        distance = Int(source.loadUnaligned(fromByteOffset: position, as: UInt16.self))
        position &+= 2
      default:
        guard end &- position >= 4 else { return false }
        count = Int(tag >> 2) &+ 1
        distance = Int(source.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        position &+= 4
      }
      guard distance > 0, distance <= written, count <= limit &- written else { return false }
      var to = base + written
      var from = UnsafeRawPointer(to) - distance
      written &+= count
      if distance >= 16 && limit &- written >= 16 {
        while true {
          to.copy16(from: from)
          count &-= 16
          if count <= 0 { break }
          to += 16
          from += 16
        }
      } else if distance >= 8 && limit &- written >= 8 {
        while count > 0 {
          to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
          to += 8
          from += 8
          count &-= 8
        }
      } else {
        // The source overlaps what is being written: bytes repeat.
        for index in 0..<count {
          to.storeBytes(of: from.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
        }
      }
    }
    return written == limit
  }

  private static func length(_ input: UnsafeRawBufferPointer, _ position: inout Int) -> Int? {
    var result = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      guard position < input.count else { return nil }
      let byte = input[position]
      position += 1
      result |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    return nil
  }
}
