import CascadeCore
import Foundation
import Testing

@Suite struct ColumnTests {
    /// A column does what an array does, wherever its numbers lie: drawn operations on both, and on copies that were taken on the way.
    @Test(arguments: [false, true], 0..<12) func itIsAnArray(inFiles: Bool, seed: Int) throws {
        try withTemporaryDirectory { folder in
            var random = SeededRandom(seed: UInt64(seed) + 1)
            var column = Column<Int32>(at: inFiles ? .files(in: folder.path, above: 0) : .memory)
            var array: [Int32] = []
            var copies: [(column: Column<Int32>, array: [Int32])] = []
            for step in 0..<400 {
                switch random.below(8) {
                case 0...2:
                    let values = (0..<random.below(3000)).map { _ in Int32(random.below(1000)) }
                    column.append(contentsOf: values)
                    array.append(contentsOf: values)
                case 3 where !array.isEmpty:
                    let place = random.below(array.count)
                    column[place] = Int32(step)
                    array[place] = Int32(step)
                case 4:
                    copies.append((column, array))
                    if copies.count > 5 { copies.remove(at: random.below(copies.count)) }
                case 5 where !copies.isEmpty: (column, array) = copies[random.below(copies.count)]
                case 6 where array.count < 20_000:
                    column.sort()
                    array.sort()
                default: column.reserveCapacity(random.below(50_000))
                }
                if array.count > 200_000 {
                    column = Column(at: column.place)
                    array = []
                }
                #expect(column.count == array.count)
            }
            for (column, array) in copies + [(column: column, array: array)] {
                #expect(column.elementsEqual(array), "seed \(seed)")
                #expect(column == Column(array, at: .memory) && column.max() == array.max())
                #expect(column.withUnsafeBufferPointer { Array($0) } == array)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.isEmpty, "files have no names")
        }
    }

    @Test func itIsMadeAtOnce() throws {
        try withTemporaryDirectory { folder in
            for place in [ColumnPlace.memory, .files(in: folder.path, above: 0), .files(in: folder.path)] {
                let numbers = Column<Float>(repeating: 2.5, count: 700_000, at: place)
                #expect(numbers.count == 700_000 && numbers.allSatisfy { $0 == 2.5 } && numbers.place == place)
                let flags = Column((0..<9).map { $0 % 3 == 0 }, at: place)
                #expect(flags == [true, false, false, true, false, false, true, false, false])
                #expect(Column<Int64>(at: place).isEmpty)
            }
        }
    }

    /// Where the folder is gone or cannot be written, numbers stay in memory.
    @Test func withoutAFolderItStaysInMemory() {
        var column = Column<Int64>(at: .files(in: "/nowhere/at/all", above: 0))
        for number in 0..<100_000 { column.append(Int64(number)) }
        #expect(column.elementsEqual(0..<100_000))
    }

    @Test func aMappedFileIsReadAndNeverWritten() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appendingPathComponent("numbers").path
            let numbers = (0..<5000).map { Int32($0 * 3) }
            let bytes = numbers.withUnsafeBytes { Data($0) }
            try (Data(count: 8) + bytes).write(to: URL(fileURLWithPath: path))
            let mapping = try #require(FileMapping(path: path))
            let column = Column<Int32>(mapping, offset: 8, count: numbers.count)
            try FileManager.default.removeItem(atPath: path)
            #expect(column.elementsEqual(numbers), "a removed file stays for those who read it")
            var (changed, longer, sorted) = (column, column, column)
            changed[7] = -1
            longer.append(9)
            sorted.sort(by: >)
            #expect(column.elementsEqual(numbers))
            #expect(changed[7] == -1 && changed[8] == 24 && longer.count == 5001 && longer[5000] == 9 && longer[3] == 9)
            #expect(sorted.elementsEqual(numbers.reversed()))
            #expect(Column<Int64>(mapping, offset: 8, count: 0).isEmpty)
        }
    }

    @Test func whatIsNoFileIsNotMapped() throws {
        try withTemporaryDirectory { folder in
            #expect(FileMapping(path: folder.path) == nil)
            #expect(FileMapping(path: folder.appendingPathComponent("none").path) == nil)
            let empty = folder.appendingPathComponent("empty")
            try Data().write(to: empty)
            #expect(FileMapping(path: empty.path)?.bytes.isEmpty == true)
        }
    }

    private func withTemporaryDirectory(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("columns-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }
}
