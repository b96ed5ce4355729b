import DeepSeekDynamic
import DeepSeekTensor

extension Embedding {
  /// A table initialized as those of BERT and Llama; the padding row is zero.
  static func normal(_ count: Int, _ width: Int, _ deviation: Double, paddingIndex: Int? = nil) -> Embedding {
    var weight = Initializer.normal(standardDeviation: deviation)([count, width])
    if let paddingIndex, paddingIndex < count, !weight.layout.strides.contains(0) {
      weight.withUnsafeMutableBytes { bytes in
        let row = width * DType.float32.byteCount
        UnsafeMutableRawBufferPointer(rebasing: bytes[paddingIndex * row..<(paddingIndex + 1) * row])
          .initializeMemory(as: UInt8.self, repeating: 0)
      }
    }
    return Embedding(weight: Parameter(weight), paddingIndex: paddingIndex)
  }
}
