import DeepSeekCheckpoints
import DeepSeekTensor

/// Goes from names to a plan.
struct Planner {
  /// The tensors that one rule takes together, by what stood in the braces.
  struct Group {
    let rule: Int
    let captures: NamePattern.Captures
    /// Positions of the tensors, by the places of their patterns in the rule.
    var members: [Int: Int] = [:]
  }

  struct GroupKey: Hashable {
    let rule: Int
    let captures: NamePattern.Captures
  }

  let archive: any TensorArchive
  let options: ConversionOptions
  let entries: [ArchiveEntry]
  /// Positions of the tensors by name; of two spellings that look alike, the first.
  let places: [String: Int]
  var report: ConversionReport
  var planned: [PlannedTensor] = []
  var architecture: ArchitectureMap?
  var error: ConversionError
  var rules: [MappingRule]?
  var layerCount: Int?
  var groups: [Group] = []
  var positions: [GroupKey: Int] = [:]
  var owners: [ExactNameKey: Int] = [:]

  init(_ archive: any TensorArchive, _ options: ConversionOptions, output: String) {
    self.archive = archive
    self.options = options
    entries = archive.archiveEntries
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    report = ConversionReport(source: archive.path, format: archive.format, output: output)
    report.tensors = entries.map {
      ConversionReport.Tensor(
        name: $0.name, storedType: $0.storedType, lengths: $0.lengths, byteCount: $0.byteCount)
    }
    error = ConversionError(source: archive.path)
  }

  /// The map's rules, then the architecture's.
  mutating func chooseRules(layerCount: Int?) throws {
    self.layerCount = layerCount
    rules = options.map?.rules
    guard let name = options.architecture ?? options.map?.architecture else { return }
    guard let architecture = ArchitectureMap.named(name) else {
      throw CheckpointError(
        .invalidRequest, file: archive.path, "there is no map for the architecture '\(name)'",
        advice: "there are \(ArchitectureMap.names.joined(separator: ", "))")
    }
    guard let scheme = architecture.scheme(of: entries.map(\.name)) else {
      let known = architecture.schemes.map { "\($0.title) ('\($0.signature)')" }.joined(separator: ", ")
      throw CheckpointError(
        .invalidRequest, file: archive.path, "its names are none of those known for \(name): \(known)",
        advice: "see its names with 'ds inspect', and write a map")
    }
    self.architecture = architecture
    report.scheme = "\(name): \(scheme.title)"
    rules = (rules ?? []) + scheme.rules
  }

  /// Finds the rule of each tensor, and what the rules miss.
  mutating func matchNames() {
    guard let rules else { return }
    for (place, entry) in entries.enumerated() {
      if let (rule, member, captures) = Planner.match(entry.name, rules) {
        let key = GroupKey(rule: rule, captures: captures)
        if positions[key] == nil {
          positions[key] = groups.count
          groups.append(Group(rule: rule, captures: captures))
        }
        groups[positions[key]!].members[member] = place
      } else {
        leaveOut(place, "no rule of the map fits it")
      }
    }
    findMissing(rules)
  }

  private static func match(
    _ name: String, _ rules: [MappingRule]
  ) -> (rule: Int, member: Int, captures: NamePattern.Captures)? {
    for (number, rule) in rules.enumerated() {
      for (member, pattern) in rule.sources.enumerated() {
        if let captures = pattern.match(name) { return (number, member, captures) }
      }
    }
    return nil
  }

  /// More layers than this beyond those found are not filled in: the number is no layer's.
  private static let mostGaps = 1024
  /// Numbers of more places than this are not asked for one by one.
  private static let mostCombinations = 1 << 16

  /// Rules without texts must be there: once, or for every number that any rule found under the same name.
  private mutating func findMissing(_ rules: [MappingRule]) {
    var numbers: [String: Set<Int>] = [:]
    for group in groups {
      for name in rules[group.rule].sources[0].numberNames {
        if let number = group.captures[name].flatMap(Int.init) { numbers[name, default: []].insert(number) }
      }
    }
    for (name, found) in numbers {
      // A layer that is missing altogether leaves a gap.
      if let last = found.max(), last < found.count + Planner.mostGaps { numbers[name] = Set(0...last) }
    }
    if let layerCount, (1...Planner.mostGaps).contains(layerCount), architecture != nil {
      numbers[ArchitectureMap.layerName, default: []].formUnion(0..<layerCount)
    }
    for (number, rule) in rules.enumerated() where !rule.isOptional {
      let pattern = rule.sources[0]
      guard pattern.textNames.isEmpty, pattern.numberNames.count <= 2 else { continue }
      var combinations: [NamePattern.Captures] = [[:]]
      for name in pattern.numberNames {
        let found = (numbers[name] ?? []).sorted()
        combinations = combinations.flatMap { captures in
          found.map { captures.merging([name: String($0)]) { first, _ in first } }
        }
        if combinations.count > Planner.mostCombinations { combinations = [] }
      }
      for captures in combinations {
        let members = positions[GroupKey(rule: number, captures: captures)].map { groups[$0].members } ?? [:]
        for (member, source) in rule.sources.enumerated() where members[member] == nil {
          let name = source.filled(captures) ?? source.description
          // A rule before this one may have taken it.
          if places[name] == nil { miss(name) }
        }
      }
    }
  }

  private mutating func miss(_ name: String) {
    report.missing.append(name)
    if !options.allowMissing {
      error.missing.append(ConversionError.Item(name: name, reason: "the map asks for it"))
    }
  }

  mutating func leaveOut(_ place: Int, _ reason: String, isMapped: Bool = false) {
    report.tensors[place].outcomes = [.leftOut]
    report.tensors[place].note = reason
    if !isMapped && !options.allowUnused {
      error.unused.append(ConversionError.Item(name: entries[place].name, reason: reason))
    }
  }
}

/// A name in a group of files, equal only to one of the same bytes.
struct ExactNameKey: Hashable {
  let group: String
  let bytes: [UInt8]

  init(group: String, name: String) {
    self.group = group
    bytes = Array(name.utf8)
  }
}
