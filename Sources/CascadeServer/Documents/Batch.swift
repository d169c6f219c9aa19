import CascadeCore
import CascadePipeline

/// The elements of a batch as they stand in the body: a list in an object, or one a line.
struct Batch {
    /// The greatest number of items or users of a batch.
    static let catalogRows = 1000

    /// One element; what makes it no JSON is its own failure and not that of the others.
    struct Element {
        /// Its line in the body, from 1, where the body has one element a line.
        let line: Int?
        let pointer: String
        let value: Result<JSONValue, JSONSyntaxError>

        subscript(_ name: String) -> JSONValue? { (try? value.get())?[name] }
    }

    let rows: [Element]
    /// Whether one wrong element refuses all of them.
    private let isAtomic: Bool

    /// Reads the body of `call`: an object whose only member is the list `name`, or lines.
    ///
    /// - Parameter takesAtomic: whether the query may say `atomic`.
    init(of call: Call, _ name: String, maximum: Int, takesAtomic: Bool = false) throws {
        let problems = Problems()
        let query = QueryReader(call.query, problems: problems)
        isAtomic = takesAtomic && query.flag("atomic") ?? false
        query.refuseUnknown()
        if call.mediaType == EndpointBody.lines {
            let lines = Self.lines(of: call.body)
            if !(1...maximum).contains(lines.count) {
                problems.add("", "out_of_range", "must have from 1 to \(maximum) lines, not \(lines.count)")
            }
            // Too many of them are not worth reading.
            rows = lines.prefix(maximum).map { Self.element($0.number, $0.bytes) }
        } else {
            let reader = try call.object(problems)
            let elements = reader.elements(name, required: true, count: 1...maximum) ?? []
            reader.refuseUnknown()
            rows = elements.map { Element(line: nil, pointer: $0.pointer, value: .success($0.value)) }
        }
        try problems.check()
    }

    /// What `read` makes of each element that it finds nothing wrong with, and what became of the others; nothing of an
    /// atomic batch where one of them is wrong.
    ///
    /// - Parameter weight: how many rows an element stands for when it is refused.
    func read<Value>(
        weight: (JSONValue) -> Int = { _ in 1 }, _ read: (JSONValue, String, Problems) -> Value?
    ) -> (values: [Value], outcome: BatchOutcome) {
        var outcome = BatchOutcome()
        var taken: [(value: Value, rows: Int)] = []
        for (index, row) in rows.enumerated() {
            switch row.value {
            case .failure(let error):
                let problem = RequestProblem(pointer: row.pointer, code: "malformed_json", detail: "\(error)")
                outcome.reject(index, line: row.line, [problem])
            case .success(let value):
                let problems = Problems()
                if let found = read(value, row.pointer, problems), problems.isEmpty {
                    taken.append((found, weight(value)))
                } else {
                    outcome.reject(index, line: row.line, rows: weight(value), problems.list)
                }
            }
        }
        guard isAtomic, outcome.rejected > 0 else { return (taken.map(\.value), outcome) }
        outcome.rejectAlong(taken.reduce(0) { $0 + $1.rows })
        return ([], outcome)
    }

    /// The lines that hold anything, with their numbers from 1.
    private static func lines(of body: [UInt8]) -> [(number: Int, bytes: ArraySlice<UInt8>)] {
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return zip(1..., lines).filter { _, line in !line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
            .map { (number: $0, bytes: $1) }
    }

    /// A line as an element; what is wrong with its JSON is told by the place in the body.
    private static func element(_ line: Int, _ bytes: ArraySlice<UInt8>) -> Element {
        do throws(JSONSyntaxError) {
            return Element(line: line, pointer: "", value: .success(try JSONParser.parse(Array(bytes))))
        } catch {
            let error = JSONSyntaxError(line: line, column: error.column, reason: error.reason)
            return Element(line: line, pointer: "", value: .failure(error))
        }
    }
}
