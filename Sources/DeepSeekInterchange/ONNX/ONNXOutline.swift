import DeepSeekProtocols
import DeepSeekRecords
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where a weight stands in a model's file.
struct ONNXWeight: Sendable {
  /// The message without its elements.
  var header: Onnx_TensorProto
  /// The bytes of the whole message.
  var message: Range<Int>
  /// The bytes of `raw_data`; `nil` when the elements are listed one by one, or in another file.
  var raw: Range<Int>?
  /// Bytes that the elements take in the file.
  var byteCount: Int
}

/// A model without the elements of its initializers, which may be gigabytes, and where those are.
struct ONNXOutline {
  var model: Onnx_ModelProto
  /// The initializers of the model's graph.
  var initializers: [ONNXWeight] = []
  /// Weights that stand in nodes.
  var constants: [ONNXWeight] = []

  /// Fields of the messages (onnx.proto).
  enum Field {
    static let graph = 7
    static let node = 1
    static let initializer = 5
    static let nodeOutput = 2
    static let nodeOperator = 4
    static let nodeAttribute = 5
    static let attributeTensor = 5
    static let attributeGraph = 6
    static let attributeGraphs = 11
    static let raw = 9
    /// `float_data`, `int32_data`, `string_data`, `int64_data`, `raw_data`, `double_data`, `uint64_data`.
    static let elements: Set = [4, 5, 6, 7, raw, 10, 11]
  }

  /// Reads a file. Throws when it is not the wire format, or not of a model.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    var skeleton = WireWriter()
    var rest = Data()
    var weights: [ONNXWeight] = []
    var reader = WireReader(bytes)
    var start = 0
    var graphs: [WireReader] = []
    while let (number, kind) = try reader.field() {
      if number == Field.graph && kind == .bytes {
        var graph = try reader.message()
        graphs.append(graph)
        skeleton.bytes(Field.graph, try ONNXOutline.graph(&graph, bytes, &weights))
      } else {
        try reader.skip(kind)
        rest.append(contentsOf: bytes[start..<reader.position])
      }
      start = reader.position
    }
    rest.append(contentsOf: skeleton.bytes)
    model = try Onnx_ModelProto(serializedBytes: rest)
    initializers = weights
    // The message is decoded by now, so that graphs nest no deeper than its decoder permits.
    var found = ONNXConstants(taken: weights.map(\.header.name))
    for var graph in graphs { try found.add(nodesOf: &graph, bytes) }
    constants = found.weights
  }

  /// A graph's bytes without its initializers.
  private static func graph(
    _ reader: inout WireReader, _ bytes: UnsafeRawBufferPointer, _ weights: inout [ONNXWeight]
  ) throws -> Data {
    var rest = Data()
    var start = reader.position
    while let (number, kind) = try reader.field() {
      if number == Field.initializer && kind == .bytes {
        var tensor = try reader.message()
        weights.append(try weight(&tensor, bytes))
      } else {
        try reader.skip(kind)
        rest.append(contentsOf: bytes[start..<reader.position])
      }
      start = reader.position
    }
    return rest
  }

  static func weight(_ reader: inout WireReader, _ bytes: UnsafeRawBufferPointer) throws -> ONNXWeight {
    var header = Data()
    var start = reader.position
    let first = start
    var raw: Range<Int>?
    var count = 0
    while let (number, kind) = try reader.field() {
      if number == Field.raw && kind == .bytes {
        let content = try reader.bytes().count
        raw = reader.position - content..<reader.position
        count += content
      } else {
        let content = reader.position
        try reader.skip(kind)
        if Field.elements.contains(number) {
          count += reader.position - content
        } else {
          header.append(contentsOf: bytes[start..<reader.position])
        }
      }
      start = reader.position
    }
    return ONNXWeight(
      header: try Onnx_TensorProto(serializedBytes: header), message: first..<reader.position, raw: raw,
      byteCount: count)
  }
}
