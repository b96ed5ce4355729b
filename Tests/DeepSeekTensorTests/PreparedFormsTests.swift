import DeepSeekTensor
import Testing

/// Something that a kernel might prepare.
private final class Form: Sendable {}
private final class OtherForm: Sendable {}

@Suite("Prepared forms")
struct PreparedFormsTests {
  private let matrix = Tensor(Shape([4, 6]), (0..<24).map { Float($0) })

  private func form(_ key: FormKey, make: () -> Form? = { Form() }) -> Form? {
    matrix.storage.prepared.form(key, make: make)
  }

  @Test("a form is made once for a view, and found by any other tensor that is the same view")
  func found() throws {
    let first = try #require(form(FormKey(matrix)))
    let again = matrix.viewed(matrix.layout)
    #expect(form(FormKey(again)) { nil } === first)
    #expect(matrix.storage.prepared.count == 1)
  }

  @Test("other views, types of form, variants and companions have forms of their own")
  func distinct() {
    let scales = Tensor([Float(1), 2, 3, 4])
    let others = Tensor([Float(1), 2, 3, 4])
    let row = matrix.viewed(Layout([6], offset: 6))
    let transposed = matrix.viewed(matrix.layout.permuted([1, 0]))
    let keys = [
      FormKey(matrix), FormKey(row), FormKey(transposed), FormKey(matrix, variant: 1), FormKey(matrix, scales),
      FormKey(matrix, others), FormKey(matrix, nil, scales), FormKey(matrix, scales, others),
    ]
    let forms = keys.map { form($0).map { ObjectIdentifier($0) } }
    #expect(Set(forms).count == keys.count)
    #expect(keys.map { key in form(key) { nil }.map { ObjectIdentifier($0) } } == forms)
    let other = matrix.storage.prepared.form(FormKey(matrix)) { OtherForm() }
    #expect(other != nil && matrix.storage.prepared.count == keys.count + 1)
  }

  @Test("that there is no form is remembered, until the bytes change")
  func none() {
    #expect(form(FormKey(matrix)) { nil } == nil)
    #expect(form(FormKey(matrix)) == nil && matrix.storage.prepared.count == 0)
    matrix.storage.prepared.removeAll()
    #expect(form(FormKey(matrix)) != nil && matrix.storage.prepared.count == 1)
  }

  @Test("of two threads that ask at once, both get one form")
  func threads() async throws {
    let matrix = matrix
    let found = await withTaskGroup(of: Form?.self) { group in
      for _ in 0..<16 {
        group.addTask { matrix.storage.prepared.form(FormKey(matrix)) { Form() } }
      }
      return await group.reduce(into: Set<ObjectIdentifier?>()) { $0.insert($1.map { ObjectIdentifier($0) }) }
    }
    #expect(found.count == 1)
  }
}
