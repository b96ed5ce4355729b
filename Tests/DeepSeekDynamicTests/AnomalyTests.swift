import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Testing

@Suite("NaN and infinity are found where they arise")
struct AnomalyTests {
  @Test("The operator that makes one of finite inputs is named; one that passes it on is not")
  func forward() {
    let x = Tensor([1.0, -1.0])
    let error = #expect(throws: OperatorError.self) {
      try detectingAnomalies { try applyChecked(UnaryOperator(.log), [x]) }
    }
    #expect(error?.description.contains("log: output 0, float32[2], has a NaN or an infinity") == true)
    let bad = x.log()
    detectingAnomalies { _ = bad + 1 }
    detectingAnomalies { _ = x.exp() }
  }

  @Test("In the backward walk too")
  func backward() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      detectingAnomalies {
        let weight = Parameter(Tensor([0.0]))
        weight.tensor.sqrt().sum().backward()
      }
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("has a NaN or an infinity, and no input has one"), "\(text.suffix(300))")
  }
}
