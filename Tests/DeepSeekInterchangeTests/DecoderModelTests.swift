import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekOperators
import DeepSeekTensor
import Testing

@Suite("Decoders that PyTorch exported")
struct DecoderModelTests {
  private let passes: [GraphPass] = [
    .constantFolding, .simplification(), .commonSubexpressions, .layoutChoice, .fusion(), .attentionFusion, .deadCode,
  ]

  @Test(
    "attention that is written out with its masks is fused, and gives ONNX Runtime's logits",
    arguments: [("decoder_gpt2", false), ("decoder_llama", true)])
  func fusion(name: String, isCausal: Bool) throws {
    let graph = try ONNXModel.load(fixture(name + ".onnx")).graph()
    let fused = try graph.optimized(passes)
    let attention = try #require(fused.nodes.first { $0.operation is AttentionOperator })
    // GPT-2's mask is a number that would leave a row of padding a mean: it is added as it is.
    #expect((attention.operation as? AttentionOperator)?.isCausal == isCausal)
    #expect(!fused.nodes.contains { $0.operation is SoftmaxOperator })
    // Llama's two key heads are not copied for its four.
    #expect(fused.spec(attention.inputs[1]).shape.dimension(1) == (isCausal ? 2 : 4))
    // Weights that stand by inputs are read by outputs, with bias and activation in the product.
    #expect(!fused.nodes.contains { $0.operation is MatmulOperator })
    let products = fused.nodes.compactMap { $0.operation as? LinearOperator }
    #expect(products.count == (isCausal ? 8 : 5))
    #expect(products.contains { $0.activation == .geluTanh } == !isCausal)
    let reference = try Reference(name)
    let logits = try #require(try CPUExecutor(fused).run(reference.feeds)["logits"])
    let found = difference(logits, reference.outputs["logits"]!, tolerance: 1e-5)
    #expect(found == nil, "\(found ?? "")")
  }
}
