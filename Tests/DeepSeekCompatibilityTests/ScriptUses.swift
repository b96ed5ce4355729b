import DeepSeekCheckpoints
import DeepSeekCompatibility
import DeepSeekData
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekModels
import DeepSeekOperators
import DeepSeekRecords
import DeepSeekStatic
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("Legacy names: TensorFlow 1's scripts run")
struct SessionScriptUses {
  @available(*, deprecated)
  @Test("a session learns a plane, counts its steps, saves, and restores in a graph built anew")
  func sessionLoop() throws {
    let folder = try TemporaryFolder()
    let points = RandomGenerator.withSeed(1) { Tensor.randomNormal([64, 3]) }
    let targets = points.matmul(Tensor([[1.0], [2.0], [3.0]])) + 0.5

    @available(*, deprecated)
    func script(restoring path: String?) throws -> (weight: Tensor, step: Int, path: String) {
      let graph: tf.Graph = tf.Graph()
      return try graph.as_default {
        #expect(tf.getDefaultGraph() === graph && tf.get_default_graph() === graph)
        let x = tf.placeholder(tf.float32, [nil, 3], name: "x")
        let y = tf.placeholder(tf.float32, shape: [nil, 1], name: "y")
        let w = tf.Variable(tf.random_normal([3, 1], stddev: 0.1), name: "w")
        let b = tf.get_variable("b", [1], initializer: keras.initializers.zeros())
        let step = tf.Variable(tf.constant(0), trainable: false, name: "global_step")
        let prediction = tf.name_scope("model") { tf.matmul(x, w) + b }
        let loss: tf.Tensor = tf.reduce_mean(tf.square(prediction - y))
        let train: tf.Operation = tf.train.AdamOptimizer(0.1).minimize(loss, globalStep: step)
        let saver = tf.train.Saver(maxToKeep: 2)
        let session: tf.Session = tf.Session(graph: graph)
        defer { session.close() }
        if let path {
          try saver.restore(session, path)
        } else {
          try session.run(tf.global_variables_initializer())
          for _ in 0..<150 { try session.run([train, loss], feed_dict: [x: points, y: targets]) }
        }
        let error = try session.run(loss, feedDict: [x: points, y: targets]).item(as: Double.self)
        #expect(error < 1e-3)
        #expect(try session.run(loss, feed_dict: [x: points, y: targets]).item(as: Double.self) == error)
        let both = try session.run([loss, w, train], feedDict: [x: points, y: targets])
        #expect(both[0]?.item(as: Double.self) == error && both[1]?.shape == [3, 1] && both[2] == nil)
        let saved = try saver.save(session, folder.path + "/run/model", globalStep: 150)
        return (try session.run(w), try session.run(step).item(as: Int.self), saved)
      }
    }

    let trained = try script(restoring: nil)
    #expect(trained.step == 151)
    for latest in [tf.train.latestCheckpoint, tf.train.latest_checkpoint] {
      #expect(try latest(folder.path + "/run") == trained.path)
    }
    let restored = try script(restoring: trained.path)
    #expect(restored.step == 152)
    #expect((restored.weight - trained.weight).abs().max().item(as: Double.self) < 0.05)
    #expect(throws: MissingCheckpoint.self) { try script(restoring: folder.path + "/run/step-7") }
  }

  @available(*, deprecated)
  @Test("state: assignments, groups, control dependencies, gradients, and first values put back")
  func state() throws {
    try tf.Graph().asDefault {
      let session = Session()
      let count = tf.Variable(tf.constant([1.0, 2.0]), name: "count")
      let other = tf.getVariable("other", [2], initializer: keras.initializers.ones(), trainable: false)
      #expect(tf.globalVariables().map(\.name) == ["count", "other"])
      #expect(tf.global_variables().count == 2)
      #expect(tf.trainableVariables().map(\.name) == ["count"] && tf.trainable_variables().count == 1)
      let starts = [
        tf.globalVariablesInitializer(), tf.initializeAllVariables(), tf.initialize_all_variables(),
        tf.global_variables_initializer(),
      ]
      try session.run(tf.group(tf.assign(count, tf.constant([5.0, 5.0])), tf.assignAdd(other, 1.0)))
      try session.run(tf.assign_add(count, 1.0))
      try session.run(tf.assignSub(count, 3), feedDict: [:])
      try session.run(tf.assign_sub(other, 0.5), feed_dict: [:])
      #expect(count.value.array(of: Float.self) == [3, 3] && other.value.array(of: Float.self) == [1.5, 1.5])
      let after = tf.control_dependencies([tf.assign(count, tf.constant([7.0, 7.0]))]) { count * tf.constant(2.0) }
      #expect(try session.run(after).array(of: Float.self) == [14, 14])
      let again = tf.controlDependencies([tf.noOp(), tf.no_op()]) { tf.constant(2.0) * count }
      #expect(try session.run(again).array(of: Float.self) == [14, 14])
      let sums = [count + Tensor([1.0]), Tensor([1.0]) + count, count - Tensor([1.0]), Tensor([1.0]) - count]
      #expect(try session.run(sums).map { $0.array(of: Float.self)[0] } == [8, 8, 6, -6])
      let slope = tf.gradients(tf.reduce_sum(tf.square(count)), [count])[0]
      #expect(try session.run(#require(slope)).array(of: Float.self) == [14, 14])
      for start in starts {
        try session.run(tf.assign(count, tf.constant([0.0, 0.0])))
        try session.run(start)
        #expect(count.value.array(of: Float.self) == [1, 2])
      }
      let scoped = tf.variableScope("encoder") { tf.variable_scope("layer") { tf.Variable(tf.zeros([1]), name: "w") } }
      #expect(scoped.name == "encoder/layer/w")
      #expect(try session.run([scoped, other]).count == 2)
    }
  }

  @available(*, deprecated)
  @Test("summaries are merged, fetched and written, and the reader finds them")
  func summaries() throws {
    let folder = try TemporaryFolder()
    try tf.Graph().asDefault {
      let x = tf.placeholder(tf.float32)
      let loss = tf.summary.scalar("loss", x * 2.0)
      let spread = tf.summary.histogram("spread", x)
      let session = Session()
      let writer = try tf.summary.FileWriter(folder.path)
      try writer.addSummary(session.run(tf.summary.mergeAll(), feedDict: [x: Tensor(3.0)]), 1)
      try writer.add_summary(session.run(tf.summary.merge_all(), feedDict: [x: Tensor(4.0)]), 2)
      try writer.addSummary(session.run(tf.summary.merge([loss]), feedDict: [x: Tensor(5.0)]), 3)
      #expect(spread.tag == "spread")
      try writer.close()
    }
    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
    let events = try EventFileReader(folder.path + "/" + file).readAll()
    let tags = events.flatMap { event in event.summaries.map { "\(event.step) \($0.tag)" } }
    #expect(tags == ["1 loss", "1 spread", "2 loss", "2 spread", "3 loss"])
  }

  @available(*, deprecated)
  @Test("each optimizer lessens a loss")
  func optimizers() throws {
    let optimizers = [
      tf.train.GradientDescentOptimizer(0.1), tf.train.GradientDescentOptimizer(learningRate: 0.1),
      tf.train.MomentumOptimizer(0.1, 0.5), tf.train.AdamOptimizer(learningRate: 0.1),
      tf.train.AdagradOptimizer(0.5), tf.train.RMSPropOptimizer(0.05),
    ]
    for optimizer in optimizers {
      try tf.Graph().asDefault {
        let w = tf.Variable(tf.constant([2.0]), name: "w")
        let loss = tf.reduce_sum(tf.square(w))
        let train = optimizer.minimize(loss)
        let session = Session()
        let before = try session.run(loss).item(as: Double.self)
        for _ in 0..<20 { try session.run(train) }
        #expect(try session.run(loss).item(as: Double.self) < before / 2, "\(optimizer.rule)")
      }
    }
  }

  @available(*, deprecated)
  @Test("the process's graph can be put away, and devices are read as TensorFlow writes them")
  func graphs() throws {
    let old = StaticGraph.current
    tf.resetDefaultGraph()
    tf.reset_default_graph()
    keras.backend.clearSession()
    keras.backend.clear_session()
    #expect(StaticGraph.current !== old)
    try StaticGraph().asDefault {
      let x = tf.placeholder(tf.float32, [4])
      let y = tf.device("/device:CPU:1") { tf.nameScope("tower") { x * 2.0 } }
      _ = tf.device("/cpu:1") { ds.name_scope("other") { x * 3.0 } }
      #expect(StaticGraph.current.placement == [Device(.cpu, 1): 2])
      let doubled = try Session().run(y, feeds: [x: Tensor.ones([4])])
      #expect(doubled.array(of: Float.self) == [2, 2, 2, 2])
    }
  }
}

@Suite("Legacy names: the guides' names run")
struct GuideUses {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  @available(*, deprecated)
  @Test("load_data and from_parquet give the same examples for the same data")
  func data() throws {
    let folder = GuideUses.fixtures.appendingPathComponent("DeepSeekDataTests/Fixtures").path
    let records = try ds.load_data(folder + "/same.tfrecord", format: .tfrecord).elements()
    #expect(try Dataset.from_tfrecord(folder + "/same.tfrecord").elements().count == records.count)
    // ds.Dataset is this Dataset in DeepSeek: ds.Dataset.from_parquet, ds.Dataset.from_tfrecord, and so on.
    let rows = try Dataset.from_parquet(folder + "/same.parquet").elements()
    #expect(rows.count == records.count && !rows.isEmpty)
    let own = try TemporaryFolder()
    try "a,b\n1,2\n".write(toFile: own.path + "/t.csv", atomically: true, encoding: .utf8)
    try "{\"a\": 1}\n".write(toFile: own.path + "/t.jsonl", atomically: true, encoding: .utf8)
    #expect(try Dataset.from_csv(own.path + "/t.csv").count() == 1)  // ds.Dataset.from_csv
    #expect(try Dataset.from_jsonl(own.path + "/t.jsonl").count() == 1)  // ds.Dataset.from_jsonl
  }

  @available(*, deprecated)
  @Test("AutoModel.from_pretrained opens a folder, and says what is missing")
  func models() throws {
    let folder = GuideUses.fixtures.appendingPathComponent("DeepSeekModelsTests/Fixtures/bert").path
    let model = try ds.AutoModel.from_pretrained(folder)
    #expect(model.hiddenSize > 0)
    #expect(throws: (any Error).self) { try ds.AutoTokenizer.from_pretrained("/nowhere") }
  }

  @available(*, deprecated)
  @Test("device_placement places by hand, gives the same numbers, and reports what the placer would do")
  func placement() throws {
    try StaticGraph().asDefault {
      let x = StaticGraph.current.placeholder("x", [nil, 64])
      let w = Tensor.ones([64, 8])
      var reports: [PlacementReport] = []
      let first = ds.device_placement("cpu:1", report: { reports.append($0) }) { x.matmul(w).relu() }
      let second = ds.devicePlacement("/cpu:0", report: { reports.append($0) }) { first.sum() }
      #expect(reports.count == 2 && reports[0].rows.count == 2 && !reports[1].rows.isEmpty)
      #expect(reports[0].rows.map(\.operation) == ["matmul", "relu"])
      #expect(reports[0].rows.allSatisfy { $0.byHand == Device(.cpu, 1) && $0.automatic.device == .cpu })
      #expect(reports[0].rows.allSatisfy(\.differs) && !reports[1].rows[0].differs)
      #expect(reports[0].description.contains("2 of 2 nodes would be elsewhere"))
      let sum = try Session().run(second, feeds: [x: Tensor.ones([2, 64])])
      #expect(sum.item(as: Float.self) == 1024)
      ds.printed(reports[0])
    }
  }
}
