import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Distillation")
struct DistillationTests {
  @Test("the difference of softened logits is PyTorch's, and nothing where they agree")
  func logits() {
    let student = Tensor([[1.0, 2.0, -1.0], [0.5, -0.25, 0.75]])
    let teacher = Tensor([[2.0, 1.0, 0.0], [0.0, 1.0, -1.0]])
    let loss = DistillationLoss.logits(student, teacher, temperature: 2).item(as: Double.self)
    #expect(abs(loss - 0.6000110507011414) < 1e-5)
    #expect(abs(DistillationLoss.logits(teacher, teacher).item(as: Double.self)) < 1e-6)
  }

  @Test("layers learn from evenly spread ones")
  func layers() {
    #expect(DistillationLoss.layers(of: 12, for: 4) == [2, 5, 8, 11])
    #expect(DistillationLoss.layers(of: 6, for: 6) == [0, 1, 2, 3, 4, 5])
  }

  @Test("padding counts nothing; other widths are projected")
  func hidden() {
    let (a, b) = (Tensor.zeros([1, 3, 4]), Tensor.ones([1, 3, 4]))
    let gap = Tensor.concatenate([b, b * 9], axis: 1)
    let mask = Tensor([[1, 1, 1, 0, 0, 0]])
    let loss = DistillationLoss.hidden(Tensor.concatenate([a, a], axis: 1), gap, mask: mask)
    #expect(abs(loss.item(as: Double.self) - 1) < 1e-6)
    let narrow = Tensor.zeros([1, 3, 2])
    #expect(DistillationLoss.hidden(narrow, b, projection: Linear(2, 4)).rank == 0)
  }

  @Test("a student's layers come to agree with its teacher's")
  func traces() {
    let (teacher, student) = (PruningTests.encoder(3), PruningTests.encoder(4))
    let ids = Tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 0]])
    let mask = Tensor([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]])
    let loss = DistillationLoss(labelWeight: 0, logitWeight: 0, hiddenWeight: 1, attentionWeight: 1)
    let (_, wanted) = noGradient { LayerTrace.recording(attention: true) { teacher(ids, attentionMask: mask) } }
    #expect(wanted.hiddenStates.count == 2 && wanted.attentions[0].shape == [2, 4, 5, 5])
    #expect(largestDifference(wanted.attentions[1].sum(axis: -1), Tensor.ones([2, 4, 5])) < 1e-5)
    let optimizer = Optimizer(student, AdamW(learningRate: 1e-2))
    var losses: [Double] = []
    for _ in 0..<12 {
      let (states, trace) = LayerTrace.recording(attention: true) { student(ids, attentionMask: mask) }
      let total = loss(
        labels: Tensor(0.0), student: states, teacher: states, traces: (trace, wanted), mask: mask)
      losses.append(total.item(as: Double.self))
      total.backward()
      optimizer.step()
      student.zeroGradients()
    }
    #expect(losses.last! < losses[0] / 2, "\(losses)")
    #expect(LayerTrace.current == nil)
  }
}
