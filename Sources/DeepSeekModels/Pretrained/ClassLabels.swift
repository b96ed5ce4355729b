import DeepSeekJSON

/// The classes of a classifier: how many, what they are called, and what kind of question they answer.
public struct ClassLabels: Sendable, Hashable {
  /// What is learned of a sequence, as `problem_type` names it.
  public enum Problem: String, Sendable, Hashable, CaseIterable {
    /// Numbers, by the squared difference.
    case regression
    /// One class, by cross-entropy.
    case singleLabel = "single_label_classification"
    /// Any number of classes at once, each by itself, by binary cross-entropy.
    case multiLabel = "multi_label_classification"
  }

  /// The classes' names, by number.
  public var names: [String]
  /// The kind; `nil` leaves it to the number of classes and the labels' element type.
  public var problem: Problem?

  /// Classes with these names.
  public init(_ names: [String], problem: Problem? = nil) {
    self.names = names
    self.problem = problem
  }

  /// So many classes, `LABEL_0`, `LABEL_1`, …
  public init(count: Int, problem: Problem? = nil) {
    self.init((0..<count).map { "LABEL_\($0)" }, problem: problem)
  }

  /// How many there are.
  public var count: Int { names.count }

  /// The number of a class; `nil` when none is called so.
  public func index(of name: String) -> Int? { names.firstIndex(of: name) }

  /// The most classes that a file may name.
  private static let limit = 1 << 20

  /// `id2label`, or else `num_labels`, and `problem_type` of a configuration; two classes when it says nothing.
  init(_ file: ConfigurationFile) throws {
    if let problem = file.value["problem_type"], !problem.isNull {
      guard let known = problem.string.flatMap(Problem.init(rawValue:)) else {
        throw ModelError.unsupported(
          file: file.path, field: "problem_type", value: problem.string ?? problem.kind,
          supported: Problem.allCases.map(\.rawValue))
      }
      self.problem = known
    }
    guard let given = file.value["id2label"], !given.isNull else {
      let count = try file.integer("num_labels", default: 2, limit: ClassLabels.limit)
      names = ClassLabels(count: count).names
      return
    }
    guard let members = given.object?.members, members.count <= ClassLabels.limit else {
      throw ModelError.invalidField(file: file.path, field: "id2label", expected: "an object of numbers and names")
    }
    var found = [String?](repeating: nil, count: members.count)
    for member in members {
      guard let id = Int(member.key), found.indices.contains(id), found[id] == nil,
        let name = member.value.string ?? member.value.integer.map(String.init)
      else {
        throw ModelError.invalidField(
          file: file.path, field: "id2label.\(member.key)",
          expected: "a name under one of the numbers 0 to \(members.count - 1)")
      }
      found[id] = name
    }
    names = found.map { $0! }
  }

  /// Writes the names into a configuration; two classes without names of their own, which is what a file that says nothing
  /// means, only where `always`.
  func write(to object: inout JSONObject, always: Bool) {
    if let problem { object["problem_type"] = .string(problem.rawValue) }
    let isSaid = object["id2label"] != nil || object["num_labels"] != nil
    guard always || isSaid || self != ClassLabels(count: 2, problem: problem) else { return }
    // Implied by the names; a file with both would have to agree with itself.
    object["num_labels"] = nil
    var (byNumber, byName) = (JSONObject(), JSONObject())
    for (number, name) in names.enumerated() {
      byNumber[String(number)] = .string(name)
      byName[name] = .integer(number)
    }
    object["id2label"] = .object(byNumber)
    object["label2id"] = .object(byName)
  }
}
