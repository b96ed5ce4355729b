/// The tensors and plain values of a pickle by the paths that lead to them: `optimizer.state.0.exp_avg`.
///
/// - A dictionary gives each key's text, a list or tuple each element's position, an object each attribute's name.
/// - A module that was pickled whole gives what its state dictionary would: the levels `_parameters`, `_buffers` and
///   `_modules` are left out.
/// - Plain values in dictionaries and short lists of plain values become metadata.
struct TorchContents {
  /// A tensor by its path.
  struct Entry {
    let name: String
    let tensor: TorchTensor
  }

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  /// What a single tensor is called that is all of a file.
  static let soleName = "tensor"
  /// A path with more levels than that is taken for damage.
  private static let deepestPath = 200

  private let reader: TorchTensorReader
  private let tree: PickleTree
  /// How many values may still be looked at, and how many bytes of names and texts made: a pickle can share a value so
  /// often that its paths outnumber its bytes beyond measure.
  private var visits: Int
  private var textBytes: Int
  private var names = Set<ExactName>()
  private var tensors: [Int32: TorchTensor?] = [:]

  /// A value that is being walked through: its children with their names, and how far the walk is.
  private struct Frame {
    let node: Int32
    let children: [(name: String, node: Int32)]
    var next = 0
    /// Whether the frame added a part to the path.
    let isNamed: Bool
  }

  /// Walks through a pickle; `prefix` is put before all names.
  init(_ tree: PickleTree, prefix: [String] = [], file: String, item: String?) throws {
    self.tree = tree
    reader = TorchTensorReader(tree: tree, file: file, item: item)
    visits = tree.nodes.count * 16 + 4096
    textBytes = tree.byteCount * 64 + (1 << 16)
    try walk(prefix)
  }

  private mutating func walk(_ prefix: [String]) throws {
    var path = prefix
    var frames: [Frame] = []
    var open = Set<Int32>()
    try visit(tree.root, name: nil, &path, &frames, &open)
    while let frame = frames.last {
      guard frame.next < frame.children.count else {
        frames.removeLast()
        open.remove(frame.node)
        if frame.isNamed { path.removeLast() }
        continue
      }
      frames[frames.count - 1].next += 1
      let child = frame.children[frame.next]
      try visit(child.node, name: child.name, &path, &frames, &open)
    }
  }

  private mutating func visit(
    _ node: Int32, name: String?, _ path: inout [String], _ frames: inout [Frame], _ open: inout Set<Int32>
  ) throws {
    visits -= 1
    guard visits >= 0 else {
      throw failure("its values share each other so often that they cannot be listed", .tooLarge)
    }
    if let tensor = try tensor(node) {
      entries.append(Entry(name: try fullName(path, name), tensor: tensor))
      return
    }
    let value = PickleValue(tree: tree, node: node)
    if let text = value.text() ?? summary(node) {
      if name != nil { metadata[try fullName(path, name)] = try spending(text) }
      return
    }
    // A value inside itself has been listed where it began.
    guard let children = children(node), !open.contains(node) else { return }
    guard frames.count < TorchContents.deepestPath else {
      throw failure("its values are nested more than \(TorchContents.deepestPath) deep", .unsupported)
    }
    if let name { path.append(name) }
    open.insert(node)
    frames.append(Frame(node: node, children: children, isNamed: name != nil))
  }

  private mutating func tensor(_ node: Int32) throws -> TorchTensor? {
    guard case .object = tree.nodes[Int(node)] else { return nil }
    if let known = tensors[node] { return known }
    let tensor = try reader.tensor(node)
    tensors[node] = .some(tensor)
    return tensor
  }

  /// What is said of a list of many plain values instead of all of them; `nil` for anything else.
  private func summary(_ node: Int32) -> String? {
    guard let elements = tree.sequence(node), elements.count > PickleValue.longestList else { return nil }
    let isPlain = elements.allSatisfy {
      switch tree.nodes[Int($0)] {
      case .none, .bool, .integer, .wideInteger, .float, .string, .bytes: true
      default: false
      }
    }
    return isPlain ? "\(elements.count) values" : nil
  }

  private mutating func children(_ node: Int32) -> [(name: String, node: Int32)]? {
    switch tree.nodes[Int(node)] {
    case .list(let slot), .tuple(let slot):
      visits -= tree.children[Int(slot)].count
      return tree.children[Int(slot)].enumerated().map { (String($0.offset), $0.element) }
    case .dictionary(let slot): return pairs(Int(slot))
    case .object:
      var result: [(name: String, node: Int32)] = []
      if let items = tree.items[node] { result += children(items) ?? [] }
      if var state = tree.states[node] {
        // Objects with slots have two dictionaries, of which the first may be missing.
        if let both = tree.sequence(state), both.count == 2, case .dictionary = tree.nodes[Int(both[0])] {
          state = both[0]
        }
        if case .dictionary(let slot) = tree.nodes[Int(state)] { result += attributes(Int(slot)) }
      }
      return result
    default: return nil
    }
  }

  /// The attributes of an object; those of a module as its state dictionary has them.
  private mutating func attributes(_ slot: Int) -> [(name: String, node: Int32)] {
    let all = pairs(slot)
    func dictionary(_ name: String) -> Int? {
      guard let node = all.first(where: { $0.name == name })?.node,
        case .dictionary(let slot) = tree.nodes[Int(node)]
      else { return nil }
      return Int(slot)
    }
    guard let parameters = dictionary("_parameters"), let modules = dictionary("_modules") else { return all }
    return pairs(parameters) + (dictionary("_buffers").map { pairs($0) } ?? []) + pairs(modules)
  }

  /// The values of a dictionary with their keys' texts, in the order in which the keys were first set.
  private mutating func pairs(_ slot: Int) -> [(name: String, node: Int32)] {
    let children = tree.children[slot]
    visits -= children.count / 2
    var result: [(name: String, node: Int32)] = []
    var positions: [ExactName: Int] = [:]
    for position in stride(from: 0, to: children.count - 1, by: 2) {
      let key = children[position]
      // A key that is text and one that is a number may look alike, and then the paths do, which is found out later.
      let text = PickleValue(tree: tree, node: key).text(quoted: tree.string(key) == nil) ?? "[\(position / 2)]"
      let exact = ExactName((tree.string(key) == nil ? "#" : "'") + text)
      if let known = positions[exact] {
        result[known].node = children[position + 1]
      } else {
        positions[exact] = result.count
        result.append((text, children[position + 1]))
      }
    }
    return result
  }

  private mutating func fullName(_ path: [String], _ name: String?) throws -> String {
    let parts = path + (name.map { [$0] } ?? [])
    let text = parts.isEmpty ? TorchContents.soleName : try spending(parts.joined(separator: "."))
    guard names.insert(ExactName(text)).inserted else {
      throw CheckpointError(
        .unsupported, file: reader.file, item: text, "two of its values come to this name",
        advice: "save it again with keys that have no dots, and no numbers beside their texts")
    }
    return text
  }

  private mutating func spending(_ text: String) throws -> String {
    textBytes -= text.utf8.count
    guard textBytes >= 0 else { throw failure("its names and texts are many times longer than the file", .tooLarge) }
    return text
  }

  private func failure(_ message: String, _ kind: CheckpointError.Kind) -> CheckpointError {
    CheckpointError(
      kind, file: reader.file, item: reader.item, message, advice: "save the tensors alone, as a state dictionary")
  }
}
