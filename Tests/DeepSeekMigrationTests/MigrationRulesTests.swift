import DeepSeekLegacyNames
import Testing

@testable import DeepSeekMigration

@Suite("Rules of a migration")
struct MigrationRulesTests {
  private let rules = MigrationRules([
    LegacyName("keras.layers", "ds.layers", line: "1.x", .exact, .rename),
    LegacyName("ds.layers.Conv2D", "ds.layers.Conv2D", line: "1.x", .adapted, .relabel(["filters": ""])),
    LegacyName("ds.Sequential", "ds.Sequential", line: "1.x", .exact, .rename),
    LegacyName("tf.square", "Tensor.square", line: "1.x", .exact, .method([:])),
    LegacyName("tf.equal", "Tensor.equal(to:)", line: "1.x", .exact, .method(["1": "to"])),
    LegacyName("tf.add", "Tensor.+", line: "1.x", .exact, .rename),
    LegacyName("a.b", "b.a", line: "1.x", .exact, .rename),
    LegacyName("model.fit", "model.fit", line: "1.x", .exact, .relabel(["nb_epoch": "epochs"])),
  ])

  @Test("Rows apply one after another, the longest beginning first")
  func chains() throws {
    let found = try #require(rules.resolve(["keras", "layers", "Conv2D"]))
    #expect(found.rows.map(\.old) == ["keras.layers", "ds.layers.Conv2D"])
    #expect(found.replacement == ["ds", "layers", "Conv2D"] && found.consumedCount == 3)
    #expect(found.labels == [["filters": ""]])
  }

  @Test("Labels are those of the whole name, or of its initializer")
  func labels() throws {
    #expect(try #require(rules.resolve(["ds", "layers", "Conv2D", "init"])).labels == [["filters": ""]])
    #expect(try #require(rules.resolve(["ds", "layers", "Conv2D", "kind"])).labels == [])
  }

  @Test("Rows that change nothing and names of others have no resolution")
  func others() {
    #expect(rules.resolve(["ds", "Sequential"]) == nil)
    #expect(rules.resolve(["tf"]) == nil)
    #expect(rules.resolve(["model", "fit"]) == nil)
    #expect(rules.method("fit")?.old == "model.fit")
    #expect(rules.isBeginning(["keras"]) && !rules.isBeginning(["keras", "layers"]))
  }

  @Test("A function becomes a method where the name is whole, and an operator is a person's to write")
  func methods() throws {
    #expect(try #require(rules.resolve(["tf", "equal"])).method == "equal")
    #expect(try #require(rules.resolve(["tf", "square", "x"])).byHand?.old == "tf.square")
    #expect(try #require(rules.resolve(["tf", "add"])).byHand?.old == "tf.add")
  }

  @Test("Old names are no beginning of today's: what the table's rows make is never rewritten again")
  func stable() {
    let all = MigrationRules(LegacyName.all)
    for row in LegacyName.all where row.rewrite != .byHand {
      let path = MigrationRules.path(row.old)
      guard let found = all.resolve(path), found.byHand == nil, found.method == nil else { continue }
      let again = all.resolve(found.replacement + path[found.consumedCount...])
      #expect(again == nil || again?.replacement == found.replacement, "\(row.old)")
    }
  }
}
