public import DeepSeekHub
public import Foundation

/// Where a pretrained model is: a folder on this machine, or an id of Hugging Face's hub such as `org/name`.
public struct ModelSource: Sendable, Hashable {
  /// The path or id, as given.
  public let name: String
  /// The branch, tag or commit of an id.
  public let revision: String

  /// A path or an id.
  public init(_ name: String, revision: String = "main") {
    self.name = name
    self.revision = revision
  }

  /// The folder. A path that is a folder comes before an id; of an id, what the cache lacks is fetched.
  ///
  /// `environment` says where the cache and the hub are, and who asks; see `HubSettings`. Throws as ``folder(from:)`` does.
  public func folder(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> URL {
    if let folder = try localFolder { return folder }
    do {
      return try folder(from: Hub(HubSettings(environment: environment)))
    } catch let error as HubError {
      throw missing(error)
    }
  }

  /// The folder, where an id is looked for in the hub's cache and then on the hub.
  ///
  /// A model in the cache is taken as it is, without asking whether the hub has a newer one: `ds download` brings it up to
  /// date. Of a model on the hub the configuration, the tokenizer and the weights are fetched, not the same weights again in
  /// the forms of other programs.
  ///
  /// Throws ``ModelError/missingModel(name:hint:)`` when `name` is neither a folder nor the id of a model that can be had.
  public func folder(from hub: Hub) throws -> URL {
    if let folder = try localFolder { return folder }
    guard let repository = try? HubRepository(name, revision: revision) else {
      throw ModelError.missingModel(name: name, hint: "give a model's folder, or an id such as 'org/name'")
    }
    for weights in ModelSource.weights {
      let cached = hub.cachedSnapshot(repository, allow: ModelSource.rest + [weights])
      if let cached, ModelSource.isWhole(cached, weights) { return ModelSource.url(cached) }
    }
    do {
      for weights in ModelSource.weights {
        let fetched = try hub.snapshotDownload(repository, allow: ModelSource.rest + [weights])
        if ModelSource.isWhole(fetched, weights) { return ModelSource.url(fetched) }
      }
    } catch {
      throw missing(error)
    }
    throw ModelError.missingModel(
      name: name, hint: "the hub has no config.json, or no \(ModelSource.weights.joined(separator: " or ")), of it")
  }

  /// The weights, in the forms that are read, the best first.
  private static let weights = ["model*.safetensors", "pytorch_model*.bin"]
  /// What belongs to a model beside its weights: configurations, the tokenizer, the list of the weights' parts.
  private static let rest = ["*.json", "*.txt", "*.model", "*.jinja"]

  private static func isWhole(_ snapshot: HubSnapshot, _ weights: String) -> Bool {
    let pattern = FilePattern(weights)
    return snapshot.files.contains("config.json") && snapshot.files.contains { pattern.fits($0) }
  }

  private static func url(_ snapshot: HubSnapshot) -> URL { URL(fileURLWithPath: snapshot.folder, isDirectory: true) }

  /// The folder when there is one; throws for a file of that name.
  private var localFolder: URL? {
    get throws {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder) else { return nil }
      guard isFolder.boolValue else {
        throw ModelError.missingModel(
          name: name, hint: "it is a file; give the folder that has config.json beside the weights")
      }
      return URL(fileURLWithPath: name, isDirectory: true)
    }
  }

  private func missing(_ error: HubError) -> ModelError {
    .missingModel(name: name, hint: "there is no such folder, and it cannot be had from a hub: \(error)")
  }
}
