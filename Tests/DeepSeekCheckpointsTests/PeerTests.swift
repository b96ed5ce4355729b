import DeepSeekJSON
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

/// Python must have `safetensors` and `numpy`, and `torch` for the whole of the test.
@Suite("Python's safetensors and NumPy read what is written here, and write the same bytes")
struct PeerTests {
  @Test(
    "every element type, stored, compressed and sharded",
    .enabled(
      if: PeerPython.interpreter != nil,
      "left out: DEEPSEEK_PYTHON does not name a Python with safetensors and numpy"))
  func peers() throws {
    let folder = try TemporaryFolder()
    var tensors: [String: Tensor] = [:]
    for dtype in DType.allCases {
      tensors["\(dtype)"] = sample(dtype, [3, 4], seed: UInt64(dtype.rawValue))
      tensors["\(dtype)_empty"] = sample(dtype, [0, 4])
      tensors["\(dtype)_scalar"] = sample(dtype, [], seed: 7)
    }
    let forNumPy = tensors.filter { NpyDType.name($0.value.dtype) != nil }
    try Safetensors.save(tensors, to: folder.file("ours.safetensors"), metadata: ["format": "pt"])
    try Safetensors.save(forNumPy, to: folder.file("ours_numpy.safetensors"))
    try Checkpoint.save(forNumPy, to: folder.file("sharded"), maximumShardByteCount: 128)
    try Npz.save(forNumPy, to: folder.file("ours_stored.npz"))
    try Npz.save(forNumPy, to: folder.file("ours_deflated.npz"), compressed: true)
    try Npz.save(forNumPy, to: folder.file("ours_64.npz"), compressed: true, forces64: true)
    for (name, tensor) in forNumPy { try Npy.save(tensor, to: folder.file("ours_\(name).npy")) }
    try AtomicFile.write(expectations(tensors), to: folder.file("expected.json"))

    let (status, output) = try PeerPython.run(fixture("peers.py"), folder.path)
    #expect(status == 0, "\(output)")
    if output.contains("no torch") {
      print("PeerTests: PyTorch's part was left out, because Python has no torch")
    } else {
      #expect(try contents(folder.file("theirs.safetensors")) == contents(folder.file("ours.safetensors")))
    }
  }

  private func expectations(_ tensors: [String: Tensor]) throws -> [UInt8] {
    var object = JSONObject()
    for (name, tensor) in tensors {
      let hexadecimal = bytes(tensor).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      object[name] = [
        "dtype": .string(tensor.dtype.description), "shape": .array(tensor.shape.map { .integer($0) }),
        "bytes": .string(hexadecimal),
      ]
    }
    return try JSONValue.object(object).serialized()
  }
}
