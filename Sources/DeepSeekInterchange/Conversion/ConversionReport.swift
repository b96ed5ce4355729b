public import DeepSeekJSON

/// What a conversion did, or would do: nothing of the source goes without a word.
public struct ConversionReport: Sendable, Hashable {
  /// What became of a tensor.
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    /// Taken over as it is.
    case mapped
    /// Under another name.
    case renamed
    /// Its elements in another order or shape, or split or joined.
    case transposed
    /// Its elements in another type.
    case cast
    /// Not taken over.
    case leftOut = "left_out"
  }

  /// A tensor of the source.
  public struct Tensor: Sendable, Hashable {
    /// Its name in the source.
    public let name: String
    /// Its element type as the format names it.
    public let storedType: String
    /// Its shape in the source.
    public let lengths: [Int]
    /// Bytes that its elements take there.
    public let byteCount: Int
    /// Everything that became of it; `[.mapped]` when nothing changed.
    public internal(set) var outcomes: [Outcome] = []
    /// The names that it, or parts of it, have now.
    public internal(set) var targets: [String] = []
    /// Why it was left out, or what else there is to say of it; `nil` when there is nothing.
    public internal(set) var note: String?
  }

  /// The source, as the caller named it.
  public let source: String
  /// Its format.
  public let format: String
  /// Where the result went, or would go.
  public let output: String
  /// The set of names that an architecture's map found; `nil` without one.
  public internal(set) var scheme: String?
  /// Whether nothing was written.
  public internal(set) var isDryRun = false
  /// Every tensor of the source, in its order.
  public internal(set) var tensors: [Tensor] = []
  /// Names that the map asks for and the source lacks.
  public internal(set) var missing: [String] = []
  /// Names that share another's elements, which are written once: the name and that other.
  public internal(set) var tied: [String: String] = [:]
  /// Tensors in the result.
  public internal(set) var tensorCount = 0
  /// Bytes of their elements.
  public internal(set) var byteCount = 0
  /// Files that go with the tensors, and where each came from.
  public internal(set) var files: [String: String] = [:]
  /// Remains of conversions that were killed, which were removed.
  public internal(set) var removed: [String] = []

  /// How many tensors of the source had an outcome.
  public func count(_ outcome: Outcome) -> Int { tensors.count { $0.outcomes.contains(outcome) } }

  /// The report with stable keys; see `Docs/Converting.md`.
  public var json: JSONValue {
    var counts = JSONObject()
    for outcome in Outcome.allCases { counts[outcome.rawValue] = .integer(count(outcome)) }
    func object(_ strings: [String: String]) -> JSONValue {
      var object = JSONObject()
      for key in strings.keys.sorted() { object[key] = .string(strings[key]!) }
      return .object(object)
    }
    return [
      "source": .string(source), "format": .string(format), "output": .string(output),
      "scheme": scheme.map { .string($0) } ?? .null, "dry_run": .bool(isDryRun), "counts": .object(counts),
      "tensor_count": .integer(tensorCount), "byte_count": .integer(byteCount),
      "tensors": .array(
        tensors.map { tensor in
          [
            "name": .string(tensor.name), "dtype": .string(tensor.storedType),
            "shape": .array(tensor.lengths.map { .integer($0) }), "byte_count": .integer(tensor.byteCount),
            "outcomes": .array(tensor.outcomes.map { .string($0.rawValue) }),
            "to": .array(tensor.targets.map { .string($0) }), "note": tensor.note.map { .string($0) } ?? .null,
          ]
        }),
      "missing": .array(missing.map { .string($0) }), "tied": object(tied), "files": object(files),
      "removed": .array(removed.map { .string($0) }),
    ]
  }
}
