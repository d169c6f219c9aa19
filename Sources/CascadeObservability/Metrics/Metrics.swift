/// Every metric that Cascade exposes, in one place; names and labels are part of the operator's interface.
package enum Metrics {
    // HTTP
    package static let httpRequests = Metric.counter(
        "cascade_http_requests_total", "HTTP requests answered.", labels: ["route", "method", "status"])
    package static let httpDuration = Metric.histogram(
        "cascade_http_request_duration_seconds", "Time from the request's head to the end of its answer.",
        labels: ["route"], buckets: Buckets.seconds)
    package static let rateLimited = Metric.counter(
        "cascade_rate_limited_total", "Requests refused because their key asked too often.")

    // Recommending
    package static let stageDuration = Metric.histogram(
        "cascade_stage_duration_seconds", "Time of one run of one component.",
        labels: ["pipeline", "stage", "component"], buckets: Buckets.seconds)
    package static let stageCandidates = Metric.histogram(
        "cascade_stage_candidates", "Candidates that went into a component (in), stayed (kept) or left (removed).",
        labels: ["pipeline", "stage", "component", "kind"], buckets: Buckets.counts)
    package static let stageErrors = Metric.counter(
        "cascade_stage_errors_total", "Component runs that failed, were late or broke their contract.",
        labels: ["stage", "component", "reason"])
    package static let recommendations = Metric.counter(
        "cascade_recommendations_total", "Slates made, by how they turned out.", labels: ["result"])
    package static let rankings = Metric.counter(
        "cascade_rankings_total", "Lists of callers ranked, by how that turned out.", labels: ["result"])
    package static let fallbacks = Metric.counter(
        "cascade_fallback_total", "Slates made by a fallback.", labels: ["reason"])
    package static let underfilled = Metric.counter(
        "cascade_underfilled_total", "Slates shorter than asked for.", labels: ["cause"])
    package static let sourceItemsServed = Metric.counter(
        "cascade_source_items_served_total", "Items served, by the source that brought them.", labels: ["source"])
    package static let filterRemoved = Metric.counter(
        "cascade_filter_removed_total", "Candidates removed by a filter.", labels: ["filter"])
    package static let headScore = Metric.histogram(
        "cascade_head_score", "Probabilities of the ranker's heads for served items; their drift shows trouble.",
        labels: ["head"], buckets: Buckets.probabilities)

    // Index and models
    package static let annRecall = Metric.gauge(
        "cascade_ann_recall_ratio", "Recall of the approximate index against exact search.", labels: ["k"])
    package static let annLiveRecall = Metric.gauge(
        "cascade_ann_live_recall_ratio", "Share of the true nearest items that recent searches of an index found.",
        labels: ["index"])
    package static let annRecallSamples = Metric.counter(
        "cascade_ann_recall_samples_total", "Searches of an index that were compared with exact search.",
        labels: ["index"])
    package static let shadowRequests = Metric.counter(
        "cascade_shadow_requests_total", "Requests for the shadow release: compared, failed or dropped.",
        labels: ["result"])
    package static let shadowOverlap = Metric.histogram(
        "cascade_shadow_overlap_ratio", "Share of a slate that the shadow release would have shown too.",
        buckets: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    package static let shadowDuration = Metric.histogram(
        "cascade_shadow_duration_seconds", "Time that the shadow release took for a slate.", buckets: Buckets.seconds)
    package static let indexDelta = Metric.gauge(
        "cascade_index_delta_items", "Items served that came or changed since the index was built.")
    package static let catalogLag = Metric.gauge(
        "cascade_catalog_lag_seconds", "Time since changes of the catalog were last looked for with success.")
    package static let indexItems = Metric.gauge("cascade_index_items", "Items in the served index.")
    package static let indexAge = Metric.gauge("cascade_index_age_seconds", "Age of the served index.")
    package static let indexBuild = Metric.gauge("cascade_index_build_seconds", "Time the served index took to build.")
    package static let indexTombstones = Metric.gauge(
        "cascade_index_tombstone_ratio", "Share of the index that was hidden, deleted or replaced since it was built.")
    package static let itemParts = Metric.gauge(
        "cascade_ranker_item_parts_bytes",
        "Memory of what the ranker computed of items once for the served release; 0 where requests compute it.")
    package static let modelAge = Metric.gauge("cascade_model_age_seconds", "Age of the served models.")
    package static let modelInfo = Metric.gauge(
        "cascade_model_info", "The served versions; always 1.", labels: ["release", "model", "index"])
    package static let trainDuration = Metric.gauge(
        "cascade_train_duration_seconds", "Time of the last training, by stage.", labels: ["stage"])
    package static let evalMetric = Metric.gauge(
        "cascade_eval_metric", "Offline evaluation of a release.", labels: ["metric", "k", "split", "release"])

    // Data and jobs
    package static let eventsIngested = Metric.counter(
        "cascade_events_ingested_total", "Events received, by type and outcome.", labels: ["type", "result"])
    package static let eventLag = Metric.gauge(
        "cascade_event_lag_seconds", "Time from an event's write until recommendations know it.")
    package static let importRows = Metric.counter(
        "cascade_import_rows_total", "Rows of imports, by kind and outcome.", labels: ["kind", "result"])
    package static let jobs = Metric.gauge("cascade_jobs", "Jobs, by state.", labels: ["state"])

    // Postgres
    package static let poolInUse = Metric.gauge("cascade_db_pool_in_use", "Database connections lent out.")
    package static let poolWaiting = Metric.gauge("cascade_db_pool_waiting", "Callers waiting for a connection.")
    package static let queryDuration = Metric.histogram(
        "cascade_db_query_duration_seconds", "Time of one database query.", labels: ["query"],
        buckets: Buckets.seconds)

    // Process
    package static let processResident = Metric.gauge("process_resident_memory_bytes", "Resident memory.")
    package static let processVirtual = Metric.gauge("process_virtual_memory_bytes", "Virtual memory.")
    package static let processCPU = Metric.counter("process_cpu_seconds_total", "User and system CPU time.")
    package static let processStart = Metric.gauge("process_start_time_seconds", "Start time since 1970.")
    package static let processOpenFiles = Metric.gauge("process_open_fds", "Open file descriptors.")

    /// All of them.
    package static let all: [Metric] = [
        httpRequests, httpDuration, rateLimited, stageDuration, stageCandidates, stageErrors, recommendations,
        rankings, fallbacks, underfilled, sourceItemsServed, filterRemoved, headScore, annRecall, annLiveRecall,
        annRecallSamples, shadowRequests, shadowOverlap, shadowDuration, catalogLag, indexDelta, indexItems, indexAge,
        indexBuild, indexTombstones, itemParts, modelAge, modelInfo, trainDuration, evalMetric, eventsIngested,
        eventLag,
        importRows, jobs, poolInUse, poolWaiting, queryDuration, processResident, processVirtual, processCPU,
        processStart, processOpenFiles,
    ]
}
