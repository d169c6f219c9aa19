# Similar items as a table, columns separated by tabs.
def places($n): (. * pow(10; $n) | round) / pow(10; $n) | tostring;

(["#", "item", "score", "lists"] | @tsv),
(.items[] | [
    (.position + 1 | tostring),
    .item_id,
    (.score | places(4)),
    ([.sources[] | "\(.name)#\(.rank) \(.score | places(3))"] | join(", "))
] | @tsv)
