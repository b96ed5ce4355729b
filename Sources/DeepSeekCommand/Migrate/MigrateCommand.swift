import ArgumentParser
import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekLegacyNames
import DeepSeekMigration
import Foundation

/// `ds migrate`: Swift sources from the names of 1.x and 2.x to today's.
struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Rewrite Swift sources from the names of 1.x and 2.x to today's.",
    discussion: """
      The difference goes to standard output as a unified diff, and what is left to a person to standard error with file, \
      line and column. Files change only with --write. In a folder, every .swift file is read, those in hidden folders \
      aside; links are not followed. Names in strings and comments stay, and so do names that the program declares itself.

      This takes a build with the Swift parser: swift build -c release --product ds --traits Migrate

      EXAMPLES
        ds migrate Sources > migration.patch
        ds migrate Sources/Train.swift --write
      """)

  @Argument(help: "A Swift file or a folder.")
  var path: String

  @Flag(help: "Change the files. Each is replaced whole, or stays as it was.")
  var write = false

  @OptionGroup var json: JSONOutput

  func run() throws {
    var run = try SourceMigrator(MigrationRules(LegacyName.all)).migrate(at: path)
    var written: Set<String> = []
    for file in run.files {
      show(file)
      guard write && file.isChanged else { continue }
      do {
        try AtomicFile.write(file.bytes, to: file.path)
        written.insert(file.path)
      } catch {
        run.errors.append(MigrationError(.unwritable, file: file.path, "it is unchanged: \(error)", advice: ""))
      }
    }
    for error in run.errors { Console.note("error: \(error)") }
    let changed = run.files.count { $0.isChanged }
    let outcome = write ? "\(written.count) written" : "\(changed) would change; nothing is written without --write"
    let places = run.files.reduce(0) { $0 + $1.places.count }
    Console.note("\(run.files.count) files read, \(outcome); \(places) places to look at")
    try json.write(MigrateCommand.document(run, written))
    if !run.errors.isEmpty { throw ExitCode.failure }
  }

  /// The file's difference and its places.
  private func show(_ file: FileMigration) {
    if !json.ownsStandardOutput {
      let diff = Console.isResultTerminal ? MigrateCommand.colored(file.diff) : file.diff
      Console.piece(diff)
    }
    for place in file.places { Console.note("\(file.path):\(place.location): \(place.description)") }
  }

  /// The difference for a terminal: what goes in red, what comes in green, headers in bold.
  private static func colored(_ diff: String) -> String {
    var isHeader = true
    return diff.split(separator: "\n", omittingEmptySubsequences: true).map { line in
      if line.hasPrefix("@@") { isHeader = false }
      let code: Int? =
        switch line.first {
        case _ where isHeader: 1
        case "@": 36
        case "-": 31
        case "+": 32
        default: nil
        }
      return code.map { "\u{1B}[\($0)m\(line)\u{1B}[0m\n" } ?? "\(line)\n"
    }.joined()
  }

  private static func document(_ run: SourceMigrator.Run, _ written: Set<String>) -> JSONValue {
    let files = run.files.filter { $0.isChanged || !$0.places.isEmpty }
    return [
      "file_count": .integer(run.files.count),
      "files": .array(
        files.map { file in
          [
            "file": .string(file.path), "changed": .bool(file.isChanged), "written": .bool(written.contains(file.path)),
            "changes": .array(file.changes.map(change)), "places": .array(file.places.map(place)),
          ]
        }),
      "errors": .array(run.errors.map(error)),
    ]
  }

  private static func change(_ change: FileMigration.Change) -> JSONValue {
    [
      "line": .integer(change.location.line), "column": .integer(change.location.column), "old": .string(change.old),
      "new": .string(change.new),
    ]
  }

  private static func place(_ place: FileMigration.Place) -> JSONValue {
    [
      "kind": .string(place.kind.rawValue), "line": .integer(place.location.line),
      "column": .integer(place.location.column), "old": .string(place.old), "new": .string(place.new),
      "note": .string(place.note),
    ]
  }

  private static func error(_ error: MigrationError) -> JSONValue {
    [
      "kind": .string(error.kind.rawValue), "file": .string(error.file),
      "line": error.location.map { .integer($0.line) } ?? .null,
      "column": error.location.map { .integer($0.column) } ?? .null, "message": .string(error.message),
      "advice": .string(error.advice),
    ]
  }
}
