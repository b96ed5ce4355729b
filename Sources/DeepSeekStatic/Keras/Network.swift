import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekTensor

extension Keras {
  /// Layers and how they are connected.
  struct Network: Sendable {
    let inputs: [SymbolicTensor]
    let outputs: [SymbolicTensor]
    /// Every tensor that the outputs need, inputs among them, each after those it is made of.
    let order: [SymbolicTensor]
    /// The layers under their names, in the order of their first use.
    let layers: [(name: String, core: LayerCore)]

    init(inputs: [SymbolicTensor], outputs: [SymbolicTensor]) {
      self.inputs = inputs
      self.outputs = outputs
      order = Network.ordered(outputs)
      let known = Set(inputs.map(ObjectIdentifier.init))
      for tensor in order {
        if case .input(let name) = tensor.source, !known.contains(ObjectIdentifier(tensor)) {
          fatalError(
            "Keras.Model: the outputs need the input '\(name ?? "input")' of \(tensor.spec), which is not among its inputs"
          )
        }
      }
      layers = Network.named(order)
    }

    /// Iterative, as models may be deep.
    private static func ordered(_ outputs: [SymbolicTensor]) -> [SymbolicTensor] {
      var result: [SymbolicTensor] = []
      var done: Set<ObjectIdentifier> = []
      var stack = outputs.reversed().map { (tensor: $0, isExpanded: false) }
      while let (tensor, isExpanded) = stack.popLast() {
        if done.contains(ObjectIdentifier(tensor)) { continue }
        if isExpanded || tensor.operands.isEmpty {
          done.insert(ObjectIdentifier(tensor))
          result.append(tensor)
          continue
        }
        stack.append((tensor, true))
        stack += tensor.operands.reversed().map { ($0, false) }
      }
      return result
    }

    private static func named(_ order: [SymbolicTensor]) -> [(name: String, core: LayerCore)] {
      var result: [(name: String, core: LayerCore)] = []
      var seen: Set<ObjectIdentifier> = []
      var taken: Set<String> = []
      var cores: [LayerCore] = []
      for tensor in order {
        guard case .layer(let core, _) = tensor.source, seen.insert(ObjectIdentifier(core)).inserted else { continue }
        cores.append(core)
        if let name = core.name, !taken.insert(name).inserted {
          fatalError("Keras.Model: two layers are named '\(name)'")
        }
      }
      for core in cores {
        let base = core.name ?? Keras.snakeCase(core.kind)
        var (name, number) = (base, 0)
        while core.name == nil && !taken.insert(name).inserted {
          number += 1
          name = "\(base)_\(number)"
        }
        result.append((name, core))
      }
      return result
    }

    /// The name of each layer.
    private var names: [ObjectIdentifier: String] {
      Dictionary(layers.map { (ObjectIdentifier($0.core), $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// The outputs for tensors in the inputs' order. Outputs of these places come without their last activation.
    func run(
      _ tensors: [Tensor], training: Bool, unactivated: Set<Int> = [],
      scope: (_ name: String, _ body: () -> [Tensor]) -> [Tensor]
    ) -> [Tensor] {
      if tensors.count != inputs.count {
        fatalError("Keras.Model: \(tensors.count) tensors for \(inputs.count) inputs")
      }
      let names = names
      var values: [ObjectIdentifier: Tensor] = [:]
      for (input, tensor) in zip(inputs, tensors) { values[ObjectIdentifier(input)] = tensor }
      let raw = Set(unactivated.map { ObjectIdentifier(outputs[$0]) })
      var parts: [ObjectIdentifier: [Tensor]] = [:]
      for tensor in order {
        switch tensor.source {
        case .input: continue
        case .part(let place, let first): values[ObjectIdentifier(tensor)] = parts[ObjectIdentifier(first)]![place]
        case .layer(let core, let operands):
          let inputs = operands.map { values[ObjectIdentifier($0)]! }
          let outputs = scope(names[ObjectIdentifier(core)]!) {
            core.applyAll(inputs, training: training, isActivated: !raw.contains(ObjectIdentifier(tensor)))
          }
          values[ObjectIdentifier(tensor)] = outputs[0]
          if outputs.count > 1 { parts[ObjectIdentifier(tensor)] = outputs }
        }
      }
      return outputs.map { values[ObjectIdentifier($0)]! }
    }

    /// The activation at the end of an output that nothing else reads; `nil` where there is none to leave out.
    func lastActivation(of output: Int) -> Activation? {
      let tensor = outputs[output]
      guard case .layer(let core, _) = tensor.source else { return nil }
      let isRead = order.contains { $0.operands.contains { $0 === tensor } }
      let isLast = !isRead && outputs.count(where: { $0 === tensor }) == 1
      return isLast && core.activation.isBuiltIn ? core.activation : nil
    }
  }
}
