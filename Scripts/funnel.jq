# The component runs of an answer's trace as a table, columns separated by tabs.
def text: if . == null then "–" else tostring end;

(["stage", "component", "in", "out", "removed", "ms", "note"] | @tsv),
(.trace.stages[] | select(.enabled) | [
    .stage,
    .component + (if .round > 0 then " (round \(.round))" else "" end),
    (.input_count | text),
    (.kept_count // .candidate_count // .selected_count | text),
    (.removed_count // .non_selected_count | text),
    ((.latency_ms * 100 | round) / 100 | tostring),
    (.error // (if .timed_out then "late" else "–" end))
] | @tsv),
(["returned", .trace.pipeline, (.trace.requested | text), (.trace.returned | text), "–",
    ((.trace.latency_ms * 100 | round) / 100 | tostring), (.fallback.reason // "–")] | @tsv)
