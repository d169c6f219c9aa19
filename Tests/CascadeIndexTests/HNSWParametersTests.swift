import CascadeIndex
import Foundation
import Testing

@Suite struct HNSWParametersTests {
    @Test func defaultsAreTheStandardOnes() throws {
        #expect(try HNSWParameters() == .standard)
        #expect(HNSWParameters.standard.m == 16)
    }

    @Test func whatLiesOutsideIsNamed() {
        #expect(throws: IndexError.invalidParameter(name: "m", value: "1", allowed: "from 2 to 256")) {
            try HNSWParameters(m: 1)
        }
        #expect(throws: IndexError.invalidParameter(name: "efConstruction", value: "3", allowed: "from 4 to 10000")) {
            try HNSWParameters(efConstruction: 3)
        }
        #expect(throws: IndexError.invalidParameter(name: "efSearch", value: "0", allowed: "from 1 to 100000")) {
            try HNSWParameters(efSearch: 0)
        }
    }

    @Test func encodingRoundTrips() throws {
        let parameters = try HNSWParameters(m: 24, efConstruction: 200, efSearch: 77)
        let data = try JSONEncoder().encode(parameters)
        #expect(try JSONDecoder().decode(HNSWParameters.self, from: data) == parameters)
    }

    @Test func decodingFillsInAndChecks() throws {
        let decoded = try JSONDecoder().decode(HNSWParameters.self, from: Data(#"{"m": 8}"#.utf8))
        #expect(try decoded == HNSWParameters(m: 8))
        #expect(throws: IndexError.invalidParameter(name: "m", value: "1000", allowed: "from 2 to 256")) {
            try JSONDecoder().decode(HNSWParameters.self, from: Data(#"{"m": 1000}"#.utf8))
        }
    }

    @Test func builderChecksItsThreads() {
        #expect(throws: IndexError.invalidParameter(name: "threads", value: "-1", allowed: "from 0 to 1024")) {
            try HNSWBuilder(threads: -1).build(vectors: [1], dimension: 1)
        }
    }

    @Test func everyErrorSaysSomething() {
        let errors: [IndexError] = [
            .dimensionMismatch(expected: 3, got: 4), .raggedVectors(floats: 5, dimension: 2),
            .filterMismatch(expected: 1, got: 2), .invalidParameter(name: "m", value: "0", allowed: "at least 2"),
            .rowOutOfRange(row: 5, count: 5), .unusableVector("v"), .unusableFile("f"), .ioFailed("i"),
            .recallUnreachable(target: 0.9, best: 0.8, effort: 10), .nativeFailure("n"),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(errors[0].description.contains("3") && errors[0].description.contains("4"))
    }
}
