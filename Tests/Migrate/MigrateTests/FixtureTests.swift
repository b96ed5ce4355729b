import DeepSeekMigration
import Foundation
import Testing

@Suite("Whole programs")
struct FixtureTests {
  /// What `package` builds: the programs after the migration compile without a warning.
  @Test("A program becomes what is stored beside it, which the tests of the package build", arguments: ["Digits"])
  func program(_ name: String) throws {
    let before = try String(contentsOf: fixture("\(name).before.swift"), encoding: .utf8)
    let after = try String(contentsOf: fixture("\(name).after.swift"), encoding: .utf8)
    let result = try migrated(before)
    #expect(result.text == after)
    #expect(!result.places.contains { $0.kind == .byHand }, "\(result.placed)")
    #expect(!(try migrated(after)).isChanged)
  }
}
