import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which addresses of the process are mapped files. A process has one address space, so there is one table.
enum MappedPages {
  private struct Table: ~Copyable {
    /// Ranges by where they begin, sorted.
    var starts: [UInt] = []
    var ends: [UInt] = []

    /// The position of the first range that begins behind `address`.
    func position(behind address: UInt) -> Int {
      var (low, high) = (0, starts.count)
      while low < high {
        let middle = (low + high) / 2
        if starts[middle] <= address { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private static let table = Mutex(Table())

  static func add(_ base: UnsafeMutableRawPointer, _ byteCount: Int) {
    let start = UInt(bitPattern: base)
    table.withLock { table in
      let place = table.position(behind: start)
      table.starts.insert(start, at: place)
      table.ends.insert(start + UInt(byteCount), at: place)
    }
  }

  static func remove(_ base: UnsafeMutableRawPointer) {
    let start = UInt(bitPattern: base)
    table.withLock { table in
      let place = table.position(behind: start) - 1
      table.starts.remove(at: place)
      table.ends.remove(at: place)
    }
  }

  /// Gives the pages of these bytes back, when they lie in a mapped file; the next use reads them again.
  static func release(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    let address = UInt(bitPattern: base)
    // The lock is held so that the file cannot be unmapped, and the addresses given to something else, meanwhile.
    table.withLock { table in
      let place = table.position(behind: address) - 1
      guard place >= 0, address < table.ends[place] else { return }
      let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
      // A mapping begins at a page. Its neighbours on the first and the last page are read again when they are needed.
      let start = address / page * page
      let end = min(address + UInt(bytes.count), table.ends[place])
      madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), Int32(MADV_DONTNEED))
    }
  }
}

extension MappedFile {
  /// Gives back the memory of pages that a program has done with, when `bytes` lie in a mapped file; otherwise does nothing.
  /// The contents stay as they are: the next use takes them from the system's cache, or the disk.
  package static func releasePages(_ bytes: UnsafeRawBufferPointer) { MappedPages.release(bytes) }
}
