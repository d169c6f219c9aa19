import Testing

@testable import CascadeData

@Suite struct ProgressTextTests {
    private let half = ImportProgress(
        table: "impressions", rows: 1_234_567, inserted: 1, duplicates: 0, rejected: 12, bytesRead: 50, bytesTotal: 100,
        seconds: 10)

    @Test func showsShareRateAndTimeLeft() {
        let line = ProgressText.line(half)
        #expect(line == "import impressions: 50%, 1,234,567 rows, 123,456 rows/s, 12 rejected, 0:10 left")
        let bar = ProgressText.bar(half, width: 120)
        #expect(bar.contains("[====================                    ]"))
        #expect(bar.contains(" 50% "))
    }

    @Test(arguments: 0..<130) func fitsTheWidth(width: Int) {
        #expect(ProgressText.bar(half, width: width).count <= max(0, width))
    }

    @Test func saysNothingThatIsNotKnown() {
        let start = ImportProgress(table: "t")
        #expect(start.secondsLeft == nil)
        #expect(ProgressText.line(start) == "import t: 0%, 0 rows, 0 rows/s")
    }

    @Test func printsALineEveryFewSecondsWithoutATerminal() {
        let lines = TextLog()
        let printer = ProgressPrinter(isTerminal: false) { lines.add($0) }
        for second in stride(from: 0.0, through: 12, by: 0.5) {
            printer.show(ImportProgress(table: "t", rows: Int(second), seconds: second))
        }
        printer.finish()
        #expect(lines.all.count == 3)
        #expect(lines.all.allSatisfy { $0.hasSuffix("\n") && !$0.contains("\u{1B}") })
    }

    @Test func drawsOverTheBarOnATerminal() {
        let lines = TextLog()
        let printer = ProgressPrinter(isTerminal: true) { lines.add($0) }
        printer.show(half)
        printer.finish()
        #expect(lines.all.count == 2)
        #expect(lines.all.allSatisfy { $0.hasPrefix("\r\u{1B}[K") })
    }

    @Test func theReportIsATable() {
        var report = ImportReport(dataset: "d")
        var table = TableReport(table: "log")
        table.rowsRead = 1000
        table.rejected = 3
        table.seconds = 0.5
        table.outcome[.events] = ImportCount(inserted: 20, duplicates: 2)
        report.tables = [table, TableReport(table: "users")]
        report.warnings = ["users.csv: holds no rows"]
        report.seconds = 0.6
        let lines = report.text.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[1].split(separator: " ") == ["log", "1,000", "20", "2", "3", "0.5", "2,000"])
        #expect(lines[3].split(separator: " ") == ["total", "1,000", "20", "2", "3", "0.6", "1,666"])
        #expect(lines[4] == "warning: users.csv: holds no rows")
    }

    @Test func clocks() {
        #expect(ImportNumber.clock(75) == "1:15")
        #expect(ImportNumber.clock(3700) == "1:01:40")
        #expect(ImportNumber.grouped(-1234) == "-1,234")
        #expect(ImportNumber.tenths(12.25) == "12.3")
    }
}
