import DeepSeekData

/// Batches one after another, epoch by epoch, one read ahead: so it is known when the last of an epoch was given.
final class BatchFeed<Batch: Sendable> {
  private let dataset: Dataset<Batch>
  private var iterator: DatasetIterator<Batch>
  private var upcoming: Batch?
  /// Where an iterator has to begin so that what is read ahead comes first.
  private(set) var position: DatasetState

  /// From the beginning of an epoch.
  init(_ dataset: Dataset<Batch>, epoch: Int) throws {
    self.dataset = dataset
    iterator = try dataset.makeIterator(epoch: epoch)
    position = iterator.state
    upcoming = try iterator.next()
  }

  /// From where another stood.
  init(_ dataset: Dataset<Batch>, from position: DatasetState) throws {
    self.dataset = dataset
    iterator = try dataset.makeIterator(from: position)
    self.position = position
    upcoming = try iterator.next()
  }

  /// Whether the epoch has no more batches.
  var isAtEnd: Bool { upcoming == nil }

  /// The next batch of the epoch, which must have one.
  func next() throws -> Batch {
    guard let batch = upcoming else { fatalError("BatchFeed: the epoch is over") }
    position = iterator.state
    upcoming = try iterator.next()
    return batch
  }

  /// Begins an epoch.
  func begin(epoch: Int) throws {
    iterator = try dataset.makeIterator(epoch: epoch)
    position = iterator.state
    upcoming = try iterator.next()
  }
}
