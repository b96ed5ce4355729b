extension Keras {
  /// What `fit` saw, epoch by epoch.
  public struct History: Sendable, Hashable {
    /// The epochs, counted from 0.
    public internal(set) var epochs: [Int] = []
    /// By name, `loss`, `accuracy`, `val_loss`, …: a number for each epoch.
    public internal(set) var values: [String: [Double]] = [:]

    mutating func append(_ logs: [String: Double], epoch: Int) {
      epochs.append(epoch)
      for (name, value) in logs { values[name, default: []].append(value) }
    }

    /// The numbers of a name; empty when there is none.
    public subscript(name: String) -> [Double] { values[name] ?? [] }
  }
}
