import CDeepSeekBLAS
import COpenBLAS
import DeepSeekOperators
import DeepSeekTensor
import Testing

/// In processes of their own: the family belongs to the whole process.
@Suite("OpenBLAS's kernel families")
struct BLASFamilyTests {
  @Test("every family that the processor can run gives exact products of whole numbers, and solves")
  func products() async {
    await #expect(processExitsWith: .success) {
      ds_blas_initialize()
      var tested: [String] = []
      for name in ["Cooperlake", "SkylakeX", "Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott", "Core2"] {
        guard ds_blas_select_family(name) else { continue }
        #expect(String(cString: ds_blas_family()).lowercased() == name.lowercased())
        tested.append(name)
        for (m, k, n) in [(1, 1, 1), (3, 5, 2), (37, 53, 29), (64, 64, 64), (130, 17, 71)] {
          let a = (0..<m * k).map { Double($0 * 7 % 13 - 6) }
          let b = (0..<k * n).map { Double($0 * 5 % 11 - 5) }
          var expected = [Double](repeating: 0, count: m * n)
          for place in expected.indices {
            let (row, column) = (place / n * k, place % n)
            for inner in 0..<k { expected[place] += a[row + inner] * b[inner * n + column] }
          }
          let product = Tensor([m, k], a).matmul(Tensor([k, n], b))
          #expect(product.array(of: Double.self) == expected, "\(name), float64, \(m)×\(k)×\(n)")
          var single = [Float](repeating: -1, count: m * n)
          cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a.map { Float($0) }, Int32(k),
            b.map { Float($0) }, Int32(n), 0, &single, Int32(n))
          #expect(single.map { Double($0) } == expected, "\(name), float32, \(m)×\(k)×\(n)")
        }
        let x = Tensor([40, 40], (0..<1600).map { Double($0 * 7 % 13 - 6) }) + Tensor.eye(40, dtype: .float64) * 200
        let right = Tensor.ones([40, 3], dtype: .float64)
        #expect((x.matmul(x.solve(right)) - right).abs().max().item(as: Double.self) < 1e-12, "\(name)")
      }
      #if arch(x86_64)
        if String(cString: ds_blas_version()).contains("DYNAMIC_ARCH") { #expect(tested.contains("Nehalem")) }
      #endif
    }
  }

  @Test("a family that is not known, or not to be picked, is refused, and the one in use stays")
  func refusals() async {
    await #expect(processExitsWith: .success) {
      ds_blas_initialize()
      let before = String(cString: ds_blas_family())
      for name in ["", "NoSuchFamily", "Bulldozer"] { #expect(!ds_blas_select_family(name)) }
      #expect(String(cString: ds_blas_family()) == before)
    }
  }

  @Test("nobody's choice leaves the processor's instructions unused")
  func choice() {
    ds_blas_initialize()
    // A family asked for in the environment is the person's to keep, and a build for one family has no other.
    let isOpen = ds_blas_forced_family() == nil && String(cString: ds_blas_version()).contains("DYNAMIC_ARCH")
    #expect(!isOpen || !ds_blas_family_is_below_cpu())
  }
}
