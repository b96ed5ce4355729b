import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekStatic
import DeepSeekTensor

/// The weights of a model's layers in a file of Keras's: listed by layer in the older form, in groups in the newer.
struct KerasWeights {
  private let file: KerasFile
  /// The group that holds the layers in the newer form; `nil` in the older.
  private let container: String?
  /// In the older form, the weights that belong to a model within the model.
  private let pool: [(name: String, path: String)]?
  /// How often each class came, by which the newer form names its groups.
  private var counts: [String: Int] = [:]
  /// Groups by the layer's name that is noted in them.
  private let groups: [String: String]
  private let budget: Budget

  /// Bytes of weights that may still be read: many links to one data set must not fill the memory.
  private final class Budget {
    private var rest: Int

    init(_ file: KerasFile) { rest = max(64 << 20, 16 * min(file.byteCount, 1 << 50)) }

    func take(_ path: String, _ file: KerasFile) throws -> Tensor {
      let dataset = try file.hdf5.dataset(path)
      let (left, overflow) = rest.subtractingReportingOverflow(dataset.byteCount)
      guard !overflow, left >= 0 else {
        throw InterchangeError(
          .tooLarge, file: file.path, node: path, "all weights together are larger than the file can justify")
      }
      rest = left
      return try file.weight(path)
    }
  }

  /// The weights of the whole model.
  init(_ file: KerasFile) {
    let container = file.layerWeights == nil ? KerasWeights.container(file, "") : nil
    self.init(file, container: container, pool: nil, Budget(file))
  }

  private init(_ file: KerasFile, container: String?, pool: [(name: String, path: String)]?, _ budget: Budget) {
    (self.file, self.budget) = (file, budget)
    self.container = container
    self.pool = pool
    var groups: [String: String] = [:]
    if let container, let children = file.hdf5.object(container)?.children {
      for child in children {
        let path = container + "/" + child
        if let name = try? file.hdf5.object(path + "/vars")?.attribute("name")?.text() { groups[name] = path }
      }
    }
    self.groups = groups
  }

  private static func container(_ file: KerasFile, _ path: String) -> String {
    let prefix = path.isEmpty ? "" : path + "/"
    let older = prefix + "_layer_checkpoint_dependencies"
    return file.hdf5.object(older) == nil ? prefix + "layers" : older
  }

  /// The weights of the next layer, in its own order. Layers must be asked for in the architecture's order.
  mutating func next(_ layer: KerasArchitecture.Layer) throws -> [Tensor] {
    if let pool {
      return try pool.filter { $0.name.split(separator: "/").contains(Substring(layer.name)) }
        .map { try budget.take($0.path, file) }
    }
    guard let group = group(layer) else {
      return try (file.layerWeights?.first { $0.layer == layer.name }?.paths ?? []).map { try budget.take($0, file) }
    }
    let cells = layer.configuration["cell"]?["config"]?["cells"]?.array ?? []
    return try tensors(group, cells: cells.compactMap { $0["class_name"]?.string })
  }

  /// The weights of a model within the model, which comes next.
  mutating func nested(_ layer: KerasArchitecture.Layer) -> KerasWeights {
    if let group = group(layer) {
      return KerasWeights(file, container: KerasWeights.container(file, group), pool: nil, budget)
    }
    let own = file.layerWeights?.first { $0.layer == layer.name }
    let listed = own.map { Array(zip($0.names, $0.paths)).map { (name: $0.0, path: $0.1) } }
    return KerasWeights(file, container: nil, pool: listed ?? pool ?? [], budget)
  }

  /// The group of the next layer in the newer form.
  private mutating func group(_ layer: KerasArchitecture.Layer) -> String? {
    guard let container else { return nil }
    // Named by the class, which is exported under another name.
    let own = layer.kind == "GroupQueryAttention" ? "GroupedQueryAttention" : layer.kind
    let kind = Keras.snakeCase(own)
    let number = counts[kind, default: 0]
    counts[kind] = number + 1
    let numbered = container + "/" + kind + (number == 0 ? "" : "_\(number)")
    let named = container + "/" + layer.name
    if let noted = groups[layer.name] { return noted }
    return file.hdf5.object(numbered) != nil ? numbered : file.hdf5.object(named) != nil ? named : numbered
  }

  /// The parts of a layer that hold weights, in the order in which Keras lists them.
  private static let parts = [
    "forward_layer", "backward_layer", "cell", "layer", "query_dense", "key_dense", "value_dense", "output_dense",
    "_query_dense", "_key_dense", "_value_dense", "_output_dense",
  ]

  /// With `cells`, the kinds of cells on top of each other, whose groups have names by these as layers have.
  private func tensors(_ group: String, cells: [String] = []) throws -> [Tensor] {
    var result: [Tensor] = []
    let variables = group + "/vars"
    let names = file.hdf5.object(variables)?.children.compactMap(Int.init).sorted() ?? []
    for name in names { result.append(try budget.take(variables + "/\(name)", file)) }
    for part in KerasWeights.parts where file.hdf5.object(group + "/" + part) != nil {
      result += try tensors(group + "/" + part)
    }
    var counts: [String: Int] = [:]
    for kind in cells {
      let number = counts[kind, default: 0]
      counts[kind] = number + 1
      let name = Keras.snakeCase(kind) + (number == 0 ? "" : "_\(number)")
      result += try tensors(group + "/cell/cells/" + name)
    }
    return result
  }
}
