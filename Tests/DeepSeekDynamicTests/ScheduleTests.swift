import DeepSeekDynamic
import Testing

private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 }

@Suite("Learning rates follow their formulas")
struct ScheduleTests {
  @Test("Warmup and fall meet at their ends")
  func shapes() {
    let linear = Schedule.linear(warmupSteps: 10, totalSteps: 110)
    #expect([0, 5, 10, 60, 110, 500].map { linear($0) } == [0, 0.5, 1, 0.5, 0, 0])
    let cosine = Schedule.cosine(warmupSteps: 10, totalSteps: 110, floor: 0.1)
    #expect(near(cosine(10), 1) && near(cosine(60), 0.55) && near(cosine(110), 0.1) && near(cosine(10_000), 0.1))
    #expect(near(cosine(35), 0.1 + 0.9 * 0.5 * (1 + 0.5.squareRoot())))
    let restarts = Schedule.cosineWithHardRestarts(totalSteps: 100, cycles: 2)
    #expect(near(restarts(0), 1) && near(restarts(25), 0.5) && near(restarts(50), 1) && near(restarts(100), 0))
    let warm = Schedule.cosineWarmRestarts(period: 10, growth: 2)
    #expect(near(warm(0), 1) && near(warm(5), 0.5) && near(warm(10), 1) && near(warm(20), 0.5) && near(warm(30), 1))
    #expect(near(Schedule.polynomial(totalSteps: 10, power: 2)(5), 0.25))
    #expect([0, 9, 10, 25].map { Schedule.step(period: 10, factor: 0.5)($0) } == [1, 1, 0.5, 0.25])
    #expect([0, 3, 7].map { Schedule.step(at: [3, 7], factor: 0.5)($0) } == [1, 0.5, 0.25])
    #expect(near(Schedule.exponential(factor: 0.9)(2), 0.81))
    let root = Schedule.inverseSquareRoot(warmupSteps: 100)
    #expect(near(root(50), 0.5) && near(root(100), 1) && near(root(400), 0.5))
    let joined = Schedule.warmup(steps: 4).then(at: 6, .exponential(factor: 0.5))
    #expect([2, 5, 6, 7].map { joined($0) } == [0.5, 1, 1, 0.5])
  }

  /// `torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=10)`, each second step.
  @Test("One cycle agrees with PyTorch's")
  func oneCycle() {
    let schedule = Schedule.oneCycle(totalSteps: 10)
    let expected = [0.04, 1.0, 0.8117456539497631, 0.38874197806371075, 0.049519367986526286]
    for (index, value) in expected.enumerated() {
      #expect(abs(schedule(index * 2) - value) < 1e-9, "step \(index * 2)")
    }
    #expect(abs(schedule(9) - 4e-6) < 1e-12)
  }

  @Test("A plateau shrinks the rate after its patience, and rests")
  func plateau() {
    var plateau = ReduceOnPlateau(shrinkage: 0.5, patience: 2, cooldown: 2)
    let factors = [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5].map { plateau.observe($0) }
    #expect(factors == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    var rising = ReduceOnPlateau(goal: .maximum, shrinkage: 0.1, patience: 0)
    #expect([1, 2, 3, 3].map { rising.observe($0) } == [1, 1, 1, 0.1])
  }
}
