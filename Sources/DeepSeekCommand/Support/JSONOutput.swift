import ArgumentParser
import DeepSeekCheckpoints
import DeepSeekJSON
import Foundation

/// The `--json` option that every subcommand has.
struct JSONOutput: ParsableArguments {
  @Option(
    name: .customLong("json"),
    help: ArgumentHelp("Also write the result as JSON; - for standard output.", valueName: "file"))
  var path: String?

  /// Whether standard output is taken by the JSON, so that the readable form must stay away.
  var ownsStandardOutput: Bool { path == "-" }

  /// Writes the value where the option says; nothing without the option. A file is written whole or not at all.
  func write(_ value: JSONValue) throws {
    guard let path else { return }
    let bytes = try value.serialized(.indented(2)) + [UInt8(ascii: "\n")]
    if path == "-" {
      try FileHandle.standardOutput.write(contentsOf: bytes)
    } else {
      try AtomicFile.write(bytes, to: path)
    }
  }
}
