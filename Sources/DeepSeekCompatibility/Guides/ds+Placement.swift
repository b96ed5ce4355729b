// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekStatic
import Foundation

extension ds {
  /// Runs `body` with what it makes in the current graph placed by hand on a device, as 1.x did, and reports what the automatic
  /// placer would do with each node instead.
  ///
  /// - Parameters:
  ///   - device: `cpu:1`; TensorFlow's `/cpu:1` and `/device:CPU:1` are read too. Traps when there is no such device.
  ///   - report: What is told of the placement.
  @available(*, deprecated, message: "use ds.device(name) { … }, and StaticGraph.placementReport(nodes:)")
  public static func devicePlacement<Result>(
    _ device: String, report: (PlacementReport) -> Void, _ body: () throws -> Result
  ) rethrows -> Result {
    let graph = StaticGraph.current
    let first = graph.nodeCount
    let result = try graph.device(DeviceName.current(device), body)
    report(graph.placementReport(nodes: first..<graph.nodeCount))
    return result
  }

  /// Runs `body` with what it makes placed by hand on a device, and reports as `devicePlacement` does.
  @available(*, deprecated, message: "use ds.device(name) { … }, and StaticGraph.placementReport(nodes:)")
  public static func device_placement<Result>(
    _ device: String, report: (PlacementReport) -> Void, _ body: () throws -> Result
  ) rethrows -> Result {
    try devicePlacement(device, report: report, body)
  }

  /// As above; the report is written to standard error.
  @available(*, deprecated, renamed: "ds.device")
  public static func devicePlacement<Result>(_ device: String, _ body: () throws -> Result) rethrows -> Result {
    try devicePlacement(device, report: printed, body)
  }

  /// As above; the report is written to standard error.
  @available(*, deprecated, renamed: "ds.device")
  public static func device_placement<Result>(_ device: String, _ body: () throws -> Result) rethrows -> Result {
    try devicePlacement(device, report: printed, body)
  }

  /// Runs `body` with what it makes in the current graph named under `name`.
  @available(*, deprecated, renamed: "ds.nameScope")
  public static func name_scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try StaticGraph.current.nameScope(name, body)
  }

  /// Writes a report to standard error.
  public static func printed(_ report: PlacementReport) {
    FileHandle.standardError.write(Data((report.description + "\n").utf8))
  }
}

/// Devices as TensorFlow names them.
enum DeviceName {
  /// `/device:CPU:1` and `/cpu:1` as `cpu:1`.
  static func current(_ name: String) -> String {
    let lowered = name.lowercased()
    for prefix in ["/device:", "/"] where lowered.hasPrefix(prefix) { return String(lowered.dropFirst(prefix.count)) }
    return lowered
  }
}
