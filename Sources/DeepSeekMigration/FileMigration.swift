/// What becomes of one source file.
public struct FileMigration: Sendable {
  /// A call or name that was rewritten.
  public struct Change: Sendable, Hashable {
    /// Where it begins in the file as it was.
    public let location: SourcePosition
    /// The old name, as the table has it.
    public let old: String
    /// What stands for it.
    public let new: String
  }

  /// A place for a person to look at.
  public struct Place: Sendable, Hashable {
    /// Why it needs a person.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      /// It has to be changed, and the tool cannot.
      case byHand = "by_hand"
      /// It was changed, and the new name differs as the note says.
      case check
      /// It looks like an old name, but means something that the file declares itself; it stays.
      case left
    }

    /// Why it needs a person.
    public let kind: Kind
    /// Where it begins in the file as it was.
    public let location: SourcePosition
    /// The old name, as the table has it.
    public let old: String
    /// What stands for it; empty where nothing is to be changed.
    public let new: String
    /// What to know.
    public let note: String

    /// `by hand: tf.placeholder is now ds.placeholder: the name first, the type last`.
    public var description: String {
      "\(kind == .byHand ? "by hand" : kind.rawValue): \(old)\(new.isEmpty || new == old ? "" : " is now \(new)")\(note.isEmpty ? "" : ": \(note)")"
    }
  }

  /// The file, as it was named by the caller.
  public let path: String
  /// What was rewritten, in the order of the file.
  public let changes: [Change]
  /// What needs a person, in the order of the file.
  public let places: [Place]
  private let text: EditedText

  init(path: String, changes: [Change], places: [Place], text: EditedText) {
    self.path = path
    self.changes = changes.sorted { $0.location < $1.location }
    self.places = places.sorted { $0.location < $1.location }
    self.text = text
  }

  /// Whether the new text differs from the old one.
  public var isChanged: Bool { !text.edits.isEmpty }
  /// The new text, in UTF-8.
  public var bytes: [UInt8] { text.bytes }
  /// The difference as a unified diff, with the file's name under `a/` and `b/`; empty where nothing changes.
  public var diff: String { UnifiedDiff(text, path: path).description }
}
