import DeepSeekCheckpoints
import DeepSeekProtocols
import DeepSeekTensor
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The one file of the first `Saver` (tensorflow/core/util/saved_tensor_slice.proto): a table whose first value lists the
/// tensors and their parts, and whose others hold the parts.
struct SliceStorage: CheckpointStorage {
  let entries: [TensorFlowCheckpoint.Entry]
  private let file: MappedFile
  private let table: SortedTable
  private let slices: [[Tensorflow_TensorSliceProto]]
  private let places: [[UInt8]: Int]

  init(_ file: MappedFile) throws {
    self.file = file
    table = try SortedTable(file)
    guard let first = table.entries.first, first.key.isEmpty else {
      throw CheckpointError(
        .malformed, file: file.path, "it does not begin with a list of its tensors",
        advice: "see that it is a TensorFlow checkpoint")
    }
    let list: Tensorflow_SavedTensorSlices = try table.message(first)
    entries = try list.meta.tensor.map { try TensorFlowCheckpoint.Entry($0.name, $0.type, $0.shape, file) }
    slices = list.meta.tensor.map(\.slice)
    places = Dictionary(
      table.entries.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func tensor(_ place: Int, _ spec: TensorSpec) throws -> Tensor {
    let pieces = try slices[place].map { try part(place, $0, spec) }
    if pieces.count == 1 && pieces[0].tensor.shape == spec.shape { return pieces[0].tensor }
    let covered = pieces.reduce(0.0) { $0 + Double($1.tensor.elementCount) }
    guard covered == Double(spec.shape.elementCount) else {
      throw failure(place, "its parts have \(covered) elements, \(spec) has \(spec.shape.elementCount)")
    }
    guard let result = Tensor.joined(pieces, spec) else { throw failure(place, "two of its parts overlap") }
    return result
  }

  func byteCount(_ place: Int) -> Int { entries[place].shape.elementCount * (entries[place].dtype?.byteCount ?? 0) }

  func texts(_ place: Int) throws -> [[UInt8]] {
    guard slices[place].count == 1, let slice = slices[place].first else {
      throw failure(place, "texts in \(slices[place].count) parts")
    }
    let texts = try saved(place, slice, TensorSpec(.uint8, entries[place].shape)).data.data.stringVal
    guard texts.count == entries[place].shape.elementCount else {
      throw failure(place, "\(texts.count) texts for \(entries[place].shape)")
    }
    return texts.map { Array($0) }
  }

  private func saved(
    _ place: Int, _ slice: Tensorflow_TensorSliceProto, _ spec: TensorSpec
  ) throws -> (data: Tensorflow_SavedSlice, layout: Layout) {
    guard let (layout, extents) = slice.part(of: Layout(spec.shape)) else {
      throw failure(place, "a part lies outside the shape \(spec.shape)")
    }
    guard let index = places[OrderedCode.key(entries[place].name, extents)] else {
      throw failure(place, "the part \(extents) is not in the file")
    }
    let message: Tensorflow_SavedTensorSlices = try table.message(table.entries[index])
    return (message.data, layout)
  }

  private func part(
    _ place: Int, _ slice: Tensorflow_TensorSliceProto, _ spec: TensorSpec
  ) throws -> (tensor: Tensor, layout: Layout) {
    let (saved, layout) = try saved(place, slice, spec)
    // The part's own message has elements alone; type and shape stand in the list.
    var proto = saved.data
    proto.dtype = spec.dtype.tensorFlowType
    proto.tensorShape = Tensorflow_TensorShapeProto(layout.shape)
    let tensor: Tensor
    do {
      tensor = try proto.tensor(GraphAssembler(fileByteCount: file.byteCount))
    } catch {
      throw failure(place, "\(error)")
    }
    // One element that stands for very many is left to a graph, of which there is none here.
    guard tensor.graphValue == nil else { throw failure(place, "few elements stand for \(layout.shape)") }
    return (tensor.contiguous(), layout)
  }

  private func failure(_ place: Int, _ message: String) -> CheckpointError {
    CheckpointError(.malformed, file: file.path, item: entries[place].name, message)
  }
}
