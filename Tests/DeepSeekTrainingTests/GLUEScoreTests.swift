import DeepSeekData
import DeepSeekTraining
import Foundation
import Testing

@Suite("Every GLUE task is judged by its official metric")
struct GLUEScoreTests {
  private struct Case: Decodable {
    let task: String
    let predictions: [Double]
    let labels: [Double]
    let scores: [String: Double]
  }

  @Test("The figures are scikit-learn's and SciPy's, and no others")
  func figures() throws {
    let path = try #require(
      Bundle.module.url(forResource: "glue_scores", withExtension: "json", subdirectory: "Fixtures"))
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: path))
    for entry in cases {
      let scores = try GLUETask.named(entry.task).scores(predictions: entry.predictions, labels: entry.labels)
      #expect(Set(scores.all.map(\.name)) == Set(entry.scores.keys), "\(entry.task)")
      for (name, expected) in entry.scores {
        #expect(abs(try #require(scores[name]) - expected) < 1e-12, "\(entry.task) \(name)")
      }
    }
    #expect(Set(cases.map(\.task)) == Set(GLUETask.all.map(\.name)))
  }
}
