/// Numbers one behind another, as an array has them, in memory or in mapped files: the columns of logs that may be larger than memory.
///
/// A value like an array: copies share their bytes until one of them is written to. What appends to it or changes it needs no more
/// memory than the pages in use where it lies in files.
package struct Column<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {  // why: its owner alone writes
    @usableFromInline var region: ColumnRegion
    /// Where the region's bytes are; follows it.
    @usableFromInline var base: UnsafeMutablePointer<Element>
    package private(set) var count: Int

    /// An empty column that grows at `place`.
    package init(at place: ColumnPlace = .memory) {
        self.init(region: ColumnRegion(place), count: 0)
    }

    /// `count` times one value, at `place`.
    package init(repeating value: Element, count: Int, at place: ColumnPlace = .memory) {
        self.init(region: ColumnRegion(place, bytes: count * MemoryLayout<Element>.stride), count: count)
        base.initialize(repeating: value, count: count)
    }

    /// What `values` gives, in its order, at `place`.
    package init(_ values: some Sequence<Element>, at place: ColumnPlace = .memory) {
        self.init(at: place)
        reserveCapacity(values.underestimatedCount)
        for value in values { append(value) }
    }

    /// `count` numbers of a mapped file, from `offset` bytes on; they stay in the file until somebody writes to them, and are at
    /// `place` then.
    ///
    /// - Precondition: the numbers lie in the mapping, at a multiple of their alignment.
    package init(_ mapping: FileMapping, offset: Int, count: Int, at place: ColumnPlace = .memory) {
        precondition(offset >= 0 && count >= 0 && offset + count * MemoryLayout<Element>.stride <= mapping.bytes.count)
        precondition(offset % MemoryLayout<Element>.alignment == 0)
        guard count > 0, let start = mapping.bytes.baseAddress else {
            self.init(at: place)
            return
        }
        self.init(region: ColumnRegion(mapping, from: start + offset, place), count: count)
    }

    private init(region: ColumnRegion, count: Int) {
        self.region = region
        self.count = count
        base = region.base.assumingMemoryBound(to: Element.self)
    }

    /// Where it grows.
    package var place: ColumnPlace { region.place }

    /// Lends the numbers.
    @inlinable
    package func withUnsafeBufferPointer<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(region) {} }
        return try body(UnsafeBufferPointer(start: base, count: count))
    }

    /// Lends the numbers to be changed.
    @inlinable
    package mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
        _ body: (inout UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        makeUnique()
        defer { withExtendedLifetime(region) {} }
        var buffer = UnsafeMutableBufferPointer(start: base, count: count)
        return try body(&buffer)
    }

    @inlinable
    package mutating func append(_ value: Element) {
        let end = (count &+ 1) &* MemoryLayout<Element>.stride
        if end > region.capacity || !isKnownUniquelyReferenced(&region) {
            makeUnique(capacity: Swift.max(count &+ 1, 16, count &+ count / 2))
        }
        (base + count).initialize(to: value)
        count &+= 1
    }

    package mutating func append(contentsOf values: some Sequence<Element>) {
        for value in values { append(value) }
    }

    /// Makes room for `capacity` numbers.
    package mutating func reserveCapacity(_ capacity: Int) {
        if capacity * MemoryLayout<Element>.stride > region.capacity { makeUnique(capacity: capacity) }
    }

    /// Makes the bytes this column's own, with room for `capacity` numbers where it is given.
    @usableFromInline
    package mutating func makeUnique(capacity: Int = 0) {
        let needed = Swift.max(capacity, count) * MemoryLayout<Element>.stride
        if isKnownUniquelyReferenced(&region), needed <= region.capacity { return }
        if isKnownUniquelyReferenced(&region) {
            region.grow(keeping: count * MemoryLayout<Element>.stride, toHold: needed)
        } else {
            region = region.copy(bytes: count * MemoryLayout<Element>.stride, toHold: needed)
        }
        base = region.base.assumingMemoryBound(to: Element.self)
    }
}

extension Column: RandomAccessCollection, MutableCollection {
    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { count }

    @inlinable
    package subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "a column has no such place")
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count, "a column has no such place")
            if !isKnownUniquelyReferenced(&region) || region.isReadOnly { makeUnique(capacity: count) }
            base[index] = newValue
        }
    }

    @inlinable
    package func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) rethrows -> Result? {
        defer { withExtendedLifetime(region) {} }
        return try body(UnsafeBufferPointer(start: base, count: count))
    }

    @inlinable
    package mutating func withContiguousMutableStorageIfAvailable<Result>(
        _ body: (inout UnsafeMutableBufferPointer<Element>) throws -> Result
    ) rethrows -> Result? {
        makeUnique()
        defer { withExtendedLifetime(region) {} }
        var buffer = UnsafeMutableBufferPointer(start: base, count: count)
        return try body(&buffer)
    }
}

extension Column: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension Column: Equatable where Element: Equatable {
    package static func == (left: Column, right: Column) -> Bool { left.elementsEqual(right) }
}
