import DeepSeekEngines
import DeepSeekJSON
import Foundation

/// What `ds doctor` says of one optional engine.
struct EngineReport {
  let description: EngineDescription
  private let installation: EngineInstallation?
  /// What loading and running it gave; `nil` when that was not asked for.
  private let check: Result<EngineCheck, any Error>?

  /// Looks at files; `isChecked` loads the library as well.
  init(_ description: EngineDescription, isChecked: Bool) {
    self.description = description
    installation = description.installation()
    check = isChecked ? Result { try description.check() } : nil
  }

  /// The readable line.
  var line: String {
    let name = description.name.padding(toLength: 12, withPad: " ", startingAt: 0)
    switch check {
    case .success(let check):
      return name + "\(check.version), \(check.path), checked in " + String(format: "%.1f s", check.seconds)
    case .failure(let error): return name + "\(error)"
    case nil:
      guard let installation else { return name + "not found; \(description.install)" }
      return name + "\(installation.version ?? "of unknown version"), \(installation.path)"
    }
  }

  /// The report's stable keys; null when there is no engine.
  var json: JSONValue {
    var object = JSONObject()
    switch check {
    case .success(let check):
      object["path"] = .string(check.path)
      object["version"] = .string(check.version)
      object["check"] = .string("passed")
    case .failure(let error):
      object["path"] = installation.map { JSONValue.string($0.path) } ?? .null
      object["version"] = installation?.version.map { JSONValue.string($0) } ?? .null
      object["check"] = .string("\(error)")
    case nil:
      guard let installation else { return .null }
      object["path"] = .string(installation.path)
      object["version"] = installation.version.map { .string($0) } ?? .null
    }
    return .object(object)
  }
}
