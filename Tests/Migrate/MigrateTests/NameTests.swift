import DeepSeekLegacyNames
import DeepSeekMigration
import Testing

@Suite("Names")
struct NameTests {
  @Test("A dotted name changes, as an expression, as a type, in a chain and in a string's code")
  func names() throws {
    try expectMigrated(
      """
      let data = try ds.load_data("digits.csv").map(f)
      let model: keras.models.Sequential? = keras.models.Sequential([keras.layers.Flatten()])
      func step(_ x: [tf.Tensor]) -> tf.Session { print("\\(tf.int32)"); return tf.Session.self() }
      """,
      """
      let data = try ds.loadData("digits.csv").map(f)
      let model: ds.Sequential? = ds.Sequential([ds.layers.Flatten()])
      func step(_ x: [Tensor]) -> Session { print("\\(DType.int32)"); return Session.self() }
      """)
  }

  @Test("Strings, comments, labels, members of values and longer names stay")
  func others() throws {
    let text = """
      // ds.load_data(path) and tf.float32
      /* keras.layers.Dense */
      let a = "ds.load_data(\\"x\\")" + #"tf.float32 \\(tf.float32)"#
      let b = other.ds.load_data(ds: 1, tf: 2)
      let c = ds.load_data2 + .load_data
      func load_data(tf: Int) {}
      let d = \\Model.load_data
      """
    try expectMigrated(text, text)
  }

  @Test("What stands between the parts of a name stays where it can, and a comment is never lost")
  func trivia() throws {
    try expectMigrated(
      "let a = keras\r\n\t.layers  // layers\r\n\t.Flatten()\r\n",
      "let a = ds\r\n\t.layers  // layers\r\n\t.Flatten()\r\n")
    let text = "let a = keras /* which? */ .models.Sequential([])\n"
    let result = try migrated(text)
    #expect(result.text == text && result.placed == ["1:9 by_hand"])
  }

  @Test("Parts come and go at every place of a name")
  func parts() throws {
    let table = [
      LegacyName("A.b.c", "A.c", line: "1.x", .exact, .rename), LegacyName("X.y", "X", line: "1.x", .exact, .rename),
      LegacyName("one", "two.three.one", line: "1.x", .exact, .rename),
      LegacyName("P.q", "P.q.r", line: "1.x", .exact, .rename),
    ]
    let table2 = table.filter { $0.old != "P.q" }
    try expectMigrated("_ = A.b.c(A.b.c.d, X.y, X.y.z(), one)", "_ = A.c(A.c.d, X, X.z(), two.three.one)", table2)
    #expect(try migrated("_ = (P.q, P.q.s)", table).text == "_ = (P.q.r, P.q.r.s)")
  }

  @Test("A module before the name makes it certain, and the old names' module goes")
  func modules() throws {
    try expectMigrated(
      "let ds = 1\nlet a = DeepSeek::ds.load_data, b = DeepSeek.ds.load_data, c = DeepSeekCompatibility.tf.float32\n",
      "let ds = 1\nlet a = DeepSeek::ds.loadData, b = DeepSeek.ds.loadData, c = DType.float32\n")
  }

  @Test("An alias of a namespace is pointed at")
  func aliases() throws {
    let result = try migrated("typealias L = keras.layers\nlet a = L.Flatten()\n")
    #expect(result.text == "typealias L = ds.layers\nlet a = L.Flatten()\n")
    #expect(result.placed == ["1:15 left"])
  }

  @Test("A name that is to be changed by hand stays, with its note")
  func byHand() throws {
    let text = "let x = tf.placeholder(y, [nil, 784])\n"
    let result = try migrated(text)
    #expect(!result.isChanged && result.placed == ["1:9 by_hand"])
    #expect(result.places[0].note.contains("The name first"))
  }
}

@Suite("Names that the program declares itself")
struct ShadowingTests {
  /// Each line `// left` of a text is a place that stays, and each `// changed` one that does not.
  private func check(_ text: String) throws {
    let result = try migrated(text)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let isLeft = result.places.contains { $0.location.line == index + 1 && $0.kind == .left }
      let isChanged = result.changes.contains { $0.location.line == index + 1 }
      #expect(isLeft == line.contains("// left"), "line \(index + 1): \(line)")
      #expect(isChanged == line.contains("// changed"), "line \(index + 1): \(line)")
    }
  }

  @Test("Variables, parameters, captures and patterns are seen where Swift sees them")
  func scopes() throws {
    try check(
      """
      func a(ds: Loader) {
        _ = ds.load_data("x")  // left
        func inner() { _ = ds.load_data("x") }  // left
      }
      func b(with ds: Loader, in path: String = ds.load_data("x")) {  // changed
        _ = ds.load_data("x")  // left
      }
      func c() {
        _ = ds.load_data("x")  // changed
        let ds = ds.load_data("x")  // changed
        _ = ds.load_data("x")  // left
      }
      func d() {
        if let ds = ds.load_data("x") {  // changed
          _ = ds.load_data("x")  // left
        } else {
          _ = ds.load_data("x")  // changed
        }
        guard let ds, ds.load_data("x") else {  // left
          return
        }
        _ = ds.load_data("x")  // left
      }
      func e() {
        for ds in ds.load_data("x") {  // changed
          _ = ds.load_data("x")  // left
        }
        while case .some(let ds) = next() {
          _ = ds.load_data("x")  // left
        }
        switch value {
        case .one(let ds): _ = ds.load_data("x")  // left
        case .two: _ = ds.load_data("x")  // changed
        }
        do { try f() } catch let ds { _ = ds.load_data("x") }  // left
        _ = { ds in ds.load_data("x") }  // left
        _ = { (ds: Int) in ds.load_data("x") }  // left
        _ = { [ds] in ds.load_data("x") }  // left
        _ = { [a = ds.load_data("x")] in a }  // changed
      }
      func f<tf>(_ x: tf) { let a: tf.Tensor }  // left
      """)
  }

  @Test("Members are seen in their type and its extensions")
  func members() throws {
    try check(
      """
      struct Loader {
        func g() { _ = ds.load_data("x") }  // left
        let ds: Int
      }
      extension Loader {
        func h() { _ = ds.load_data("x") }  // left
      }
      struct Other {
        func g() { _ = ds.load_data("x") }  // changed
        var tf: Int {
          get { 1 }
          set(ds) { _ = ds.load_data("x") }  // left
        }
      }
      enum E {
        case tf
        static let a = tf.float32  // left
      }
      """)
  }

  @Test("A declaration at the top level is seen in the whole file, inside conditions too, and in other files")
  func topLevel() throws {
    try check("let a = tf.float32  // left\n#if os(Linux)\nenum tf { static let float32 = 1 }\n#endif\n")
    let result = try migrated("let a = tf.float32\n", declaredElsewhere: ["tf"])
    #expect(!result.isChanged && result.placed == ["1:9 left"])
  }

  @Test("A method that the program declares is its own")
  func methods() throws {
    try check("extension Net { func fit(_ x: Int, nb_epoch: Int) {} }\nnet.fit(x, nb_epoch: 3)  // left\n")
  }
}
