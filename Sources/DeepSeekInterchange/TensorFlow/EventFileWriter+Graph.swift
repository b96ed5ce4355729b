public import DeepSeekGraph
import DeepSeekOperators
import DeepSeekProtocols
public import DeepSeekRecords
import DeepSeekTensor
import SwiftProtobuf

extension EventFileWriter {
  /// Notes a graph, which TensorBoard draws: its nodes with our operators' names, what they read, and the shapes of what they
  /// give.
  ///
  /// Throws `CheckpointError` when the disk is full or fails.
  public func graph(_ graph: Graph) throws {
    let bytes: [UInt8]
    do {
      bytes = try Tensorflow_GraphDef(picture: graph).serializedBytes()
    } catch {
      fatalError("EventFileWriter: a graph of \(graph.nodes.count) nodes is not serialized: \(error)")
    }
    try self.graph(bytes)
  }
}

extension Tensorflow_GraphDef {
  /// The structure of a graph of ours, to be looked at: constants without elements, operators by our names.
  init(picture graph: Graph) {
    self.init()
    var names: [Graph.Value: String] = [:]
    var taken: Set<String> = []
    func add(_ wanted: String, _ operation: String, reads: [Graph.Value], gives: [Graph.Value]) {
      var name = Tensorflow_GraphDef.nodeName(wanted)
      var number = 1
      while !taken.insert(name).inserted {
        name = Tensorflow_GraphDef.nodeName(wanted) + "_\(number)"
        number += 1
      }
      for (output, value) in gives.enumerated() { names[value] = output == 0 ? name : "\(name):\(output)" }
      var proto = Tensorflow_NodeDef()
      proto.name = name
      proto.op = operation
      proto.input = reads.compactMap { names[$0] }
      if let value = gives.first { proto.attr["dtype"] = .with { $0.type = graph.spec(value).dtype.tensorFlowType } }
      proto.attr["_output_shapes"] = .with {
        $0.list.shape = gives.map { Tensorflow_TensorShapeProto(graph.spec($0).shape) }
      }
      node.append(proto)
    }
    for input in graph.inputs { add(input.name, "Placeholder", reads: [], gives: [input.value]) }
    for key in graph.keys { add("key", "RandomKey", reads: [], gives: [key]) }
    for constant in graph.constants { add("constant", "Const", reads: [], gives: [constant.value]) }
    for variable in graph.variables { add(variable.name, "VariableV2", reads: [], gives: [variable.value]) }
    for node in graph.nodes {
      add(node.operation.name, node.operation.name, reads: node.inputs, gives: node.outputs)
    }
    for output in graph.outputs { add(output.name, "Identity", reads: [output.value], gives: []) }
    for variable in graph.variables {
      if let update = variable.update {
        add(variable.name + "/update", "Assign", reads: [variable.value, update], gives: [])
      }
    }
    versions.producer = 1
  }

  /// Letters, digits and `_./-`, which is what TensorFlow's names have; a colon would read as an output.
  static func nodeName(_ name: String) -> String {
    let scalars = name.unicodeScalars.map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || "_./-".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
    }
    // The first is a letter, a digit or a dot.
    guard let first = scalars.first, !"_/-".contains(first) else { return "node" + String(scalars) }
    return String(scalars)
  }
}
