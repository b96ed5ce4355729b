/// The four normalization forms (Unicode Standard Annex 15).
enum NormalizationForm: Sendable {
  case nfc, nfd, nfkc, nfkd

  /// Text whose scalars are all below this is already normalized, without looking anything up.
  fileprivate var quickLimit: UInt32 {
    switch self {
    case .nfc: 0x300
    case .nfd: 0xC0
    case .nfkc, .nfkd: 0xA0
    }
  }

  fileprivate var isCompatibility: Bool { self == .nfkc || self == .nfkd }
  fileprivate var composes: Bool { self == .nfc || self == .nfkc }
}

/// A scalar on its way, with what it changes in the alignment; see `TextRewriter`.
private struct Step {
  var value: UInt32
  var change: Int32
  var combiningClass: UInt8
}

extension AlignedText {
  /// Normalizes the text.
  mutating func normalize(_ form: NormalizationForm) {
    if isASCII || isQuick(form) { return }
    let tables = NormalizationTables.shared
    rewrite { rewriter, source in
      var steps: [Step] = []
      steps.reserveCapacity(source.count)
      decompose(source, form, tables, into: &steps)
      if form.composes {
        compose(steps, tables, into: &rewriter)
      } else {
        for step in steps { rewriter.put(step.value, change: Int(step.change)) }
      }
    }
  }

  private func isQuick(_ form: NormalizationForm) -> Bool {
    let limit = form.quickLimit
    return bytes.withUnsafeBufferPointer { source in
      var index = 0
      while index < source.count {
        let (value, width) = scalar(source, index)
        if value >= limit { return false }
        index += width
      }
      return true
    }
  }
}

/// Full decomposition with marks in canonical order.
private func decompose(
  _ source: UnsafeBufferPointer<UInt8>, _ form: NormalizationForm, _ tables: NormalizationTables,
  into steps: inout [Step]
) {
  var index = 0
  var firstMark = 0
  while index < source.count {
    let (value, width) = scalar(source, index)
    index += width
    var change: Int32 = 0
    tables.decompose(value, compatibility: form.isCompatibility) { part in
      let combiningClass = tables.combiningClass(part)
      if combiningClass == 0 {
        order(&steps, from: firstMark)
        firstMark = steps.count + 1
      }
      steps.append(Step(value: part, change: change, combiningClass: combiningClass))
      change = 1
    }
  }
  order(&steps, from: firstMark)
}

/// Sorts a run of marks by combining class, equal ones in their order.
private func order(_ steps: inout [Step], from start: Int) {
  guard steps.count - start > 1 else { return }
  // Hostile text can hold runs of any length: nothing quadratic here.
  let sorted = steps[start...].enumerated().sorted {
    ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
  }
  for (offset, step) in sorted.enumerated() { steps[start + offset] = step.element }
}

/// Canonical composition. A composed scalar takes over the changes of its parts, less the one that vanished.
private func compose(_ steps: [Step], _ tables: NormalizationTables, into rewriter: inout TextRewriter) {
  var composee: Step?
  var waiting: [Step] = []
  var lastClass: UInt8?
  for step in steps {
    guard let base = composee else {
      if step.combiningClass != 0 {
        rewriter.put(step.value, change: Int(step.change))
      } else {
        composee = step
      }
      continue
    }
    let blocked = lastClass.map { $0 >= step.combiningClass } ?? false
    if !blocked, let composed = tables.compose(base.value, step.value) {
      composee = Step(value: composed, change: base.change + step.change - 1, combiningClass: 0)
    } else if step.combiningClass == 0 {
      rewriter.put(base.value, change: Int(base.change))
      for mark in waiting { rewriter.put(mark.value, change: Int(mark.change)) }
      waiting.removeAll(keepingCapacity: true)
      lastClass = nil
      composee = step
    } else {
      waiting.append(step)
      lastClass = step.combiningClass
    }
  }
  if let base = composee { rewriter.put(base.value, change: Int(base.change)) }
  for mark in waiting { rewriter.put(mark.value, change: Int(mark.change)) }
}
