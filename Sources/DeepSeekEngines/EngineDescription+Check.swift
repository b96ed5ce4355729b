public import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// An engine that was loaded and has shown that it computes what the framework's own kernels compute.
public struct EngineCheck: Sendable, Hashable {
  /// The library's file, or the name by which the loader found it.
  public let path: String
  /// The version that the library states.
  public let version: String
  /// Seconds that loading it and the first computation took.
  public let seconds: Double
}

extension EngineDescription {
  /// The backend that runs graphs with this engine.
  public var backend: Backend { name == EngineDescription.tensorflow.name ? .tensorflow : .pytorch }

  /// Loads the engine's library and lets it compute a small product, a softmax and a sum.
  ///
  /// Throws ``EngineError`` when the library is missing, cannot be used, or computes something else.
  public func check() throws -> EngineCheck {
    let start = ContinuousClock.now
    let (path, version) = try load()
    let x = Tensor.arange(0, 12).reshaped([3, 4] as Shape) * 0.25
    let graph = try capture([x.spec]) { inputs in
      let product = inputs[0].matmul(inputs[0].transposed())
      return [product, product.softmax(axis: 1), (inputs[0] * 2).sum(axis: 0)]
    }
    let expected = try CPUExecutor(graph).run([x])
    let results = try backend.makeExecutor(graph).run([x])
    for (result, truth) in zip(results, expected) {
      let differences = zip(result.array(of: Double.self), truth.array(of: Double.self)).map { abs($0 - $1) }
      guard differences.allSatisfy({ $0 <= EngineDescription.checkTolerance }) else {
        throw EngineError.unusableLibrary(
          engine: name, path: path, "it computes other numbers than the framework: off by \(differences.max() ?? .nan)")
      }
    }
    let elapsed = ContinuousClock.now - start
    return EngineCheck(path: path, version: version, seconds: elapsed / .seconds(1))
  }

  /// How far the check's numbers, which are below 20, may be off.
  private static let checkTolerance = 1e-4

  /// Loads the library that an environment leads to; says which, and the version that it states.
  package func load(environment: [String: String]? = nil) throws -> (path: String, version: String) {
    let environment = environment ?? ProcessInfo.processInfo.environment
    if name == EngineDescription.tensorflow.name {
      let library = try TensorFlowLibrary.loaded.library(environment)
      return (library.path, library.version)
    }
    let library = try PyTorchLibrary.loaded.library(environment)
    return (library.path, library.version)
  }
}
