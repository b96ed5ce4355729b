/// How encodings are filled up to one length.
public struct Padding: Sendable, Equatable {
  /// To which length.
  public enum Length: Sendable, Equatable {
    /// That of the longest encoding of the batch.
    case longest
    /// Always the same. Longer encodings stay as they are.
    case fixed(Int)
  }

  /// To which length.
  public var length: Length
  /// At which end padding is put.
  public var direction: Truncation.Direction
  /// When set, the length is rounded up to a multiple of this.
  public var multiple: Int?
  /// The id of a padding token.
  public var id: Int
  /// Its segment.
  public var typeID: Int
  /// Its text.
  public var token: String

  /// Padding; by default at the right, to the longest, with id 0.
  public init(
    length: Length = .longest, direction: Truncation.Direction = .right, multiple: Int? = nil, id: Int = 0,
    typeID: Int = 0, token: String = "[PAD]"
  ) {
    self.length = length
    self.direction = direction
    self.multiple = multiple
    self.id = id
    self.typeID = typeID
    self.token = token
  }

  /// The most tokens that padding makes: a file that asks for more is damaged.
  static let maximumLength = 1 << 24

  /// Fills all encodings, and their overflowing windows, up to one length.
  func apply(to encodings: inout [Encoding]) {
    guard let longest = encodings.map(\.count).max() else { return }
    var target =
      switch length {
      case .longest: longest
      case .fixed(let length): length
      }
    if let multiple, multiple > 0, target % multiple > 0 { target += multiple - target % multiple }
    for index in encodings.indices { pad(&encodings[index], to: target) }
  }

  private func pad(_ encoding: inout Encoding, to target: Int) {
    for index in encoding.overflowing.indices { pad(&encoding.overflowing[index], to: target) }
    let missing = target - encoding.count
    guard missing > 0 else { return }
    var padding = Encoding(
      special: Array(repeating: (id, token), count: missing), typeID: typeID, names: encoding.names)
    padding.attentionMask = [Int](repeating: 0, count: missing)
    let windows = encoding.overflowing
    encoding.overflowing = []
    switch direction {
    case .right: encoding.merge(padding)
    case .left:
      padding.merge(encoding)
      encoding = padding
    }
    encoding.overflowing = windows
  }
}
