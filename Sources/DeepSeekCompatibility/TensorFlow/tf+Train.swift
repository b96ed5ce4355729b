// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekDynamic
public import DeepSeekStatic
public import DeepSeekTensor
import Synchronization

/// An optimizer as TensorFlow 1 has it: a rule that meets its variables when it is told what to minimize.
public struct LegacyOptimizer: Sendable {
  /// How weights move.
  public let rule: any UpdateRule

  /// An operation that makes a step down the gradient of a loss.
  ///
  /// - Parameters:
  ///   - loss: A scalar.
  ///   - globalStep: A variable that each step adds 1 to.
  ///   - varList: What is moved; all that can be trained of the graph so far when left out.
  public func minimize(
    _ loss: Tensor, globalStep: StaticVariable? = nil, varList: [StaticVariable]? = nil
  ) -> StaticOperation {
    guard let graph = StaticGraph.graph(of: loss) else { fatalError("minimize: the loss is a value, not of a graph") }
    let variables = varList ?? graph.trainableVariables
    let step = Optimizer(variables.map(\.parameter), rule).minimize(loss)
    guard let globalStep else { return step }
    let one = Tensor.full([], 1, dtype: globalStep.parameter.spec.dtype)
    return graph.group([step, globalStep.assignAdd(one)], name: "minimize")
  }
}

extension tf.train {
  /// Gradient descent.
  @available(*, deprecated, message: "use Optimizer(model, SGD(learningRate:)).minimize(loss)")
  public static func GradientDescentOptimizer(_ learningRate: Double) -> LegacyOptimizer {
    LegacyOptimizer(rule: SGD(learningRate: learningRate))
  }

  /// Gradient descent with momentum.
  @available(*, deprecated, message: "use Optimizer(model, SGD(learningRate:momentum:)).minimize(loss)")
  public static func MomentumOptimizer(
    _ learningRate: Double, _ momentum: Double, useNesterov: Bool = false
  ) -> LegacyOptimizer {
    LegacyOptimizer(rule: SGD(learningRate: learningRate, momentum: momentum, isNesterov: useNesterov))
  }

  /// Adam.
  @available(*, deprecated, message: "use Optimizer(model, Adam(learningRate:)).minimize(loss)")
  public static func AdamOptimizer(
    _ learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> LegacyOptimizer {
    LegacyOptimizer(rule: Adam(learningRate: learningRate, betas: (beta1, beta2), epsilon: epsilon))
  }

  /// Adam.
  @available(*, deprecated, message: "use Optimizer(model, Adam(learningRate:)).minimize(loss)")
  public static func AdamOptimizer(learningRate: Double) -> LegacyOptimizer { AdamOptimizer(learningRate) }

  /// Gradient descent.
  @available(*, deprecated, message: "use Optimizer(model, SGD(learningRate:)).minimize(loss)")
  public static func GradientDescentOptimizer(learningRate: Double) -> LegacyOptimizer {
    GradientDescentOptimizer(learningRate)
  }

  /// Adagrad.
  @available(*, deprecated, message: "use Optimizer(model, Adagrad(learningRate:initialSum:)).minimize(loss)")
  public static func AdagradOptimizer(
    _ learningRate: Double, initialAccumulatorValue: Double = 0.1
  ) -> LegacyOptimizer {
    LegacyOptimizer(rule: Adagrad(learningRate: learningRate, initialSum: initialAccumulatorValue))
  }

  /// RMSprop.
  @available(*, deprecated, message: "use Optimizer(model, RMSprop(learningRate:smoothing:)).minimize(loss)")
  public static func RMSPropOptimizer(
    _ learningRate: Double, decay: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-10
  ) -> LegacyOptimizer {
    LegacyOptimizer(
      rule: RMSprop(learningRate: learningRate, smoothing: decay, epsilon: epsilon, momentum: momentum))
  }

  /// Checkpoints of all state of a session's graph.
  @available(*, deprecated, message: "use Saver(folder, keeping:)")
  public static func Saver(maxToKeep: Int = 5) -> LegacySaver { LegacySaver(keeping: maxToKeep) }

  /// The newest checkpoint of a folder; `nil` when there is none.
  @available(*, deprecated, message: "use Saver(folder).checkpoints().last")
  public static func latestCheckpoint(_ folder: String) throws -> String? {
    try DeepSeekStatic.Saver(folder).checkpoints().last?.path
  }
}

/// TensorFlow 1's saver: all variables of a graph, the last few checkpoints kept.
///
/// A prefix such as `run/model` says the folder, `run`; checkpoints in it are called `step-<number>`. Layers and optimizers
/// that the graph has when it is saved must be there when it is restored.
public struct LegacySaver: Sendable {
  private let keeping: Int

  init(keeping: Int) { self.keeping = keeping }

  /// Writes the graph's state, and returns where.
  @discardableResult
  public func save(_ session: Session, _ prefix: String, globalStep: Int = 0) throws -> String {
    let saver = Saver(LegacySaver.folder(of: prefix), keeping: keeping)
    // In the middle of building the graph, too, variables are read and set themselves.
    return try RandomGenerator.outsideCapture { try saver.save(GraphState(session.graph), step: globalStep).path }
  }

  /// Puts a checkpoint back: what ``save(_:_:globalStep:)`` or `latestCheckpoint` gave. Throws when there is none.
  public func restore(_ session: Session, _ path: String) throws {
    let saver = Saver(LegacySaver.folder(of: path))
    let entry = try saver.checkpoints().last { $0.path == path }
    guard let entry else { throw MissingCheckpoint(path: path) }
    _ = try RandomGenerator.outsideCapture { try saver.restore(entry, into: GraphState(session.graph)) }
  }

  private static func folder(of prefix: String) -> String {
    let parts = prefix.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }
}

/// There is no checkpoint at a path.
public struct MissingCheckpoint: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where it was looked for.
  public let path: String

  /// One line that names the path.
  public var description: String { "\(path): there is no checkpoint; give what save or latestCheckpoint returned" }
}

/// All state of a graph as a module, so that it can be saved.
private final class GraphState: Module {
  let fields: [ModuleField]

  init(_ graph: StaticGraph) {
    fields = graph.allVariables.map { ModuleField($0.name, .parameter($0.parameter)) }
  }
}
