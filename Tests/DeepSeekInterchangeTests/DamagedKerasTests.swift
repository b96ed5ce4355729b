import DeepSeekCheckpoints
import DeepSeekInterchange
import DeepSeekTensor
import TestSupport
import Testing

/// A tensor of a functional model: a layer's output.
private func tensor(_ layer: String) -> String {
  #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["\#(layer)", 0, 0]}}"#
}

/// A layer, called once for each list of tensors or numbers.
private func layer(
  _ name: String, _ kind: String, _ configuration: String = "{}", _ calls: [[String]] = [], isOperation: Bool = false
) -> String {
  let nodes = calls.map { #"{"args": [\#($0.joined(separator: ", "))], "kwargs": {}}"# }
  return #"{"module": "keras.\#(isOperation ? "src.ops" : "layers")", "class_name": "\#(kind)", "name": "\#(name)", "#
    + #""config": \#(configuration), "inbound_nodes": [\#(nodes.joined(separator: ", "))]}"#
}

private func input(_ name: String, _ shape: String, _ dtype: String = "float32") -> String {
  layer(name, "InputLayer", #"{"batch_shape": \#(shape), "dtype": "\#(dtype)"}"#)
}

/// A functional model; with calls, as a layer of another.
private func functional(
  _ layers: [String], inputs: [String], output: String, name: String = "model", calls: [[String]] = []
) -> String {
  let nodes = calls.map { #"{"args": [\#($0.joined(separator: ", "))], "kwargs": {}}"# }
  let names = inputs.map { #"["\#($0)", 0, 0]"# }
  return
    #"{"module": "keras.src.models.functional", "class_name": "Functional", "name": "\#(name)", "inbound_nodes": [\#(nodes.joined(separator: ", "))], "#
    + #""config": {"name": "\#(name)", "layers": [\#(layers.joined(separator: ", "))], "#
    + #""input_layers": [\#(names.joined(separator: ", "))], "output_layers": [["\#(output)", 0, 0]]}}"#
}

@Suite("Keras's models that contradict themselves are refused with a typed error")
struct DamagedKerasTests {
  /// What comes of an architecture beside weights that it does not need.
  private func error(_ architecture: String) throws -> InterchangeError? {
    let file = try KerasFile(fixture("keras/tinycnn.h5")).replacingConfiguration(Array(architecture.utf8))
    do {
      _ = try KerasModel.load(file)
      return nil
    } catch let error as InterchangeError { return error }
  }

  /// Layers on the sequences `v` `[batch, 6, 4]`; the output is `y`'s.
  private func error(_ layers: [String]) throws -> InterchangeError? {
    try error(functional([input("v", "[null, 6, 4]")] + layers, inputs: ["v"], output: "y"))
  }

  @Test("the architecture that the cases below are variations of is understood")
  func sane() throws {
    #expect(try error([layer("y", "Activation", #"{"activation": "softmax"}"#, [[tensor("v")]])]) == nil)
    let sum = [layer("y", "Add", "{}", [[tensor("v"), tensor("v")]], isOperation: true)]
    #expect(try error(sum) == nil)
  }

  @Test("numbers that no length or axis is")
  func numbers() throws {
    let v = tensor("v")
    let cases: [[String]] = [
      [layer("y", "Permute", #"{"dims": [-9223372036854775808, 1]}"#, [[v]])],
      [layer("y", "Concatenate", #"{"axis": 100}"#, [[v, v]])],
      [layer("y", "Concatenate", #"{"axis": -9223372036854775808}"#, [[v, v]])],
      [layer("y", "Softmax", #"{"axis": 9223372036854775807}"#, [[v]])],
      [layer("y", "ZeroPadding1D", #"{"padding": [9223372036854775807, 1]}"#, [[v]])],
      [layer("y", "Cropping1D", #"{"cropping": [3, 3]}"#, [[v]])],
      [layer("y", "UpSampling1D", #"{"size": 9223372036854775807}"#, [[v]])],
      [layer("y", "Reshape", #"{"target_shape": [0, 24]}"#, [[v]])],
      [layer("y", "ExpandDims", #"{"axis": [9]}"#, [[v]], isOperation: true)],
      [layer("y", "MaxPooling1D", #"{"pool_size": 7}"#, [[v]])],
      [layer("y", "GaussianNoise", #"{"stddev": -1}"#, [[v]])],
    ]
    for (index, layers) in cases.enumerated() {
      let found = try error(layers)
      #expect(found?.node == "y" && found?.message.isEmpty == false, "case \(index): \(String(describing: found))")
    }
  }

  @Test("equations, cells and heads that are none")
  func layers() throws {
    let v = tensor("v")
    let cells = { (kind: String) in #"{"cell": {"class_name": "StackedRNNCells", "config": {"cells": [\#(kind)]}}}"# }
    var cases = [
      "", "abc,cd", "ab,b->c", "...ab...,bc->...ac...", "aab,bc->ac", "abc,cd->abe", "a>b,->", "...,...->...",
    ].map {
      layer("y", "EinsumDense", #"{"equation": "\#($0)", "bias_axes": "z"}"#, [[v]])
    }
    cases += [
      layer("y", "RNN", cells(""), [[v]]), layer("y", "RNN", cells(#"{"class_name": "LSTMCell"}"#), [[v]]),
      layer("y", "RNN", cells(#"{"class_name": "GRUCell", "config": {"units": 9223372036854775807}}"#), [[v]]),
      layer("y", "ConvLSTM1D", #"{"filters": 3, "kernel_size": 2}"#, [[v]]),
      layer("y", "GroupQueryAttention", #"{"head_dim": 2, "num_query_heads": 3, "num_key_value_heads": 2}"#, [[v, v]]),
      layer("y", "Conv3DTranspose", #"{"filters": 1, "kernel_size": 16777216, "strides": 16777216}"#, [[v]]),
    ]
    for (index, entry) in cases.enumerated() {
      #expect(try error([entry])?.node == "y", "case \(index)")
    }
  }

  @Test("tensors without a batch of examples, empty ones, and ones of several types")
  func shapes() throws {
    let scalar = [
      layer("a", "Sum", #"{"axis": [1]}"#, [[tensor("v")]], isOperation: true),
      layer("b", "Sum", #"{"axis": [0]}"#, [[tensor("a")]], isOperation: true),
      layer("c", "Sum", #"{"axis": [0]}"#, [[tensor("b")]], isOperation: true),
    ]
    let layers = [
      ("Activation", #"{"activation": "softmax"}"#), ("Flatten", "{}"), ("Permute", #"{"dims": []}"#),
      ("Reshape", #"{"target_shape": [1]}"#), ("Masking", "{}"),
    ]
    for (kind, configuration) in layers {
      #expect(try error(scalar + [layer("y", kind, configuration, [[tensor("c")]])])?.node == "y", "\(kind)")
    }
    let pool = layer("y", "GlobalMaxPooling1D", "{}", [[tensor("e")]])
    #expect(try error(functional([input("e", "[null, 0, 4]"), pool], inputs: ["e"], output: "y"))?.node == "e")
    let attention = layer("y", "Attention", "{}", [[tensor("v"), tensor("d")]])
    let both = [input("v", "[null, 6, 4]"), input("d", "[null, 6, 4]", "float64"), attention]
    #expect(try error(functional(both, inputs: ["v", "d"], output: "y"))?.node == "y")
  }

  @Test("layers on each step that are not of one tensor")
  func steps() throws {
    for kind in ["MultiHeadAttention", "Attention", "AdditiveAttention", "ops.Sum", "ops.Add", "RNN", "Add"] {
      let inner = #"{"layer": {"class_name": "\#(kind)", "config": {"axis": [0], "num_heads": 1, "key_dim": 4}}}"#
      let found = try error([layer("y", "TimeDistributed", inner, [[tensor("v")]])])
      #expect(kind == "Add" ? found == nil : found?.node == "y", "\(kind)")
    }
  }

  @Test("masks of other shapes than what they are of")
  func masks() throws {
    let masked = layer("m", "Masking", "{}", [[tensor("v")]])
    let reshaped = layer(
      "r", "TimeDistributed", #"{"layer": {"class_name": "Reshape", "config": {"target_shape": [2, 2]}}}"#,
      [[tensor("m")]])
    let cases: [[String]] = [
      [layer("y", "Concatenate", #"{"axis": 100}"#, [[tensor("m"), tensor("v")]])],
      [reshaped, layer("y", "Concatenate", #"{"axis": -1}"#, [[tensor("r"), tensor("r")]])],
      [layer("y", "GlobalAveragePooling1D", #"{"data_format": "channels_first"}"#, [[tensor("m")]])],
    ]
    for (index, layers) in cases.enumerated() {
      #expect(try error([masked] + layers)?.node == "y", "case \(index)")
    }
  }

  @Test("calls that do not go with a layer's first one")
  func calls() throws {
    let twice = layer("s", "Add", "{}", [[tensor("v"), tensor("v")], [tensor("v"), "2.0"]], isOperation: true)
    let second = #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["s", 1, 0]}}"#
    #expect(try error([twice, layer("y", "Activation", #"{"activation": "relu"}"#, [[second]])])?.node == "s")
    let inner = [
      input("a", "[null, 4]"), input("b", "[null, 4]"), layer("z", "Add", "{}", [[tensor("a"), tensor("b")]]),
    ]
    let sums = [
      layer("p", "Sum", #"{"axis": [0]}"#, [[tensor("v")]], isOperation: true),
      layer("q", "Sum", #"{"axis": [1]}"#, [[tensor("v")]], isOperation: true),
    ]
    let nested = functional(
      inner, inputs: ["a", "b"], output: "z", name: "y", calls: [[tensor("p"), tensor("q")]])
    let mixed = try error(sums + [nested])
    #expect(mixed?.node == "y", "\(String(describing: mixed))")
    let same = functional(inner, inputs: ["a", "a"], output: "z", name: "y", calls: [[tensor("q"), tensor("q")]])
    let doubled = try error(sums + [same])
    #expect(doubled?.kind == .malformed, "\(String(describing: doubled))")
  }

  @Test("little text does not justify much memory or time")
  func large() throws {
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    let wide = input("w", "[null, 16777216, 65536]")
    let flat = layer("f", "Flatten", "{}", [[tensor("w")]])
    let norm = layer("y", "LayerNormalization", #"{"scale": false, "center": false}"#, [[tensor("f")]])
    #expect(try error(functional([wide, flat, norm], inputs: ["w"], output: "y"))?.node == "y")
    let attention = layer("y", "AdditiveAttention", #"{"use_scale": false}"#, [[tensor("w"), tensor("w")]])
    #expect(try error(functional([wide, attention], inputs: ["w"], output: "y"))?.kind == .tooLarge)
    // Each model calls the one within eight times, one call on another.
    var model = ""
    for depth in 0..<12 {
      let calls = (0..<8).map { call -> [String] in
        [
          call == 0
            ? tensor("x") : #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", \#(call - 1), 0]}}"#
        ]
      }
      let inner = depth == 0 ? layer("in", "Identity", "{}", calls) : model
      model = functional([input("x", "[null, 4]"), inner], inputs: ["x"], output: "in", name: "in", calls: calls)
    }
    let deep = try error(model)
    #expect(deep?.kind == .tooLarge, "\(String(describing: deep))")
    #expect(Memory.statistics.peak - before < 64 << 20)
  }
}
