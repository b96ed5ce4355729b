import DeepSeekCheckpoints

/// Keeps an output from taking the place of its source.
enum SourceGuard {
  /// Throws `CheckpointError` when writing `output` would replace the source or something of it.
  static func check(_ source: String, output: String) throws {
    guard let target = Folder.realPath(output) else { return }
    // A checkpoint's name may be a prefix: then its folder is there, and it is not.
    let folder = CarriedFiles.folder(of: source)
    let place = Folder.realPath(source) ?? Folder.realPath(folder) ?? source
    let isInside = place == target || place.hasPrefix(target + "/")
    // A file in the source's folder may be one of its parts.
    let isPart = Folder.exists(source) && target.hasPrefix(place + "/")
    guard isInside || isPart else { return }
    throw CheckpointError(
      .invalidRequest, file: output, "it would replace \(source) or a part of it, which is being read",
      advice: "choose another path")
  }
}
