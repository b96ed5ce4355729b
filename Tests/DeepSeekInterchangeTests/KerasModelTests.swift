import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekInterchange
import DeepSeekStatic
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("Keras's models are rebuilt")
struct KerasModelTests {
  /// What was fed to a model, and what Keras gave.
  private func reference(_ name: String) throws -> (inputs: [Tensor], outputs: [Tensor]) {
    let file = try Npz.open(fixture("keras/\(name).npz"))
    func list(_ prefix: String) throws -> [Tensor] {
      try file.names.filter { $0.hasPrefix(prefix) }.sorted().map { try file.tensor($0) }
    }
    return (try list("x"), try list("y"))
  }

  @Test(
    "the outputs are Keras's",
    arguments: ["tinycnn", "tinylstm", "branches", "steps", "nested"], ["keras", "h5"])
  func outputs(_ name: String, _ suffix: String) throws {
    let model = try KerasModel.load(fixture("keras/\(name).\(suffix)"))
    let (inputs, expected) = try reference(name)
    let outputs = try model.predict(inputs)
    #expect(outputs.count == expected.count)
    for (found, wanted) in zip(outputs, expected) {
      #expect(difference(found, wanted, tolerance: 1e-5) == nil)
    }
  }

  @Test("a model can be trained further, and its layers keep their names")
  func training() throws {
    let model = try KerasModel.load(fixture("keras/tinycnn.keras"))
    #expect(model.layers.map(\.name) == ["conv", "bn", "pool", "flat", "out"])
    let (inputs, _) = try reference("tinycnn")
    let labels = Tensor([Int32(1), 2])
    model.compile(optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy)
    let history = try model.fit(inputs[0], labels, epochs: 20, shuffle: false, verbose: false)
    let losses = history.values["loss"] ?? []
    #expect(losses.count == 20 && losses[19] < losses[0])
  }

  @Test("what holds code or no architecture is refused")
  func refusals() throws {
    let lambda = interchangeError { _ = try KerasModel.load(fixture("keras/lambda.keras")) }
    #expect(lambda?.operation == "Lambda" && lambda?.kind == .unsupported)
    let bytes = try contents(fixture("keras/tinycnn.h5"))
    #expect(throws: CheckpointError.self) { try KerasModel.load(KerasFile.decode(bytes.prefix(20000), named: "cut")) }
    let bare = try KerasFile.decode(bytes, named: "bare").replacingConfiguration(nil)
    #expect(interchangeError { _ = try KerasModel.load(bare) }?.kind == .malformed)
  }

  @Test("a changed architecture gives an error or a model, never a trap")
  func damaged() throws {
    var generator = SplitMix(11)
    let names = ["tinycnn", "tinylstm", "branches", "steps", "nested"]
    let seeds = try names.map { try contents(fixture("keras/\($0).h5")) }
    let numbers = [
      "0", "1", "2", "3", "-1", "7", "16777216", "99999999", "null", "true", "\"same\"", "[]", "[2, 2]", "0.5",
    ]
    for number in 0..<Fuzzing.count / 20 {
      let seed = seeds[number % seeds.count]
      let file = try KerasFile.decode(seed, named: "fuzz")
      var text = String(decoding: file.configuration!, as: UTF8.self)
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let places = text.ranges(of: /: (-?\d+|true|false|null|\[[^\[\]{}]*\]|"[a-z_]+")/)
        guard let place = places.randomElement(using: &generator) else { continue }
        text.replaceSubrange(place, with: ": " + numbers.randomElement(using: &generator)!)
      }
      do {
        _ = try KerasModel.load(file.replacingConfiguration(Array(text.utf8)))
      } catch is InterchangeError {
      } catch is CheckpointError {
      } catch {
        Issue.record("mutation \(number): \(error)")
      }
    }
  }
}

/// The error that `body` throws, when it is an `InterchangeError`.
private func interchangeError(_ body: () throws -> Void) -> InterchangeError? {
  do {
    try body()
    return nil
  } catch {
    return error as? InterchangeError
  }
}
