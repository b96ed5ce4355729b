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
  private static let inBothForms = [
    "tinycnn", "tinylstm", "branches", "steps", "nested", "directions", "volumes", "masks", "states", "cells",
    "attention", "stacks", "sums",
  ]
  private static let files: [String] =
    inBothForms.map { $0 + ".keras" } + inBothForms.map { $0 + ".h5" }
    + ["more.keras", "borders.keras", "several.keras"]

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
    arguments: KerasModelTests.files)
  func outputs(_ file: String) throws {
    let model = try KerasModel.load(fixture("keras/" + file))
    let (inputs, expected) = try reference(String(file.prefix { $0 != "." }))
    let outputs = try model.predict(inputs)
    #expect(outputs.count == expected.count)
    for (place, (found, wanted)) in zip(outputs, expected).enumerated() {
      #expect(difference(found, wanted, tolerance: 1e-5) == nil, "output \(place)")
    }
  }

  @Test(
    "architectures are understood as Keras 1 and 2 wrote them", arguments: [KerasDialects.first, KerasDialects.second])
  func dialects(_ architecture: String) throws {
    let file = try KerasFile(fixture("keras/tinycnn.h5")).replacingConfiguration(Array(architecture.utf8))
    let model = try KerasModel.load(file)
    let (inputs, expected) = try reference("tinycnn")
    #expect(difference(try model.predict(inputs)[0], expected[0], tolerance: 1e-5) == nil)
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

  @Test("a model within a model that is called with tensors of two shapes is refused")
  func calledTwice() throws {
    let file = try KerasFile(fixture("keras/nested.h5"))
    let text = String(decoding: try #require(file.configuration), as: UTF8.self)
    // The second of two inputs, both of which the inner model is called with.
    let places = text.ranges(of: "\"batch_shape\": [null, 4]")
    try #require(places.count == 3)
    let changed = text.replacingCharacters(in: places[1], with: "\"batch_shape\": [null, 5]")
    let found = interchangeError { _ = try KerasModel.load(file.replacingConfiguration(Array(changed.utf8))) }
    #expect(found?.node == "inner" && found?.kind == .unsupported)
  }

  @Test("a changed architecture gives an error or a model, never a trap")
  func damaged() throws {
    var generator = SplitMix(11)
    let seeds = try KerasModelTests.inBothForms.map { try contents(fixture("keras/\($0).h5")) }
    let numbers = [
      "0", "1", "2", "3", "-1", "7", "16777216", "99999999", "null", "true", "\"same\"", "[]", "[2, 2]", "0.5",
      "-9223372036854775808", "9223372036854775807", "\"float64\"", "\"channels_first\"", "[0]", "[-1, 1]",
    ]
    let kinds = KerasModel.layerKinds
    for number in 0..<Fuzzing.count(otherwise: 100) {
      let seed = seeds[number % seeds.count]
      let file = try KerasFile.decode(seed, named: "fuzz")
      var text = String(decoding: file.configuration!, as: UTF8.self)
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let places = text.ranges(of: /: (-?\d+|true|false|null|\[[^\[\]{}]*\]|"[a-z_]+")/)
        guard let place = places.randomElement(using: &generator) else { continue }
        text.replaceSubrange(place, with: ": " + numbers.randomElement(using: &generator)!)
      }
      // Another layer in one's place, with or without its own options.
      if number % 4 == 0,
        let place = text.ranges(of: /"class_name": "[A-Z][A-Za-z0-9]*"/).randomElement(using: &generator)
      {
        text.replaceSubrange(place, with: "\"class_name\": \"\(kinds.randomElement(using: &generator)!)\"")
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

/// One architecture, as the first two versions of Keras say it.
private enum KerasDialects {
  static let first = """
    {"class_name": "Sequential", "config": [
      {"class_name": "Convolution2D", "config": {"name": "conv", "batch_input_shape": [null, 8, 8, 1], "nb_filter": 2,
        "nb_row": 3, "nb_col": 3, "border_mode": "same", "subsample": [1, 1], "dim_ordering": "tf", "bias": true,
        "activation": "relu", "input_dtype": "float32", "trainable": true}},
      {"class_name": "BatchNormalization", "config": {"name": "bn", "axis": -1, "mode": 0, "epsilon": 0.001,
        "momentum": 0.99}},
      {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2], "strides": [2, 2],
        "border_mode": "valid", "dim_ordering": "tf"}},
      {"class_name": "Flatten", "config": {"name": "flat"}},
      {"class_name": "Dense", "config": {"name": "out", "output_dim": 3, "input_dim": null, "activation": "softmax"}}]}
    """
  static let second = """
    {"class_name": "Model", "config": {"name": "model_1", "layers": [
      {"class_name": "InputLayer", "name": "input_1", "inbound_nodes": [],
        "config": {"batch_input_shape": [null, 8, 8, 1], "dtype": "float32", "sparse": false, "name": "input_1"}},
      {"class_name": "Conv2D", "name": "conv", "inbound_nodes": [[["input_1", 0, 0, {}]]], "config": {"name": "conv",
        "filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "data_format": "channels_last",
        "dilation_rate": [1, 1], "activation": "linear", "use_bias": true}},
      {"class_name": "Activation", "name": "act", "inbound_nodes": [[["conv", 0, 0, {}]]],
        "config": {"name": "act", "activation": "relu"}},
      {"class_name": "BatchNormalization", "name": "bn", "inbound_nodes": [[["act", 0, 0, {}]]],
        "config": {"name": "bn", "axis": [3], "momentum": 0.99, "epsilon": 0.001, "center": true, "scale": true}},
      {"class_name": "MaxPooling2D", "name": "pool", "inbound_nodes": [[["bn", 0, 0, {}]]],
        "config": {"name": "pool", "pool_size": [2, 2], "padding": "valid", "strides": [2, 2]}},
      {"class_name": "Flatten", "name": "flat", "inbound_nodes": [[["pool", 0, 0, {}]]], "config": {"name": "flat"}},
      {"class_name": "Dense", "name": "out", "inbound_nodes": [[["flat", 0, 0, {}]]],
        "config": {"name": "out", "units": 3, "activation": "softmax", "use_bias": true}}],
      "input_layers": [["input_1", 0, 0]], "output_layers": [["out", 0, 0]]}}
    """
}
