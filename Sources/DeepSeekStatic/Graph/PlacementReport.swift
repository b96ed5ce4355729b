public import DeepSeekGraph
public import DeepSeekTensor

/// Nodes placed by hand beside what the automatic placer would do with them.
public struct PlacementReport: Sendable, CustomStringConvertible {
  /// A node.
  public struct Row: Sendable, Hashable {
    /// The node's name with its scopes: `encoder/linear`.
    public let name: String
    /// The operator's name.
    public let operation: String
    /// Where it was placed by hand; `nil` where it was not.
    public let byHand: Device?
    /// What the automatic placer would do, and why.
    public let automatic: AutomaticPlacer.Choice

    /// Whether the placer would have it elsewhere.
    public var differs: Bool { byHand != nil && byHand != automatic.device }
  }

  /// The nodes, in the order in which they were made.
  public let rows: [Row]

  /// A table of the nodes: name, operator, device by hand, the placer's device, and why.
  public var description: String {
    let title = ["node", "operator", "by hand", "placer", "why"]
    let lines =
      [title]
      + rows.map { row in
        [
          row.name, row.operation, row.byHand?.description ?? "-",
          row.automatic.device.description + (row.differs ? " *" : ""), PlacementReport.reason(row.automatic),
        ]
      }
    let count = rows.count(where: \.differs)
    return Keras.table(lines) + "\n\(count) of \(rows.count) nodes would be elsewhere"
  }

  private static func reason(_ choice: AutomaticPlacer.Choice) -> String {
    let work = "\(tenths(choice.cost.operations / 1e3)) kFLOP, \(tenths(choice.cost.bytes / 1e3)) kB"
    switch choice.reason {
    case .onlyDevice: return "there is one device"
    case .view: return "a view stays with what it looks at"
    case .first: return "\(work): reads nothing that is placed"
    case .inputsAreThere: return "\(work): its inputs are there"
    case .joins: return "\(work): reads from several, done first here"
    case .elsewhereIsSooner(let seconds):
      return "\(work): done \(tenths(seconds * 1e6)) µs sooner than beside its inputs"
    }
  }

  private static func tenths(_ number: Double) -> Double { (number * 10).rounded() / 10 }
}

extension StaticGraph {
  /// What was placed by hand, beside what an automatic placer would do with the whole graph.
  ///
  /// - Parameters:
  ///   - placer: The placer; for the logical CPUs of this machine and those that were named by hand when left out.
  ///   - nodes: Which nodes are reported, counted in the order in which they were made; all when left out.
  ///   - lengths: Lengths for open axes; 32 for those not given.
  public func placementReport(
    _ placer: AutomaticPlacer? = nil, nodes: Range<Int>? = nil, lengths: [Dimension: Int] = [:]
  ) -> PlacementReport {
    let graph = StaticGraph.checked { try builder.graph(outputs: [], updates: []) }
    let usual = (0..<Parallel.threadCount).map { Device(.cpu, $0) }
    let devices = usual + Set(graph.nodes.compactMap(\.device)).subtracting(usual).sorted { $0.index < $1.index }
    let placer = placer ?? AutomaticPlacer(DeviceProfile.sharing(devices))
    let choices = placer.placement(of: graph, lengths: lengths)
    let reported = (nodes ?? graph.nodes.indices).clamped(to: graph.nodes.indices)
    return PlacementReport(
      rows: reported.map { index in
        let node = graph.nodes[index]
        return PlacementReport.Row(
          name: node.name ?? node.operation.name, operation: node.operation.name, byHand: node.device,
          automatic: choices[index])
      })
  }

  /// How many nodes there are.
  public var nodeCount: Int { builder.nodeCount }
}
