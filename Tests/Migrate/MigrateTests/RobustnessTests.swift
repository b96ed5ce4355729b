import DeepSeekLegacyNames
import DeepSeekMigration
import Foundation
import TestSupport
import Testing

@Suite("Sources from outside")
struct RobustnessTests {
  @Test("A text that is no Swift is an error with its place")
  func noSwift() throws {
    let error = #expect(throws: MigrationError.self) { try migrated("let a = 1\nlet b = (ds.load_data(\"x\"\n") }
    #expect(error?.kind == .doesNotParse && error?.location?.line == 2)
    for text in ["func (", "let a = \"", "}", "#if x", "let a = tf.\n", "@@ -1 +1 @@"] {
      #expect(throws: MigrationError.self, "\(text)") { try migrated(text) }
    }
  }

  @Test("Empty files, a mark of byte order, other line ends and odd letters are kept byte for byte")
  func bytes() throws {
    for text in ["", "\n", "\u{FEFF}let a = 1\r\n", "let ß = \"🧪\" // \u{2028}\rlet x = 1"] {
      let result = try migrated(text)
      #expect(result.bytes == Array(text.utf8) && !result.isChanged)
    }
    try expectMigrated(
      "\u{FEFF}let ü = tf.float32\r\nlet 🧪 = tf.int32", "\u{FEFF}let ü = DType.float32\r\nlet 🧪 = DType.int32")
  }

  @Test("A text that is nested without end is an error, soon, and never a crash")
  func deep() throws {
    let count = 1_000
    func repeated(_ text: String) -> String { String(repeating: text, count: count) }
    let texts = [
      "_ = a" + repeated(".f(x)"), "_ = x" + repeated("[0]"), "_ = " + repeated("("), "let x: " + repeated("["),
      "_ = " + repeated("try ") + "x", "_ = a" + repeated("<b"), repeated("#if a\n") + repeated("#endif\n"),
      "if a {} " + repeated("else if a {}"), "let x: " + repeated("() -> ") + "Int", "_ = \"" + repeated("\\(\""),
    ]
    for text in texts {
      do {
        _ = try migrated(text)
      } catch let error as MigrationError {
        #expect(error.kind == .tooDeep || error.kind == .doesNotParse)
      }
    }
  }

  @Test("A long file takes no longer for each line")
  func long() throws {
    let text = (0..<2_000).map { "let v\($0) = tf.square(tf.float32 - v)\n" }.joined()
    let result = try migrated(text)
    #expect(result.changes.count == 4_000)
    #expect(result.diff.utf8.count > text.utf8.count)
  }

  @Test("Damaged sources give an error or a text that parses and stays as it is in a second run")
  func fuzz() throws {
    let original = Array(try Data(contentsOf: fixture("Digits.before.swift")))
    var random = SplitMix(7)
    var migratedCount = 0
    for _ in 0..<Fuzzing.count(otherwise: 50) {
      let text = String(decoding: Fuzzing.mutated(original, &random), as: UTF8.self)
      do {
        let result = try migrated(text)
        migratedCount += 1
        let again = try migrated(result.text)
        #expect(!again.isChanged, "\(text)")
      } catch let error as MigrationError where error.kind == .doesNotParse || error.kind == .tooDeep {
        continue
      }
    }
    #expect(migratedCount > 0)
  }

  @Test("A folder's files are read one by one: a bad one is told, the others are migrated, and nothing is written")
  func folder() throws {
    let folder = try TemporaryFolder()
    let texts = [
      "a.swift": "let a = tf.float32\n", "b.swift": "let = (\n", "c.swift": "enum tf2 {}\nlet b = tf.int32\n",
    ]
    for (name, text) in texts { try text.write(toFile: folder.file(name), atomically: true, encoding: .utf8) }
    try Data([0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.file("d.swift")))
    let migrator = try SourceMigrator(MigrationRules(LegacyName.all))
    let run = try migrator.migrate(at: folder.path)
    #expect(run.files.map(\.isChanged) == [true, true])
    #expect(run.errors.map(\.kind) == [.doesNotParse, .notUTF8])
    for (name, text) in texts { #expect(try String(contentsOfFile: folder.file(name), encoding: .utf8) == text) }
    // What one file declares, the others mean.
    try "struct tf {}\n".write(toFile: folder.file("b.swift"), atomically: true, encoding: .utf8)
    #expect(try migrator.migrate(at: folder.path).files.allSatisfy { !$0.isChanged })
  }
}
