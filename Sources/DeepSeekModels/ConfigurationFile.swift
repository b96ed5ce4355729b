public import DeepSeekJSON
public import Foundation

/// A JSON file of a model folder, read with errors that name file and field.
public struct ConfigurationFile: Sendable {
  /// The file, for errors.
  public let path: String
  private let root: JSONValue

  /// A model folder's `config.json`.
  public init(modelIn folder: URL) throws {
    try self.init("config.json", in: folder, hint: "a model folder has one")
  }

  /// Reads `name` in `folder`; `hint` is what the error adds when there is no such file.
  public init(_ name: String, in folder: URL, hint: String) throws {
    let url = folder.appendingPathComponent(name)
    path = url.path
    guard FileManager.default.fileExists(atPath: path) else { throw ModelError.missingFile(path: path, hint: hint) }
    do {
      root = try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
    } catch let error as JSONError {
      throw ModelError.unreadableFile(path: path, reason: error.description)
    } catch {
      throw ModelError.unreadableFile(path: path, reason: error.localizedDescription)
    }
  }

  /// Reads `name` in `folder`; `nil` when there is no such file.
  public init?(optional name: String, in folder: URL) throws {
    guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path) else { return nil }
    try self.init(name, in: folder, hint: "")
  }

  /// The whole content.
  public var value: JSONValue { root }

  /// A non-negative whole number no larger than `limit`.
  public func integer(_ field: String, default fallback: Int? = nil, limit: Int = 1 << 31) throws -> Int {
    guard let value = root[field], !value.isNull else {
      if let fallback { return fallback }
      throw ModelError.invalidField(file: path, field: field, expected: "a whole number")
    }
    guard let number = value.integer, (0...limit).contains(number) else {
      throw ModelError.invalidField(file: path, field: field, expected: "a whole number from 0 to \(limit)")
    }
    return number
  }

  /// A finite number.
  public func number(_ field: String, default fallback: Double? = nil) throws -> Double {
    guard let value = root[field], !value.isNull else {
      if let fallback { return fallback }
      throw ModelError.invalidField(file: path, field: field, expected: "a number")
    }
    guard let number = value.double, number.isFinite else {
      throw ModelError.invalidField(file: path, field: field, expected: "a finite number")
    }
    return number
  }

  /// A text.
  public func string(_ field: String, default fallback: String? = nil) throws -> String {
    guard let value = root[field], !value.isNull else {
      if let fallback { return fallback }
      throw ModelError.invalidField(file: path, field: field, expected: "a text")
    }
    guard let text = value.string else { throw ModelError.invalidField(file: path, field: field, expected: "a text") }
    return text
  }

  /// `true` or `false`.
  public func flag(_ field: String, default fallback: Bool) throws -> Bool {
    guard let value = root[field], !value.isNull else { return fallback }
    guard let flag = value.bool else {
      throw ModelError.invalidField(file: path, field: field, expected: "true or false")
    }
    return flag
  }
}
