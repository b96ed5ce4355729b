import DeepSeekTensor
import Testing

/// Each runs in a process of its own: the counts are of the whole process.
@Suite("The allocator counts what is in use, and gives freed blocks out again")
struct MemoryTests {
  @Test("in use, peak and kept, as tensors come and go")
  func statistics() async {
    await #expect(processExitsWith: .success) {
      let size = 8 << 20
      Memory.clearCache()
      Memory.resetPeak()
      let before = Memory.statistics
      #expect(before.peak == before.inUse && before.cached == 0)
      var first: Tensor? = Tensor(uninitialized: .uint8, [size])
      let address = first!.pointer
      #expect(Memory.statistics.inUse == before.inUse + size)
      first = nil
      let after = Memory.statistics
      #expect(after.inUse == before.inUse && after.peak == before.inUse + size && after.cached == size)
      // A little smaller, of the same size class: the block that was freed.
      let second = Tensor(uninitialized: .uint8, [size - 1000])
      #expect(second.pointer == address && Memory.statistics.cached == 0)
      #expect(Memory.statistics.peak == before.inUse + size)
      withExtendedLifetime(second) {}
    }
  }

  @Test("what is kept unused stays within its limit, and can be given back")
  func limits() async {
    await #expect(processExitsWith: .success) {
      Memory.clearCache()
      for size in [40, 300, 90, 120, 60, 80] { _ = Tensor(uninitialized: .uint8, [size << 20]) }
      #expect(Memory.statistics.cached > 0 && Memory.statistics.cached <= Memory.cacheLimit)
      Memory.clearCache()
      #expect(Memory.statistics.cached == 0)
    }
  }

  @Test("threads that allocate at the same time never share a block, and everything comes back")
  func threads() async {
    await #expect(processExitsWith: .success) {
      Parallel.threadCount = 4
      let before = Memory.statistics.inUse
      Parallel.forEach(400) { range in
        for number in range {
          let tensors = (0..<4).map { Tensor.full([2000 + $0 * 700], number * 4 + $0, dtype: .int32) }
          for (index, tensor) in tensors.enumerated() {
            let elements = tensor.array(of: Int32.self)
            #expect(elements.allSatisfy { $0 == Int32(number * 4 + index) })
          }
        }
      }
      #expect(Memory.statistics.inUse == before)
    }
  }
}
