import CascadeModels
import CascadeTestSupport
import Foundation
import Testing

@Suite struct ItemNeighboursTests {
    private let lists = [
        [ItemNeighbour(row: 2, score: 0.5), ItemNeighbour(row: 1, score: 0.25)], [],
        [ItemNeighbour(row: 0, score: 0.5)],
    ]

    @Test func listsSurviveTheirFile() throws {
        try withTemporaryDirectory { url in
            let path = url.appendingPathComponent(ItemNeighbours.name).path
            let made = ItemNeighbours(lists: lists)
            try made.write(to: path)
            let read = try ItemNeighbours(path: path, items: 3)
            for source in [made, read] {
                for row in 0..<3 { #expect(source.neighbours(of: Int32(row)) == lists[row]) }
                for row in [Int32(-1), 3, .max] { #expect(source.neighbours(of: row).isEmpty) }
            }
            // A mapped file may be unlinked.
            try FileManager.default.removeItem(atPath: path)
            #expect(read.neighbours(of: 0) == lists[0])
        }
    }

    @Test func noneIsAFileToo() throws {
        try withTemporaryDirectory { url in
            let path = url.appendingPathComponent(ItemNeighbours.name).path
            #expect(ItemNeighbours.none.neighbours(of: 0).isEmpty)
            try ItemNeighbours.none.write(to: path)
            #expect(try ItemNeighbours(path: path, items: 0).items == 0)
        }
    }

    @Test func rowsAreRenumbered() {
        // The old item 1 is gone, 0 and 2 change places, and one is new.
        let moved = ItemNeighbours(lists: lists).renumbered(count: 3) { [0: 2, 2: 0][$0] }
        #expect(moved.neighbours(of: 2) == [ItemNeighbour(row: 0, score: 0.5)])
        #expect(moved.neighbours(of: 0) == [ItemNeighbour(row: 2, score: 0.5)])
        #expect(moved.neighbours(of: 1).isEmpty)
        #expect(moved.items == 3)
    }

    @Test func aFileOfAnotherShapeIsRefusedByName() throws {
        try withTemporaryDirectory { url in
            let file = url.appendingPathComponent(ItemNeighbours.name)
            try ItemNeighbours(lists: lists).write(to: file.path)
            let whole = try Data(contentsOf: file)
            var otherMagic = whole
            otherMagic[0] ^= 1
            var moreEntries = whole
            moreEntries[16] += 1
            var manyEntries = whole
            manyEntries[23] = 0xFF
            var startsBack = whole
            startsBack[24 + 4] = 9
            for damaged in [otherMagic, moreEntries, manyEntries, startsBack, whole.dropLast(), whole + [0], Data()] {
                try FileManager.default.removeItem(at: file)
                try damaged.write(to: file)
                #expect { try ItemNeighbours(path: file.path, items: 3) } throws: {
                    "\($0)".contains(ItemNeighbours.name)
                }
            }
            try FileManager.default.removeItem(at: file)
            #expect(throws: ModelError.self) { try ItemNeighbours(path: file.path, items: 3) }
            try whole.write(to: file)
            #expect { try ItemNeighbours(path: file.path, items: 4) } throws: { "\($0)".contains("the catalog has 4") }
        }
    }
}
