public import Foundation

/// Finds the configuration of a model folder.
public enum AutoConfig {
  /// The configuration in a folder's `config.json`, of the type that its family has.
  public static func fromPretrained(_ folder: URL) throws -> any ModelConfiguration {
    let file = try ConfigurationFile(modelIn: folder)
    return try ModelFamily.find(file).configuration.init(contentsOf: folder, file)
  }

  /// The same, for a folder's path or an id; see ``ModelSource``.
  public static func fromPretrained(_ pathOrID: String) throws -> any ModelConfiguration {
    try fromPretrained(ModelSource(pathOrID).folder())
  }
}
