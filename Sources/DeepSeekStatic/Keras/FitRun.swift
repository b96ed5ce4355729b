import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras {
  /// Examples and their targets, whose first axes are as long.
  struct Examples: Sendable {
    let inputs: [Tensor]
    let targets: [Tensor]

    /// Traps when they are not as many.
    init(_ inputs: [Tensor], _ targets: [Tensor]) {
      self.inputs = inputs
      self.targets = targets
      for tensor in inputs + targets where tensor.rank < 1 || tensor.shape[0] != inputs[0].shape[0] {
        fatalError("Keras.Model: \(tensor.spec) beside \(inputs[0].spec); as many examples are expected in all")
      }
    }

    var count: Int { inputs.first?.shape[0] ?? 0 }

    func rows(_ range: Range<Int>) -> Examples { mapped { $0.sliced(0, range) } }

    func rows(_ indices: Tensor) -> Examples { mapped { $0.indexSelect(axis: 0, indices) } }

    private func mapped(_ body: (Tensor) -> Tensor) -> Examples { Examples(inputs.map(body), targets.map(body)) }
  }

  /// Means of several numbers over examples.
  struct RunningMean {
    private let names: [String]
    private var sums: [Double]
    private var weight = 0.0

    init(_ names: [String]) {
      self.names = names
      sums = Array(repeating: 0, count: names.count)
    }

    mutating func add(_ scores: [Tensor], weight: Int) {
      for (index, score) in scores.enumerated() { sums[index] += RunningMean.number(score) * Double(weight) }
      self.weight += Double(weight)
    }

    var values: [String: Double] {
      Dictionary(zip(names, sums.map { weight == 0 ? .nan : $0 / weight }), uniquingKeysWith: { first, _ in first })
    }

    static func number(_ score: Tensor) -> Double { score.converted(to: .float64).item(as: Double.self) }
  }

  /// One call of `fit`.
  struct FitRun {
    private let model: Model
    private let data: Examples
    private let heldOut: Examples?
    private let options: FitOptions
    private let callbacks: [any Callback]
    private let engine: Engine
    private let compile: CompileOptions
    private let seed: UInt64
    private var step = 0

    init(_ model: Model, _ data: Examples, _ heldOut: Examples?, _ options: FitOptions, _ callbacks: [any Callback]) {
      self.model = model
      self.data = data
      self.heldOut = heldOut
      self.options = options
      self.callbacks = callbacks
      compile = model.compilation("fit").options
      engine = model.engine(data.targets, training: true)
      seed = options.seed ?? UInt64(bitPattern: RandomGenerator.current.nextKey().array(of: Int64.self).reduce(0, &+))
    }

    mutating func history() throws -> History {
      var history = History()
      for callback in callbacks { try callback.trainingBegins(model) }
      for epoch in options.initialEpoch..<Swift.max(options.epochs, options.initialEpoch) {
        for callback in callbacks { try callback.epochBegins(epoch, model) }
        // Each epoch's randomness follows from its number, so that a training that goes on goes on as it would have.
        var logs = try RandomGenerator.withSeed(seed &+ UInt64(epoch)) { try self.epoch(epoch) }
        if let heldOut {
          for (name, value) in try model.evaluate(heldOut, options.batchSize) { logs["val_\(name)"] = value }
        }
        history.append(logs, epoch: epoch)
        var goesOn = true
        for callback in callbacks {
          let wantsMore = try callback.epochEnds(epoch, logs, model)
          goesOn = goesOn && wantsMore
        }
        if !goesOn { break }
      }
      for callback in callbacks { try callback.trainingEnds(model) }
      return history
    }

    private mutating func epoch(_ epoch: Int) throws -> [String: Double] {
      let order = options.shuffles ? Tensor.randomPermutation(data.count) : Tensor.range(data.count)
      var progress = Progress(options.showsProgress, "epoch \(epoch + 1)/\(options.epochs)")
      var mean = RunningMean(model.scoreNames)
      var gathered = 0
      for start in stride(from: 0, to: data.count, by: options.batchSize) {
        let batch = data.rows(order.sliced(0, start..<Swift.min(start + options.batchSize, data.count)))
        guard let shards = shards(batch), let operation = engine.step else { continue }
        let scores = try engine.session.run(engine.scores, updating: [operation], fed: engine.feeds(shards))
        mean.add(scores, weight: batch.count)
        gathered += 1
        let isLast = start + options.batchSize >= data.count
        if let apply = engine.apply, gathered == compile.accumulatedBatches || isLast {
          try engine.session.run(apply)
          gathered = 0
        }
        step += 1
        let logs = Dictionary(
          zip(model.scoreNames, scores.map(RunningMean.number)), uniquingKeysWith: { first, _ in first })
        for callback in callbacks { try callback.stepEnds(step, logs, model) }
        progress.show(start + batch.count, of: data.count, mean.values["loss"] ?? .nan)
      }
      progress.finish()
      return mean.values
    }

    /// A batch split evenly among the replicas; what is left over at the end of an epoch is left out, and `nil` when nothing
    /// remains.
    private func shards(_ batch: Examples) -> [Examples]? {
      if compile.replicas == 1 { return [batch] }
      let size = batch.count / compile.replicas
      if size == 0 { return nil }
      return (0..<compile.replicas).map { batch.rows($0 * size..<($0 + 1) * size) }
    }
  }
}
