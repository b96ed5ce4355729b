import DeepSeekCheckpoints
import DeepSeekLite
import DeepSeekTensor

/// `ds-lite PROGRAM NAME=FILE.npy … [-o FOLDER]`: runs a program once on arrays in NumPy's format, and writes its outputs so, or
/// says their types and shapes.
@main
enum DSLite {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      SystemStreams.error("error: \(error)")
      SystemStreams.exit(1)
    }
  }

  private static func run(_ arguments: [String]) throws {
    var (rest, folder) = (arguments, String?.none)
    if let place = rest.firstIndex(of: "-o"), place + 1 < rest.count {
      folder = rest[place + 1]
      rest.removeSubrange(place...place + 1)
    }
    guard let path = rest.first, !path.hasPrefix("-") else {
      throw UsageError(description: "usage: ds-lite PROGRAM.dsprogram NAME=FILE.npy … [-o FOLDER]")
    }
    let program = try LiteProgram(contentsOf: path)
    if rest.count == 1 {
      for input in program.inputs { print("input   \(input.name)  \(input.spec)") }
      for output in program.outputs { print("output  \(output.name)  \(output.spec)") }
      return
    }
    var inputs: [String: Tensor] = [:]
    for argument in rest.dropFirst() {
      guard let sign = argument.firstIndex(of: "=") else {
        throw UsageError(description: "'\(argument)' is not NAME=FILE.npy")
      }
      inputs[String(argument[..<sign])] = try Npy.load(String(argument[argument.index(after: sign)...]))
    }
    let outputs = try program.run(inputs)
    for output in program.outputs {
      let tensor = outputs[output.name]!
      print("\(output.name)  \(tensor.spec)")
      if let folder { try Npy.save(tensor, to: "\(folder)/\(output.name).npy") }
    }
  }
}

/// The command line is not as it must be.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}
