import DeepSeekProtocols
import DeepSeekRecords

/// Weights that stand in a model's nodes: tensors of `Constant` nodes, and initializers of the graphs of branches and loops.
/// Exporters put a network's weights there that a branch chooses.
struct ONNXConstants {
  private(set) var weights: [ONNXWeight] = []
  private var taken: Set<String>

  /// - Parameter taken: Names that are given already.
  init(taken: [String]) { self.taken = Set(taken) }

  /// Adds what stands in a graph's nodes.
  mutating func add(nodesOf graph: inout WireReader, _ bytes: UnsafeRawBufferPointer) throws {
    while let (number, kind) = try graph.field() {
      guard number == ONNXOutline.Field.node, kind == .bytes else {
        try graph.skip(kind)
        continue
      }
      var node = try graph.message()
      try add(node: &node, bytes)
    }
  }

  private mutating func add(node: inout WireReader, _ bytes: UnsafeRawBufferPointer) throws {
    var (operation, output) = ("", "")
    var attributes: [WireReader] = []
    while let (number, kind) = try node.field() {
      switch (number, kind) {
      case (ONNXOutline.Field.nodeOperator, .bytes): operation = String(decoding: try node.bytes(), as: UTF8.self)
      case (ONNXOutline.Field.nodeOutput, .bytes): output = String(decoding: try node.bytes(), as: UTF8.self)
      case (ONNXOutline.Field.nodeAttribute, .bytes): attributes.append(try node.message())
      default: try node.skip(kind)
      }
    }
    for var attribute in attributes {
      while let (number, kind) = try attribute.field() {
        switch (number, kind) {
        case (ONNXOutline.Field.attributeTensor, .bytes) where operation == "Constant":
          var tensor = try attribute.message()
          add(try ONNXOutline.weight(&tensor, bytes), named: output)
        case (ONNXOutline.Field.attributeGraph, .bytes), (ONNXOutline.Field.attributeGraphs, .bytes):
          let inner = try attribute.message()
          try add(graph: inner, bytes)
        default: try attribute.skip(kind)
        }
      }
    }
  }

  /// Adds what stands in a graph of a node.
  private mutating func add(graph: WireReader, _ bytes: UnsafeRawBufferPointer) throws {
    var (nodes, rest) = (graph, graph)
    while let (number, kind) = try rest.field() {
      guard number == ONNXOutline.Field.initializer, kind == .bytes else {
        try rest.skip(kind)
        continue
      }
      var tensor = try rest.message()
      let weight = try ONNXOutline.weight(&tensor, bytes)
      add(weight, named: weight.header.name)
    }
    try add(nodesOf: &nodes, bytes)
  }

  /// Adds a tensor unless it is a scalar or a list of `int64`, which are shapes, axes and other settings. Names of different
  /// branches may be the same: later ones get a number.
  private mutating func add(_ weight: ONNXWeight, named name: String) {
    let isList = weight.header.dims.count == 1 && weight.header.dataType == ONNXConstants.int64
    if weight.header.dims.isEmpty || isList { return }
    var (own, number) = (name, 2)
    while !taken.insert(own).inserted {
      own = "\(name)#\(number)"
      number += 1
    }
    var named = weight
    named.header.name = own
    weights.append(named)
  }

  private static let int64 = Int32(Onnx_TensorProto.DataType.int64.rawValue)
}
