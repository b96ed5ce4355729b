public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// What a student is taught by: its teacher's logits, hidden states and attention, beside the labels.
public struct DistillationLoss: Sendable, Hashable {
  /// What logits are divided by, so that the less likely classes speak too.
  public var temperature: Double
  /// The weight of the labels' own loss.
  public var labelWeight: Double
  /// The weight of the difference of logits.
  public var logitWeight: Double
  /// The weight of the difference of hidden states; 0 leaves them out.
  public var hiddenWeight: Double
  /// The weight of the difference of attention; 0 leaves it out.
  public var attentionWeight: Double

  /// The usual mixture: as much of labels as of logits.
  public init(
    temperature: Double = 2, labelWeight: Double = 0.5, logitWeight: Double = 0.5, hiddenWeight: Double = 0,
    attentionWeight: Double = 0
  ) {
    self.temperature = temperature
    self.labelWeight = labelWeight
    self.logitWeight = logitWeight
    self.hiddenWeight = hiddenWeight
    self.attentionWeight = attentionWeight
  }

  /// Whether layers have to be traced.
  public var needsTrace: Bool { hiddenWeight != 0 || attentionWeight != 0 }

  /// The mean over rows of the Kullback-Leibler divergence of a student's softened probabilities from its teacher's, times
  /// the temperature squared (Hinton and others, arXiv:1503.02531). Both `[…, classes]`.
  public static func logits(_ student: Tensor, _ teacher: Tensor, temperature: Double = 2) -> Tensor {
    let wanted = (teacher.detached() * (1 / temperature)).logSoftmax()
    let seen = (student * (1 / temperature)).logSoftmax()
    return (wanted.exp() * (wanted - seen)).sum(axis: -1).mean() * (temperature * temperature)
  }

  /// The mean squared difference of hidden states `[…, width]` (Jiao and others, "TinyBERT", arXiv:1909.10351); where the
  /// widths differ, `projection` takes the student's to its teacher's and is trained with the student. Rows count where
  /// `mask`, `[…]`, is not zero.
  public static func hidden(
    _ student: Tensor, _ teacher: Tensor, mask: Tensor? = nil, projection: Linear? = nil
  ) -> Tensor {
    let gap = ((projection?(student) ?? student) - teacher.detached()).square().mean(axis: -1)
    guard let mask else { return gap.mean() }
    let weights = mask.notEqual(to: 0).cast(to: gap.dtype)
    return (gap * weights).sum() / weights.sum().maximum(1)
  }

  /// The mean divergence of attention `[batch, heads, queries, keys]` from the teacher's; of the heads' mean where their
  /// numbers differ. Queries count where `mask`, `[batch, queries]`, is not zero.
  public static func attention(_ student: Tensor, _ teacher: Tensor, mask: Tensor? = nil) -> Tensor {
    var (seen, wanted) = (student, teacher.detached())
    if seen.dimension(1) != wanted.dimension(1) {
      (seen, wanted) = (seen.mean(axis: 1, keepAxes: true), wanted.mean(axis: 1, keepAxes: true))
    }
    let floor = 1e-7
    let gap = (wanted * ((wanted + floor).log() - (seen + floor).log())).sum(axis: -1).mean(axis: 1)
    guard let mask else { return gap.mean() }
    let weights = mask.notEqual(to: 0).cast(to: gap.dtype)
    return (gap * weights).sum() / weights.sum().maximum(1)
  }

  /// The layers of a teacher that a student with fewer learns from: evenly spread, the last from the last.
  public static func layers(of teacher: Int, for student: Int) -> [Int] {
    if student < 1 || teacher < student { fatalError("DistillationLoss: \(student) layers learn from \(teacher)") }
    return (1...student).map { $0 * teacher / student - 1 }
  }

  /// All of it: the labels' loss, and how logits and traces differ, by their weights. Traces are needed where
  /// ``needsTrace``; hidden states have equal widths.
  public func callAsFunction(
    labels: Tensor, student: Tensor, teacher: Tensor, traces: (student: LayerTrace, teacher: LayerTrace)? = nil,
    mask: Tensor? = nil
  ) -> Tensor {
    var loss = labels * labelWeight
    if logitWeight != 0 {
      loss = loss + DistillationLoss.logits(student, teacher, temperature: temperature) * logitWeight
    }
    guard needsTrace else { return loss }
    guard let traces else { fatalError("DistillationLoss: hidden states and attention need both models' traces") }
    func mean(_ own: [Tensor], _ other: [Tensor], _ gap: (Tensor, Tensor) -> Tensor) -> Tensor {
      let layers = DistillationLoss.layers(of: other.count, for: own.count)
      let gaps = zip(own, layers).map { gap($0, other[$1]) }
      return gaps.dropFirst().reduce(gaps[0], +) / Double(gaps.count)
    }
    if hiddenWeight != 0 {
      let (own, other) = (traces.student.hiddenStates, traces.teacher.hiddenStates)
      loss = loss + mean(own, other) { DistillationLoss.hidden($0, $1, mask: mask) } * hiddenWeight
    }
    if attentionWeight != 0 {
      let (own, other) = (traces.student.attentions, traces.teacher.attentions)
      loss = loss + mean(own, other) { DistillationLoss.attention($0, $1, mask: mask) } * attentionWeight
    }
    return loss
  }
}
