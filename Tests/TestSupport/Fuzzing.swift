import Foundation

/// Damaged copies of files, the same on every machine.
public enum Fuzzing {
  /// How many damaged files a test reads: the environment's `DEEPSEEK_FUZZ_COUNT`, or what keeps the suite short.
  public static let count = asked ?? 2000

  /// The same for readers that take longer over a file: what is asked for, or so many fewer that the suite stays short.
  public static func count(otherwise few: Int) -> Int { asked ?? few }

  private static let asked = ProcessInfo.processInfo.environment["DEEPSEEK_FUZZ_COUNT"].flatMap(Int.init)

  /// Numbers at which lengths overflow or change their sign.
  private static let numbers: [UInt64] = [
    0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 1 << 31, 0xFFFF_FFFF, 1 << 32, 1 << 62, .max,
  ]
  private static let words = [
    "-1", "0", "18446744073709551616", "9223372036854775807", "1e9", "{", "}", "[", "]", "\"", "null", "F64", "'",
  ]

  /// Damages a file in one to four places: a byte, a bit, a number, a piece removed, repeated or taken from elsewhere.
  ///
  /// Structures stand at a file's beginning and end, so half of the damage goes to the first 200 bytes and the last 100.
  public static func mutated(_ original: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard !bytes.isEmpty else { return bytes }
      let place =
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: Int.random(in: 0..<min(200, bytes.count), using: &generator)
        case 1: Int.random(in: max(0, bytes.count - 100)..<bytes.count, using: &generator)
        default: Int.random(in: 0..<bytes.count, using: &generator)
        }
      damage(&bytes, at: place, &generator)
    }
    return bytes
  }

  /// What takes a number's place, or goes between two bytes, in a damaged text.
  private static let pieces = [
    "-1", "0", "1", "7", "64", "1099511627776", "9223372036854775807", "-9223372036854775808", "1e400", "null", "[]",
    "{}", "\"\"", "true", "0.5", "-", "[[", ",",
  ]

  /// Damages a text in one to three places: a byte, or, most often, a whole number, which keeps the structure and reaches
  /// the checks behind it.
  public static func mutatedText(_ original: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = original
    for _ in 0..<1 + generator.below(3) where !bytes.isEmpty {
      let place = generator.below(bytes.count)
      switch generator.below(5) {
      case 0: bytes[place] = UInt8(generator.below(256))
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(contentsOf: pieces[generator.below(pieces.count)].utf8, at: place)
      default:
        guard let start = bytes[place...].firstIndex(where: isDigit) else { continue }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: pieces[generator.below(pieces.count)].utf8)
      }
    }
    return bytes
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func damage(_ bytes: inout [UInt8], at place: Int, _ generator: inout SplitMix) {
    let length = min(Int.random(in: 1...16, using: &generator), bytes.count - place)
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 2:
      let number = numbers.randomElement(using: &generator)!
      let width = min([1, 2, 4, 8].randomElement(using: &generator)!, bytes.count - place)
      withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(place..<place + width, with: $0.prefix(width)) }
    case 3: bytes.removeSubrange(place..<place + length)
    case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 5: bytes.replaceSubrange(place..<place + length, with: words.randomElement(using: &generator)!.utf8)
    default: bytes.removeSubrange(place...)
    }
  }
}
