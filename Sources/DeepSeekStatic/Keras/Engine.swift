import Synchronization
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

extension Keras {
  /// What engines are told apart by: the targets' types and shapes behind the batch.
  struct EngineKey: Hashable, Sendable {
    var targets: [TensorSpec]
    var isTraining: Bool
  }

  /// A model on a static graph: placeholders, and what is fetched from them.
  struct Engine: Sendable {
    let session: Session
    /// One for each replica.
    let inputs: [[Tensor]]
    let targets: [[Tensor]]
    /// Loss first, then metrics; scalars.
    let scores: [Tensor]
    let predictions: [Tensor]
    /// Makes a step, or gathers gradients when there is ``apply``.
    let step: StaticOperation?
    /// Makes a step with gathered gradients.
    let apply: StaticOperation?
  }
}

extension Keras.Model {
  /// The engine for targets of these types and shapes: made once.
  func engine(_ targets: [Tensor], training: Bool) -> Keras.Engine {
    let specs = targets.map { TensorSpec($0.dtype, Shape([StaticGraph.batch] + $0.shape.dimensions.dropFirst())) }
    let key = Keras.EngineKey(targets: specs, isTraining: training)
    if let known = state.withLock({ $0.engines[key] }) { return known }
    let network = network("fit")
    if !targets.isEmpty && targets.count != network.outputs.count {
      fatalError("Keras.Model: \(targets.count) targets for \(network.outputs.count) outputs")
    }
    let made = EngineBuilder(self, network, specs, isTraining: training).engine()
    state.withLock { $0.engines[key] = made }
    return made
  }

  /// How the model was compiled; traps when it was not.
  func compilation(_ who: String) -> Keras.Compilation {
    guard let compilation = state.withLock({ $0.compilation }) else {
      fatalError("\(who): the model is not compiled; call compile first")
    }
    return compilation
  }
}

/// Builds an engine's graph.
private struct EngineBuilder {
  let model: Keras.Model
  let network: Keras.Network
  let targetSpecs: [TensorSpec]
  let isTraining: Bool
  let graph = StaticGraph()

  init(_ model: Keras.Model, _ network: Keras.Network, _ targetSpecs: [TensorSpec], isTraining: Bool) {
    self.model = model
    self.network = network
    self.targetSpecs = targetSpecs
    self.isTraining = isTraining
  }

  func engine() -> Keras.Engine {
    for named in model.namedParameters() { graph.builder.setName(named.name, of: named.parameter) }
    for named in model.namedBuffers() { graph.builder.setName(named.name, of: named.buffer.parameter) }
    let compilation = targetSpecs.isEmpty ? nil : model.compilation("fit")
    let options = model.state.withLock { $0.compilation?.options } ?? Keras.CompileOptions()
    let replicas = isTraining ? options.replicas : 1
    // Without gradients layers take their fused forms.
    let towers =
      isTraining
      ? (0..<replicas).map { replica in
        replicas == 1
          ? tower("", compilation) : graph.device(Device(.cpu, replica)) { tower("_\(replica)", compilation) }
      } : [noGradient { tower("", compilation) }]
    var scores = towers[0].scores
    if replicas > 1 {
      scores = scores.indices.map { index in
        towers.dropFirst().reduce(towers[0].scores[index]) { $0 + $1.scores[index] } / Double(replicas)
      }
    }
    let (step, apply) = isTraining ? steps(towers.map { $0.scores[0] }, options) : (nil, nil)
    return Keras.Engine(
      session: Session(graph, backend: options.backend ?? .current, checksNumerics: options.checksNumerics),
      inputs: towers.map(\.inputs), targets: towers.map(\.targets), scores: scores, predictions: towers[0].predictions,
      step: step, apply: apply)
  }

  private func steps(_ losses: [Tensor], _ options: Keras.CompileOptions) -> (StaticOperation?, StaticOperation?) {
    guard let optimizer = model.optimizer else { return (nil, nil) }
    if options.accumulatedBatches > 1 {
      let accumulation = GradientAccumulation(optimizer, losses[0], clippingNorm: options.clippingNorm)
      return (accumulation.accumulate, accumulation.apply)
    }
    return (optimizer.minimize(meanOf: losses, clippingNorm: options.clippingNorm), nil)
  }

  private struct Tower {
    var inputs: [Tensor]
    var targets: [Tensor]
    var scores: [Tensor]
    var predictions: [Tensor]
  }

  private func tower(_ suffix: String, _ compilation: Keras.Compilation?) -> Tower {
    let inputs = zip(network.inputs, network.inputs.indices).map { input, index in
      var name = network.inputs.count == 1 ? "input" : "input_\(index)"
      if case .input(let given?) = input.source { name = given }
      return graph.placeholder(name + suffix, input.spec.shape.dimensions, dtype: input.spec.dtype)
    }
    let targets = targetSpecs.enumerated().map { index, spec in
      let name = targetSpecs.count == 1 ? "target" : "target_\(index)"
      return graph.placeholder(name + suffix, spec.shape.dimensions, dtype: spec.dtype)
    }
    guard let compilation else {
      return Tower(inputs: inputs, targets: [], scores: [], predictions: outputs(inputs, unactivated: []))
    }
    let losses = network.outputs.indices.map { compilation.losses[Swift.min($0, compilation.losses.count - 1)] }
    // An activation that its loss computes better together with its own work is left out, and put back for the metrics.
    let joined = network.outputs.indices.filter { index in
      losses[index].joined != nil && network.lastActivation(of: index)?.name == losses[index].joined?.activation
    }
    let raw = outputs(inputs, unactivated: Set(joined))
    return graph.building {
      let predictions = raw.enumerated().map { index, output in
        joined.contains(index) ? network.lastActivation(of: index)!.function(output) : output
      }
      let parts = raw.indices.map { index in
        joined.contains(index)
          ? losses[index].joined!.function(raw[index], targets[index])
          : losses[index].function(raw[index], targets[index])
      }
      let loss = parts.dropFirst().reduce(parts[0]) { $0 + $1 }
      let metrics = compilation.metrics.map { $0.function(predictions[0].detached(), targets[0]) }
      return Tower(inputs: inputs, targets: targets, scores: [loss] + metrics, predictions: predictions)
    }
  }

  private func outputs(_ inputs: [Tensor], unactivated: Set<Int>) -> [Tensor] {
    network.run(inputs, training: isTraining, unactivated: unactivated) { name, body in
      graph.nameScope(name) { graph.building(body) }
    }
  }
}
