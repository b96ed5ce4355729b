import Foundation

/// The lines of a text file.
enum Lines {
  /// The lines of the file at `path`, `-` being standard input, without their ends; the last line's end is optional.
  static func read(_ path: String) throws -> [String] {
    let data: Data
    if path == "-" {
      data = try FileHandle.standardInput.readToEnd() ?? Data()
    } else {
      guard FileManager.default.fileExists(atPath: path) else {
        throw CommandError("\(path): there is no such file (check the path)")
      }
      do {
        data = try Data(contentsOf: URL(fileURLWithPath: path))
      } catch {
        throw CommandError("\(path): \(error.localizedDescription)")
      }
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandError("\(path): not UTF-8 text")
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

/// Why a command could not do its work.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
