import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The beginning of an answer.
struct HTTPHead: Sendable {
  let status: Int
  let url: URL
  /// Header fields, their names in lower case.
  private let fields: [String: String]

  init(_ response: HTTPURLResponse, url: URL) {
    status = response.statusCode
    self.url = response.url ?? url
    var fields: [String: String] = [:]
    for (name, value) in response.allHeaderFields {
      if let name = name as? String, let value = value as? String { fields[name.lowercased()] = value }
    }
    self.fields = fields
  }

  /// The value of a header field.
  subscript(name: String) -> String? { fields[name] }

  var isSuccess: Bool { (200..<300).contains(status) }

  /// Where the answer sends one, when it does.
  var redirection: URL? {
    guard [301, 302, 303, 307, 308].contains(status), let location = self["location"] else { return nil }
    return URL(string: location, relativeTo: url)?.absoluteURL
  }

  /// A field that is a count of bytes.
  func byteCount(_ name: String) -> Int? { self[name].flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil } }

  /// The first byte and the whole size of a partial answer: `bytes 10-19/20`.
  var contentRange: (start: Int, total: Int?)? {
    guard let field = self["content-range"], field.hasPrefix("bytes ") else { return nil }
    let parts = field.dropFirst(6).split(separator: "/")
    guard parts.count == 2, let start = parts[0].split(separator: "-").first.flatMap({ Int($0) }), start >= 0 else {
      return nil
    }
    return (start, Int(parts[1]))
  }

  /// The name of the contents: an ETag without its quotes and its mark of weakness.
  func etag(_ name: String) -> String? {
    guard var text = self[name] else { return nil }
    if text.hasPrefix("W/") { text.removeFirst(2) }
    if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
    return text.isEmpty ? nil : text
  }

  /// How long the server asks to wait, in seconds.
  var retryAfter: Double? { self["retry-after"].flatMap(Double.init).flatMap { $0 >= 0 ? $0 : nil } }
}

extension URL {
  /// Whether both are of one scheme, host and port, so that what is meant for the one may be told to the other.
  func hasSameOrigin(as other: URL) -> Bool {
    func port(_ url: URL) -> Int { url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80) }
    return scheme?.lowercased() == other.scheme?.lowercased()
      && host()?.lowercased() == other.host()?.lowercased() && port(self) == port(other)
  }
}
