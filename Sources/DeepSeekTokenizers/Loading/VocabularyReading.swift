internal import DeepSeekJSON

extension Vocabulary {
  /// A vocabulary from an object of ids by token.
  init(_ field: Field) throws(TokenizerError) {
    let object = try field.object()
    self.init(capacity: object.count)
    for member in object.members {
      guard let id = member.value.integer, id >= 0, id < Int(Int32.max) else {
        throw .invalidField(path: "\(field.path).\(member.key)", reason: "an id is an integer from 0 to 2³¹ - 2")
      }
      insert(member.key, id: Int32(id))
    }
  }
}
