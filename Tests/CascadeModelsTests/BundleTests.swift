import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import CascadeTestSupport
import Foundation
import Testing

@Suite struct BundleTests {
    private func write(_ fixture: ModelFixture, to url: URL) throws -> (folder: ArtifactFolder, checksum: String) {
        let folder = ArtifactFolder(url)
        try ModelBundle.write(
            map: fixture.map, settings: fixture.settings, counters: fixture.counterSet, items: fixture.rows.items,
            vectors: fixture.vectors, to: folder)
        try fixture.retrieval().store.save(to: folder.path(ModelBundle.FileName.retrieval))
        try fixture.ranker().store.save(to: folder.path(ModelBundle.FileName.ranker))
        try lists(fixture).write(to: folder.path(ItemNeighbours.name))
        let manifest = Manifest(
            releaseID: "r", retrievalModelID: "a", rankerModelID: "b", builtAt: "2026-01-01T00:00:00Z")
        return (folder, try folder.seal(manifest))
    }

    private func lists(_ fixture: ModelFixture) -> ItemNeighbours {
        ItemNeighbours(
            lists: [[ItemNeighbour]](repeating: [ItemNeighbour(row: 1, score: 0.5)], count: fixture.rows.items.count))
    }

    @Test func aLargeCatalogKeepsItsOrderAndTellsTheFirstBadLine() throws {
        let items = (0..<10_000).map { number in
            Item(
                id: ItemID("i\(number)"), title: "t \(number)", categories: ["c\(number % 7)"],
                attributes: ["length": .number(Double(number))], hidden: number % 3 == 0)
        }
        let data = try CatalogFile.encode(items)
        #expect(try CatalogFile.decode(data, path: "c") == items)
        var lines = data.split(separator: 10)
        lines[9_500] = Data("{".utf8)
        lines[5_000] = Data("{}".utf8)
        #expect { try CatalogFile.decode(Data(lines.joined(separator: [10])), path: "c") } throws: {
            "\($0)".contains("line 5001 is no item")
        }
        #expect(try CatalogFile.decode(Data(), path: "c").isEmpty)
    }

    @Test func aLoadedBundleScoresAsTheOneThatWasWritten() throws {
        try withTemporaryDirectory { url in
            let fixture = try ModelFixture()
            let (folder, checksum) = try write(fixture, to: url)
            #expect(try folder.verify(manifestChecksum: checksum).files.count == 7)
            let loaded = try ModelBundle(folder: folder)
            #expect(loaded.neighbours.neighbours(of: 3) == [ItemNeighbour(row: 1, score: 0.5)])
            try ItemNeighbours(lists: []).write(to: folder.path(ItemNeighbours.name))
            #expect { try ModelBundle(folder: folder) } throws: { "\($0)".contains(ItemNeighbours.name) }
            try FileManager.default.removeItem(atPath: folder.path(ItemNeighbours.name))
            #expect { try ModelBundle(folder: folder) } throws: { "\($0)".contains(ItemNeighbours.name) }
            let made = try fixture.bundle()
            #expect(loaded.rows.items == made.rows.items)
            let read = try loaded.retrieval.itemVectors(rows: 0..<30)
            let written = try made.retrieval.itemVectors(rows: 0..<30)
            #expect(read == written)
        }
    }

    @Test func contentVectorsAreAFileOfTheRelease() throws {
        try withTemporaryDirectory { url in
            let fixture = try ModelFixture(hasVectors: true)
            let (folder, checksum) = try write(fixture, to: url)
            #expect(try folder.verify(manifestChecksum: checksum).files[ItemVectorsFile.name] != nil)
            let loaded = try ModelBundle(folder: folder)
            let made = try fixture.bundle()
            let vectors = try loaded.retrieval.itemVectors(rows: 0..<30)
            #expect(vectors == (try made.retrieval.itemVectors(rows: 0..<30)))
            // They do tell: without them the same models give other vectors.
            let blind = try ModelBundle(
                map: fixture.map, settings: fixture.settings, rows: fixture.rows, counters: fixture.counterSet,
                retrieval: try fixture.retrieval(), rankers: [try fixture.ranker()])
            #expect(vectors != (try blind.retrieval.itemVectors(rows: 0..<30)))
            try FileManager.default.removeItem(atPath: folder.path(ItemVectorsFile.name))
            #expect { try ModelBundle(folder: folder) } throws: { "\($0)".contains(ItemVectorsFile.name) }
        }
    }

    @Test func aCalibrationIsAFileThatAReleaseMayHave() throws {
        try withTemporaryDirectory { url in
            let fixture = try ModelFixture()
            let (folder, _) = try write(fixture, to: url)
            #expect(try ModelBundle(folder: folder).calibration == nil)
            let path = folder.path(RankerCalibration.fileName)
            let heads = fixture.map.heads.map {
                RankerCalibration.Head(head: $0, calibrator: PlattCalibrator(slope: 0.5, offset: -1))
            }
            try RankerCalibration(heads: heads, from: "a", until: "b").encoded().write(to: URL(fileURLWithPath: path))
            let checksum = try folder.seal(
                Manifest(releaseID: "r", retrievalModelID: "a", rankerModelID: "b", builtAt: "2026-01-01T00:00:00Z"))
            #expect(try folder.verify(manifestChecksum: checksum).files[RankerCalibration.fileName] != nil)
            let calibration = try #require(try ModelBundle(folder: folder).calibration)
            #expect(calibration.heads.map(\.head) == fixture.map.heads)
            try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
            for refuse in [
                { _ = try ModelBundle(folder: folder) }, { _ = try folder.verify(manifestChecksum: checksum) },
            ] {
                #expect { try refuse() } throws: { "\($0)".contains(RankerCalibration.fileName) }
            }
        }
    }

    @Test func aMapWithoutHeadsNeedsNoRanker() throws {
        try withTemporaryDirectory { url in
            // No signal has a million positives.
            let fixture = try ModelFixture(minimumPositives: 1_000_000)
            #expect(fixture.map.heads.isEmpty)
            let folder = ArtifactFolder(url)
            try ModelBundle.write(
                map: fixture.map, settings: fixture.settings, counters: fixture.counterSet, items: fixture.rows.items,
                to: folder)
            try fixture.retrieval().store.save(to: folder.path(ModelBundle.FileName.retrieval))
            try lists(fixture).write(to: folder.path(ItemNeighbours.name))
            let checksum = try folder.seal(
                Manifest(releaseID: "r", retrievalModelID: "a", rankerModelID: nil, builtAt: "2026-01-01T00:00:00Z"))
            #expect(try folder.verify(manifestChecksum: checksum).rankerModelID == nil)
            let loaded = try ModelBundle(folder: folder)
            #expect(loaded.ranker == nil)
            // With heads, a folder without it lacks a file.
            let other = try ModelFixture()
            try ModelBundle.write(
                map: other.map, settings: other.settings, counters: other.counterSet, items: other.rows.items,
                to: folder)
            try other.retrieval().store.save(to: folder.path(ModelBundle.FileName.retrieval))
            #expect { try ModelBundle(folder: folder) } throws: { "\($0)".contains("ranker.safetensors") }
        }
    }

    @Test func settingsOfAnOlderProgramGoOverTheDefaults() throws {
        try withTemporaryDirectory { url in
            let fixture = try ModelFixture {
                $0.dropout = 1.0 / 3
            } ranker: {
                $0.lossWeights = ["view": 0.1]
            }
            let (folder, _) = try write(fixture, to: url)
            let path = folder.path(ModelBundle.FileName.settings)
            #expect(try ModelBundle(folder: folder).settings == fixture.settings)
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            var tree = try #require(try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
            for (part, key) in [("retrieval", "item_frequencies"), ("retrieval", "epochs"), ("ranker", "clip_norm")] {
                #expect(tree[part]?.removeValue(forKey: key) != nil)
            }
            tree["later"] = ["unknown": 1]
            try JSONSerialization.data(withJSONObject: tree).write(to: URL(fileURLWithPath: path))
            #expect(try ModelBundle(folder: folder).settings == fixture.settings)
        }
    }

    /// A release of a program that knew no towers has a ranker of the same weights and scores.
    @Test func aReleaseWithoutTowersScoresAsBefore() throws {
        try withTemporaryDirectory { url in
            let fixture = try ModelFixture()
            let (folder, _) = try write(fixture, to: url)
            let path = folder.path(ModelBundle.FileName.settings)
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            var tree = try #require(try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
            for key in ["towers", "tower_folds", "tower_epochs", "table_frozen_epochs"] {
                #expect(tree["ranker"]?.removeValue(forKey: key) != nil)
            }
            try JSONSerialization.data(withJSONObject: tree).write(to: URL(fileURLWithPath: path))
            let loaded = try ModelBundle(folder: folder)
            #expect(loaded.settings == fixture.settings)
            #expect(loaded.ranker?.readsTowers == false)
            let items: [Int32] = [0, 7, 29]
            #expect(
                try fixture.served(loaded, user: 2, items: items)
                    == fixture.served(fixture.bundle(), user: 2, items: items))
        }
    }

    @Test func settingsThatCannotBeUsedAreRefusedByFileAndKey() throws {
        try withTemporaryDirectory { url in
            let (folder, _) = try write(try ModelFixture(), to: url)
            let path = folder.path(ModelBundle.FileName.settings)
            for (text, names) in [
                (#"{"retrieval": {"dimension": "wide"}}"#, ["'retrieval.dimension'"]),
                (#"{"retrieval": {"item_frequencies": "of tomorrow"}}"#, ["'retrieval.item_frequencies'"]),
                (#"{"ranker": 5}"#, ["'ranker'"]), ("[]", ["no JSON object"]), ("", ["no JSON object"]),
            ] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                #expect { try ModelBundle(folder: folder) } throws: { error in
                    guard case ModelError.corruptArtifact(let file, let reason) = error else { return false }
                    return file == path && names.allSatisfy { reason.contains($0) } && "\(error)".contains("train anew")
                }
            }
        }
    }

    @Test func everyDamagedFileIsRefusedByName() throws {
        try withTemporaryDirectory { url in
            let (folder, checksum) = try write(try ModelFixture(), to: url)
            let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
            #expect(names.count == 8)
            for name in names {
                let path = folder.path(name)
                let whole = try Data(contentsOf: URL(fileURLWithPath: path))
                var flipped = whole
                flipped[flipped.count / 2] ^= 1
                for damaged in [flipped, whole.dropLast(), Data()] {
                    try damaged.write(to: URL(fileURLWithPath: path))
                    #expect { try folder.verify(manifestChecksum: checksum) } throws: { "\($0)".contains(name) }
                }
                try FileManager.default.removeItem(atPath: path)
                #expect { try folder.verify(manifestChecksum: checksum) } throws: { "\($0)".contains(name) }
                try whole.write(to: URL(fileURLWithPath: path))
            }
            _ = try folder.verify(manifestChecksum: checksum)
        }
    }

    @Test func catalogsSurviveTheirFile() throws {
        let items = [
            Item(
                id: ItemID("a/ü\n"), title: "T", creatorID: "c", categories: ["x"],
                attributes: ["n": .number(1), "l": .list(["p"])], createdAt: Timestamp(microseconds: 5), hidden: true),
            Item(id: ItemID("b")),
        ]
        #expect(try CatalogFile.decode(CatalogFile.encode(items), path: "x") == items)
        #expect { try CatalogFile.decode(Data("{}\n".utf8), path: "x.ndjson") } throws: { "\($0)".contains("line 1") }
        let lenient = #"{"id":"a","title":null,"created":null,"unknown":[1],"vectors":"v:1","hidden":false}"#
        let read = try CatalogFile.decode(Data(lenient.utf8), path: "x")
        #expect(read == [Item(id: ItemID("a"), vectorsVersion: "v:1")])
    }

    @Test(arguments: [
        #"{"id":1}"#, #"{"id":null}"#, #"{"id":"a","title":1}"#, #"{"id":"a","creator":["c"]}"#,
        #"{"id":"a","categories":"x"}"#, #"{"id":"a","hidden":"yes"}"#, #"{"id":"a","vectors":1}"#,
        #"{"id":"a","created":1.5}"#, #"{"id":"a","attributes":[]}"#, #"{"id":"a"} {"#, #"["a"]"#,
    ])
    func linesThatAreNoItemsAreTold(_ line: String) {
        #expect { try CatalogFile.decode(Data("\n\(line)\n".utf8), path: "x.ndjson") } throws: {
            "\($0)".contains("line 1 is no item")
        }
    }
}
