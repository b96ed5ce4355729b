import DeepSeekCheckpoints
public import DeepSeekGraph
import DeepSeekProtocols
public import DeepSeekTensor
import Synchronization

/// An input or output of a model, as the file describes it.
public struct ONNXPort: Sendable, Hashable {
  /// Its name.
  public let name: String
  /// The element type; `nil` when tensors lack it or it is no tensor.
  public let dtype: DType?
  /// The shape; `nil` when not even the rank is known. Lengths that the file names are symbols of that name.
  public let shape: Shape?
  /// What it is, as ONNX names it: `FLOAT`, `sequence`.
  public let type: String
}

/// An ONNX model that runs with our operators.
///
/// ```swift
/// let model = try ONNXModel.load("detector.onnx")
/// let y = try model.run(["images": images])["scores"]!
/// ```
///
/// A run takes the first of these ways that the model permits: as one graph for all shapes; as a graph for the shapes at hand
/// and the values of short lists of integers and truths, since shapes often follow from those (both kept for later runs);
/// node by node, where shapes follow from values computed on the way, or loops and branches from conditions.
public final class ONNXModel: Sendable {
  /// The file and its initializers.
  public let archive: ONNXArchive
  /// What must be given.
  public let inputs: [ONNXPort]
  /// What it gives.
  public let outputs: [ONNXPort]
  /// The version of the default operator set; `nil` when the file names none.
  public let opset: Int?
  private let executors = Mutex(ONNXExecutors())

  /// Opens a model.
  /// - Throws: `CheckpointError` when the file cannot be read; ``InterchangeError`` when it describes its inputs wrongly.
  public static func load(_ path: String) throws -> ONNXModel { try ONNXModel(ONNXArchive(path)) }

  /// The model of an archive that is open already.
  public init(_ archive: ONNXArchive) throws {
    self.archive = archive
    let graph = archive.model.graph
    var symbols: [String: Dimension] = [:]
    let given = Set(archive.initializers.map(\.name))
    inputs = try graph.input.filter { !given.contains($0.name) }.map { try ONNXPort($0, &symbols, archive.path) }
    outputs = try graph.output.map { try ONNXPort($0, &symbols, archive.path) }
    opset = ONNXImporter.versions(archive.model.opsetImport)[""]
    for names in [graph.input.map(\.name), graph.output.map(\.name)] where Set(names).count != names.count {
      throw InterchangeError(.malformed, file: archive.path, "two inputs or two outputs have one name")
    }
  }

  /// The names of the operators that can be taken over, in order; those outside the default domain with it before them.
  public static var operators: [String] { ONNXOperator.names }

  /// The model as a graph of ours.
  ///
  /// - Parameters:
  ///   - names: The outputs that are wanted; all when left out.
  ///   - shapes: Shapes of inputs by name, where the file's are to be narrowed or are not known.
  ///   - values: Inputs by name that are to be constants, since shapes or branches follow from them.
  /// - Throws: `CheckpointError` when a weight cannot be read; ``InterchangeError`` when the model cannot be taken over: all
  ///   operators without a counterpart are listed at once.
  public func graph(
    outputs names: [String]? = nil, shapes: [String: Shape] = [:], values: [String: Tensor] = [:]
  ) throws -> Graph {
    for name in (Array(shapes.keys) + values.keys).sorted() where !inputs.contains(where: { $0.name == name }) {
      throw InterchangeError(
        .unknownName, file: archive.path, "no input is named '\(name)'",
        advice: "there are: \(inputs.map(\.name).joined(separator: ", "))")
    }
    return try ONNXImporter(archive)
      .importGraph(inputs, outputs: wanted(names), shapes: shapes, values: values)
  }

  private func wanted(_ names: [String]?) throws -> [String] {
    guard let names else { return outputs.map(\.name) }
    for name in names where !outputs.contains(where: { $0.name == name }) {
      throw InterchangeError(
        .unknownName, file: archive.path, "no output is named '\(name)'",
        advice: "there are: \(outputs.map(\.name).joined(separator: ", "))")
    }
    return names
  }

  /// Runs the model.
  ///
  /// - Parameters:
  ///   - feeds: The inputs by name.
  ///   - names: The outputs that are wanted; all when left out.
  /// - Throws: As ``graph(outputs:shapes:values:)``; ``InterchangeError`` when an input is missing or of another type;
  ///   `GraphError` when a node fails.
  public func run(_ feeds: [String: Tensor], outputs names: [String]? = nil) throws -> [String: Tensor] {
    let wanted = try wanted(names)
    for port in inputs {
      guard let feed = feeds[port.name] else {
        throw InterchangeError(.unknownName, file: archive.path, "input '\(port.name)' is not given")
      }
      guard feed.graphValue == nil, port.dtype == feed.dtype else {
        throw InterchangeError(
          .unsupported, file: archive.path, "input '\(port.name)' is \(feed.spec), \(port.type) is expected")
      }
    }
    if let stranger = feeds.keys.sorted().first(where: { name in !inputs.contains { $0.name == name } }) {
      throw InterchangeError(
        .unknownName, file: archive.path, "no input is named '\(stranger)'",
        advice: "there are: \(inputs.map(\.name).joined(separator: ", "))")
    }
    if let results = try open(feeds, wanted) ?? narrowed(feeds, wanted) { return results }
    let results = try ONNXImporter(archive, evaluates: true).run(feeds.mapValues { $0.detached() }, outputs: wanted)
    return Dictionary(uniqueKeysWithValues: zip(wanted, results))
  }

  /// Through the graph for all shapes; `nil` when the model permits none, or not these shapes.
  private func open(_ feeds: [String: Tensor], _ wanted: [String]) throws -> [String: Tensor]? {
    guard let executor = try executor(ONNXExecutors.Key(outputs: wanted), { try graph(outputs: wanted) }) else {
      return nil
    }
    // What the file says of shapes is not always so; a graph for the shapes at hand then tells.
    return try? executor.run(feeds)
  }

  /// Through the graph for these shapes, and these values of short lists; `nil` when the model permits none.
  private func narrowed(_ feeds: [String: Tensor], _ wanted: [String]) throws -> [String: Tensor]? {
    let values = feeds.filter { ($0.value.dtype.isInteger || $0.value.dtype == .bool) && ONNXModel.isShort($0.value) }
    let shapes = feeds.filter { values[$0.key] == nil }.mapValues(\.shape)
    let key = ONNXExecutors.Key(outputs: wanted, shapes: shapes, values: values.mapValues { $0.array(of: Int.self) })
    let executor = try executor(key) { try graph(outputs: wanted, shapes: shapes, values: values) }
    return try executor?.run(feeds.filter { values[$0.key] == nil })
  }

  /// Lists from which shapes may follow have a few elements on one axis.
  private static func isShort(_ tensor: Tensor) -> Bool { tensor.rank <= 1 && tensor.elementCount <= 64 }

  /// The executor of a graph, made the first time; `nil` when the graph needs values that it does not have.
  private func executor(_ key: ONNXExecutors.Key, _ make: () throws -> Graph) throws -> CPUExecutor? {
    if let known = executors.withLock({ $0[key] }) { return known.executor }
    var made: CPUExecutor?
    do {
      made = try CPUExecutor(make())
    } catch let error as InterchangeError where error.kind != .unsupportedOperators {
      made = nil
    }
    let entry = ONNXExecutors.Entry(executor: made)
    executors.withLock { $0[key] = entry }
    return made
  }
}

/// Graphs that were made for runs, the ones used last.
private struct ONNXExecutors: Sendable {
  /// What a graph was made for.
  struct Key: Hashable, Sendable {
    var outputs: [String]
    var shapes: [String: Shape]?
    var values: [String: [Int]] = [:]
  }

  /// A graph's executor; none when the model permits no graph.
  struct Entry: Sendable {
    var executor: CPUExecutor?
  }

  private static let limit = 16
  private var entries: [(key: Key, entry: Entry)] = []

  subscript(key: Key) -> Entry? {
    mutating get {
      guard let place = entries.firstIndex(where: { $0.key == key }) else { return nil }
      let found = entries.remove(at: place)
      entries.append(found)
      return found.entry
    }
    set {
      entries.removeAll { $0.key == key }
      if let newValue { entries.append((key, newValue)) }
      if entries.count > ONNXExecutors.limit { entries.removeFirst() }
    }
  }
}

extension ONNXPort {
  /// As a file describes it.
  fileprivate init(_ proto: Onnx_ValueInfoProto, _ symbols: inout [String: Dimension], _ file: String) throws {
    name = proto.name
    guard case .tensorType(let tensor)? = proto.type.value else {
      (dtype, shape) = (nil, nil)
      switch proto.type.value {
      case .sequenceType?: type = "sequence"
      case .optionalType?: type = "optional"
      case .mapType?: type = "map"
      case .sparseTensorType?: type = "sparse tensor"
      default: type = "of unknown type"
      }
      return
    }
    dtype = DType(onnx: Int(tensor.elemType))
    type = DType.onnxName(Int(tensor.elemType))
    guard tensor.hasShape else {
      shape = nil
      return
    }
    guard tensor.shape.dim.count <= Shape.maximumRank else {
      throw InterchangeError(
        .unsupported, file: file,
        "'\(name)' has \(tensor.shape.dim.count) axes; at most \(Shape.maximumRank) are supported")
    }
    shape = Shape(
      try tensor.shape.dim.enumerated().map { axis, dim -> Dimension in
        switch dim.value {
        case .dimValue(let length)?:
          guard length >= 0 else {
            throw InterchangeError(.malformed, file: file, "'\(proto.name)' has length \(length)")
          }
          return Dimension(Int(length))
        case .dimParam(let name)? where !name.isEmpty:
          let symbol = symbols[name] ?? .symbol(name)
          symbols[name] = symbol
          return symbol
        default: return .symbol("\(proto.name).\(axis)")
        }
      })
  }
}
