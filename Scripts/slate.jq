# The slate of an answer as a table, columns separated by tabs.
def places($n): if . == null then "–" else (. * pow(10; $n) | round) / pow(10; $n) | tostring end;

(["#", "item", "score", "title", "probabilities", "sources", "reasons"] | @tsv),
(.items[] | [
    (.position + 1 | tostring),
    .item_id,
    (.score | places(4)),
    (.attributes.title // "–" | .[0:40]),
    ([(.heads // {}) | to_entries[] | "\(.key) \(.value | places(3))"] | join(", ")),
    ([.sources[]? | "\(.name)#\(.rank)"] | join(" ")),
    ((.reasons // []) | join(" "))
] | map(if . == "" then "–" else . end) | @tsv)
