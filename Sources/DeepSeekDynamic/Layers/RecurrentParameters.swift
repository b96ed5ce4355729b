package import DeepSeekOperators
package import DeepSeekTensor

/// The weights of one direction of one recurrent layer, under PyTorch's names.
package struct RecurrentParameters: Sendable {
  /// `_l0`, `_l1_reverse`.
  package let suffix: String
  /// `[gates * hidden, inputs]`.
  package let input: Parameter
  /// `[gates * hidden, hidden]`.
  package let hidden: Parameter
  /// `[gates * hidden]`.
  package let inputBias: Parameter?
  /// `[gates * hidden]`.
  package let hiddenBias: Parameter?

  /// Weights of the direction whose keys end in `suffix`.
  package init(suffix: String, input: Parameter, hidden: Parameter, inputBias: Parameter?, hiddenBias: Parameter?) {
    self.suffix = suffix
    self.input = input
    self.hidden = hidden
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }

  /// Random weights, uniform within ±1/√hidden.
  package init(suffix: String, gates: Int, inputs: Int, hidden: Int, bias: Bool, dtype: DType) {
    let bound = 1 / Double(hidden).squareRoot()
    let make = { (shape: Shape) in Parameter(Initializer.uniform(-bound, bound)(shape, dtype: dtype)) }
    self.init(
      suffix: suffix, input: make([gates * hidden, inputs]), hidden: make([gates * hidden, hidden]),
      inputBias: bias ? make([gates * hidden]) : nil, hiddenBias: bias ? make([gates * hidden]) : nil)
  }

  /// What the operator computes with.
  package var weights: RecurrentWeights {
    RecurrentWeights(
      input: input.tensor, hidden: hidden.tensor, inputBias: inputBias?.tensor, hiddenBias: hiddenBias?.tensor)
  }

  /// Under their keys.
  package var fields: [ModuleField] {
    var fields = [
      ModuleField("weight_ih" + suffix, .parameter(input)), ModuleField("weight_hh" + suffix, .parameter(hidden)),
    ]
    if let inputBias { fields.append(ModuleField("bias_ih" + suffix, .parameter(inputBias))) }
    if let hiddenBias { fields.append(ModuleField("bias_hh" + suffix, .parameter(hiddenBias))) }
    return fields
  }
}
