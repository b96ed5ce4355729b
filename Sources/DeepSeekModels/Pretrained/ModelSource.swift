public import Foundation

/// Where a pretrained model is: a folder on this machine, or an id of Hugging Face's hub such as `org/name`, looked up in its
/// local cache.
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

  /// The folder. A path that is a folder comes before an id.
  ///
  /// `environment` says where the cache is: `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME` or `HOME`. Throws
  /// ``ModelError/missingModel(name:hint:)`` when `name` is neither a folder nor an id that the cache has.
  public func folder(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> URL {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue {
      return URL(fileURLWithPath: name, isDirectory: true)
    }
    let cache = HubCache(environment: environment)
    guard HubCache.isModelID(name) else {
      throw ModelError.missingModel(name: name, hint: "give a model's folder, or an id such as 'org/name'")
    }
    guard let snapshot = cache.snapshot(of: name, revision: revision) else {
      throw ModelError.missingModel(
        name: name, hint: "\(cache.folder.path) does not have revision '\(revision)' of it; give a model's folder")
    }
    return snapshot
  }
}
