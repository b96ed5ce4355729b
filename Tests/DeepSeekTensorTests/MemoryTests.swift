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
      let before = Memory.statistics.inUse
      for size in [40, 90, 120, 60, 80] { _ = Tensor(uninitialized: .uint8, [size << 20]) }
      #expect(Memory.statistics.cached > 100 << 20 && before + Memory.statistics.cached <= Memory.leastLimit)
      // What was in use at once stays for the next step.
      let step = { _ = (0..<5).map { _ in Tensor(uninitialized: .uint8, [100 << 20]) } }
      step()
      #expect(Memory.statistics.cached >= 500 << 20)
      // Blocks of another size take the place of those that are kept, not more.
      for count in 1...3 {
        let others = (0..<count).map { _ in Tensor(uninitialized: .uint8, [150 << 20]) }
        let now = Memory.statistics
        #expect(now.inUse + now.cached <= now.peak + Memory.slack)
        withExtendedLifetime(others) {}
      }
      Memory.clearCache()
      #expect(Memory.statistics.cached == 0 && Memory.statistics.inUse == before)
    }
  }

  @Test("a peak of long ago is no reason to keep blocks")
  func fadingPeak() async {
    await #expect(processExitsWith: .success) {
      _ = Tensor(uninitialized: .uint8, [1 << 30])
      #expect(Memory.statistics.cached >= 1 << 30)
      for _ in 0..<80_000 { _ = Tensor(uninitialized: .uint8, [1 << 14]) }
      #expect(Memory.statistics.cached <= Memory.leastLimit)
    }
  }

  @Test("a block that the system does not have counts nothing")
  func refused() async {
    await #expect(processExitsWith: .success) {
      let before = Memory.statistics
      #expect(Storage(ifAvailable: 1 << 50) == nil)
      #expect(Memory.statistics == before)
      _ = Tensor(uninitialized: .uint8, [300 << 20])
      for _ in 0..<80_000 { _ = Tensor(uninitialized: .uint8, [1 << 14]) }
      #expect(Memory.statistics.cached <= Memory.leastLimit)
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
