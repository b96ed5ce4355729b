import DeepSeekCompatibility
import Foundation
import Testing

@Suite("Legacy names: the list, the code and the document")
struct LegacyNameTests {
  @Test("each deprecated declaration has a row, and each row that says so a declaration")
  func listAndCodeAgree() throws {
    let declared = try Sources.deprecatedNames()
    let listed = Set(LegacyName.all.filter(\.hasAlias).map(\.old))
    #expect(declared.count > 200)
    #expect(declared.subtracting(listed).sorted() == [], "declared, but not in LegacyName.all")
    #expect(listed.subtracting(declared).sorted() == [], "in LegacyName.all, but not declared")
  }

  @Test("each name that has a declaration is used by the tests")
  func eachIsUsed() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let uses = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent.hasSuffix("Uses.swift") }
      .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    let variables = ["model", "session", "graph", "writer"]
    let unused = LegacyName.all.filter(\.hasAlias).map(\.old).filter { name in
      let parts = name.split(separator: ".")
      if !variables.contains(String(parts[0])) { return !uses.contains(name) }
      return !uses.contains(".\(parts[1])(") && !uses.contains(".\(parts[1]) {")
    }
    #expect(unused == [])
  }

  @Test("no name stands twice, and each row says what is needed")
  func rowsAreWhole() {
    let names = LegacyName.all.map(\.old)
    #expect(Set(names).count == names.count)
    for row in LegacyName.all {
      #expect(!row.new.isEmpty && ["1.x", "2.x"].contains(row.line), "\(row.old)")
      if row.exactness == .different || row.rewrite == .byHand { #expect(!row.note.isEmpty, "\(row.old)") }
    }
  }

  @Test("the document's table is what the list says")
  func documentIsCurrent() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Docs/Legacy-Names.md")
    let (begin, end) = ("<!-- names: generated -->\n", "<!-- names: end -->")
    let text = try String(contentsOf: file, encoding: .utf8)
    let before = try #require(text.range(of: begin))
    let after = try #require(text.range(of: end))
    let tables = LegacyNameTests.tables()
    if ProcessInfo.processInfo.environment["DEEPSEEK_WRITE_DOCS"] != nil {
      let whole = text[..<before.upperBound] + tables + text[after.lowerBound...]
      try whole.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(
        text[before.upperBound..<after.lowerBound] == tables,
        "Docs/Legacy-Names.md is out of date; write it with DEEPSEEK_WRITE_DOCS=1 swift test --filter LegacyNameTests")
    }
  }

  /// A table for each part of the list; spellings that differ in nothing else share a row.
  private static func tables() -> String {
    var text = ""
    for family in LegacyName.families {
      text += "\n## \(family.title)\n\n"
      text +=
        "| Old | Today | Line | Deprecated since | Alike | Alias | `ds migrate` | Note |\n|---|---|---|---|---|---|---|---|\n"
      var rows: [(names: [String], row: LegacyName)] = []
      for row in family.names {
        if let last = rows.last?.row, isSame(last, row) {
          rows[rows.count - 1].names.append(row.old)
        } else {
          rows.append(([row.old], row))
        }
      }
      for (names, row) in rows {
        let old = names.map { "`\($0)`" }.joined(separator: ", ")
        // A name that is today's too is in the list to be complete.
        let isToday = row.old == row.new && !row.hasAlias
        text += "| \(old) | `\(row.new)` | \(row.line) | \(isToday ? "-" : row.deprecatedSince) | "
        text += "\(row.exactness.rawValue) | \(row.hasAlias ? "yes" : isToday ? "today's" : "no") | "
        text += "\(isToday && row.rewrite == .rename ? "-" : word(row.rewrite)) | \(row.note) |\n"
      }
    }
    return text + "\n"
  }

  private static func isSame(_ left: LegacyName, _ right: LegacyName) -> Bool {
    (left.new, left.line, left.note) == (right.new, right.line, right.note)
      && left.old.replacing("_", with: "").lowercased() == right.old.replacing("_", with: "").lowercased()
  }

  private static func word(_ rewrite: LegacyName.Rewrite) -> String {
    switch rewrite {
    case .rename: "renames"
    case .relabel: "renames, with arguments"
    case .method: "makes a method"
    case .byHand: "points at it"
    }
  }
}
