import Foundation

/// The bytes of a column and their owner.
///
/// Memory of its own, a nameless file of its own, or a part of somebody's mapping that is only read.
@usableFromInline
package final class ColumnRegion: @unchecked Sendable {  // why: written only by a column that alone refers to it
    private enum Owner {
        case memory
        case file(descriptor: Int32)
        case mapping(FileMapping)
    }

    @usableFromInline private(set) package var base: UnsafeMutableRawPointer
    /// In bytes; 0 where it is only read.
    @usableFromInline private(set) package var capacity: Int
    let place: ColumnPlace
    private var owner: Owner

    @usableFromInline
    package var isReadOnly: Bool { if case .mapping = owner { true } else { false } }

    init(_ place: ColumnPlace, bytes: Int = 0) {
        self.place = place
        if case .files(let folder, let above) = place, bytes > above, let file = Self.file(in: folder, bytes) {
            (owner, base, capacity) = (.file(descriptor: file.descriptor), file.base, bytes)
        } else {
            capacity = max(bytes, 16)
            (owner, base) = (.memory, Self.memory(capacity))
        }
    }

    /// The bytes of a mapping from `start` on.
    init(_ mapping: FileMapping, from start: UnsafeRawPointer, _ place: ColumnPlace) {
        self.place = place
        owner = .mapping(mapping)
        capacity = 0
        base = UnsafeMutableRawPointer(mutating: start)
    }

    deinit { release() }

    /// A region of its own with the first `bytes` of this one and room for `needed`.
    func copy(bytes: Int, toHold needed: Int) -> ColumnRegion {
        let result = ColumnRegion(place, bytes: needed)
        result.base.copyMemory(from: base, byteCount: bytes)
        return result
    }

    /// Makes room for `needed` bytes and keeps the first `bytes`.
    func grow(keeping bytes: Int, toHold needed: Int) {
        if case .file(let descriptor) = owner, let grown = Self.map(descriptor, needed) {
            munmap(base, capacity)
            (base, capacity) = (grown, needed)
            return
        }
        let other = copy(bytes: bytes, toHold: needed)
        (owner, other.owner) = (other.owner, owner)
        (base, other.base) = (other.base, base)
        (capacity, other.capacity) = (other.capacity, capacity)
    }

    private func release() {
        switch owner {
        case .memory: base.deallocate()
        case .file(let descriptor):
            munmap(base, capacity)
            close(descriptor)
        case .mapping: break
        }
    }

    private static func memory(_ bytes: Int) -> UnsafeMutableRawPointer { .allocate(byteCount: bytes, alignment: 64) }

    /// A nameless file of a folder with `bytes` mapped; nil where that cannot be.
    private static func file(
        in folder: String, _ bytes: Int
    ) -> (descriptor: Int32, base: UnsafeMutableRawPointer)? {
        var name = Array("\(folder)/.column-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return nil }
        unlink(name)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard let base = map(descriptor, bytes) else {
            close(descriptor)
            return nil
        }
        return (descriptor, base)
    }

    /// The first `bytes` of a file, which are allotted before: a full disk is told here, and not when a page is written.
    private static func map(_ descriptor: Int32, _ bytes: Int) -> UnsafeMutableRawPointer? {
        guard posix_fallocate(descriptor, 0, bytes) == 0,
            let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
        else { return nil }
        return base
    }
}
