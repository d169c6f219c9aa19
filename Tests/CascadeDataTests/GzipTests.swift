import CascadeCore
import Foundation
import Testing

@testable import CascadeData

@Suite struct GzipTests {
    private func read(_ url: URL) throws -> [UInt8] {
        let source = try TextFile.open(path: url.path, name: "f", encoding: .utf8)
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 1000)
        defer { buffer.deallocate() }
        var result: [UInt8] = []
        while true {
            let got = try source.read(into: buffer, count: 1000)
            if got == 0 { return result }
            result += UnsafeBufferPointer(start: buffer, count: got)
        }
    }

    private static func noise(_ count: Int, seed: UInt64) -> String {
        var random = SeededRandom(seed: seed)
        return String(decoding: (0..<count).map { _ in UInt8(97 + random.below(26)) }, as: UTF8.self)
    }

    @Test func readsWhatItWrote() throws {
        let folder = try Folder()
        let text = Self.noise(700_000, seed: 1)
        let url = try folder.writeGzip("a.gz", text)
        #expect(try read(url) == Array(text.utf8))
        #expect(try Data(contentsOf: url).count < text.utf8.count)
    }

    @Test func readsPlainFilesUnderAnyName() throws {
        let folder = try Folder()
        #expect(try read(folder.write("a.gz", "plain")) == Array("plain".utf8))
    }

    @Test func readsSeveralMembersAndPadding() throws {
        let folder = try Folder()
        let parts = try ["one", "", "two"].enumerated().map {
            try Data(contentsOf: folder.writeGzip("\($0.offset).gz", $0.element))
        }
        let all = folder.file("all.gz")
        try (parts[0] + parts[1] + parts[2] + Data(count: 700)).write(to: all)
        #expect(try read(all) == Array("onetwo".utf8))
    }

    @Test(arguments: [3, 11, 200, 4000, 9_999_999])
    func aTruncatedFileIsAnErrorWithItsPlace(length: Int) throws {
        let folder = try Folder()
        let data = try Data(contentsOf: folder.writeGzip("a.gz", Self.noise(20_000, seed: 2)))
        let kept = min(length, data.count - 1)
        let cut = folder.file("cut.gz")
        try data.prefix(kept).write(to: cut)
        #expect(throws: DataError.truncatedGzip(file: "f", position: kept)) { _ = try self.read(cut) }
    }

    @Test func aDamagedFileIsAnErrorWithItsPlace() throws {
        let folder = try Folder()
        var data = try Data(contentsOf: folder.writeGzip("a.gz", Self.noise(20_000, seed: 3)))
        data[data.count / 2] ^= 0xFF
        let bad = folder.file("bad.gz")
        try data.write(to: bad)
        do {
            _ = try read(bad)
            Issue.record("the damage was not seen")
        } catch let error as DataError {
            guard case .corruptGzip("f", let position, _) = error else {
                Issue.record("wrong error \(error)")
                return
            }
            #expect((1...data.count).contains(position))
        }
    }

    @Test func garbageAfterAMemberIsAnError() throws {
        let folder = try Folder()
        let data = try Data(contentsOf: folder.writeGzip("a.gz", "text")) + Data("garbage".utf8)
        try data.write(to: folder.file("b.gz"))
        #expect(throws: DataError.self) { _ = try self.read(folder.file("b.gz")) }
    }

    @Test func emptyAndMissingFilesAreErrors() throws {
        let folder = try Folder()
        let empty = try folder.write("empty.csv", "")
        #expect(throws: DataError.emptyFile(file: "f")) { _ = try self.read(empty) }
        #expect(throws: DataError.self) { _ = try self.read(folder.file("none")) }
    }

    @Test func widensLatin1() throws {
        let folder = try Folder()
        let url = folder.file("l.csv")
        try Data([0x61, 0xE9, 0x0A, 0xFF, 0x80]).write(to: url)
        let window = ByteWindow(try TextFile.open(path: url.path, name: "l", encoding: .latin1), chunk: 2)
        while !window.atEnd { try window.more() }
        let text = String(decoding: UnsafeBufferPointer(start: window.base, count: window.end), as: UTF8.self)
        #expect(text == "aé\nÿ\u{80}")
    }
}
