import Foundation

/// Memory, CPU time and open files of this process, read from `/proc` when they are exposed.
package enum ProcessMetrics {
    /// Registers the `process_*` metrics; where there is no `/proc` they stay without a value.
    package static func register(on registry: MetricRegistry) {
        let started = Date().timeIntervalSince1970
        registry.callback(Metrics.processStart, value: { started })
        registry.callback(Metrics.processResident, read: { statm(field: 1) })
        registry.callback(Metrics.processVirtual, read: { statm(field: 0) })
        registry.callback(Metrics.processCPU, read: { cpuSeconds() })
        registry.callback(Metrics.processOpenFiles, read: { openFiles() })
    }

    /// A field of `/proc/self/statm`, which counts pages.
    private static func statm(field: Int) -> [MetricSample] {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return [] }
        let fields = text.split(separator: " ")
        guard field < fields.count, let pages = Double(fields[field]) else { return [] }
        return [MetricSample(pages * Double(sysconf(Int32(_SC_PAGESIZE))))]
    }

    private static func cpuSeconds() -> [MetricSample] {
        [MetricSample(Double(clock()) / Double(CLOCKS_PER_SEC))]
    }

    private static func openFiles() -> [MetricSample] {
        guard let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") else { return [] }
        return [MetricSample(Double(files.count))]
    }
}
