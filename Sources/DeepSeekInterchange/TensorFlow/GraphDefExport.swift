import DeepSeekCheckpoints
import DeepSeekEngines
public import DeepSeekGraph
import DeepSeekProtocols
public import DeepSeekTensor
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Interchange {
  /// Writes a graph as a frozen TensorFlow graph, by the same rules by which the TensorFlow engine runs it: its variables
  /// become constants, fused operators are taken apart into TensorFlow's.
  ///
  /// ```swift
  /// try Interchange.exportGraphDef(model.graph(), to: "digits.pb", shapes: ["input": [32, 64]])
  /// ```
  ///
  /// Inputs become placeholders and outputs identities of their names, with `_` for what TensorFlow's names do not have. All
  /// lengths are fixed. The file is written whole or not at all.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - path: Where it goes.
  ///   - shapes: Shapes of inputs, by name, whose lengths are open.
  ///   - format: How the file is written; by its name when left out.
  /// - Throws: ``InterchangeError`` when operators have no counterpart (random numbers have none), a shape is not known or the
  ///   file would be too large for the format; `CheckpointError` when it cannot be written.
  public static func exportGraphDef(
    _ graph: Graph, to path: String, shapes: [String: Shape] = [:], format: GraphDefFormat? = nil
  ) throws {
    let listing: TensorFlowListing
    do {
      listing = try TensorFlowListing(graph, shapes: shapes, name: Tensorflow_GraphDef.nodeName)
    } catch EngineError.unsupportedOperators(_, let counts) {
      let operators = counts.sorted { $0.key < $1.key }.map { name, count in
        InterchangeError.MissingOperator(
          name: name, count: count, firstNode: graph.nodes.first { $0.operation.name == name }?.label ?? name)
      }
      throw InterchangeError(
        .unsupportedOperators, file: path, operators: operators,
        "TensorFlow has no counterpart for: \(operators.map(\.description).joined(separator: ", "))",
        advice: "export the model for inference")
    } catch let error as GraphError {
      throw InterchangeError(.unsupported, file: path, "\(error)")
    }
    let definition = Tensorflow_GraphDef(listing)
    // A message's length is a signed 32-bit number.
    guard listing.constantByteCount < 1 << 31 else {
      throw InterchangeError(
        .tooLarge, file: path, "its constants have \(listing.constantByteCount) bytes; a GraphDef has less than 2 GiB",
        advice: "write it as a graph of our own")
    }
    let isText = (format ?? (path.hasSuffix(".pbtxt") ? .text : .binary)) == .text
    let bytes: [UInt8]
    do {
      if isText {
        bytes = Array(definition.textFormatString().utf8)
      } else {
        bytes = try definition.serializedBytes()
      }
    } catch {
      throw InterchangeError(.tooLarge, file: path, "it is not serialized: \(error)")
    }
    try AtomicFile.write(bytes, to: path)
  }
}

extension TensorFlowListing {
  /// The bytes of all constants.
  fileprivate var constantByteCount: Int {
    nodes.reduce(0) { total, node in
      node.attributes.reduce(total) { total, attribute in
        guard case .tensor(let tensor) = attribute.value else { return total }
        return total + tensor.elementCount * tensor.dtype.byteCount
      }
    }
  }
}

extension Tensorflow_GraphDef {
  /// The version of TensorFlow's graphs that has all operations that are written: of TensorFlow 2.3.
  private static let producer: Int32 = 440

  fileprivate init(_ listing: TensorFlowListing) {
    self.init()
    node = listing.nodes.map { operation in
      var proto = Tensorflow_NodeDef()
      proto.name = operation.name
      proto.op = operation.type
      proto.input = operation.inputs
      for (name, value) in operation.attributes { proto.attr[name] = Tensorflow_AttrValue(value) }
      return proto
    }
    versions.producer = Tensorflow_GraphDef.producer
  }
}

extension Tensorflow_AttrValue {
  fileprivate init(_ value: TensorFlowAttribute) {
    self.init()
    switch value {
    case .type(let dtype): type = dtype.tensorFlowType
    case .integer(let number): i = Int64(number)
    case .integers(let numbers): list.i = numbers.map { Int64($0) }
    case .bool(let flag): b = flag
    case .string(let text): s = Data(text.utf8)
    case .shape(let lengths): shape = Tensorflow_TensorShapeProto(Shape(lengths))
    case .tensor(let tensor): self.tensor = Tensorflow_TensorProto(tensor)
    }
  }
}
