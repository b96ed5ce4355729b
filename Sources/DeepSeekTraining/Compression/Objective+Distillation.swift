public import DeepSeekCompression
import DeepSeekDynamic
public import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor

extension Objective where Batch == TextBatch {
  /// The loss of a student that learns from a teacher beside the labels. The teacher's weights do not change; it computes in
  /// evaluation mode.
  public static func distillation(
    _ student: any SequenceClassifier, from teacher: any SequenceClassifier, _ loss: DistillationLoss
  ) -> Objective {
    Objective(
      loss: { batch, arguments in
        teacher.eval()
        func traced(_ model: any SequenceClassifier) -> (logits: Tensor, trace: LayerTrace?) {
          guard loss.needsTrace else { return (model.logits(batch), nil) }
          let (logits, trace) = LayerTrace.recording(attention: loss.attentionWeight != 0) { model.logits(batch) }
          return (logits, trace)
        }
        let (wanted, teacherTrace) = noGradient { traced(teacher) }
        let (logits, trace) = traced(student)
        let labels = student.loss(
          logits, labels: batch.labels, labelSmoothing: arguments.labelSmoothing, reduction: .mean)
        var traces: (student: LayerTrace, teacher: LayerTrace)?
        if let trace, let teacherTrace { traces = (trace, teacherTrace) }
        let mean = loss(
          labels: labels, student: logits, teacher: wanted, traces: traces, mask: batch.tokens.attentionMask)
        return BatchLoss(mean: mean, weight: batch.labels.shape[0])
      }, outputs: nil, ignoreIndex: -100)
  }
}
