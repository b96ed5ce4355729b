import CDeepSeekKernels
import Synchronization

/// Gives an operator its tensors.
///
/// With values, the kernel runs now, and a gradient node is attached when an input tracks gradients. With places in a
/// graph that is being built, a node is appended there. Inputs that do not fit the operator are the programmer's mistake
/// and trap with one line that names the operator and what it expected; see ``applyChecked(_:_:)`` for inputs from
/// outside.
///
/// Cost beside the kernel: under half a microsecond, under one with a gradient.
public func apply(
  _ operation: any Operator, _ inputs: [Tensor], file: StaticString = #file, line: UInt = #line
) -> [Tensor] {
  do {
    return try applyChecked(operation, inputs)
  } catch {
    fatalError("\(error)", file: file, line: line)
  }
}

/// Gives an operator of one output its tensors; see ``apply(_:_:file:line:)-2rjwx``.
@inline(__always)
public func apply(
  _ operation: any Operator, _ inputs: Tensor..., file: StaticString = #file, line: UInt = #line
) -> Tensor {
  apply(operation, inputs, file: file, line: line)[0]
}

/// As ``apply(_:_:file:line:)-2rjwx``, but throws ``OperatorError`` when the inputs do not fit.
public func applyChecked(_ operation: any Operator, _ inputs: [Tensor]) throws -> [Tensor] {
  let context = ds_thread_context_get()!
  let traits = operation.traits
  let inputs = context.pointee.autocast == 0 ? inputs : Autocast.prepared(inputs, traits)
  var specs: [TensorSpec] = []
  specs.reserveCapacity(inputs.count)
  var builder: (any GraphBuilding)?
  var tracked = false
  for input in inputs {
    specs.append(input.spec)
    if let graph = input.body.graph { builder = graph.builder }
    if input.gradientNode != nil { tracked = true }
  }
  if traits.contains(.shapeReadsValues) {
    for index in inputs.indices {
      specs[index].value = inputs[index].body.graph == nil ? inputs[index] : inputs[index].body.knownValue
    }
  }
  let outputSpecs = try operation.infer(specs)

  var outputs: [Tensor]
  if let builder {
    outputs = try builder.append(operation, inputs, outputs: outputSpecs)
  } else {
    outputs = try evaluated(operation, traits, inputs, outputSpecs)
  }
  if tracked && context.pointee.gradients_disabled == 0 && !traits.contains(.nonDifferentiable) {
    attachNode(operation, inputs, specs, &outputs)
  }
  if context.pointee.anomaly_checks != 0 && builder == nil { try checkFinite(operation, inputs, outputs) }
  return outputs
}

@inline(__always)
private func attachNode(
  _ operation: any Operator, _ inputs: [Tensor], _ specs: [TensorSpec], _ outputs: inout [Tensor]
) {
  let node = GradientNode(operation: operation, inputs: inputs, specs: specs, outputs: outputs)
  for index in outputs.indices where outputs[index].dtype.isFloatingPoint {
    outputs[index] = Tensor(body: outputs[index].body, node: node, outputIndex: index)
  }
}

/// Notes values computed already as what `operation` gives for `inputs`, so that its gradient rule answers for them:
/// for functions whose outputs are known before an operator could infer them, such as one that is computed again during
/// the backward walk. The outputs come back unchanged when no input tracks a gradient or gradients are off.
public func noted(_ outputs: [Tensor], as operation: any Operator, of inputs: [Tensor]) -> [Tensor] {
  var result = outputs.map { $0.detached() }
  if isGradientEnabled && inputs.contains(where: \.tracksGradient) {
    attachNode(operation, inputs, inputs.map(\.spec), &result)
  }
  return result
}

@inline(__always)
private func evaluated(
  _ operation: any Operator, _ traits: OperatorTraits, _ inputs: [Tensor], _ specs: [TensorSpec]
) throws -> [Tensor] {
  if traits.contains(.view), let layout = operation.view(of: inputs[0], output: specs[0]) {
    return [inputs[0].viewed(layout)]
  }
  var outputs: [Tensor] = []
  outputs.reserveCapacity(specs.count)
  for spec in specs { outputs.append(Tensor(uninitialized: spec.dtype, spec.shape)) }
  if let device = inputs.first?.device, device != .cpu {
    for index in outputs.indices { outputs[index] = outputs[index].placed(on: device) }
  }
  try operation.evaluate(inputs, into: outputs)
  return outputs
}

/// Reports the operator where a NaN or an infinity first arose: its inputs were finite, an output is not.
private func checkFinite(_ operation: any Operator, _ inputs: [Tensor], _ outputs: [Tensor]) throws {
  guard let index = outputs.firstIndex(where: { !$0.isAllFinite }) else { return }
  guard inputs.allSatisfy(\.isAllFinite) else { return }
  let error = OperatorError(
    operation.name,
    "output \(index), \(outputs[index].spec), has a NaN or an infinity, and no input has one")
  guard let note = AnomalyNote.current else { throw error }
  note.first.withLock { $0 = $0 ?? error }
}

/// Where the first anomaly is noted instead of thrown.
private final class AnomalyNote: Sendable {
  let first = Mutex<OperatorError?>(nil)
  @TaskLocal static var current: AnomalyNote?
}

extension Tensor {
  /// Whether no element is NaN or infinite; true for integers. One pass over the elements.
  public var isAllFinite: Bool {
    guard dtype.isFloatingPoint else { return true }
    var view = kernelView
    var result = true
    let status = ds_all_finite(&view, &result)
    withExtendedLifetime(self) {}
    return status == DS_OK && result
  }
}

/// Runs `body` without noting how tensors are computed: nothing made inside tracks a gradient, and no residual is kept.
public func noGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
  let context = ds_thread_context_get()!
  context.pointee.gradients_disabled += 1
  defer { context.pointee.gradients_disabled -= 1 }
  return try body()
}

/// Runs `body` noting how tensors are computed, even inside ``noGradient(_:)``.
public func withGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
  let context = ds_thread_context_get()!
  let disabled = context.pointee.gradients_disabled
  context.pointee.gradients_disabled = 0
  defer { context.pointee.gradients_disabled = disabled }
  return try body()
}

/// Whether operators on this thread note how their outputs are computed.
public var isGradientEnabled: Bool { ds_thread_context_get()!.pointee.gradients_disabled == 0 }

/// Whether operators on this thread check their outputs; see ``detectingAnomalies(_:)``.
public var isDetectingAnomalies: Bool { ds_thread_context_get()!.pointee.anomaly_checks != 0 }

/// Runs `body` with every operator's outputs checked: the first operator that makes a NaN or an infinity out of finite
/// inputs traps under ``apply(_:_:file:line:)-2rjwx``, or throws under ``applyChecked(_:_:)``, naming itself. Costs a pass
/// over every tensor.
public func detectingAnomalies<Result>(_ body: () throws -> Result) rethrows -> Result {
  let context = ds_thread_context_get()!
  context.pointee.anomaly_checks += 1
  defer { context.pointee.anomaly_checks -= 1 }
  return try body()
}

/// Runs `body` to its end with every operator's outputs checked, and says which operator first made a NaN or an infinity out
/// of finite inputs; `nil` when none did. Costs a pass over every tensor.
public func findingAnomaly<Result>(_ body: () throws -> Result) rethrows -> (result: Result, anomaly: OperatorError?) {
  let note = AnomalyNote()
  let result = try AnomalyNote.$current.withValue(note) { try detectingAnomalies(body) }
  return (result, note.first.withLock { $0 })
}
