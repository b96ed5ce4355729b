import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// silero-vad for 16 kHz: a spectrum by a convolution, four more over it, and one step of a recurrent network.
final class SileroVAD: Module {
  /// Where its weights come from.
  enum Source: String, CaseIterable, Sendable {
    case torchScript = "silero_vad.jit"
    case safetensors = "silero_vad_16k.safetensors"
    case onnx = "silero_vad.onnx"

    /// The rules that bring its names to this network's.
    var map: String {
      switch self {
      case .torchScript:
        return Source.map(prefix: "_model.")
      case .onnx:
        // The weights stand in the branches of the choice between the two networks.
        return Source.map(prefix: "If_0_then_branch__Inline_0__")
      case .safetensors:
        return """
          {"format_version": 1, "rules": [
            {"from": "stft_conv.weight", "to": "basis.weight"}, {"from": "lstm_cell.{part*}", "to": "memory.{part}_l0"},
            {"from": "final_conv.{part*}", "to": "final.{part}"}, {"from": "conv{n}.{part*}", "to": "conv{n}.{part}"}]}
          """
      }
    }

    /// Which of the recorded outputs are its: the weights in safetensors are of another training.
    var reference: String { self == .safetensors ? "silero_vad_safetensors" : "silero_vad_16k_op15" }

    private static func map(prefix: String) -> String {
      let encoder = (0..<4).map {
        #"{"from": "\#(prefix)encoder.\#($0).reparam_conv.{part*}", "to": "conv\#($0 + 1).{part}"}"#
      }
      return """
        {"format_version": 1, "rules": [
          {"from": "\(prefix)stft.forward_basis_buffer", "to": "basis.weight"}, \(encoder.joined(separator: ", ")),
          {"from": "\(prefix)decoder.rnn.{part*}", "to": "memory.{part}_l0"},
          {"from": "\(prefix)decoder.decoder.2.{part*}", "to": "final.{part}"},
          {"from": "{rest*}", "skip": "the network for 8 kHz, state and settings"}]}
        """
    }
  }

  let basis = Convolution(1, 258, kernel: [256], stride: 128, bias: false)
  let conv1 = Convolution(129, 128, kernel: [3], padding: .same)
  let conv2 = Convolution(128, 64, kernel: [3], stride: 2, padding: .ends(before: 1, after: 1))
  let conv3 = Convolution(64, 64, kernel: [3], stride: 2, padding: .ends(before: 1, after: 1))
  let conv4 = Convolution(64, 128, kernel: [3], padding: .same)
  let memory = LSTM(128, 128)
  let final = Convolution(128, 1, kernel: [1])

  /// 576 samples `[batch, samples]` and a state `[2, batch, 128]`: how likely they are speech, `[batch, 1]`, and the next state.
  func callAsFunction(_ samples: Tensor, _ state: Tensor) -> (speech: Tensor, state: Tensor) {
    let waves = basis(samples.padded([(0, 64)], mode: .reflect).expanded(1))
    let (real, imaginary) = (waves.sliced(1, 0..<129), waves.sliced(1, 129..<258))
    var x = (real * real + imaginary * imaginary).sqrt()
    for layer in [conv1, conv2, conv3, conv4] { x = layer(x).relu() }
    let (output, next) = memory(
      x.transposed([0, 2, 1]), state: LSTM.State(hidden: state.sliced(0, 0..<1), cell: state.sliced(0, 1..<2)))
    let speech = final(output.relu().transposed([0, 2, 1])).sigmoid().mean(axes: [2])
    return (speech, Tensor.concatenate([next.hidden, next.cell], axis: 0))
  }
}

/// EfficientNet-lite0 (Tan and Le, 2019, without squeezing and with ReLU6), under the keys of its PyTorch weights.
final class EfficientNetLite: Layer {
  static var stateKeys: [String: String] {
    [
      "stem": "_conv_stem", "first": "_bn0", "blocks": "_blocks", "head": "_conv_head", "last": "_bn1",
      "classes": "_fc",
    ]
  }

  /// Expansion, a convolution of each channel, projection.
  final class Block: Layer {
    static var stateKeys: [String: String] {
      [
        "expand": "_expand_conv", "first": "_bn0", "depthwise": "_depthwise_conv", "second": "_bn1",
        "project": "_project_conv", "third": "_bn2",
      ]
    }

    let expand: Convolution?
    let first: BatchNorm?
    let depthwise: Convolution
    let second: BatchNorm
    let project: Convolution
    let third: BatchNorm
    private let addsInput: Bool

    init(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int, factor: Int) {
      let width = inputs * factor
      expand = factor == 1 ? nil : Convolution(inputs, width, kernel: [1, 1], bias: false)
      first = factor == 1 ? nil : BatchNorm(width, epsilon: 1e-3)
      depthwise = Convolution(
        width, width, kernel: [kernel, kernel], stride: PerAxis(stride), padding: .same, groups: width, bias: false)
      second = BatchNorm(width, epsilon: 1e-3)
      project = Convolution(width, outputs, kernel: [1, 1], bias: false)
      third = BatchNorm(outputs, epsilon: 1e-3)
      addsInput = stride == 1 && inputs == outputs
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
      var x = input
      if let expand, let first { x = first(expand(x)).clamp(0, 6) }
      x = third(project(second(depthwise(x)).clamp(0, 6)))
      return addsInput ? x + input : x
    }
  }

  /// Outputs, how often, kernel, stride and factor of each stage.
  private static let stages = [
    (16, 1, 3, 1, 1), (24, 2, 3, 2, 6), (40, 2, 5, 2, 6), (80, 3, 3, 2, 6), (112, 3, 5, 1, 6), (192, 4, 5, 2, 6),
    (320, 1, 3, 1, 6),
  ]

  let stem = Convolution(3, 32, kernel: [3, 3], stride: 2, padding: .same, bias: false)
  let first = BatchNorm(32, epsilon: 1e-3)
  let blocks: [Block]
  let head = Convolution(320, 1280, kernel: [1, 1], bias: false)
  let last = BatchNorm(1280, epsilon: 1e-3)
  let classes = Linear(1280, 1000)

  init() {
    var (blocks, width): ([Block], Int) = ([], 32)
    for (outputs, count, kernel, stride, factor) in EfficientNetLite.stages {
      for number in 0..<count {
        blocks.append(Block(width, outputs, kernel: kernel, stride: number == 0 ? stride : 1, factor: factor))
        width = outputs
      }
    }
    self.blocks = blocks
  }

  /// Images `[batch, 3, 224, 224]` to logits `[batch, 1000]`.
  func callAsFunction(_ images: Tensor) -> Tensor {
    var x = first(stem(images)).clamp(0, 6)
    for block in blocks { x = block(x) }
    return classes(last(head(x)).clamp(0, 6).globalAveragePool())
  }
}
