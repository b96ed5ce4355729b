import DeepSeekTensor

extension Module {
  /// A table of the modules with the shapes and counts of their own weights, and totals.
  ///
  /// ```
  /// MLP
  ///   first: Linear        weight [128, 784], bias [128]        100480
  ///   second: Linear       weight [10, 128], bias [10]            1290
  /// 101770 parameters, 101770 trainable, 0.4 MB
  /// ```
  public var summary: String {
    var rows: [(label: String, shapes: String, count: String)] = []
    var seen: Set<ObjectIdentifier> = []
    addRows(name: "", depth: 0, &rows, &seen)
    let labelWidth = rows.map(\.label.count).max() ?? 0
    let shapeWidth = rows.map(\.shapes.count).max() ?? 0
    let countWidth = rows.map(\.count.count).max() ?? 0
    let lines = rows.map { row in
      let line =
        row.label.padded(to: labelWidth) + "  " + row.shapes.padded(to: shapeWidth) + "  "
        + String(repeating: " ", count: countWidth - row.count.count) + row.count
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    let bytes = parameters().reduce(0) { $0 + $1.spec.shape.elementCount * $1.spec.dtype.byteCount }
    let tenths = (bytes + 50_000) / 100_000
    let total =
      "\(parameterCount()) parameters, \(parameterCount(trainableOnly: true)) trainable, \(tenths / 10).\(tenths % 10) MB"
    return (lines + [total]).joined(separator: "\n")
  }

  /// The ``summary``.
  public var description: String { summary }

  private func addRows(
    name: String, depth: Int, _ rows: inout [(label: String, shapes: String, count: String)],
    _ seen: inout Set<ObjectIdentifier>
  ) {
    var shapes: [String] = []
    var count = 0
    var children: [(String, any Module)] = []
    for field in fields {
      switch field.content {
      case .parameter(let parameter):
        let isFirst = seen.insert(ObjectIdentifier(parameter)).inserted
        shapes.append("\(field.key) \(parameter.spec.shape)\(isFirst ? "" : " (shared)")")
        if isFirst { count += parameter.spec.shape.elementCount }
      case .module(let module): children.append((field.key, module))
      case .buffer, .mode: break
      }
    }
    let type = String(describing: Self.self)
    let label = String(repeating: "  ", count: depth) + (name.isEmpty ? type : "\(name): \(type)")
    rows.append((label, shapes.joined(separator: ", "), shapes.isEmpty ? "" : String(count)))
    for (key, child) in children { child.addRows(name: key, depth: depth + 1, &rows, &seen) }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(width - count, 0))
  }
}
