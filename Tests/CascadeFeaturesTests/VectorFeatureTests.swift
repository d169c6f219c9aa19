import CascadeCore
import CascadeFeatures
import Foundation
import Testing

@Suite struct VectorFeatureTests {
    private let image = VectorDefinition(name: "image", width: 2)
    private let text = VectorDefinition(name: "text", width: 3)

    private func vector(_ name: String, _ values: [Float]) -> ItemVector {
        ItemVector(itemID: ItemID("any"), name: name, values: values)
    }

    private func encode(_ feature: VectorFeature, _ values: [Float]?) -> [Float] {
        var output = [Float](repeating: 9, count: feature.columns)
        output.withUnsafeMutableBufferPointer { output in
            guard let base = output.baseAddress else { return }
            if let values { values.withUnsafeBufferPointer { feature.encode($0, into: base) } }
            if values == nil { feature.encode(nil, into: base) }
        }
        return output
    }

    @Test func aVectorIsMovedMadeAsLongAsOneAndMarkedWhereMissing() {
        let feature = VectorFeature(name: "image", centre: [1, 2])
        #expect(encode(feature, [4, 6]) == [0.6, 0.8, 0])
        #expect(encode(feature, [1, 2]) == [0, 0, 0])
        #expect(encode(feature, nil) == [0, 0, 1])
        #expect(encode(feature, [4, 6, 8]) == [0, 0, 1])
        #expect(encode(feature, [3e38, 2]) == [0, 0, 0])
    }

    /// What a delta does with every look at the catalog: a copy that others read grows.
    @Test func aCopyThatGrowsSharesWhatWasThere() {
        let count = 1000
        func vector(_ row: Int) -> ItemVector {
            ItemVector(itemID: ItemID("i\(row)"), name: "image", values: [Float(row), Float(-row), 0.5])
        }
        var first = ItemVectors(kinds: [VectorDefinition(name: "image", width: 3)], count: count)
        for row in 0..<count where row % 10 != 3 { first.set(vector(row), row: row) }
        var second = first
        second.addRows(600)
        for row in count..<(count + 600) { second.set(vector(row), row: row) }
        second.set(ItemVector(itemID: ItemID("i7"), name: "image", values: [9, 9, 9]), row: 7)
        #expect(first.count == count && first.kinds[0].present == 900 && second.kinds[0].present == 1501)
        for row in 0..<count {
            let expected = row % 10 == 3 ? [] : [vector(row)]
            #expect(first.vectors(ofRow: row, id: ItemID("i\(row)")) == expected)
            if row != 7 { #expect(second.vectors(ofRow: row, id: ItemID("i\(row)")) == expected) }
        }
        #expect(second.vectors(ofRow: 7, id: ItemID("i7")).map(\.values) == [[9, 9, 9]])
        #expect(second.vectors(ofRow: count + 599, id: ItemID("i1599")) == [vector(count + 599)])
        var floats: [Float] = []
        second.kinds[0].forEachPart { floats += $0 }
        #expect(floats.count == 3 * 1501 && floats.prefix(3) == [0, 0, 0.5] && floats.suffix(3) == [9, 9, 9])
        func address(_ vectors: ItemVectors, _ row: Int) -> Int {
            vectors.lend(kind: 0, row: row) { Int(bitPattern: $0?.baseAddress) }
        }
        // 900 vectors were there: three chunks of 256 are shared, the fourth was made anew.
        #expect(address(first, 0) == address(second, 0))
        #expect(address(first, 850) == address(second, 850))
        #expect(address(first, 999) != address(second, 999))
    }

    @Test func rowsKeepTheirVectors() {
        var vectors = ItemVectors(kinds: [image, text], count: 3)
        vectors.set(vector("image", [1, 2]), row: 2)
        vectors.set(vector("text", [3, 4, 5]), row: 0)
        vectors.set(vector("text", [3, 4]), row: 1)
        vectors.set(vector("sound", [3, 4]), row: 1)
        vectors.addRows(1)
        vectors.set(vector("image", [6, 7]), row: 3)
        #expect(vectors.count == 4)
        #expect(vectors.kinds.map(\.present) == [2, 1])
        func values(_ vectors: ItemVectors) -> [[[Float]]] {
            (0..<vectors.count).map { row in vectors.vectors(ofRow: row, id: ItemID("any")).map(\.values) }
        }
        #expect(values(vectors) == [[[3, 4, 5]], [], [[1, 2]], [[6, 7]]])
        let moved = vectors.renumbered(count: 3) { [0: 2, 3: 0][$0] }
        #expect(values(moved) == [[[6, 7]], [], [[3, 4, 5]]])
        #expect(VectorFeature.fit(vectors, kind: 0) == VectorFeature(name: "image", centre: [3.5, 4.5]))
        #expect(VectorFeature.fit(moved, kind: 0) == VectorFeature(name: "image", centre: [6, 7]))
        #expect(VectorFeature.fit(ItemVectors(kinds: [image], count: 5), kind: 0).centre == [0, 0])
    }

    /// Every third item has an image, the first alone a text.
    private func vectors(_ rows: EntityRows) -> ItemVectors {
        var vectors = ItemVectors(kinds: [text, image], count: rows.items.count)
        for row in stride(from: 0, to: rows.items.count, by: 3) {
            vectors.set(vector("image", [Float(row), 1]), row: row)
        }
        vectors.set(vector("text", [1, 2, 3]), row: 0)
        return vectors
    }

    private func fit(_ change: (inout FeatureSettings) -> Void = { _ in }) throws -> (map: FeatureMap, rows: EntityRows)
    {
        var settings = FeatureFixtures.settings()
        change(&settings)
        let (_, rows, _, log) = try FeatureFixtures.fitted()
        let map = try FeatureMapFitting(settings: settings, retrieval: .init(dimension: 16))
            .fit(log: log, rows: rows, definitions: FeatureFixtures.definitions, vectors: vectors(rows))
        return (map, rows)
    }

    @Test func theAutomaticSchemaTakesAllVectors() throws {
        let (map, _) = try fit()
        for space in [map.retrieval, map.ranker] {
            #expect(space.items.vectors.map(\.name) == ["image", "text"])
            #expect(space.items.vectorWidth == 7)
            #expect(space.items.vectorColumns == 16)
            #expect(space.users.vectors.isEmpty && space.users.vectorColumns == 0)
        }
        #expect(map.retrieval.items.vectors[1].centre == [1, 2, 3])
        let bare = try FeatureFixtures.fitted().map
        #expect(bare.retrieval.items.vectors.isEmpty && bare.retrieval.items.vectorColumns == 0)
    }

    @Test func aSchemaNamesVectors() throws {
        let (map, _) = try fit {
            $0.schema = FeatureSchema.automatic([], vectors: ["text"])
            $0.vectorColumns = 4
        }
        #expect(map.ranker.items.vectors.map(\.name) == ["text"])
        #expect(map.ranker.items.vectorColumns == 4)
        #expect { try fit { $0.schema = .automatic([], vectors: ["sound"]) } } throws: {
            "\($0)".contains("no content vectors 'sound' (there are: image, text)")
        }
        #expect { try fit { $0.schema = .automatic([], vectors: ["text", "text"]) } } throws: {
            "\($0)".contains("declared twice")
        }
        #expect { try fit { $0.vectorColumns = 0 } } throws: { "\($0)".contains("features.vector_columns") }
    }

    @Test func aSchemaThatSaysNothingOfVectorsHasNone() throws {
        let json = #"{"categorical": [], "numeric": [], "counters": ["id"]}"#
        let schema = try JSONDecoder().decode(FeatureSchema.self, from: Data(json.utf8))
        #expect(schema.vectors.isEmpty && schema.counters == [.id])
    }

    @Test func batchesCarryEncodedVectorsOfCatalogAndLaterItems() throws {
        let (map, rows) = try fit()
        let all = vectors(rows)
        let items = map.retrieval.encode(rows, vectors: all).items
        let encoder = EntityEncoder(layout: map.retrieval.items, table: map.retrieval.table)
        var later = EncodedEntities(layout: map.retrieval.items)
        var content = ItemVectors(kinds: [image], count: 1)
        content.set(vector("image", [100, 1]), row: 0)
        encoder.append([Item(id: ItemID("later"))], vectors: content, to: &later)
        let assembler = BatchAssembler(map: map, space: map.retrieval, items: items)
        assembler.extend(by: later)
        for row in [3, 1, rows.items.count] { assembler.addItem(Int32(row)) }
        let features = map.retrieval.items.vectors
        let expected =
            encode(features[0], [3, 1]) + encode(features[1], nil) + encode(features[0], nil)
            + encode(features[1], nil) + encode(features[0], [100, 1]) + encode(features[1], nil)
        #expect(assembler.batch.items.vectors == expected)
        #expect(items == map.retrieval.encode(rows, vectors: all).items)
        #expect(items != map.retrieval.encode(rows, vectors: content).items)
    }

    @Test func mapsSurviveJSONAndOldOnesAreReadAsBefore() throws {
        let (map, _) = try fit()
        #expect(try FeatureMap.decode(complete(map).encoded()) == complete(map))
        let old = complete(try FeatureFixtures.fitted().map)
        var json = String(decoding: try old.encoded(), as: UTF8.self)
        for part in [#","vectorColumns":0"#, #","vectors":[]"#] {
            #expect(json.contains(part))
            json = json.replacingOccurrences(of: part, with: "")
        }
        #expect(try FeatureMap.decode(Data(json.utf8)) == old)
    }

    @Test func aMapOfBrokenVectorsIsRefused() throws {
        let (map, _) = try fit()
        var broken = complete(map)
        broken.retrieval.items.vectorColumns = 0
        #expect(throws: FeatureError.self) { try FeatureMap.decode(broken.encoded()) }
        broken = complete(map)
        broken.ranker.items.vectors[0].centre = []
        #expect(throws: FeatureError.self) { try FeatureMap.decode(broken.encoded()) }
    }

    /// The map with counter bins, which a fit leaves out.
    private func complete(_ map: FeatureMap) -> FeatureMap {
        FeatureMapFitting(settings: FeatureFixtures.settings(), retrieval: .init(dimension: 16)).withCounterBins(
            map, samples: (0..<(map.counterLayout.columns * 20)).map { Float($0) })
    }
}
