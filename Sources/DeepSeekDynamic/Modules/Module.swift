public import DeepSeekTensor

/// A part of a model: weights, and how they act on tensors.
///
/// A module is a `final class` whose stored properties are `let`. Whatever among them is a ``Parameter``, a ``Buffer``, a
/// module, or an array, dictionary or optional of such, is found without a word from you, and keyed by the property's name:
///
/// ```swift
/// final class MLP: Module {
///   let first = Linear(784, 128)
///   let second = Linear(128, 10)
///   func callAsFunction(_ x: Tensor) -> Tensor { second(first(x).relu()) }
/// }
/// MLP().namedParameters().map(\.name)  // first.weight, first.bias, second.weight, second.bias
/// ```
///
/// The compiler checks that a module can be shared between threads: everything that changes lives in parameters, buffers and
/// ``TrainingMode``s, each of which guards itself.
///
/// A module prints as its ``summary``.
public protocol Module: AnyObject, Sendable, CustomStringConvertible {
  /// The keys of properties whose key in checkpoints is not their name: `["selfAttention": "attention.self"]`. With an
  /// empty key, what the property holds appears as if this module held it.
  static var stateKeys: [String: String] { get }

  /// What the module holds, in order. Found by reflection; a module whose keys are computed (`weight_ih_l0`) says it
  /// itself.
  var fields: [ModuleField] { get }
}

extension Module {
  /// Every key is its property's name.
  public static var stateKeys: [String: String] { [:] }

  /// The stored properties. Costs about a microsecond for each: what is needed often should be kept, as optimizers do.
  public var fields: [ModuleField] { ModuleField.reflected(of: self, names: Self.stateKeys) }
}

/// A module from one tensor to one tensor: what ``Sequential`` chains.
public protocol Layer: Module {
  /// The output for `input`.
  func callAsFunction(_ input: Tensor) -> Tensor
}
