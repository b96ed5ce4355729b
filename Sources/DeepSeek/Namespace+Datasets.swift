public import DeepSeekData
public import DeepSeekHub

extension ds {
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// Data sets by name.
  public enum datasets {
    /// A GLUE task's examples in a folder, in the hub's layout or the original one; see `DeepSeekData.loadGLUE`.
    public static func loadGLUE(_ name: String, from folder: String) throws(DataError) -> GLUE {
      try DeepSeekData.loadGLUE(name, from: folder)
    }

    /// A GLUE task's examples from a hub's `nyu-mll/glue`; what was fetched before is not fetched again.
    ///
    /// - Parameters:
    ///   - name: The task, such as `mrpc`.
    ///   - hub: The hub; the one that the environment names (`HF_ENDPOINT`, `HF_TOKEN`) when `nil`.
    ///   - revision: A branch, tag or commit.
    /// - Throws: `HubError`, `DataError`.
    public static func loadGLUE(_ name: String, hub: Hub? = nil, revision: String = "main") throws -> GLUE {
      let task = try GLUETask.named(name)
      let repository = try HubRepository("nyu-mll/glue", type: .dataset, revision: revision)
      let snapshot = try (hub ?? Hub()).snapshotDownload(repository, allow: ["\(task.name)/*.parquet"])
      return try DeepSeekData.loadGLUE(name, from: snapshot.folder)
    }
  }
}
