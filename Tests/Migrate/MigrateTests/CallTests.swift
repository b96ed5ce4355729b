import DeepSeekLegacyNames
import DeepSeekMigration
import Testing

@Suite("Calls")
struct CallTests {
  private let table = [
    LegacyName(
      "ds.Trainer", "ds.Trainer", line: "2.x", .exact,
      .relabel(["learning_rate": "learningRate", "model": "", "on_end": "onEnd", "0": "of", "old_end": ""])),
    LegacyName("ds.load", "ds.read", line: "1.x", .exact, .relabel(["path": "", "batch_size": "batchSize"])),
    LegacyName("tf.equal", "Tensor.equal(to:)", line: "1.x", .exact, .method(["1": "to"])),
    LegacyName("tf.square", "Tensor.square", line: "1.x", .exact, .method([:])),
    LegacyName("tf.sum", "Tensor.sum", line: "1.x", .exact, .method(["input": "", "keep_dims": "keepAxes"])),
    LegacyName("ds.device", "ds.device", line: "1.x", .exact, .relabel(["name": ""])),
  ]

  @Test("Labels are renamed, removed and added, and nothing else of an argument changes")
  func labels() throws {
    try expectMigrated(
      """
      let a = ds.load(path: "x",  // where
                      batch_size : 32, shuffle: true)
      let b = ds.Trainer(net, learning_rate: 0.1)
      let c = ds.load(path:
        "x")
      """,
      """
      let a = ds.read("x",  // where
                      batchSize : 32, shuffle: true)
      let b = ds.Trainer(of: net, learningRate: 0.1)
      let c = ds.read("x")
      """, table)
  }

  @Test("Calls in arguments, closures and generic calls are rewritten too")
  func nested() throws {
    try expectMigrated(
      "ds.device(name: \"cpu:0\") { ds.load(path: ds.load(path: f { ds.load(path: $0) })) }\n_ = ds.load<Int>(path: x)\n",
      "ds.device(\"cpu:0\") { ds.read(ds.read(f { ds.read($0) })) }\n_ = ds.read<Int>(x)\n", table)
  }

  @Test("Labels of trailing closures and of functions that are named with their labels change")
  func closures() throws {
    try expectMigrated(
      "ds.Trainer(of: net) { 1 } on_end: { 2 }\nlet f = ds.load(path:batch_size:)\n",
      "ds.Trainer(of: net) { 1 } onEnd: { 2 }\nlet f = ds.read(_:batchSize:)\n", table)
    let result = try migrated("ds.Trainer(of: net) { 1 } old_end: { 2 }\n", table)
    #expect(!result.isChanged && result.placed == ["1:1 by_hand"])
  }

  @Test("Two arguments that would have one label are left to a person")
  func clash() throws {
    let text = "_ = ds.load(x, batch_size: 1, batchSize: 2)\n"
    let result = try migrated(text, table)
    #expect(result.text == text && result.placed == ["1:5 by_hand"])
  }

  @Test("A function becomes a method of its first argument, in parentheses where it needs them")
  func methods() throws {
    try expectMigrated(
      """
      let a = tf.sum(tf.square(x - y), axis: 0, keep_dims: true) + -tf.square(x)
      let b = tf.equal(f(x)[0], y)
      let c = tf.sum(
        tf.square(  x! ),  // the squares
        axis: 0
      )
      let d = tf.sum(input: try g(), axis: 1)
      let e = tf.square((x + y)).shape
      """,
      """
      let a = (x - y).square().sum(axis: 0, keepAxes: true) + -x.square()
      let b = f(x)[0].equal(to: y)
      let c = x!.square().sum(  // the squares
        axis: 0
      )
      let d = (try g()).sum(axis: 1)
      let e = (x + y).square().shape
      """, table)
  }

  @Test("A function stays where its first argument can have no method, and the place is told")
  func refused() throws {
    for text in [
      "_ = tf.square(.zeros([2]))", "_ = tf.square(1)", "_ = tf.square([1, 2])", "_ = xs.map(tf.square)",
      "_ = tf.square()", "_ = tf.square { 1 }", "_ = tf.square(/* why */ x)", "_ = tf.sum(other: x)",
      "_ = tf.square(a?.b)", "_ = tf.square(&x)",
    ] {
      let result = try migrated(text, table)
      #expect(result.text == text, "\(text)")
      #expect(result.places.map(\.kind) == [.byHand], "\(text)")
    }
  }

  @Test("A method's labels tell an old call, whatever the value is called")
  func valueMethods() throws {
    try expectMigrated(
      "try net.fit(x, y, nb_epoch: 3, batch_size: 32)\nlet p = self.model.predict_proba(x)\n",
      "try net.fit(x, y, epochs: 3, batchSize: 32)\nlet p = self.model.predict(x)\n")
    let text = "file.close()\nimage.save(to: path)\nnet.compile(optimizer: .adam(), loss: .hinge)\n"
    #expect(try migrated(text).placed == [])
    let old = "session.close()\nmodel.compile(optimizer: \"adam\", loss: \"mse\")\nmodel.save(\"m.h5\")\n"
    #expect(try migrated(old).placed == ["1:9 by_hand", "2:7 by_hand", "3:7 by_hand"])
  }
}
