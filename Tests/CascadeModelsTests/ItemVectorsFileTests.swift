import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeTestSupport
import Foundation
import Testing

@Suite struct ItemVectorsFileTests {
    private static let features = [
        VectorFeature(name: "image", centre: [0, 0, 0]), VectorFeature(name: "text", centre: [0]),
    ]

    private static func vectors(_ items: Int) -> ItemVectors {
        var vectors = ItemVectors(kinds: features.map(\.definition), count: items)
        for row in stride(from: items - 1, through: 0, by: -2) {
            vectors.set(
                ItemVector(itemID: ItemID("i"), name: "image", values: [Float(row), -0.5, 1e-30]), row: row)
        }
        if items > 3 { vectors.set(ItemVector(itemID: ItemID("i"), name: "text", values: [7]), row: 3) }
        return vectors
    }

    private func values(_ vectors: ItemVectors) -> [[ItemVector]] {
        (0..<vectors.count).map { vectors.vectors(ofRow: $0, id: ItemID("i")) }
    }

    private func with(_ items: Int, _ body: (String) throws -> Void) throws {
        try withTemporaryDirectory { url in
            let path = url.appendingPathComponent(ItemVectorsFile.name).path
            try ItemVectorsFile.write(Self.vectors(items), names: ["image", "text"], to: path)
            try body(path)
        }
    }

    @Test(arguments: [0, 1, 5, 300, 1100]) func whatWasWrittenIsRead(items: Int) throws {
        try with(items) { path in
            let read = try ItemVectorsFile.read(path: path, items: items, features: Self.features)
            #expect(values(read) == values(Self.vectors(items)))
            // Floats are mapped where they lie, so they must be aligned.
            for kind in read.kinds {
                kind.forEachPart { #expect(UInt(bitPattern: $0.baseAddress) % 64 == 0 || $0.isEmpty) }
            }
        }
    }

    @Test func aFileThatCannotBeWrittenIsNamed() throws {
        try withTemporaryDirectory { url in
            let path = url.appendingPathComponent("gone/" + ItemVectorsFile.name).path
            #expect {
                try ItemVectorsFile.write(Self.vectors(3), names: ["image"], to: path)
            } throws: { error in
                guard case ModelError.unwritable(path, _) = error else { return false }
                return "\(error)".contains(path) && "\(error)".contains("Make room")
            }
        }
    }

    @Test func kindsThatAreNotAskedForAreLeftOut() throws {
        try with(5) { path in
            try ItemVectorsFile.write(Self.vectors(5), names: ["text"], to: path)
            let read = try ItemVectorsFile.read(path: path, items: 5, features: [Self.features[1]])
            #expect(read.kinds.map(\.definition.name) == ["text"])
            #expect { try ItemVectorsFile.read(path: path, items: 5, features: Self.features) } throws: {
                "\($0)".contains("no vectors 'image' of 3 numbers")
            }
            let wide = [VectorFeature(name: "text", centre: [0, 0])]
            #expect { try ItemVectorsFile.read(path: path, items: 5, features: wide) } throws: {
                "\($0)".contains("no vectors 'text' of 2 numbers")
            }
        }
    }

    @Test func damagedFilesAreRefusedByName() throws {
        try with(5) { path in
            let url = URL(fileURLWithPath: path)
            let whole = try Data(contentsOf: url)
            func refuse(_ data: Data, items: Int = 5) throws {
                try data.write(to: url)
                #expect {
                    try ItemVectorsFile.read(path: path, items: items, features: Self.features)
                } throws: {
                    "\($0)".contains(ItemVectorsFile.name)
                }
            }
            for length in 0..<whole.count { try refuse(whole.prefix(length)) }
            try refuse(whole + Data(count: 64))
            try refuse(whole, items: 6)
            // The magic word, the number of kinds, a width, a number of vectors, a name, a place.
            for at in [0, 16, 17, 24, 31, 32, 39, 40, 192, 195] {
                var changed = whole
                changed[at] ^= 0x55
                try refuse(changed)
            }
            try FileManager.default.removeItem(at: url)
            #expect(throws: ModelError.self) {
                try ItemVectorsFile.read(path: path, items: 5, features: Self.features)
            }
        }
    }
}
