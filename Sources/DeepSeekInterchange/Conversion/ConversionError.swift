/// Why a source could not be converted: every tensor concerned, at once.
public struct ConversionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A tensor and what is the matter with it.
  public struct Item: Sendable, Hashable {
    /// Its name: in the source, or, of a missing one, as the map has it.
    public let name: String
    /// What is the matter.
    public let reason: String
  }

  /// The source, as the caller named it.
  public let source: String
  /// Tensors of the source that nothing uses or that cannot be read.
  public internal(set) var unused: [Item] = []
  /// Tensors that the map asks for and the source lacks.
  public internal(set) var missing: [Item] = []
  /// Rules that do not fit their tensors, and names that two tensors would have.
  public internal(set) var unfit: [Item] = []

  init(source: String) { self.source = source }

  /// Whether there is nothing to report.
  var isEmpty: Bool { unused.isEmpty && missing.isEmpty && unfit.isEmpty }

  /// All of it, a line each.
  public var description: String {
    var lines = ["\(source): it cannot be converted as it is"]
    func list(_ title: String, _ items: [Item], _ advice: String) {
      guard !items.isEmpty else { return }
      lines.append("\(items.count) \(title) (\(advice)):")
      lines += items.map { "  \($0.name): \($0.reason)" }
    }
    list("unused", unused, "add rules to the map, or leave them out with --allow-unused")
    list("missing", missing, "check the map and the source, or go on with --allow-missing")
    list("unfit", unfit, "mend the map")
    return lines.joined(separator: "\n")
  }
}
