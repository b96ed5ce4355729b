import DeepSeekTensor
import Testing

@Suite("A tensor is a value")
struct ValueTests {
  private func fill(_ tensor: inout Tensor, with byte: UInt8) {
    tensor.withUnsafeMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = byte }
    }
  }

  @Test("a change is seen by nobody else: not by a copy, not by a view of a part")
  func copyOnWrite() {
    var tensor = Tensor([[1, 2], [3, 4]])
    let copy = tensor
    let column = tensor.viewed(Layout([2], strides: [2], offset: 1))
    fill(&tensor, with: 0)
    #expect(tensor.array(of: Int.self) == [0, 0, 0, 0])
    #expect(copy.array(of: Int.self) == [1, 2, 3, 4])
    #expect(column.array(of: Int.self) == [2, 4])
  }

  @Test("who alone has the elements changes them where they are")
  func inPlace() {
    var tensor = Tensor([1, 2, 3])
    let address = tensor.pointer
    let ownsAlone = tensor.ownsStorage()
    fill(&tensor, with: 0)
    #expect(tensor.pointer == address)
    let copy = tensor
    let ownsBesideCopy = tensor.ownsStorage()
    #expect(ownsAlone && !ownsBesideCopy)
    withExtendedLifetime(copy) {}
  }

  @Test("a strided view is changed in a row-major copy of its own")
  func stridedChange() {
    let whole = Tensor([[1, 2], [3, 4]])
    var transposed = whole.viewed(Layout([2, 2], strides: [1, 2], offset: 0))
    transposed.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: 9, toByteOffset: 8, as: Int.self)
    }
    #expect(transposed.array(of: Int.self) == [1, 9, 2, 4])
    #expect(whole.array(of: Int.self) == [1, 2, 3, 4])
  }

  @Test("read-only memory of somebody else is never written")
  func borrowed() {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
    bytes.copyBytes(from: [UInt8](repeating: 7, count: 16))
    let storage = Storage(borrowing: UnsafeRawBufferPointer(bytes)) {}
    var tensor = Tensor(storage: storage, dtype: .uint8, layout: Layout([16]))
    fill(&tensor, with: 1)
    #expect(bytes.allSatisfy { $0 == 7 } && tensor.array(of: UInt8.self).allSatisfy { $0 == 1 })
    bytes.deallocate()
  }

  @Test("shapes and bytes from outside are checked")
  func outside() throws {
    for lengths in [[-1], [2, -3], [.max, 2], [1 << 32, 1 << 32], Array(repeating: 1, count: Shape.maximumRank + 1)] {
      #expect(throws: OperatorError.self, "\(lengths)") { try Shape(checking: lengths) }
    }
    #expect(try Shape(checking: [0, 5]).elementCount == 0)
    let error = #expect(throws: OperatorError.self) {
      try [UInt8](repeating: 0, count: 7).withUnsafeBytes { try Tensor(bytes: $0, dtype: .float32, shape: [2]) }
    }
    #expect(error?.description.contains("7 bytes do not fill float32[2], which takes 8") == true)
  }

  @Test("random keys follow from the seed, in each scope anew")
  func seeds() {
    func key() -> [Int64] { RandomGenerator.current.nextKey().array(of: Int64.self) }
    let keys = RandomGenerator.withSeed(7) { [key(), key(), RandomGenerator.withSeed(7) { key() }, key()] }
    #expect(keys == [[7, 0], [7, 1], [7, 0], [7, 2]])
    #expect(RandomGenerator(seed: 3, position: 5).nextKey().array(of: Int64.self) == [3, 5])
    #expect(RandomGenerator.withSeed(.max) { key() } == [-1, 0])
  }
}
