import DeepSeekCheckpoints
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import Testing

/// Models of other people's packages, which are not kept here. `DEEPSEEK_REAL_MODELS` names the folder with the packages, which
/// `Tests/run` brings; then all of them must be there. What their own libraries give is in `Fixtures/real`.
enum RealModels {
  /// The folder with the packages; `nil` when none is named.
  static let folder = ProcessInfo.processInfo.environment["DEEPSEEK_REAL_MODELS"]
  /// Why tests are not run without it.
  static let absence: Comment = "DEEPSEEK_REAL_MODELS is not set: Tests/run brings the models"

  static let sileroData = "silero_vad/data/"
  static let basicPitch = "basic_pitch/saved_models/icassp_2022/nmp"

  /// A file or folder of the packages, which must be there.
  static func path(_ name: String) throws -> String {
    let path = "\(try #require(folder))/\(name)"
    try #require(FileManager.default.fileExists(atPath: path), "\(path) is missing: run Tests/run")
    return path
  }

  /// What was fed and what came out.
  static func reference(_ name: String) throws -> Reference { try Reference("real/" + name) }

  /// Noise from -0.5 to 0.5, the same as `record_real_models.py` makes.
  static func counted(_ shape: Shape) -> Tensor {
    Tensor(
      shape,
      (0..<shape.elementCount).map { place in
        var x = UInt32(truncatingIfNeeded: place) &* 2_654_435_761
        x = (x ^ x >> 15) &* 2_246_822_519
        x ^= x >> 13
        return Float(Double(x) / 0x1p32 - 0.5)
      })
  }

  /// Noise that is nearly normal, the same as `record_real_models.py` makes: of four stretches, one upon the other.
  static func bell(_ shape: Shape) -> Tensor {
    let noise = counted(Shape([4] + shape.dimensions))
    var total = noise.selected(0, 0)
    for part in 1..<4 { total = total + noise.selected(0, part) }
    return total * 0.5
  }

  /// The elements that are recorded of a large output.
  static func sampled(_ tensor: Tensor) -> Tensor {
    let elements = tensor.array(of: Float.self)
    let picked = stride(from: 0, to: elements.count, by: 101).map { elements[$0] }
    return Tensor([picked.count], picked)
  }
}
