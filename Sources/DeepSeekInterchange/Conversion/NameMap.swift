/// How the tensors of a source are to be called, and what is done to them: the contents of a `map.json`.
///
/// ```json
/// {
///   "format_version": 1,
///   "rules": [
///     {"from": "net/layer_{n}/kernel", "to": "layers.{n}.weight", "transpose": true},
///     {"from": "net/layer_{n}/qkv", "to": ["layers.{n}.q", "layers.{n}.k", "layers.{n}.v"], "split": 0},
///     {"from": "global_step", "skip": "a counter of steps"}
///   ]
/// }
/// ```
///
/// The first rule that fits a name is used. A tensor that none fits is an error, as is a rule that fits nothing, unless it is
/// `optional` or the conversion allows it; a rule with numbers must fit for every number that any rule found.
public struct NameMap: Sendable, Hashable {
  /// The rules, in the order in which they are tried.
  public var rules: [MappingRule]
  /// The architecture whose rules come after these; `nil` for none.
  public var architecture: String?

  /// A map of these rules.
  public init(_ rules: [MappingRule], architecture: String? = nil) {
    self.rules = rules
    self.architecture = architecture
  }
}
