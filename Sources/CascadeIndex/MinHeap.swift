/// A binary heap with the least element on top.
struct MinHeap<Element: Comparable> {
    private var elements: [Element]

    /// - Complexity: O(elements).
    init(_ elements: [Element]) {
        self.elements = elements
        for place in stride(from: elements.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    var top: Element? { elements.first }

    /// - Complexity: O(log(elements)).
    mutating func insert(_ element: Element) {
        elements.append(element)
        var place = elements.count - 1
        while place > 0, elements[place] < elements[(place - 1) / 2] {
            elements.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// - Complexity: O(log(elements)).
    mutating func removeTop() {
        guard elements.count > 1 else {
            elements.removeAll()
            return
        }
        elements[0] = elements.removeLast()
        sink(0)
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in (2 * place + 1)..<(2 * place + 3) where child < elements.count {
                if elements[child] < elements[least] { least = child }
            }
            if least == place { return }
            elements.swapAt(place, least)
            place = least
        }
    }
}
