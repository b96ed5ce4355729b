import DeepSeekJSON
import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

/// What PyTorch says is in the fixtures.
private func expectations() throws -> JSONValue { try JSONValue(parsing: contents(fixture("torch_expected.json"))) }

/// Compares a tensor with its type, shape and values as PyTorch printed them.
private func expect(_ tensor: Tensor, _ expected: JSONValue, _ name: String) throws {
  #expect(tensor.dtype.description == expected["dtype"]?.string, "\(name)")
  #expect(Array(tensor.shape) == expected["shape"]?.array?.compactMap(\.integer), "\(name)")
  let values = try #require(expected["values"]?.array)
  switch tensor.dtype {
  case .bool: #expect(tensor.array(of: Bool.self) == values.compactMap(\.bool), "\(name)")
  case .complex64:
    let parts = values.flatMap { $0.array?.compactMap(\.double) ?? [] }.map { Float($0).bitPattern }
    #expect(bytes(tensor) == parts.flatMap { bits in withUnsafeBytes(of: bits) { Array($0) } }, "\(name)")
  case let type where type.isInteger: #expect(tensor.array(of: Int.self) == values.compactMap(\.integer), "\(name)")
  default: #expect(tensor.array(of: Double.self) == values.compactMap(\.double), "\(name)")
  }
}

@Suite("A file of PyTorch's is read as PyTorch reads it, and nothing of it is run")
struct PyTorchReadTests {
  @Test(
    "a state dictionary: every element type, strided, repeated and shared elements",
    arguments: [("state_zip.pt", "PyTorch zip"), ("state_legacy.pt", "PyTorch legacy")])
  func stateDictionary(name: String, format: String) throws {
    let expected = try #require(try expectations()["state_dict"]?.object).members
    for file in [try PyTorch.open(fixture(name)), try PyTorch.decode(contents(fixture(name)), named: name)] {
      #expect(file.format == format)
      #expect(Set(file.names) == Set(expected.map(\.key)))
      for member in expected { try expect(file.tensor(member.key), member.value, member.key) }
      let shared = file.archiveEntries.filter { $0.sharedWith != nil }
      #expect(shared.map(\.name) == ["shared.tied"] && shared.first?.sharedWith == "shared.base")
      for entry in file.archiveEntries { #expect(try file.tensor(entry.name).dtype == entry.dtype) }
    }
  }

  @Test("a strided tensor of a mapped file is a view of it")
  func views() throws {
    let file = try PyTorch.open(fixture("state_zip.pt"))
    #expect(try file.tensor("shared.transposed").layout.strides == [1, 6])
    #expect(try file.tensor("expanded").layout.strides == [0, 1])
    #expect(try !file.tensor("shared.col").storage.isWritable)
  }

  @Test("8-bit floats keep their bits")
  func float8() throws {
    let file = try PyTorch.open(fixture("state_fp8.pt"))
    #expect(try file.tensor("e4m3").dtype == .float8e4m3 && file.tensor("e5m2").dtype == .float8e5m2)
    #expect(try bytes(file.tensor("e4m3")) == [0x38, 0xFE, 0x18])
    #expect(try bytes(file.tensor("e5m2")) == [0x3C, 0xFB, 0x34])
  }

  @Test(
    "a training checkpoint: tensors by their paths, numbers and text as data",
    arguments: ["ckpt_zip.pt", "ckpt_legacy.pt"])
  func trainingCheckpoint(name: String) throws {
    let file = try PyTorch.open(fixture(name))
    let expected = try #require(try expectations()["ckpt"])
    var count = 0
    for member in try #require(expected["model"]?.object).members {
      try expect(file.tensor("model." + member.key), member.value, member.key)
      count += 1
    }
    for state in try #require(expected["optim_state"]?.object).members {
      for member in try #require(state.value.object).members {
        let path = "optim.state.\(state.key).\(member.key)"
        try expect(file.tensor(path), member.value, path)
        count += 1
      }
    }
    #expect(file.archiveEntries.count == count)
    #expect(file.metadata["epoch"] == "3" && file.metadata["lr"] == "0.001" && file.metadata["name"] == "tiny é")
    #expect(file.metadata["flag"] == "True" && file.metadata["none"] == "None")
    #expect(file.metadata["tup"] == "(1, 2.5, 'x')" && file.metadata["list"] == "[1, [2, 3]]")
    #expect(file.metadata["big"] == expected["big"]?.string)
    #expect(
      file.metadata["shape"] == "(2, 3)" && file.metadata["dtype"] == "torch.float16" && file.metadata["dev"] == "cpu")
    let group = try #require(expected["param_groups"]?.array?.first?.object)
    for member in group.members {
      let value = try #require(file.root["optim"]?["param_groups"]?[0]?[member.key])
      if let number = member.value.double {
        #expect(value.double ?? (value.bool == true ? 1 : 0) == number, "\(member.key)")
      } else if let flag = member.value.bool {
        #expect(value.bool == flag, "\(member.key)")
      } else if member.value.isNull {
        #expect(value.isNone, "\(member.key)")
      } else {
        let wanted = member.value.array?.compactMap(\.double)
        #expect(value.elements?.compactMap(\.double) == wanted, "\(member.key)")
      }
    }
    #expect(file.root["big"]?.double == 1180591620717411303424 && file.root["big"]?.int == nil)
  }

  @Test("a file that is one tensor")
  func singleTensor() throws {
    let file = try PyTorch.open(fixture("tensor_zip.pt"))
    #expect(file.names == ["tensor"])
    try expect(file.tensor("tensor"), #require(try expectations()["state_dict"]?["f32"]), "tensor")
  }

  @Test("TorchScript: parameters by path, objects of the archive's own classes as data")
  func torchScript() throws {
    let file = try PyTorch.open(fixture("torchscript.pt"))
    #expect(file.format == "TorchScript" && Set(file.names) == ["weight", "bias"])
    for member in try #require(try expectations()["torchscript"]?.object).members {
      try expect(file.tensor(member.key), member.value, member.key)
    }
    #expect(file.root.className == "__torch__.torch.nn.modules.linear.Linear")
    #expect(file.root["training"]?.bool == true)
  }

  @Test("a function outside the list is refused by its name")
  func unsafeGlobal() throws {
    let error = try #require(checkpointError { _ = try PyTorch.open(fixture("unsafe_global.pt")) })
    #expect(error.kind == .refused && error.item == "posix.system", "\(error)")
    #expect(error.message.contains("nothing of it was run"))
    // Even as data, it is a note of a call, and no more.
    let file = try PyTorch.open(fixture("unsafe_global.pt"), unknownClasses: .keptAsData)
    #expect(file.names == ["w"])
    #expect(file.root["x"]?.className == "posix.system")
    #expect(file.root["x"]?.arguments.first?.string == "echo SHOULD-NOT-RUN")
  }

  @Test("a module saved whole is refused by its class, or read as its state dictionary")
  func wholeModule() throws {
    let error = try #require(checkpointError { _ = try PyTorch.open(fixture("whole_module.pt")) })
    #expect(error.kind == .refused && error.item == "torch.nn.modules.container.Sequential", "\(error)")
    #expect(error.advice.contains("state_dict"))
    let file = try PyTorch.open(fixture("whole_module.pt"), unknownClasses: .keptAsData)
    let members = try #require(try expectations()["ckpt"]?["model"]?.object).members
    #expect(Set(file.names) == Set(members.map(\.key)))
    for member in members { try expect(file.tensor(member.key), member.value, member.key) }
  }

  @Test("a wrong name is answered with the closest")
  func wrongName() throws {
    let file = try PyTorch.open(fixture("ckpt_zip.pt"))
    let error = try #require(checkpointError { _ = try file.tensor("0.weight") })
    #expect(error.kind == .missingTensor && error.advice.contains("model.0.weight"))
  }
}
