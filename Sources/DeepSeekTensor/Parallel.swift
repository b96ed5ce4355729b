import CDeepSeekKernels

/// The framework's one thread pool.
public enum Parallel {
  /// How many threads a loop may use: `DEEPSEEK_NUM_THREADS`, or the cores this process may use (affinity and cgroup
  /// quota counted). Set it before work begins, not from inside a loop.
  public static var threadCount: Int {
    get { Int(ds_thread_count()) }
    set { ds_set_thread_count(Int32(clamping: Swift.max(newValue, 1))) }
  }

  /// Runs `body` over `0 ..< count` in contiguous pieces of at least `grain` indices, on the pool and this thread, and
  /// returns when all is done. Pieces depend only on the arguments and the thread count. Nested loops run alone.
  public static func forEach(_ count: Int, grain: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { escapable in
      var box = Box(body: escapable)
      withUnsafeMutablePointer(to: &box) { pointer in
        ds_parallel_for(
          Int64(count), Int64(grain),
          { context, begin, end, _ in
            context!.assumingMemoryBound(to: Box.self).pointee.body(Int(begin)..<Int(end))
          }, pointer)
      }
    }
  }

  private struct Box {
    let body: @Sendable (Range<Int>) -> Void
  }
}
