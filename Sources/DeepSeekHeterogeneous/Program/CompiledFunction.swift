public import DeepSeekTensor
import Synchronization

/// A function that is compiled for the kinds of inputs it is called with.
///
/// Guards are the inputs' element types, their ranks, and their lengths outside the dynamic axes. What no program so far
/// was made for is compiled for when it comes, or refused.
///
/// Any number of threads may call it at once. What was compiled runs while something else is being compiled; callers that
/// come with the same new kind of inputs wait for one program, and share its error when it cannot be made.
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
  private let known = Mutex(Known())

  private struct Known {
    var programs: [Signature: Program] = [:]
    var compilations: [Signature: Compilation] = [:]
  }

  /// A program that is being made: whoever wants it waits for the lock, which its maker holds meanwhile.
  private final class Compilation: Sendable {
    private let result = Mutex<Result<Program, any Error>?>(nil)

    /// The program, made by `make` for the first caller alone.
    func program(_ make: () throws -> Program) throws -> Program {
      try result.withLock { result in
        let made = result ?? Result { try make() }
        result = made
        return try made.get()
      }
    }
  }

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
  public var programCount: Int { known.withLock { $0.programs.count } }

  /// The outputs for these inputs. Throws ``CompilationError`` when they are refused, and what compiling and running throw.
  public func callAsFunction(_ inputs: Tensor...) throws -> [Tensor] { try program(for: inputs).run(inputs) }

  /// The program that runs inputs like these; made, or waited for, when there is none yet.
  public func program(for inputs: [Tensor]) throws -> Program {
    let signature = Signature(inputs, dynamicAxes)
    let compilation: Compilation
    switch try known.withLock({ try lookup(signature, inputs, &$0) }) {
    case .program(let program): return program
    case .compilation(let started): compilation = started
    }
    // Outside the lock, so that nothing which is ready waits for this.
    let result = Result { try compilation.program { try compile(inputs) } }
    known.withLock { known in
      // Whoever comes first files it; a failure leaves nothing, so that a later call tries again.
      guard known.compilations[signature] === compilation else { return }
      known.compilations[signature] = nil
      known.programs[signature] = try? result.get()
    }
    return try result.get()
  }

  private enum Found {
    case program(Program)
    case compilation(Compilation)
  }

  /// What there is for a signature, or a compilation that begins with this; what is being made counts towards the limit.
  private func lookup(_ signature: Signature, _ inputs: [Tensor], _ known: inout Known) throws -> Found {
    if let program = known.programs[signature] { return .program(program) }
    if let compilation = known.compilations[signature] { return .compilation(compilation) }
    let limit = if case .recompiles(let limit) = policy { limit } else { 1 }
    guard known.programs.count + known.compilations.count < limit else {
      let others = Array(known.programs.keys) + Array(known.compilations.keys)
      throw CompilationError.refused(
        inputs: inputs.map(\.spec.description).joined(separator: ", "), compiledFor: others.map(\.description).sorted())
    }
    let compilation = Compilation()
    known.compilations[signature] = compilation
    return .compilation(compilation)
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
