public import DeepSeekTensor

/// Decides where each node of a graph runs: on the device where it would be done first.
///
/// Heterogeneous earliest finish time (Topcuoglu, Hariri and Wu, 2002): nodes are taken in the order of the longest way
/// from them to the graph's end, and each goes where it finishes earliest, given its cost, what runs there already, and
/// what crossing from its inputs' devices takes. When the best device alone is done as early, all goes there. So a chain
/// stays on one device, and branches of weight go to several. A view stays with what it looks at. Costs two passes.
public struct AutomaticPlacer: Sendable {
  /// The devices there are.
  public let devices: [DeviceProfile]
  /// What handing a tensor from one device to another takes beside its bytes: to wake the other's threads and to wait.
  public let crossingSeconds: Double
  /// Bytes handed over in a second; infinite between devices that share one memory, as logical CPUs do.
  public let crossingBytesPerSecond: Double

  /// A placer for these devices. Traps when there is none.
  public init(
    _ devices: [DeviceProfile] = DeviceProfile.logicalCPUs(), crossingSeconds: Double = 5e-6,
    crossingBytesPerSecond: Double = .infinity
  ) {
    if devices.isEmpty { fatalError("AutomaticPlacer: there is no device") }
    self.devices = devices
    self.crossingSeconds = crossingSeconds
    self.crossingBytesPerSecond = crossingBytesPerSecond
  }

  /// Why a node goes where it goes.
  public enum Reason: Sendable, Hashable {
    /// There is one device.
    case onlyDevice
    /// It moves nothing, and stays with what it looks at.
    case view
    /// Nothing that it reads is anywhere yet, and this device is done first.
    case first
    /// All that it reads is there.
    case inputsAreThere
    /// It reads from several devices, and is done first at this one.
    case joins
    /// Its inputs' device is busy for so many seconds longer than going elsewhere takes.
    case elsewhereIsSooner(seconds: Double)
  }

  /// Where a node goes.
  public struct Choice: Sendable, Hashable {
    /// The device.
    public let device: Device
    /// What the node costs.
    public let cost: NodeCost
    /// Why.
    public let reason: Reason
  }

  /// A choice for each node, in the nodes' order. Lengths that are open count as `lengths` says, 32 otherwise.
  public func placement(of graph: Graph, lengths: [Dimension: Int] = [:]) -> [Choice] {
    let costs = graph.nodes.map { graph.cost(of: $0, lengths: lengths) }
    let spread = schedule(graph, costs, on: devices)
    let alone = devices.map { device in (device, costs.reduce(0) { $0 + device.seconds($1) }) }.min { $0.1 < $1.1 }!
    return alone.1 <= spread.end ? schedule(graph, costs, on: [alone.0]).choices : spread.choices
  }

  private func schedule(
    _ graph: Graph, _ costs: [NodeCost], on devices: [DeviceProfile]
  ) -> (choices: [Choice], end: Double) {
    let producers = graph.producers()
    let sources = graph.nodes.map { node in node.inputs.compactMap { producers[$0] } }
    var free = [Double](repeating: 0, count: devices.count)
    var places = [Int](repeating: 0, count: costs.count)
    var finishes = [Double](repeating: 0, count: costs.count)
    var choices = [Choice?](repeating: nil, count: costs.count)
    for index in order(costs, sources) {
      let inputs = sources[index]
      if graph.nodes[index].operation.traits.contains(.view), let source = inputs.first {
        places[index] = places[source]
        finishes[index] = finishes[source]
        choices[index] = Choice(device: devices[places[source]].device, cost: costs[index], reason: .view)
        continue
      }
      let ends = devices.indices.map { device in
        let ready = inputs.reduce(0.0) { latest, source in
          Swift.max(latest, finishes[source] + (places[source] == device ? 0 : crossing(costs[source])))
        }
        return Swift.max(ready, free[device]) + devices[device].seconds(costs[index])
      }
      // The first of equals, so that the answer is the same each time.
      let best = ends.indices.min { ends[$0] < ends[$1] }!
      let reason = reason(Set(inputs.map { places[$0] }), best, ends)
      places[index] = best
      finishes[index] = ends[best]
      free[best] = ends[best]
      choices[index] = Choice(device: devices[best].device, cost: costs[index], reason: reason)
    }
    return (choices.map { $0! }, finishes.max() ?? 0)
  }

  private func reason(_ inputPlaces: Set<Int>, _ best: Int, _ ends: [Double]) -> Reason {
    if devices.count == 1 { return .onlyDevice }
    guard let place = inputPlaces.first else { return .first }
    if inputPlaces.count > 1 { return .joins }
    return place == best ? .inputsAreThere : .elsewhereIsSooner(seconds: ends[place] - ends[best])
  }

  private func crossing(_ cost: NodeCost) -> Double { crossingSeconds + cost.bytes / crossingBytesPerSecond }

  /// The nodes by the longest way from each to the end, the longest first; what a node reads comes before it.
  private func order(_ costs: [NodeCost], _ sources: [[Int]]) -> [Int] {
    var ranks = costs.map { cost in devices.reduce(0) { $0 + $1.seconds(cost) } / Double(devices.count) }
    // Nodes stand in an order in which they can run, so readers come later: their ranks are whole when they are passed on.
    var rest = [Double](repeating: 0, count: costs.count)
    for index in costs.indices.reversed() {
      ranks[index] += rest[index]
      for source in sources[index] { rest[source] = Swift.max(rest[source], ranks[index] + crossingSeconds) }
    }
    return costs.indices.sorted { ranks[$0] == ranks[$1] ? $0 < $1 : ranks[$0] > ranks[$1] }
  }
}
