import DeepSeekCheckpoints
import DeepSeekTensor
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DeepSeekData

@Suite("Data sets are lazy, seeded, and go on where they were saved")
struct DatasetTests {
  let numbers = Dataset(count: 100) { $0 }

  @Test("map keeps the order on any number of threads")
  func map() throws {
    for parallelism in [nil, 1, 3, 1000] {
      #expect(try numbers.map(parallelism: parallelism) { $0 * $0 }.elements() == (0..<100).map { $0 * $0 })
    }
  }

  @Test("nothing is read before it is asked for, nor more than a step needs")
  func lazy() throws {
    let read = Mutex(0)
    let counted = Dataset(count: 1_000_000) { index in
      read.withLock { $0 += 1 }
      return index
    }
    let pipeline = counted.shuffle(buffer: 50, seed: 1).batch(4).map(parallelism: 2) { $0 }
    #expect(read.withLock { $0 } == 0)
    let iterator = try pipeline.makeIterator()
    #expect(try iterator.next()?.count == 4)
    #expect(read.withLock { $0 } == 58)
  }

  @Test("filter, take, skip, concatenate, zip, enumerated and compactMap select what their names say")
  func selection() throws {
    #expect(try numbers.filter { $0 % 7 == 0 }.elements() == Array(stride(from: 0, to: 100, by: 7)))
    #expect(try numbers.skip(95).elements() == [95, 96, 97, 98, 99])
    #expect(try numbers.take(3).concatenate(numbers.skip(98)).elements() == [0, 1, 2, 98, 99])
    #expect(try numbers.zip(numbers.skip(99)).elements().map { [$0.0, $0.1] } == [[0, 99]])
    #expect(try numbers.skip(50).enumerated().skip(2).take(1).elements().map { [$0.0, $0.1] } == [[2, 52]])
    #expect(try numbers.compactMap { $0 % 40 == 0 ? "\($0)" : nil }.elements() == ["0", "40", "80"])
    #expect(try numbers.count() == 100)
    #expect(try numbers.batch(8).count() == 13)
    #expect(try numbers.batch(8, dropRemainder: true).count() == 12)
  }

  @Test("a shuffle gives every example once, another order for another seed and epoch, and the same for the same")
  func shuffle() throws {
    let shuffled = numbers.shuffle(buffer: 20, seed: 3)
    let first = try shuffled.elements()
    #expect(first.sorted() == Array(0..<100))
    #expect(first != Array(0..<100))
    #expect(try shuffled.elements() == first)
    #expect(try shuffled.elements(epoch: 1) != first)
    #expect(try numbers.shuffle(buffer: 20, seed: 4).elements() != first)
    let repeated = try shuffled.repeat(2).elements()
    #expect(Array(repeated.prefix(100)) == first)
    #expect(Array(repeated.suffix(100)) == (try shuffled.elements(epoch: 1)))
    #expect(try numbers.shuffle(buffer: 1000, seed: 3).elements().sorted() == Array(0..<100))
  }

  @Test("an order drawn from a seed is the same in every version")
  func stable() throws {
    let order = try Dataset(count: 10) { $0 }.shuffle(buffer: 4, seed: 42).elements()
    #expect(order == DatasetTests.shuffledTen)
  }

  /// SplitMix64 of seed 42 and epoch 0, as computed independently in Python.
  static let shuffledTen = [2, 1, 0, 6, 5, 3, 9, 4, 7, 8]

  @Test("shards and splits share the examples out without overlap")
  func parts() throws {
    let shards = try (0..<3).map { try numbers.shard(rank: $0, of: 3).elements() }
    #expect(shards.map(\.count) == [34, 33, 33])
    #expect(shards.flatMap { $0 }.sorted() == Array(0..<100))
    #expect(shards[1].prefix(3) == [1, 4, 7])
    let (train, test) = Dataset(count: 10_000) { $0 }.split(0.8, seed: 5)
    let (first, second) = (try train.elements(), try test.elements())
    #expect((first + second).sorted() == Array(0..<10_000))
    #expect((7_800...8_200).contains(first.count))
  }

  @Test("buckets hold examples of similar length")
  func buckets() throws {
    let batches = try numbers.map { ($0 * 37) % 50 }
      .bucketByLength(boundaries: [10, 25], batchSizes: [8, 4, 2]) { $0 }.elements()
    #expect(batches.flatMap { $0 }.count == 100)
    for batch in batches {
      let bucket = batch[0] < 10 ? 0 : batch[0] < 25 ? 1 : 2
      #expect(batch.allSatisfy { ($0 < 10 ? 0 : $0 < 25 ? 1 : 2) == bucket })
      #expect(batch.count <= [8, 4, 2][bucket])
    }
  }

  @Test("a cache reads its source once")
  func cache() throws {
    let read = Mutex(0)
    let cached = Dataset(count: 10) { index in
      read.withLock { $0 += 1 }
      return index
    }.cache()
    _ = try cached.take(3).elements()
    for _ in 0..<3 { #expect(try cached.elements() == Array(0..<10)) }
    #expect(read.withLock { $0 } == 13)
  }

  @Test("what a step's function throws comes out of next, after the examples before it")
  func errors() throws {
    struct Trouble: Error {}
    for prefetched in [false, true] {
      let failing = numbers.map { index in
        if index == 70 { throw Trouble() }
        return index
      }
      let iterator = try (prefetched ? failing.prefetch(3) : failing).makeIterator()
      for index in 0..<70 { #expect(try iterator.next() == index) }
      let error = dataError { _ = try iterator.next() }
      #expect(error?.kind == .stepFailed)
      #expect(error?.underlying is Trouble)
      #expect(try iterator.next() == nil)
    }
  }

  @Test("repeating nothing ends")
  func empty() throws {
    #expect(try Dataset<Int>([]).repeat().elements() == [])
    #expect(try numbers.repeat().skip(250).take(2).elements() == [50, 51])
  }
}

@Suite("The state of an iterator continues exactly, in another process too")
struct DatasetStateTests {
  /// Saves after every number of examples, restores from the state's JSON, and compares what follows.
  private func check<Example: Sendable & Equatable>(
    _ dataset: Dataset<Example>, _ name: String, epoch: Int = 0, limit: Int = 300
  ) throws {
    let whole = try dataset.take(limit).elements(epoch: epoch)
    #expect(!whole.isEmpty)
    let iterator = try dataset.makeIterator(epoch: epoch)
    for given in 0...whole.count {
      if given % 3 != 1 || given + 2 > whole.count {
        let json = try JSONEncoder().encode(iterator.state)
        let restored = try dataset.makeIterator(from: JSONDecoder().decode(DatasetState.self, from: json))
        for index in given..<min(whole.count, given + 60) {
          let example = try restored.next()
          if example != whole[index] {
            Issue.record("\(name): after \(given), example \(index) is \(String(describing: example))")
            return
          }
        }
      }
      _ = try iterator.next()
    }
    // A run that is stopped again and again, sometimes before it has read anything.
    var state = try dataset.makeIterator(epoch: epoch).state
    var given = 0
    for reads in [0, 1, 0, 2, 5, 0, 1, 3, 8] {
      let iterator = try dataset.makeIterator(from: state)
      for _ in 0..<reads where given < whole.count {
        let example = try iterator.next()
        if example != whole[given] {
          Issue.record("\(name): stopped often, example \(given) is \(String(describing: example))")
          return
        }
        given += 1
      }
      state = iterator.state
    }
  }

  @Test("of every step, alone and together")
  func steps() throws {
    let numbers = Dataset(count: 90) { $0 }
    try check(numbers.map(parallelism: 7) { $0 * 2 }, "map")
    try check(numbers.filter { $0 % 3 == 0 }, "filter")
    try check(numbers.shuffle(buffer: 13, seed: 1), "shuffle", epoch: 2)
    try check(numbers.shuffle(buffer: 500, seed: 1), "large shuffle")
    try check(numbers.batch(7), "batch")
    try check(
      numbers.bucketByLength(boundaries: [20, 60], batchSizes: [3, 4, 5]) { ($0 * 41) % 90 }, "bucketByLength")
    try check(numbers.take(20), "take")
    try check(numbers.skip(20), "skip")
    try check(numbers.shard(rank: 1, of: 4), "shard")
    try check(numbers.split(0.5).first, "split")
    try check(numbers.shuffle(buffer: 10, seed: 9).repeat(), "repeat")
    try check(numbers.take(11).repeat(3), "repeat thrice")
    try check(numbers.take(30).concatenate(numbers.skip(70)), "concatenate")
    try check(numbers.zip(numbers.skip(3)).map { [$0.0, $0.1] }, "zip")
    try check(numbers.prefetch(5), "prefetch")
    try check(numbers.cache(), "cache")
    try check(numbers.shuffle(buffer: 20, seed: 4).cache().repeat(3), "a cache of what was shuffled")
    try check(numbers.compactMap(parallelism: 4) { $0 % 3 == 1 ? nil : $0 }, "compactMap")
    try check(numbers.skip(7).enumerated().map { [$0.0, $0.1] }, "enumerated")
    try check(numbers.batch(7, dropRemainder: true), "batch without the remainder")
    try check(numbers.repeat(2).skip(50).take(70), "skip and take over passes")
    let rows = numbers.map { number in
      ["n": .integer(number), "list": .list((0..<number % 4).map { .integer($0) })] as Record
    }
    try check(rows.select(["list"]).map(\.json), "select")
    try check(rows.select(["n"]).tensorBatch(4).map { $0["n"]!.array(of: Int64.self) }, "tensorBatch")
    try check(rows.paddedBatch(5).map { $0["list"]!.array(of: Int64.self) }, "paddedBatch")
    let slices = Dataset<[String: Tensor]>.fromTensors(["x": Tensor([30, 2], (0..<60).map { Float($0) })])
    try check(slices.shuffle(buffer: 8, seed: 5).map { $0["x"]!.array(of: Float.self) }, "tensors")
    let all = numbers.shard(rank: 0, of: 2).shuffle(buffer: 9, seed: 2).map(parallelism: 5) { $0 + 1 }
      .filter { $0 % 5 != 0 }.shuffle(buffer: 4, seed: 3).repeat().batch(3).prefetch(2)
    try check(all, "all together", limit: 60)
  }

  @Test("of files of every format")
  func files() throws {
    let folder = try TemporaryFolder()
    let lines = (0..<80).map { "line \($0)" }
    let text = try folder.write("a.txt", lines.joined(separator: "\n"))
    let csv = try folder.write("a.csv", "n,s\n" + (0..<80).map { "\($0),\"x\n\($0)\"" }.joined(separator: "\r\n"))
    let json = try folder.write("a.jsonl", (0..<80).map { "{\"n\": \($0)}" }.joined(separator: "\n\n"))
    let binary = ["nested_v2.parquet", "stream_lz4.arrow", "same.tfrecord", "same.tfrecord.gz"].map(fixture)
    for path in [text, csv, json] + binary {
      let rows = try loadData(path).map { $0.json }
      try check(rows.shuffle(buffer: 11, seed: 8).batch(2), path)
      try check(rows, path)
    }
    let images = try ImageFolder(path: fixture("images")).dataset().repeat(2)
    try check(images.shuffle(buffer: 3, seed: 6).map { $0.path }, "images")
    let several = try Dataset.fromParquet([fixture("same.parquet"), fixture("same.parquet")]).map { $0.json }
    try check(several, "several files")
  }

  @Test("a state of another pipeline is refused")
  func mismatch() throws {
    let numbers = Dataset(count: 10) { $0 }
    let state = try numbers.batch(2).makeIterator().state
    #expect(dataError { _ = try numbers.shuffle(buffer: 3, seed: 1).makeIterator(from: state) }?.kind == .stateMismatch)
    let iterator = try numbers.makeIterator()
    for _ in 0..<9 { _ = try iterator.next() }
    #expect(dataError { _ = try Dataset(count: 5) { $0 }.makeIterator(from: iterator.state) }?.kind == .stateMismatch)
  }
}

@Suite("Rows become tensors")
struct TensorBatchTests {
  let rows: Dataset<Record> = Dataset([
    ["text": "a", "label": 1, "ids": [1, 2, 3], "x": 0.5], ["text": "b", "label": 0, "ids": [4], "x": 1.5],
    ["text": "c", "label": 1, "ids": [], "x": -2.0],
  ])

  @Test("numbers by column, texts beside them, and lists padded to the longest")
  func padded() throws {
    let batches = try rows.paddedBatch(2, padding: Padding(values: ["ids": -1], multiple: 4)).elements()
    #expect(batches.map(\.count) == [2, 1])
    let first = batches[0]
    #expect(try first.strings("text") == ["a", "b"])
    #expect(first["label"]?.array(of: Int64.self) == [1, 0])
    #expect(first["x"]?.dtype == .float32)
    #expect(first["ids"]?.shape == [2, 4])
    #expect(first["ids"]?.array(of: Int64.self) == [1, 2, 3, -1, 4, -1, -1, -1])
    #expect(first.lengths["ids"]?.array(of: Int64.self) == [3, 1])
  }

  @Test("element types can be chosen, and unequal shapes are refused without padding")
  func types() throws {
    let batch = try rows.map { row in
      var row = row
      row["ids"] = nil
      return row
    }.tensorBatch(3, types: ["label": .int32, "x": .float64]).elements()[0]
    #expect(batch["label"]?.dtype == .int32)
    #expect(batch["x"]?.array(of: Double.self) == [0.5, 1.5, -2])
    #expect(dataError { _ = try rows.tensorBatch(2).elements() }?.kind == .typeMismatch)
  }

  @Test("a null among numbers is refused with the column's name")
  func nulls() throws {
    let error = dataError { _ = try Dataset<Record>([["x": 1], ["x": nil]]).tensorBatch(2).elements() }
    #expect(error?.item == "x")
  }

  @Test("tensors and NumPy archives are sliced along their first dimension")
  func slices() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/pair.npz"
    let x = Tensor([3, 2], (0..<6).map { Float($0) })
    try Npz.save(["x": x, "y": Tensor([3], [7, 8, 9] as [Int64])], to: path)
    let rows = try Dataset.fromNPZ(path).skip(1).elements()
    #expect(rows.count == 2)
    #expect(rows[0]["x"]?.array(of: Float.self) == [2, 3])
    #expect(rows[1]["y"]?.item(as: Int64.self) == 9)
    try Npz.save(["x": x, "y": Tensor([2], [7, 8] as [Int64])], to: path)
    #expect(dataError { _ = try Dataset.fromNPZ(path) }?.kind == .typeMismatch)
  }
}
