import Foundation

/// The two streams of a command: results, and what is said about them.
enum Console {
  /// Writes a line of the result to standard output.
  static func result(_ line: String) { piece(line + "\n") }

  /// Writes a part of a line of the result to standard output. A result that cannot be written ends the process with an
  /// error: the disk may be full.
  static func piece(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      note("Error: standard output: \(error.localizedDescription)")
      exit(EXIT_FAILURE)
    }
  }

  /// Writes a line about the work to standard error.
  static func note(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// Writes a warning to standard error, in bold on a terminal.
  static func warning(_ line: String) {
    note(isErrorTerminal ? "\u{1B}[1;33mwarning:\u{1B}[0m \(line)" : "warning: \(line)")
  }

  /// Whether standard output is a terminal that a person watches.
  static var isResultTerminal: Bool { isatty(FileHandle.standardOutput.fileDescriptor) == 1 }

  /// Whether standard error is a terminal that a person watches.
  static var isErrorTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
}
