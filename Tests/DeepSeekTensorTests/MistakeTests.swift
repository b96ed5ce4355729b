import DeepSeekOperators
import DeepSeekTensor
import Testing

@Suite("A programmer's mistake ends the program with one line that says what was wrong and where")
struct MistakeTests {
  /// The line of the message among what the process wrote.
  private static func message(_ output: [UInt8]?) -> String {
    let lines = String(decoding: output ?? [], as: UTF8.self).split(separator: "\n")
    let messages = lines.filter { $0.contains("Fatal error: ") }
    return messages.count == 1 ? String(messages[0]) : "\(messages.count) messages: \(messages)"
  }

  @Test("shapes that do not fit: the operator, both shapes, and the caller's file")
  func shapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).matmul(Tensor.ones([4, 5]))
    }
    let message = MistakeTests.message(result?.standardErrorContent)
    for part in [
      "matmul", "[2, 3]", "[4, 5]", "inner lengths 3 and 4 differ", "DeepSeekTensorTests/MistakeTests.swift:",
    ] {
      #expect(message.contains(part), "\(message)")
    }
  }

  @Test("a sum whose shapes do not broadcast, by its sign")
  func broadcasting() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]) + Tensor.ones([4])
    }
    let message = MistakeTests.message(result?.standardErrorContent)
    #expect(message.contains("add: shapes [2, 3] and [4] do not broadcast: axis -1 is 3 and 4"), "\(message)")
  }

  @Test("an index outside its axis, and the caller's file")
  func index() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3])[0, 3]
    }
    let message = MistakeTests.message(result?.standardErrorContent)
    #expect(message.contains("index 3 is outside axis 1 of [2, 3]"), "\(message)")
    #expect(message.contains("DeepSeekTensorTests/MistakeTests.swift:"), "\(message)")
  }

  @Test("arrays of unequal lengths")
  func ragged() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([[1, 2], [3]])
    }
    let message = MistakeTests.message(result?.standardErrorContent)
    #expect(message.contains("an array of length 1 stands beside one of length 2"), "\(message)")
  }
}
