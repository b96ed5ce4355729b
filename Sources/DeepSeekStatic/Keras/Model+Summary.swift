import DeepSeekDynamic
import DeepSeekTensor

extension Keras.Model {
  /// A table of the layers: name and kind, output shape, number of weights and persistent state.
  ///
  /// ```
  /// Layer (kind)         Output shape   Parameters
  /// ----------------------------------------------
  /// dense (Dense)        [batch, 128]         8320
  /// dropout (Dropout)    [batch, 128]            0
  /// dense_1 (Dense)      [batch, 10]          1290
  /// ----------------------------------------------
  /// 9610 parameters, 9610 trainable
  /// ```
  ///
  /// A network that branches has a fourth column: what each layer is connected to. Traps before the model is built.
  public func summary() -> String {
    let network = network("summary")
    var names: [ObjectIdentifier: String] = [:]
    for (name, core) in network.layers { names[ObjectIdentifier(core)] = name }
    func origin(_ tensor: Keras.SymbolicTensor) -> String {
      switch tensor.source {
      case .input(let name): name ?? "input"
      case .layer(let core, _): names[ObjectIdentifier(core)]!
      case .part(_, let first): origin(first)
      }
    }
    let isChain = Keras.isChain(network)
    var seen: Set<ObjectIdentifier> = []
    var rows = [["Layer (kind)", "Output shape", "Parameters"] + (isChain ? [] : ["Connected to"])]
    for tensor in network.order {
      var row = [origin(tensor)]
      switch tensor.source {
      case .part: continue
      case .input:
        if isChain { continue }
        row[0] += " (Input)"
        row += ["\(tensor.shape)", "0", ""]
      case .layer(let core, let inputs):
        row[0] += " (\(core.kind))"
        // A layer used twice has its weights once.
        let isFirst = seen.insert(ObjectIdentifier(core)).inserted
        row += ["\(tensor.shape)", isFirst ? "\(Keras.stateCount(core.module))" : "shared"]
        if !isChain { row.append(inputs.map(origin).joined(separator: ", ")) }
      }
      rows.append(row)
    }
    let trainable = parameterCount(trainableOnly: true)
    let total = Keras.stateCount(self)
    return Keras.table(rows, numberColumn: 2)
      + "\n\(total) parameters, \(trainable) trainable"
  }
}

extension Keras {
  fileprivate static func isChain(_ network: Network) -> Bool {
    guard network.inputs.count == 1, network.outputs.count == 1 else { return false }
    return zip(network.order.dropFirst(), network.order).allSatisfy { tensor, previous in
      tensor.operands.count == 1 && tensor.operands[0] === previous
    }
  }

  /// Elements of weights, and of floating state such as running statistics.
  fileprivate static func stateCount(_ module: (any Module)?) -> Int {
    guard let module else { return 0 }
    let buffers = module.namedBuffers().filter { $0.buffer.isPersistent }.map(\.buffer.parameter.spec)
      .filter { $0.dtype.isFloatingPoint }
    return module.parameterCount() + buffers.reduce(0) { $0 + $1.shape.elementCount }
  }

  /// Rows under each other, a rule under the first and after the last; numbers stand at the right.
  static func table(_ rows: [[String]], numberColumn: Int? = nil) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == numberColumn ? space + row[column] : row[column] + space
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = String(repeating: "-", count: lines.map(\.count).max() ?? 0)
    return ([lines[0], rule] + lines.dropFirst() + [rule]).joined(separator: "\n")
  }
}
