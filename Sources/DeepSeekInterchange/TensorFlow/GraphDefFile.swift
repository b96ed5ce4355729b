import DeepSeekCheckpoints
import DeepSeekProtocols
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How a `GraphDef` is written.
public enum GraphDefFormat: String, Sendable, Hashable {
  /// As a protocol buffer: `.pb`.
  case binary
  /// As text: `.pbtxt`.
  case text
}

extension Tensorflow_GraphDef {
  /// Reads a file. Throws `CheckpointError` when the system does not give it, ``InterchangeError`` when it is no graph.
  init(file: MappedFile, format: GraphDefFormat?) throws {
    do {
      self = try file.withBytes { bytes in
        switch format ?? Tensorflow_GraphDef.format(of: bytes, path: file.path) {
        case .binary:
          guard let base = bytes.baseAddress else { return Tensorflow_GraphDef() }
          let data = Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none)
          return try Tensorflow_GraphDef(serializedBytes: data)
        case .text:
          guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InterchangeError(.malformed, file: file.path, "it is not text in UTF-8")
          }
          var options = TextFormatDecodingOptions()
          options.ignoreUnknownFields = true
          return try Tensorflow_GraphDef(textFormatString: text, options: options)
        }
      }
    } catch let error as InterchangeError {
      throw error
    } catch {
      throw InterchangeError(
        .malformed, file: file.path, "it is not a GraphDef: \(error)",
        advice: "see that it is a frozen graph, .pb or .pbtxt, and copied whole")
    }
    guard !node.isEmpty else {
      throw InterchangeError(
        .malformed, file: file.path, "it has no nodes", advice: "see that it is a frozen graph, .pb or .pbtxt")
    }
  }

  /// By the name, else by the first bytes: text has none below the space but line ends and tabs.
  private static func format(of bytes: UnsafeRawBufferPointer, path: String) -> GraphDefFormat {
    if path.hasSuffix(".pb") { return .binary }
    if path.hasSuffix(".pbtxt") || path.hasSuffix(".prototxt") || path.hasSuffix(".txt") { return .text }
    return bytes.prefix(256).allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
      ? .text : .binary
  }
}
