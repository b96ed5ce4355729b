import DeepSeekCheckpoints
import DeepSeekProtocols
import DeepSeekTensor
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TensorFlowCheckpoint.Entry {
  /// An entry as an index states it. Throws `CheckpointError` when its shape is not possible.
  init(
    _ name: String, _ type: Tensorflow_DataType, _ shape: Tensorflow_TensorShapeProto, _ file: MappedFile
  ) throws {
    do {
      guard !shape.unknownRank else { throw OperatorError("shape", "its rank is not known") }
      let dtype = DType(type)
      let lengths = try Shape(checking: shape.dim.map { Int($0.size) })
      try GraphAssembler.checkSize(TensorSpec(dtype ?? .uint8, lengths))
      self.init(
        name: name, dtype: dtype, shape: lengths, isText: type == .dtString, storedType: TensorFlowDType.name(type))
    } catch {
      throw CheckpointError(.malformed, file: file.path, item: name, "\(error)")
    }
  }
}

extension SortedTable {
  /// A value as a message. Throws `CheckpointError` when it is none.
  func message<Message: SwiftProtobuf.Message>(_ entry: Entry) throws -> Message {
    do {
      return try withValue(entry) { try Message(serializedBytes: Data($0)) }
    } catch {
      throw CheckpointError(
        .malformed, file: path, item: String(decoding: entry.key, as: UTF8.self), offset: entry.value.lowerBound,
        "its entry is damaged: \(error)")
    }
  }
}

extension Tensorflow_TensorSliceProto {
  /// Where the part lies in a whole, and its extents as keys have them; `nil` when it reaches outside.
  func part(of whole: Layout) -> (layout: Layout, extents: [(start: Int, length: Int)])? {
    guard extent.count == whole.shape.rank else { return nil }
    var layout = whole
    var extents: [(start: Int, length: Int)] = []
    for (axis, extent) in extent.enumerated() {
      guard case .length(let given)? = extent.hasLengthHack_p else {
        extents.append((0, -1))
        continue
      }
      let length = whole.shape[axis]
      guard extent.start >= 0, given >= 0, extent.start <= length, given <= length - Int(extent.start) else {
        return nil
      }
      extents.append((Int(extent.start), Int(given)))
      layout = layout.sliced(axis: axis, start: Int(extent.start), count: Int(given), step: 1)
    }
    return (layout, extents)
  }
}

extension Tensor {
  /// A tensor put together of parts that have as many elements as it; `nil` when two of them overlap.
  static func joined(_ parts: [(tensor: Tensor, layout: Layout)], _ spec: TensorSpec) -> Tensor? {
    let result = Tensor.zeros(spec.shape, dtype: spec.dtype)
    // As many elements as there are, so that an overlap leaves another place empty.
    let filled = Tensor.zeros(spec.shape, dtype: .bool)
    for (tensor, layout) in parts {
      tensor.copyElements(to: result.viewed(layout))
      Tensor.full(tensor.shape, 1, dtype: .bool).copyElements(to: filled.viewed(layout))
    }
    return filled.withUnsafeBytes { $0.allSatisfy { $0 != 0 } } ? result : nil
  }
}
