import DeepSeekTensor
import Testing

@Suite("Types for storage print as NumPy's")
struct PrintingTests {
  /// The strings are those of `numpy.array2string(array, precision=4, separator=", ")`.
  static let complex: [(parts: [Float], shape: Shape, text: String)] = [
    ([1, 2, 3.25, -1.5], [2], "[1.  +2.j , 3.25-1.5j]"),
    ([1, 1, 1, -12.5, 0, 0, -0.0, -2], [2, 2], "[[ 1. +1.j ,  1.-12.5j],\n [ 0. +0.j , -0. -2.j ]]"),
    ([1.5, -2], [], "1.5-2.j"),
    ([1e-3, 1, 100, 2], [2], "[1.e-03+1.j, 1.e+02+2.j]"),
    ([.nan, -.infinity, 1, 0], [2], "[nan-infj,  1. +0.j]"),
    ([], [0], "[]"),
  ]

  @Test("complex numbers have both parts", arguments: complex.indices)
  func complexNumbers(_ index: Int) throws {
    let (parts, shape, text) = PrintingTests.complex[index]
    let tensor = try parts.withUnsafeBytes { try Tensor(bytes: $0, dtype: .complex64, shape: shape) }
    #expect(tensor.formatted() == text)
    #expect(tensor.description.hasSuffix("complex64\(shape)"))
  }

  @Test("the largest unsigned integers are not negative")
  func unsigned() {
    let space = String(repeating: " ", count: 20)
    #expect(Tensor([UInt64.max, 0, 7]).formatted() == "[18446744073709551615,\(space)0,\(space)7]")
    #expect(Tensor([UInt32.max, 1]).formatted() == "[4294967295,          1]")
    #expect(Tensor([UInt16.max]).formatted() == "[65535]")
  }

  @Test("8-bit floats print the numbers that they stand for", arguments: [DType.float8e4m3, .float8e5m2])
  func smallFloats(_ dtype: DType) {
    #expect(Tensor([1.5, -0.25, 0]).converted(to: dtype).formatted() == "[ 1.5 , -0.25,  0.  ]")
  }

  @Test("a strided view prints its own elements")
  func strided() {
    let tensor = Tensor([[UInt64.max, 1], [2, 3]])
    let column = tensor.viewed(Layout([2], strides: [2], offset: 1))
    #expect(column.formatted() == "[1, 3]")
  }
}
