import DeepSeekOperators
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Operators: NumPy's rules")
struct NumPyTests {
  @Test("types promote as NumPy's do, for every pair")
  func promotion() throws {
    let rules = try NumPyRules.stored.get().rules("promote")
    #expect(rules.count == 81)
    for (pair, expected) in rules {
      let (a, b) = (try #require(DType(name: pair[0])), try #require(DType(name: pair[1])))
      #expect(DType.promote(a, b)?.description == expected, "\(a) and \(b)")
      if expected == "bool" { continue }
      #expect((Tensor.ones([2], dtype: a) + Tensor.ones([2], dtype: b)).dtype.description == expected, "\(a) + \(b)")
    }
  }

  @Test("Swift literals take no type of their own, as Python's")
  func scalars() throws {
    let rules = try NumPyRules.stored.get().rules("scalar")
    #expect(rules.count == 18)
    for (about, expected) in rules {
      let x = Tensor.ones([1], dtype: try #require(DType(name: about[0])))
      let result = about[1] == "float" ? x + 1.5 : x + 1
      #expect(result.dtype.description == expected, "\(about[0]) + \(about[1])")
    }
  }

  @Test("bfloat16 stands where float16 does")
  func bfloat16() {
    for dtype in [DType.bool, .int8, .uint8] { #expect(DType.promote(.bfloat16, dtype) == .bfloat16) }
    #expect(DType.promote(.bfloat16, .float16) == .float32)
    #expect(DType.promote(.bfloat16, .int16) == .float32)
    #expect(DType.promote(.bfloat16, .int64) == .float64)
    for dtype in DType.allCases where !dtype.isArithmetic { #expect(DType.promote(dtype, .float32) == nil, "\(dtype)") }
  }

  @Test("shapes broadcast as NumPy's do, and those that don't are refused")
  func broadcasting() throws {
    let rules = try NumPyRules.stored.get().rules("broadcast")
    #expect(rules.count == 121)
    for (pair, expected) in rules {
      let (a, b) = (Shape(numbers(pair[0])), Shape(numbers(pair[1])))
      let result = try? Shape.broadcast(a, b, in: "test")
      #expect((result?.description ?? "error") == expected, "\(a) and \(b)")
      guard let result else { continue }
      #expect((Tensor.ones(a) * Tensor.ones(b)).shape == result, "\(a) * \(b)")
    }
  }

  private func numbers(_ text: String) -> [Int] {
    text.dropFirst().dropLast().split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
  }

  @Test("tensors print as NumPy's arrays do")
  func printing() throws {
    let stored = try NumPyRules.stored.get()
    let rules = stored.rules("print")
    #expect(rules.count == 80)
    for (about, expected) in rules {
      var format = TensorFormat()
      format.precision = try #require(Int(about[1]))
      let array = try stored.array(about[0])
      #expect(array.formatted(format) == expected, "array \(about[0]), precision \(about[1])")
    }
  }
}
