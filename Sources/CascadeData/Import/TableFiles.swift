import Foundation

/// One file of a table.
struct TableFile {
    let path: String
    /// Relative to the data set's folder; what messages and rejects say.
    let name: String
    /// In stored bytes.
    let size: Int
}

/// Finds the files of a table.
enum TableFiles {
    /// The files that `table` names in `directory`, sorted by name within each pattern.
    static func find(_ table: TableMapping, in directory: URL) throws(DataError) -> [TableFile] {
        var result: [TableFile] = []
        for pattern in table.file.all {
            let found = matches(pattern, in: directory)
            if found.isEmpty, table.optional != true {
                throw missing(pattern, in: directory)
            }
            for name in found where !result.contains(where: { $0.name == name }) {
                let path = directory.appendingPathComponent(name).path
                let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
                result.append(TableFile(path: path, name: name, size: size))
            }
        }
        return result
    }

    /// The path of the file `name`, without patterns; nil where there is none.
    static func path(_ name: String, in directory: URL) -> String? {
        let path = directory.appendingPathComponent(name).path
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue ? path : nil
    }

    /// What to say of a file that is not there.
    static func missing(_ pattern: String, in directory: URL) -> DataError {
        .noFile(pattern: pattern, directory: directory.path, present: names(in: directory.path))
    }

    /// Relative paths of the files that match; a name may lack `.gz` or have it in excess.
    private static func matches(_ pattern: String, in directory: URL) -> [String] {
        let plain = pattern.hasSuffix(".gz") ? String(pattern.dropLast(3)) : pattern
        for candidate in [pattern, plain, plain + ".gz"] {
            let found = expand(candidate.split(separator: "/").map(String.init), below: directory.path, prefix: "")
            if !found.isEmpty { return found.sorted() }
        }
        return []
    }

    private static func expand(_ parts: [String], below folder: String, prefix: String) -> [String] {
        guard let part = parts.first else { return [] }
        let rest = Array(parts.dropFirst())
        // A part without wildcards is taken as it is, so that `..` and folders that cannot be listed work.
        let isWild = part.contains("*") || part.contains("?")
        let entries = isWild ? names(in: folder).filter { matches(Array($0.utf8), Array(part.utf8)) } : [part]
        return entries.flatMap { entry -> [String] in
            let path = folder + "/" + entry
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
            if rest.isEmpty { return isFolder.boolValue ? [] : [prefix + entry] }
            return isFolder.boolValue ? expand(rest, below: path, prefix: prefix + entry + "/") : []
        }
    }

    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// Whether `name` matches `pattern`, where `*` is any text and `?` one byte.
    static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        var at = 0
        var inPattern = 0
        // The last star and where its text ends so far; on a mismatch the star takes one byte more.
        var star: (pattern: Int, name: Int)?
        while at < name.count {
            if inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") {
                star = (inPattern, at)
                inPattern += 1
            } else if inPattern < pattern.count,
                pattern[inPattern] == UInt8(ascii: "?") || pattern[inPattern] == name[at]
            {
                at += 1
                inPattern += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                at = last.name + 1
                inPattern = last.pattern + 1
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
