import DeepSeekCheckpoints
public import Foundation

/// Where a hub is, who asks, and where files are kept.
public struct HubSettings: Sendable {
  /// The hub's address, without a slash at its end.
  public var endpoint: URL
  /// What is sent to the hub, and to nobody else, to show who asks; `nil` for nothing.
  public var token: String?
  /// The folder of all repositories' files.
  public var cacheFolder: String
  /// Whether the network must not be used.
  public var isOffline: Bool
  /// How long nothing may come while asking about a file, in seconds.
  public var metadataTimeout: Double
  /// How long nothing may come in the middle of a file, in seconds.
  public var downloadTimeout: Double
  /// How often something is tried that may succeed later.
  public var attempts = 5
  /// The pause after the first failed try, in seconds; it doubles with each, to 30 s at most.
  public var retryDelay = 1.0

  /// Where Hugging Face's hub is.
  public static let defaultEndpoint = "https://huggingface.co"

  /// The settings that Hugging Face's own tools take from the environment: `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`,
  /// `HF_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE`, `HF_HUB_ETAG_TIMEOUT`, `HF_HUB_DOWNLOAD_TIMEOUT`,
  /// `HF_HUB_DISABLE_IMPLICIT_TOKEN`, and the older names of some.
  ///
  /// - Throws: ``HubError`` that names the variable.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(HubError) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    func isTrue(_ name: String) -> Bool {
      ["1", "ON", "YES", "TRUE"].contains(environment[name]?.uppercased() ?? "")
    }
    func path(_ text: String) -> String { HubSettings.expanded(text, environment) }
    endpoint = try HubSettings.endpoint(value("HF_ENDPOINT") ?? HubSettings.defaultEndpoint)
    let home = path(value("HF_HOME") ?? (value("XDG_CACHE_HOME") ?? "~/.cache") + "/huggingface")
    cacheFolder = path(value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? home + "/hub")
    isOffline =
      isTrue("HF_HUB_OFFLINE") || (environment["HF_HUB_OFFLINE"] ?? "").isEmpty && isTrue("TRANSFORMERS_OFFLINE")
    metadataTimeout = try HubSettings.seconds("HF_HUB_ETAG_TIMEOUT", environment)
    downloadTimeout = try HubSettings.seconds("HF_HUB_DOWNLOAD_TIMEOUT", environment)
    if isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN") { return }
    if let given = value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") {
      token = try HubSettings.token(given, from: "HF_TOKEN")
    } else {
      let file = path(value("HF_TOKEN_PATH") ?? home + "/token")
      if Folder.hasFile(file), let data = FileManager.default.contents(atPath: file) {
        token = try HubSettings.token(String(decoding: data.prefix(4096), as: UTF8.self), from: file)
      }
    }
  }

  /// The address of a hub, which must be one of HTTP.
  static func endpoint(_ text: String) throws(HubError) -> URL {
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
      url.host()?.isEmpty == false, url.query() == nil, url.user() == nil
    else {
      throw HubError(
        .invalidSetting, "HF_ENDPOINT is '\(text.prefix(200))', which is no address of a hub",
        advice: "it is like \(defaultEndpoint)")
    }
    return url
  }

  private static func token(_ text: String, from source: String) throws(HubError) -> String? {
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard token.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
      throw HubError(.invalidSetting, "\(source) holds something that is no token", advice: "write it again")
    }
    return token.isEmpty ? nil : token
  }

  private static func seconds(_ name: String, _ environment: [String: String]) throws(HubError) -> Double {
    guard let text = environment[name], !text.isEmpty else { return 10 }
    guard let seconds = Double(text), seconds > 0, seconds <= 86_400 else {
      throw HubError(.invalidSetting, "\(name) is '\(text.prefix(80))'; a number of seconds is expected")
    }
    return seconds
  }

  /// A path with `~` and `$NAME` replaced.
  private static func expanded(_ path: String, _ environment: [String: String]) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/") {
      path = (environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path) + path.dropFirst()
    }
    // Longer names first: $HOMES is not $HOME.
    for name in environment.keys.sorted(by: { $0.utf8.count > $1.utf8.count }) where path.contains("$") {
      path = path.replacing("${\(name)}", with: environment[name]!).replacing("$\(name)", with: environment[name]!)
    }
    return path
  }
}
