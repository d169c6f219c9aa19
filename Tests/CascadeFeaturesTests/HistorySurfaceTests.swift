import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

@Suite struct HistorySurfaceTests {
    /// Rows of one user, one an item: the given surfaces, every second with feedback.
    private func log(_ surfaces: [String?]) -> InteractionLog {
        var log = InteractionLog()
        log.users = [UserID("u")]
        log.items = surfaces.indices.map { ItemID(String(format: "i%03d", $0)) }
        log.signals = ["view", "like"]
        log.surfaces = Set(surfaces.compactMap(\.self)).sorted()
        for (row, surface) in surfaces.enumerated() {
            log.userIndex.append(0)
            log.itemIndex.append(Int32(row))
            log.time.append(Int64(row) * 1_000_000)
            log.feedback.append(row % 2 == 0 ? 0 : 0b10)
            log.observed.append(0b11)
            log.isImpression.append(true)
            log.surface.append(surface.flatMap { log.surfaces.firstIndex(of: $0) }.map { UInt8($0 + 1) } ?? 0)
        }
        return log
    }

    private func map(_ surfaces: Int, _ log: InteractionLog) throws -> FeatureMap {
        var settings = FeatureSettings()
        settings.minimumPositives = 1
        settings.surfaces = surfaces
        #expect(settings.problems().isEmpty)
        return try FeatureMapFitting(
            settings: settings, retrieval: RetrievalFeatures(dimension: 8, readsItems: false, userID: false)
        ).fit(log: log, rows: EntityRows(users: [], items: [], log: log), definitions: [])
    }

    @Test func stepsTellTheMostFrequentSurfacesInTrainingAndInService() throws {
        let surfaces = ["home", "search", "home", nil, "feed", "search", "home", "mail"]
        let log = log(surfaces)
        let map = try map(2, log)
        #expect(map.historySurfaces == ["home", "search"])
        #expect(map.historyCodes == 3 << map.historySignals.count)
        let encoded = EncodedLog(
            log, catalog: EntityRows(users: [], items: [], log: log), heads: map.heads,
            historySignals: map.historySignals, surfaces: map.historySurfaces ?? [])
        for (row, surface) in surfaces.enumerated() {
            let signals: Set<String> = row % 2 == 0 ? [] : ["like"]
            #expect(encoded.code[row] == map.historyCode(of: signals, on: surface), "row \(row)")
            #expect(encoded.isGiven(row) == (row % 2 == 1), "a surface is no feedback")
            #expect(Int(encoded.code[row]) < map.historyCodes)
        }
        #expect(encoded.code[0] != encoded.code[4] && encoded.code[4] == map.historyCode(of: [], on: "mail"))
        let again = try JSONDecoder().decode(FeatureMap.self, from: map.encoded())
        #expect(again == map)
    }

    @Test func withoutTheSettingNothingIsTold() throws {
        let log = log(["home", "search", nil, "home"])
        let map = try map(0, log)
        #expect(map.historySurfaces == nil && map.historyCodes == 1 << map.historySignals.count)
        #expect(!String(decoding: try map.encoded(), as: UTF8.self).contains("historySurfaces"))
        #expect(map.historyCode(of: ["like"], on: "home") == map.historyCode(of: ["like"]))
    }

    @Test func thereAreNoMoreThanACodeHasRoomFor() throws {
        let log = log((0..<200).map { "s\($0)" })
        let map = try map(255, log)
        #expect(map.historyCodes <= 256)
        #expect(map.historySurfaces?.count == 256 >> map.historySignals.count - 1)
        var settings = FeatureSettings()
        settings.surfaces = 256
        #expect(settings.problems() == ["features.surfaces must be 0 (none) to 255"])
    }
}
