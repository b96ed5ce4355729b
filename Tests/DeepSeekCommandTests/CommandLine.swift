import ArgumentParser
import Foundation

@testable import DeepSeekCommand

/// The subcommands as a person meets them.
enum Subcommands {
  /// Each that does something, with the words that call it.
  static var all: [(words: [String], type: any ParsableCommand.Type)] { leaves(DS.self, []) }

  private static func leaves(
    _ command: any ParsableCommand.Type, _ words: [String]
  ) -> [(words: [String], type: any ParsableCommand.Type)] {
    let configuration = command.configuration
    if configuration.subcommands.isEmpty { return [(words, command)] }
    return configuration.subcommands.flatMap { leaves($0, words + [$0.configuration.commandName ?? $0._commandName]) }
  }

  /// The command lines that a text shows: lines that begin with `ds`, without comments and redirections.
  static func lines(in text: String) -> [String] {
    // A line that ends in a backslash goes on in the next.
    text.replacing("\\\n", with: " ").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { $0.hasPrefix("ds ") }
  }

  /// The words of a command line as a shell takes it apart, without `ds` itself.
  static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character == " " {
        if let done = word { words.append(done) }
        word = nil
      } else if word == nil && (character == "#" || character == ">" || character == "|") {
        return Array(words.dropFirst())
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let done = word { words.append(done) }
    return Array(words.dropFirst())
  }

  /// The documents' folder's parent.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")

  /// A document of the package.
  static func document(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }
}
