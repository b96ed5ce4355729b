import DeepSeekCheckpoints
public import DeepSeekTensor
import Foundation

/// What NumPy does, stored by `make_numpy_references.py`: which types promote to which, which shapes broadcast, how arrays
/// print.
public struct NumPyRules: Sendable {
  private let file: SafetensorsFile

  /// The stored rules.
  public static let stored = Result {
    NumPyRules(file: try Safetensors.open(Bundle.module.bundlePath + "/References/numpy.safetensors"))
  }

  /// The rules of a kind: what they are about, and what NumPy gives.
  public func rules(_ kind: String) -> [(about: [String], result: String)] {
    file.metadata.sorted { $0.key < $1.key }.compactMap { key, value in
      let parts = key.split(separator: "|").map(String.init)
      return parts[0] == kind ? (Array(parts.dropFirst()), value) : nil
    }
  }

  /// An array whose printing is stored.
  public func array(_ index: String) throws -> Tensor { try file.tensor("array|\(index)") }
}
