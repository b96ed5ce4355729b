public import DeepSeekTensor

/// A device as a placer sees it: what it can do in a second.
public struct DeviceProfile: Sendable, Hashable {
  /// The device.
  public let device: Device
  /// Floating-point operations in a second.
  public let operationsPerSecond: Double
  /// Bytes read or written in a second.
  public let bytesPerSecond: Double

  /// A device with these rates. Traps when one is not above 0.
  public init(_ device: Device, operationsPerSecond: Double, bytesPerSecond: Double) {
    if !(operationsPerSecond > 0 && bytesPerSecond > 0) {
      fatalError("DeviceProfile: the rates of \(device), \(operationsPerSecond) and \(bytesPerSecond), must be above 0")
    }
    self.device = device
    self.operationsPerSecond = operationsPerSecond
    self.bytesPerSecond = bytesPerSecond
  }

  /// So many logical CPUs, `cpu:0` and on: by default as many as the thread pool has threads. See ``sharing(_:)``.
  public static func logicalCPUs(_ count: Int = Parallel.threadCount) -> [DeviceProfile] {
    sharing((0..<count).map { Device(.cpu, $0) })
  }

  /// Devices that share one machine equally. The figures are a usual server core's; what is decided depends on their
  /// proportion alone.
  public static func sharing(_ devices: [Device]) -> [DeviceProfile] {
    let share = Double(Parallel.threadCount) / Double(Swift.max(devices.count, 1))
    return devices.map { DeviceProfile($0, operationsPerSecond: 1e11 * share, bytesPerSecond: 1e10 * share) }
  }

  /// How long a node of this cost takes: arithmetic and traffic overlap, and the longer of the two counts.
  func seconds(_ cost: NodeCost) -> Double {
    Swift.max(cost.operations / operationsPerSecond, cost.bytes / bytesPerSecond)
  }
}
