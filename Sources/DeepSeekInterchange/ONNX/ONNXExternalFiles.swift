import DeepSeekCheckpoints
import DeepSeekProtocols
import DeepSeekTensor
import Foundation
import Synchronization

/// The files beside a model that hold elements of its tensors. None outside the model's folder is opened.
final class ONNXExternalFiles: Sendable {
  private let model: String
  private let files = Mutex<[String: MappedFile]>([:])

  /// Beside this model.
  init(beside model: String) { self.model = model }

  /// A tensor whose message says where its elements are: `location`, and perhaps `offset` and `length`.
  ///
  /// Throws `CheckpointError` when the place is outside the folder or the file, `OperatorError` when the lengths do not fit.
  func tensor(_ header: Onnx_TensorProto, _ name: String) throws -> Tensor {
    let spec = try header.checkedSpec()
    let needed = spec.shape.elementCount * spec.dtype.byteCount
    var location: String?
    var (offset, length) = (0, needed)
    for entry in header.externalData {
      switch entry.key {
      case "location": location = entry.value
      case "offset": offset = try number(entry, name)
      case "length": length = try number(entry, name)
      default: break
      }
    }
    guard let location else { throw failure(.malformed, name, "its elements are in another file, which is not named") }
    try header.expect(byteCount: length, spec)
    let file = try file(location, name)
    guard offset <= file.byteCount, length <= file.byteCount - offset else {
      throw CheckpointError(
        .truncated, file: file.path, item: name, offset: offset,
        "\(length) bytes are announced, the file has \(file.byteCount)", advice: "copy the file whole")
    }
    return try RawElements(file: file, range: offset..<offset + length, item: name).tensor(spec)
  }

  private func failure(_ kind: CheckpointError.Kind, _ name: String, _ message: String, advice: String = "")
    -> CheckpointError
  {
    CheckpointError(kind, file: model, item: name, message, advice: advice)
  }

  private func number(_ entry: Onnx_StringStringEntryProto, _ name: String) throws -> Int {
    guard let number = Int(entry.value), number >= 0 else {
      throw failure(.malformed, name, "\(entry.key) '\(entry.value)' of its elements is not a number of bytes")
    }
    return number
  }

  private func file(_ location: String, _ name: String) throws -> MappedFile {
    if let open = files.withLock({ $0[location] }) { return open }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.hasPrefix("/"), !parts.contains(".."), !parts.contains("") else {
      throw failure(
        .malformed, name, "its elements are said to be in '\(location)', which is not inside the model's folder",
        advice: "see where the model comes from")
    }
    let folder = URL(fileURLWithPath: model).deletingLastPathComponent().resolvingSymlinksInPath()
    let target = folder.appendingPathComponent(location)
    // A link that leads out is as much an escape as dots are.
    let resolved = target.resolvingSymlinksInPath()
    guard resolved.pathComponents.starts(with: folder.pathComponents) else {
      throw failure(
        .malformed, name, "its elements are said to be in '\(location)', a link that leads out of the model's folder",
        advice: "copy the file beside the model")
    }
    let opened = try MappedFile(path: target.path)
    return files.withLock { files in
      files[location] = files[location] ?? opened
      return files[location]!
    }
  }
}
