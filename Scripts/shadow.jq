# What the shadow release would have shown, over the log lines of a server: jq -rsf Scripts/shadow.jq LOG
def mean: if length == 0 then null else add / length end;
def short: if . == null then "–" else (. * 1000 | round) / 1000 | tostring end;

map(select(.msg == "shadow_compared")) | group_by([.release_id, .shadow_release_id])
| (["shown", "shadow", "requests", "overlap", "same first", "ms", "shadow ms", "fallbacks"] | @tsv),
(.[] | [
    .[0].release_id, .[0].shadow_release_id, length,
    (map(.overlap) | mean | short),
    (map(if .same_first then 1 else 0 end) | mean | short),
    (map(.latency_ms) | mean | short), (map(.shadow_latency_ms) | mean | short),
    (map(select(.shadow_fallback)) | length)
] | @tsv)
