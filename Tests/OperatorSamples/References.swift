import DeepSeekCheckpoints
public import DeepSeekTensor
import Foundation

/// What PyTorch gave for the rows of the table, in `float64`, and how it was written.
public struct References: Sendable {
  private let file: SafetensorsFile

  /// The stored references.
  public static let stored = Result {
    References(file: try Safetensors.open(Bundle.module.bundlePath + "/References/operators.safetensors"))
  }

  /// Whether the stored values were made from this very row.
  public func isCurrent(_ sample: OperatorSample) -> Bool { file.metadata[sample.name] == sample.digest }

  /// The outputs, in order; empty when there are none.
  public func outputs(_ sample: OperatorSample) throws -> [Tensor] { try list(sample, "out") }

  /// The gradient of the weighted sum of the outputs with respect to each differentiable input.
  public func gradients(_ sample: OperatorSample) throws -> [Tensor] { try list(sample, "grad") }

  /// The gradient of the weighted sum of those gradients with respect to each differentiable input.
  public func secondGradients(_ sample: OperatorSample) throws -> [Tensor] { try list(sample, "second") }

  private func list(_ sample: OperatorSample, _ kind: String) throws -> [Tensor] {
    var result: [Tensor] = []
    while file.entry("\(sample.name)|\(kind)\(result.count)") != nil {
      result.append(try file.tensor("\(sample.name)|\(kind)\(result.count)"))
    }
    return result
  }

  /// Writes every row's inputs and expression into a folder, for `make_references.py`.
  public static func writeRequests(to folder: String) throws {
    var tensors: [String: Tensor] = [:]
    var rows: [Request] = []
    for sample in OperatorSample.all {
      guard let torch = sample.torch else { continue }
      for (index, input) in sample.makeInputs(.float64).enumerated() { tensors["\(sample.name)|\(index)"] = input }
      rows.append(
        Request(
          name: sample.name, torch: torch, digest: sample.digest, inputs: sample.inputs.count,
          differentiable: sample.differentiable, derivatives: sample.derivatives))
    }
    try Safetensors.save(tensors, to: folder + "/inputs.safetensors")
    try JSONEncoder().encode(rows).write(to: URL(fileURLWithPath: folder + "/rows.json"))
  }

  private struct Request: Encodable {
    let name: String
    let torch: String
    let digest: String
    let inputs: Int
    let differentiable: [Int]
    let derivatives: Int
  }
}
