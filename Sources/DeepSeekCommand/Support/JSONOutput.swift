import ArgumentParser
import DeepSeekCheckpoints
import DeepSeekJSON
import Foundation

/// The `--json` option that every subcommand has.
struct JSONOutput: ParsableArguments {
  @Option(
    name: .customLong("json"),
    help: ArgumentHelp("Also write the result as JSON; - for standard output.", valueName: "file"),
    transform: JSONOutput.writable)
  var path: String?

  /// Whether standard output is taken by the JSON, so that the readable form must stay away.
  var ownsStandardOutput: Bool { path == "-" }

  /// Refuses a file that cannot be written before any work is done, whose result would be lost then.
  private static func writable(_ path: String) throws -> String {
    if path != "-" {
      do { _ = try AtomicFile(replacing: path, synchronizes: false) } catch { throw ValidationError("\(error)") }
    }
    return path
  }

  /// Writes the value where the option says; nothing without the option. A file is written whole or not at all. Numbers that
  /// JSON has no form for, a loss that became NaN say, are null.
  func write(_ value: JSONValue) throws {
    guard let path else { return }
    let bytes = try value.withFiniteNumbers.serialized(.indented(2)) + [UInt8(ascii: "\n")]
    if path == "-" {
      try FileHandle.standardOutput.write(contentsOf: bytes)
    } else {
      try AtomicFile.write(bytes, to: path)
    }
  }
}

extension JSONValue {
  /// The same with null in place of every number that is infinite or NaN.
  var withFiniteNumbers: JSONValue {
    switch self {
    case .double(let number) where !number.isFinite: return .null
    case .array(let values): return .array(values.map(\.withFiniteNumbers))
    case .object(let object):
      var result = JSONObject()
      for member in object.members { result[member.key] = member.value.withFiniteNumbers }
      return .object(result)
    default: return self
    }
  }
}
