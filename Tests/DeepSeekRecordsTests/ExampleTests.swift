import DeepSeekTensor
import Foundation
import Testing

@testable import DeepSeekRecords

private struct Expected: Decodable {
  struct Examples: Decodable {
    var image: [Float]
    var label: [Int64]
    var words: [Int64]
    var wordsShape: [Int]
    var name: [[UInt8]]

    enum CodingKeys: String, CodingKey {
      case image, label, words, name
      case wordsShape = "words_shape"
    }
  }
  var examples: Examples

  static func read() throws -> Examples {
    try JSONDecoder().decode(Expected.self, from: Data(contents(fixture("expected.json")))).examples
  }
}

@Suite("Examples")
struct ExampleTests {
  @Test("a specification gives what TensorFlow's parse_example gives")
  func parse() throws {
    let expected = try Expected.read()
    let parser = ExampleParser([
      "image": .fixed([2, 2], .float32), "label": .fixed([], .int64, default: .integers([-7])),
      "words": .variable(.int64), "name": .fixedBytes([2]),
    ])
    let batch = try parser.parse(records(fixture("examples.tfrecord")))
    #expect(batch.count == 4)
    let image = try #require(batch["image"]?.padded())
    #expect(image.shape == [3, 2, 2] && image.array(of: Float.self) == expected.image)
    let label = try #require(batch["label"]?.padded())
    #expect(label.shape == [3] && label.array(of: Int64.self) == expected.label)
    let words = try #require(batch["words"]?.padded(with: -1))
    #expect(Array(words.shape) == expected.wordsShape && words.array(of: Int64.self) == expected.words)
    guard case .bytes(let names, let lengths) = batch["name"] else {
      Issue.record("the names are not bytes")
      return
    }
    #expect(names == expected.name && lengths == [2, 2, 2])
  }

  @Test("other element types are cast, and a shorter width cuts")
  func casts() throws {
    let parser = ExampleParser(["image": .fixed([4], .float64), "words": .variable(.int32)])
    let batch = try parser.parse(records(fixture("examples.tfrecord")))
    #expect(batch["image"]?.padded()?.dtype == .float64)
    let words = try #require(batch["words"]?.padded(to: 2))
    #expect(words.dtype == .int32 && words.array(of: Int32.self) == [5, 6, 0, 0, 9, 0])
  }

  @Test("what does not fit the specification is refused by name")
  func misfits() throws {
    let all = try records(fixture("examples.tfrecord"))
    func message(_ specification: [String: FeatureSpecification]) -> String {
      do {
        _ = try ExampleParser(specification).parse(all)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(["label": .fixed([], .int64)]) == "example 2, feature 'label': it is missing and has no default")
    #expect(message(["image": .fixed([3], .float32)]).contains("it has 4 elements; shape [3] has 3"))
    #expect(message(["image": .fixed([4], .int64)]).contains("it holds floats, integers are expected"))
    #expect(message(["name": .variable(.float32)]).contains("it holds bytes, floats are expected"))
  }

  @Test("examples and sequence examples are written as they are read")
  func roundTrip() throws {
    let example = Example([
      "a": .floats([1.5, -2]), "b": .integers([.min, 0, 7]), "c": .bytes([[], [1, 2]]), "d": .floats([]),
    ])
    #expect(try Example(example.serialized()) == example)
    let sequence = try SequenceExample(contents(fixture("sequence.bin")))
    #expect(sequence.context == ["length": .integers([2])])
    #expect(sequence.featureLists == ["tokens": [.integers([1, 2]), .integers([3])]])
    #expect(try SequenceExample(sequence.serialized()) == sequence)
  }

  @Test("numbers that are not packed are read too")
  func unpacked() throws {
    var message = WireWriter()
    message.message(1) { features in
      features.message(1) { entry in
        entry.string(1, "x")
        entry.message(2) { feature in
          feature.message(3) { list in
            list.integer(1, 5)
            list.integer(1, -6)
          }
        }
      }
    }
    #expect(try Example(message.bytes).features == ["x": .integers([5, -6])])
  }
}
