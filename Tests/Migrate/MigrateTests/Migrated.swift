import DeepSeekLegacyNames
import DeepSeekMigration
import Foundation
import Testing

/// What becomes of a text under the rules of a table.
func migrated(
  _ text: String, _ table: [LegacyName] = LegacyName.all, declaredElsewhere: Set<String> = []
) throws -> FileMigration {
  try SourceMigrator(MigrationRules(table)).migrate(
    Array(text.utf8), path: "main.swift", declaredElsewhere: declaredElsewhere)
}

extension FileMigration {
  /// The new text.
  var text: String { String(decoding: bytes, as: UTF8.self) }
  /// Places as `line:column kind`.
  var placed: [String] { places.map { "\($0.location) \($0.kind.rawValue)" } }
}

/// Expects the new text, and that migrating it again changes nothing.
func expectMigrated(
  _ old: String, _ new: String, _ table: [LegacyName] = LegacyName.all,
  at location: Testing.SourceLocation = #_sourceLocation
) throws {
  let result = try migrated(old, table)
  #expect(result.text == new, sourceLocation: location)
  let again = try migrated(result.text, table)
  #expect(again.text == result.text && !again.isChanged, "a second run", sourceLocation: location)
}

/// A file of the fixtures.
func fixture(_ name: String) -> URL { Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)! }
