import DeepSeekCheckpoints
import DeepSeekInterchange
import DeepSeekProtocols
import DeepSeekTensor
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@Suite("Files of tensors are known by their contents")
struct ArchiveTests {
  @Test("variables of TensorFlow's checkpoints have the names that their writers gave them")
  func tensorFlow() throws {
    let saver = try TensorArchives.open(fixture("tf1_saver"))
    #expect(saver.format == "TensorFlow checkpoint")
    let kernel = try #require(saver.archiveEntries.first { $0.name == "dense/kernel" })
    #expect(kernel.lengths == [4, 3] && kernel.storedType == "float" && kernel.byteCount == 48)
    let texts = try #require(saver.archiveEntries.first { $0.name == "strs" })
    #expect(texts.dtype == nil && texts.storedType == "string")
    #expect(try saver.tensor("part").shape == [6, 2])

    for path in ["tf2_object", "tf2_object/ckpt-1", "tf2_object/ckpt-1.index"] {
      let objects = try TensorArchives.open(fixture(path))
      #expect(objects.format == "TensorFlow object checkpoint")
      #expect(
        objects.archiveEntries.map(\.name).sorted() == [
          "model/b", "model/layers/0", "model/layers/1", "model/w", "save_counter", "step",
        ])
      #expect(objects.metadata["full_name:model/w"] == "w")
      #expect(try objects.tensor("model/layers/1").array(of: Int64.self) == [3, 4])
    }
    #expect(try TensorArchives.open(fixture("tf1_v1format")).tensor("a").shape == [2, 3])
    #expect(try TensorArchives.open(fixture("tf1_v1format/old.ckpt")).archiveEntries[0].byteCount == 24)
  }

  @Test("models' files give their weights: Keras's, SavedModels, ONNX")
  func models() throws {
    let expected = [
      ("keras/tinycnn.h5", "Keras model"), ("keras/tinycnn.keras", "Keras archive"),
      ("saved_model", "TensorFlow object checkpoint"),
      ("onnx_image.onnx", "ONNX"), ("onnx_attention.onnx", "ONNX"),
    ]
    for (path, format) in expected {
      let archive = try TensorArchives.open(fixture(path))
      #expect(archive.format == format, "\(path)")
      #expect(!archive.archiveEntries.isEmpty, "\(path)")
      for entry in archive.archiveEntries where entry.dtype != nil {
        let tensor = try archive.tensor(entry.name)
        #expect(tensor.dtype == entry.dtype, "\(path), \(entry.name)")
        #expect(tensor.shape == Shape(entry.lengths), "\(path), \(entry.name)")
      }
    }
  }

  @Test("weights that stand in an ONNX model's nodes and branches are listed, read and converted; settings are not")
  func constants() throws {
    func weight(_ name: String, _ numbers: [Float]) -> Onnx_TensorProto {
      .with {
        ($0.name, $0.dims, $0.dataType) = (name, [Int64(numbers.count)], 1)
        $0.rawData = numbers.withUnsafeBytes { Data($0) }
      }
    }
    func constant(_ output: String, _ tensor: Onnx_TensorProto) -> Onnx_NodeProto {
      .with {
        ($0.opType, $0.output) = ("Constant", [output])
        $0.attribute = [.with { ($0.name, $0.type, $0.t) = ("value", .tensor, tensor) }]
      }
    }
    func branch(_ number: Float) -> Onnx_GraphProto {
      .with {
        $0.node = [constant("w", weight("", [number, 2]))]
        $0.initializer = [weight("inner\(Int(number))", [number])]
        $0.output = [.with { $0.name = "w" }]
      }
    }
    let model = Onnx_ModelProto.with {
      ($0.irVersion, $0.opsetImport) = (8, [.with { $0.version = 15 }])
      $0.graph.initializer = [weight("w", [9])]
      let shape = Onnx_TensorProto.with { ($0.dims, $0.dataType, $0.int64Data) = ([2], 7, [1, 2]) }
      let choice = Onnx_NodeProto.with {
        ($0.opType, $0.input, $0.output) = ("If", ["flag"], ["y"])
        $0.attribute = [
          .with { ($0.name, $0.type, $0.g) = ("then_branch", .graph, branch(3)) },
          .with { ($0.name, $0.type, $0.g) = ("else_branch", .graph, branch(4)) },
        ]
      }
      $0.graph.node = [constant("v", weight("", [5, 6])), constant("shape", shape), choice]
      $0.graph.input = [
        .with {
          $0.name = "flag";
          $0.type.tensorType = .with {
            $0.elemType = 9; $0.shape = .init()
          }
        }
      ]
      $0.graph.output = [.with { $0.name = "y" }]
    }
    let folder = try TemporaryFolder()
    let bytes: [UInt8] = try model.serializedBytes()
    try AtomicFile.write(bytes, to: folder.file("model.onnx"))
    let archive = try TensorArchives.open(folder.file("model.onnx"))
    #expect(archive.archiveEntries.map(\.name) == ["w", "v", "inner3", "w#2", "inner4", "w#3"])
    #expect(try archive.tensor("w#3").array(of: Float.self) == [4, 2])
    try CheckpointConverter(folder.file("model.onnx")).convert(to: folder.file("out.safetensors"))
    let converted = try Safetensors.open(folder.file("out.safetensors"))
    #expect(try converted.tensor("inner4").array(of: Float.self) == [4])
    #expect(try converted.tensor("v").array(of: Float.self) == [5, 6])
    // The graph's own value of a name is not that of a branch.
    let run = try ONNXModel.load(folder.file("model.onnx")).run(["flag": Tensor([], [false])])
    #expect(run["y"]?.array(of: Float.self) == [4, 2])
  }

  @Test("contents decide, not names")
  func contentsDecide() throws {
    let folder = try TemporaryFolder()
    let tensor = counting([2, 2])
    try Npy.save(tensor, to: folder.file("weights.pt"))
    let array = try TensorArchives.open(folder.file("weights.pt"))
    #expect(array.format == "NumPy array" && array.archiveEntries.map(\.name) == ["weights.pt"])
    try Npz.save(["x": tensor], to: folder.file("y.onnx"), compressed: true)
    #expect(try TensorArchives.open(folder.file("y.onnx")).tensor("x").array(of: Float.self) == [0, 1, 2, 3])
    try Safetensors.save(["z": tensor], to: folder.file("z.bin"))
    #expect(try TensorArchives.open(folder.file("z.bin")).format == "safetensors")
    // Several in one folder: which is meant is not guessed.
    let error = #expect(throws: CheckpointError.self) { try TensorArchives.open(folder.path) }
    #expect(error?.message.contains("3 of its files hold tensors") == true)
    try Checkpoint.save(["z": tensor], to: folder.path)
    #expect(try TensorArchives.open(folder.path).format == "safetensors")
  }

  @Test("what is of no known format is refused with what was looked for")
  func unknown() throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in [("text", Array("hello there".utf8)), ("empty", []), ("zip", [0x50, 0x4B, 3, 4, 0])] {
      try AtomicFile.write(bytes, to: folder.file(name))
      let error = #expect(throws: CheckpointError.self) { try TensorArchives.open(folder.file(name)) }
      #expect(error?.kind == .unsupported)
      for format in TensorArchives.formats { #expect(error?.message.contains(format.name) == true) }
    }
    let missing = #expect(throws: CheckpointError.self) { try TensorArchives.open(folder.file("nobody")) }
    #expect(missing?.kind == .missingFile)
    let format = ArchiveFormat(
      "greeting", signature: "hello", matches: { $0.begins(with: "hello") }, open: { try NpyFile($0) })
    let own = #expect(throws: CheckpointError.self) { try TensorArchives.open(folder.file("text"), formats: [format]) }
    #expect(own?.kind == .malformed)
  }

  @Test("damaged files of any known format give an error or an archive, never a trap")
  func fuzz() throws {
    let folder = try TemporaryFolder()
    try Safetensors.save(["z": counting([2, 2]), "y": counting([3])], to: folder.file("z"))
    try Npy.save(counting([2, 2]), to: folder.file("n"))
    try Npz.save(["x": counting([2])], to: folder.file("a"), compressed: true)
    let seeds =
      try ["z", "n", "a"].map { try contents(folder.file($0)) } + [contents(fixture("tf1_v1format/old.ckpt"))]
    var generator = SplitMix(11)
    var refused = 0
    for number in 0..<Fuzzing.count {
      try Data(Fuzzing.mutated(seeds[number % seeds.count], &generator)).write(
        to: URL(fileURLWithPath: folder.file("f")))
      do {
        let archive = try TensorArchives.open(folder.file("f"))
        for entry in archive.archiveEntries { _ = try archive.tensor(entry.name).elementCount }
      } catch is CheckpointError {
        refused += 1
      }
    }
    #expect(refused > Fuzzing.count / 4)
  }
}
