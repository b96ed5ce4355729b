import DeepSeek
import DeepSeekData
import DeepSeekHub
import DeepSeekTraining
import Foundation
import TestSupport
import Testing

@Suite("GLUE comes from a hub, and is judged by its own metrics")
struct GLUEHubTests {
  @Test("a task's files are fetched once, and only that task's")
  func download() throws {
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../DeepSeekDataTests/Fixtures/glue").standardized.path
    var files: [String: [UInt8]] = [:]
    for task in ["mrpc", "stsb", "mnli"] {
      for name in try FileManager.default.contentsOfDirectory(atPath: fixtures + "/" + task) {
        files["\(task)/\(name)"] = try contents("\(fixtures)/\(task)/\(name)")
      }
    }
    let folder = try TemporaryFolder()
    let server = try FakeHub(files, repository: "datasets/nyu-mll/glue")
    let glue = try ds.datasets.loadGLUE("mrpc", hub: server.client(folder))
    #expect(glue.splitNames == ["train", "validation", "test"])
    #expect(try glue.train.elements().map(\.first) == ["Amrozi accused \"the witness", "c", "g"])
    #expect(server.requests.filter(\.isElsewhere).count == 4)
    _ = try ds.datasets.loadGLUE("mrpc", hub: server.client(folder) { $0.isOffline = true })
    #expect(throws: DataError.self) { try ds.datasets.loadGLUE("squad", hub: server.client(folder)) }
    #expect(throws: HubError.self) {
      try ds.datasets.loadGLUE("stsb", hub: server.client(folder) { $0.isOffline = true })
    }
  }

  @Test("each task's figures have the names that the field gives them")
  func scores() throws {
    let (predictions, labels) = ([1.0, 0, 1, 1], [1.0, 1, 1, 0])
    let mrpc = try GLUETask.named("mrpc").scores(predictions: predictions, labels: labels)
    #expect(mrpc["accuracy"] == 0.5 && abs(mrpc["f1"]! - 2.0 / 3) < 1e-15 && abs(mrpc.mean - 7.0 / 12) < 1e-15)
    let cola = try GLUETask.named("cola").scores(predictions: predictions, labels: labels)
    #expect(cola.all.map(\.name) == ["matthews_correlation"] && abs(cola.mean + 1.0 / 3) < 1e-15)
    let stsb = try GLUETask.named("stsb").scores(predictions: [1, 2, 3], labels: [2, 4, 6])
    #expect(stsb.all.map(\.name) == ["pearson", "spearmanr"] && abs(stsb.mean - 1) < 1e-15)
    #expect(
      try GLUETask.named("mnli").scores(predictions: [2, 1], labels: [2, 0]).all == [
        .init(name: "accuracy", value: 0.5)
      ])
  }
}
