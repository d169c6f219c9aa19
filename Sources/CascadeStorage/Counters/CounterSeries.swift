import CascadeCore
import CascadePostgres

/// A counter as the database keeps it: a row of `counter_series`.
struct CounterSeries: Hashable, Sendable {
    /// What tells series apart.
    let definition: String
    private let parts: [String]
    private let widths: [Int64]
    private let spans: [Int64]
    private let signals: [Int]

    /// - Throws: `.invalidValue` for feedback that the database does not know.
    init(_ counter: WindowedCounter, heads: [String], numbers: [String]) throws(StorageError) {
        definition = Self.definition(counter, heads: heads)
        parts = counter.by.map(Self.part)
        widths = counter.over.map(\.width)
        spans = counter.over.map(\.buckets)
        var signals: [Int] = []
        for head in heads {
            guard let number = numbers.firstIndex(of: head) else {
                throw .invalidValue(
                    reason: "feedback \"\(head)\", which a release counts, is not registered here; train a release anew"
                )
            }
            signals.append(number)
        }
        self.signals = signals
    }

    /// The counter with its signals as text. Lengths keep two of them apart whatever their names hold.
    static func definition(_ counter: WindowedCounter, heads: [String]) -> String {
        let names = counter.by.map(part) + counter.over.map(\.text) + heads
        let counts = "\(counter.by.count) \(counter.over.count) \(heads.count)"
        return names.reduce(into: counts) { $0 += " \($1.utf8.count):\($1)" }
    }

    /// All series of what releases count, each once.
    static func all(_ definitions: [WindowedCounters], numbers: [String]) throws(StorageError) -> [CounterSeries] {
        var series: [CounterSeries] = []
        for windows in definitions {
            for counter in windows.counters {
                let made = try CounterSeries(counter, heads: windows.heads, numbers: numbers)
                if !series.contains(where: { $0.definition == made.definition }) { series.append(made) }
            }
        }
        return series
    }

    var insert: SQL {
        """
        INSERT INTO counter_series (definition, parts, widths, spans, first_signal, second_signal)
        VALUES (\(definition), \(parts), \(widths), \(spans), \(Int32(signals[0]))::int2,
            \(signals.count > 1 ? Int32(signals[1]) : nil)::int2)
        """
    }

    /// A property as `counter_token` of the migration reads it.
    private static func part(_ part: CountedPart) -> String {
        guard case .attribute(let name) = part else { return part.text }
        return ":" + name
    }
}
