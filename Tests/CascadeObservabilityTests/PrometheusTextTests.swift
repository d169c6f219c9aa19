import CascadeObservability
import Testing

@Suite("Prometheus text")
struct PrometheusTextTests {
    @Test("the exposition is this text, to the byte")
    func golden() {
        let registry = MetricRegistry()
        let requests = registry.counter(.counter("t_requests_total", "Requests.", labels: ["route", "status"]))
        requests.with("/v1/items", "200").add(3)
        requests.with("/v1/items", "404").add()
        registry.gauge(.gauge("t_items", "Items \\ of\nthe index.")).with().set(12.5)
        let latency = registry.histogram(
            .histogram("t_seconds", "Time.", labels: ["route"], buckets: [0.1, 1])
        ).with("a\"b\\c\nd")
        for value in [0.05, 0.1, 0.5, 7] { latency.observe(value) }
        registry.callback(.gauge("t_age_seconds", "Age."), value: { .infinity })
        registry.callback(.gauge("t_info", "Versions.", labels: ["release"])) {
            [MetricSample(1, labels: ["rel_1"])]
        }
        let expected = #"""
            # HELP t_age_seconds Age.
            # TYPE t_age_seconds gauge
            t_age_seconds +Inf
            # HELP t_info Versions.
            # TYPE t_info gauge
            t_info{release="rel_1"} 1
            # HELP t_items Items \\ of\nthe index.
            # TYPE t_items gauge
            t_items 12.5
            # HELP t_requests_total Requests.
            # TYPE t_requests_total counter
            t_requests_total{route="/v1/items",status="200"} 3
            t_requests_total{route="/v1/items",status="404"} 1
            # HELP t_seconds Time.
            # TYPE t_seconds histogram
            t_seconds_bucket{route="a\"b\\c\nd",le="0.1"} 2
            t_seconds_bucket{route="a\"b\\c\nd",le="1"} 3
            t_seconds_bucket{route="a\"b\\c\nd",le="+Inf"} 4
            t_seconds_sum{route="a\"b\\c\nd"} 7.65
            t_seconds_count{route="a\"b\\c\nd"} 4

            """#
        #expect(registry.text() == expected)
    }

    @Test("a counter never falls and takes no number that would spoil it")
    func counterOnlyGrows() {
        let counter = MetricRegistry().counter(.counter("c_total", "C.")).with()
        for amount in [2, -1, Double.nan, .infinity, 0.5] { counter.add(amount) }
        #expect(counter.value == 2.5)
    }

    @Test("a histogram leaves out what is not finite")
    func histogramFinite() {
        let histogram = MetricRegistry().histogram(.histogram("h", "H.", buckets: [1])).with()
        for value in [0.5, Double.nan, .infinity, 2] { histogram.observe(value) }
        #expect(histogram.count == 2)
        #expect(histogram.sum == 2.5)
    }

    @Test("the same metric is the same family; another kind under its name is not exposed")
    func sameName() {
        let registry = MetricRegistry()
        let metric = Metric.counter("x_total", "X.")
        registry.counter(metric).with().add()
        registry.counter(metric).with().add()
        registry.gauge(.gauge("x_total", "X.")).with().set(99)
        #expect(registry.text() == "# HELP x_total X.\n# TYPE x_total counter\nx_total 2\n")
    }

    @Test("missing label values are empty, further ones dropped")
    func labelCount() {
        let family = MetricRegistry().counter(.counter("y_total", "Y.", labels: ["a", "b"]))
        family.with("1").add()
        family.with("1", "", "3").add()
        #expect(family.with("1", "").value == 2)
    }

    @Test("label values beyond the limit share one series")
    func overflow() {
        let family = MetricRegistry().counter(.counter("z_total", "Z.", labels: ["id"]))
        for index in 0..<(MetricFamily<Counter>.maximumSeries + 50) { family.with("\(index)").add() }
        #expect(family.with("overflow").value == 50)
        #expect(family.with("7").value == 1)
    }

    @Test("no count is lost when many threads count")
    func concurrent() async {
        let registry = MetricRegistry()
        let family = registry.counter(.counter("w_total", "W.", labels: ["k"]))
        let histogram = registry.histogram(.histogram("v", "V.", buckets: [10]))
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for step in 0..<500 {
                        family.with("\(step % 3)").add()
                        histogram.with().observe(Double(task))
                    }
                }
            }
        }
        #expect((0..<3).map { family.with("\($0)").value }.reduce(0, +) == 4000)
        #expect(histogram.with().count == 4000)
        #expect(histogram.with().sum == Double(500 * (0..<8).reduce(0, +)))
    }
}

@Suite("Metric names")
struct MetricNameTests {
    @Test("names and labels are valid, said once, and name no user or item")
    func names() {
        var seen: Set<String> = []
        for metric in Metrics.all {
            #expect(metric.name.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil, "\(metric.name)")
            #expect(seen.insert(metric.name).inserted, "\(metric.name) twice")
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect(!metric.help.isEmpty)
            #expect(
                Set(metric.labels).isDisjoint(with: ["user", "user_id", "item", "item_id", "le"]), "\(metric.name)")
            #expect((metric.kind == .histogram) == !metric.buckets.isEmpty, "\(metric.name)")
            #expect(zip(metric.buckets, metric.buckets.dropFirst()).allSatisfy { $0 < $1 }, "\(metric.name)")
        }
        #expect(seen.count == Metrics.all.count)
    }

    @Test("the process tells its memory and time")
    func process() throws {
        let registry = MetricRegistry()
        ProcessMetrics.register(on: registry)
        let text = registry.text()
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("process_resident_memory_bytes ") })
        #expect(try #require(Double(line.split(separator: " ")[1])) > 1_000_000)
        #expect(text.contains("\nprocess_open_fds "))
        #expect(text.contains("\nprocess_cpu_seconds_total "))
    }
}
