public import DeepSeekTensor
import Synchronization

/// A function that is compiled for the kinds of inputs it is called with.
///
/// Guards are the inputs' element types, their ranks, and their lengths outside the dynamic axes. What no program so far
/// was made for is compiled for when it comes, or refused.
///
/// ```swift
/// let step = CompiledFunction(dynamicAxes: [[0]]) { [model($0[0])] }
/// let y = try step(x)[0]
/// ```
public final class CompiledFunction: Sendable {
  /// What happens with inputs that no guard lets pass.
  public enum Policy: Sendable, Hashable {
    /// Another program is made for them, at most so many in all; beyond that they are refused.
    case recompiles(limit: Int)
    /// Only inputs like the first are taken.
    case refuses
  }

  /// What a program was made for.
  private struct Signature: Sendable, Hashable {
    let types: [DType]
    /// Lengths; `nil` at dynamic axes.
    let lengths: [[Int?]]

    init(_ inputs: [Tensor], _ dynamicAxes: [Set<Int>]) {
      types = inputs.map(\.dtype)
      lengths = inputs.enumerated().map { index, input in
        let open = dynamicAxes.indices.contains(index) ? dynamicAxes[index] : []
        return (0..<input.rank).map { open.contains($0) ? nil : input.shape[$0] }
      }
    }

    var description: String {
      zip(types, lengths).map { type, lengths in
        "\(type)[\(lengths.map { $0.map(String.init) ?? "any" }.joined(separator: ", "))]"
      }.joined(separator: ", ")
    }
  }

  private let body: @Sendable ([Tensor]) throws -> [Tensor]
  private let dynamicAxes: [Set<Int>]
  private let policy: Policy
  private let options: CompileOptions
  private let known = Mutex<[Signature: Program]>([:])

  /// The function `body`, compiled as it is called.
  ///
  /// - Parameters:
  ///   - dynamicAxes: For each input the axes of any length. First axes that are open are the batch, of one length for all inputs.
  ///   - policy: What happens with inputs of another kind than before.
  ///   - options: What the passes may do.
  ///   - body: The function; run once for each program on places of a graph.
  public init(
    dynamicAxes: [Set<Int>] = [], policy: Policy = .recompiles(limit: 8), options: CompileOptions = CompileOptions(),
    _ body: @escaping @Sendable ([Tensor]) throws -> [Tensor]
  ) {
    self.body = body
    self.dynamicAxes = dynamicAxes
    self.policy = policy
    self.options = options
  }

  /// How many programs there are.
  public var programCount: Int { known.withLock { $0.count } }

  /// The outputs for these inputs. Throws ``CompilationError`` when they are refused, and what compiling and running throw.
  public func callAsFunction(_ inputs: Tensor...) throws -> [Tensor] { try program(for: inputs).run(inputs) }

  /// The program that runs inputs like these.
  public func program(for inputs: [Tensor]) throws -> Program {
    let signature = Signature(inputs, dynamicAxes)
    return try known.withLock { known in
      if let program = known[signature] { return program }
      let limit = if case .recompiles(let limit) = policy { limit } else { 1 }
      guard known.count < limit else {
        throw CompilationError.refused(
          inputs: inputs.map(\.spec.description).joined(separator: ", "),
          compiledFor: known.keys.map(\.description).sorted())
      }
      let program = try compile(inputs)
      known[signature] = program
      return program
    }
  }

  private func compile(_ inputs: [Tensor]) throws -> Program {
    let specs = inputs.enumerated().map { index, input in
      let open = dynamicAxes.indices.contains(index) ? dynamicAxes[index] : []
      return (name: "input_\(index)", spec: TensorSpec(input.dtype, input.shape.opened(open, named: "input_\(index)")))
    }
    return try Program(specs, options: options) { places in
      try body(specs.map { places[$0.name]! }).enumerated().map { ("output_\($0.offset)", $0.element) }
    }
  }
}

/// Why a compiled function does not run.
public enum CompilationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The inputs are unlike those that there are programs for, and no more may be made.
  case refused(inputs: String, compiledFor: [String])

  /// One line that says what was given and what is taken.
  public var description: String {
    switch self {
    case .refused(let inputs, let compiledFor):
      "compiled function: given \(inputs); it was compiled for \(compiledFor.joined(separator: "; ")), and may not be again"
    }
  }
}
