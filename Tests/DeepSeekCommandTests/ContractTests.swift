import ArgumentParser
import DeepSeekJSON
import Foundation
import Testing

@testable import DeepSeekCommand

@Suite("The command line's contract")
struct ContractTests {
  static let names = Subcommands.all.map { $0.words.joined(separator: " ") }

  private func subcommand(_ name: String) throws -> (words: [String], type: any ParsableCommand.Type) {
    try #require(Subcommands.all.first { $0.words.joined(separator: " ") == name })
  }

  @Test("every subcommand shows an example of itself, and each of its examples is accepted", arguments: names)
  func examples(_ name: String) throws {
    let command = try subcommand(name)
    let help = DS.helpMessage(for: command.type, columns: 1000)
    #expect(help.contains("EXAMPLES"))
    let examples = Subcommands.lines(in: command.type.configuration.discussion)
    #expect(examples.contains { Subcommands.words($0).starts(with: command.words) }, "\(name)")
    for example in examples {
      let words = Subcommands.words(example)
      let expected = try #require(Subcommands.all.first { words.starts(with: $0.words) }, "\(example)").type
      do {
        let parsed = try DS.parseAsRoot(words)
        #expect(ObjectIdentifier(type(of: parsed)) == ObjectIdentifier(expected), "\(example)")
      } catch {
        Issue.record("\(example): \(DS.fullMessage(for: error))")
      }
    }
  }

  @Test("every subcommand takes --json, and has its keys in the document", arguments: names)
  func json(_ name: String) throws {
    let command = try subcommand(name)
    #expect(DS.helpMessage(for: command.type, columns: 1000).contains("--json <file>"))
    let document = try Subcommands.document("Docs/Command-Line.md")
    let section = try #require(
      document.components(separatedBy: "\n## ").first { $0.hasPrefix("ds \(command.words[0])\n") }, "\(name)")
    let text = section.replacing("\n", with: " ")
    #expect(["`[{\"", "`{\"", "(Converting.md#the-report)"].contains { section.contains($0) }, "\(name)")
    if command.words.count > 1 { #expect(text.contains("ds \(name)"), "\(name)") }
  }

  @Test("a file that --json cannot write is refused before any work", arguments: names)
  func unwritableJSON(_ name: String) throws {
    let command = try subcommand(name)
    let examples = Subcommands.lines(in: command.type.configuration.discussion).map(Subcommands.words)
    let words = try #require(examples.first { $0.starts(with: command.words) && !$0.contains("--json") })
    let error = #expect(throws: (any Error).self) {
      try DS.parseAsRoot(words + ["--json", "/no/such/folder/result.json"])
    }
    let message = DS.fullMessage(for: try #require(error))
    #expect(message.contains("--json") && message.contains("/no/such/folder/result.json"), "\(message)")
    #expect(DS.exitCode(for: try #require(error)) == ExitCode.validationFailure)
  }

  @Test("the documents' command lines are accepted")
  func documents() throws {
    let folder = try FileManager.default.contentsOfDirectory(
      atPath: Subcommands.root.appendingPathComponent("Docs").path)
    var count = 0
    for path in ["README.md"] + folder.filter({ $0.hasSuffix(".md") }).map({ "Docs/" + $0 }) {
      for block in try Subcommands.document(path).components(separatedBy: "```sh\n").dropFirst() {
        let code = block.components(separatedBy: "\n```")[0]
        for line in Subcommands.lines(in: code) {
          #expect(throws: Never.self, "\(path): \(line)") { try DS.parseAsRoot(Subcommands.words(line)) }
          count += 1
        }
      }
    }
    #expect(count > 10, "\(count) command lines were found")
  }

  @Test("what is not understood ends with a status that is not zero, and says what it was")
  func refusals() {
    let wrong: [(line: String, part: String)] = [
      ("ds nonsense", "nonsense"), ("ds embed --model m", "either sentences or --input"),
      ("ds embed --model m --batch 0 text", "--batch must be at least 1"), ("ds doctor --fast", "--fast"),
      ("ds graph m -o picture.png", "must end in"), ("ds benchmark --task cooking", "cooking"),
      ("ds benchmark --version all --model m", "--eval TSV go together"),
      ("ds benchmark --version 2.x --model m --eval e", "go with --version all"),
      ("ds benchmark --task ops --eval e", "--eval has no effect"),
      ("ds train classify --model m --train t --eval e --output o --epochs 0", "--epochs"),
      ("ds convert a -o b --dtype int8", "int8"), ("ds data f --head -1", "--head"),
      ("ds quantize m -o o --bits 5", "bits"), ("ds generate --model m --greedy --top-k 3 text", "--greedy"),
    ]
    for (line, part) in wrong {
      let error = #expect(throws: (any Error).self, "\(line)") { try DS.parseAsRoot(Subcommands.words(line)) }
      guard let error else { continue }
      #expect(DS.exitCode(for: error) == ExitCode.validationFailure, "\(line)")
      #expect(DS.fullMessage(for: error).contains(part), "\(line): \(DS.fullMessage(for: error))")
    }
  }

  @Test("what JSON has no number for is null, and all else stays")
  func finiteNumbers() throws {
    let value: JSONValue = [
      "loss": .double(.nan), "losses": [.double(1.5), .double(.infinity), .integer(2)], "name": .string("nan"),
    ]
    let text = String(decoding: try value.withFiniteNumbers.serialized(), as: UTF8.self)
    #expect(text == #"{"loss":null,"losses":[1.5,null,2],"name":"nan"}"#)
  }

  @Test("an option that a benchmark's task does not use is refused, and one that it uses is not")
  func benchmarkOptions() throws {
    for line in [
      "--task ops --batch 4", "--task eager --sequence 32", "--task ops --part training", "--task ops --version 1.x",
      "--task recovery --seconds 3", "--task tokenize --batch 2", "--task inference --version 2.x --program p",
      "--task engines --sequence 9", "--task nlp --model m", "--task nlp --data d", "--version all --part inference",
      "--seconds 0", "--batch 0", "--sequence 513",
    ] {
      #expect(throws: (any Error).self, "\(line)") { try DS.parseAsRoot(Subcommands.words("ds benchmark " + line)) }
    }
    for line in [
      "--task nlp --version 1.x --batch 4 --sequence 32 --seconds 1 --part training",
      "--task ops --seconds 0.2 --quick",
      "--task ops --version 2.x", "--task inference --version 3.x --program p --batch 2 --sequence 16 --seconds 1",
      "--task serving --model m --input f --seconds 2", "--task tokenize --seconds 1", "--task recovery --quick",
      "--task data --data f --seconds 1", "--version all --batch 2 --sequence 16 --seconds 1",
    ] {
      #expect(throws: Never.self, "\(line)") { try DS.parseAsRoot(Subcommands.words("ds benchmark " + line)) }
    }
  }
}
