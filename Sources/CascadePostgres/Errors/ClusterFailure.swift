/// Why the private Postgres in the data directory, or a program of PostgreSQL's, cannot be used.
package enum ClusterFailure: Equatable, Sendable, CustomStringConvertible {
    case binariesMissing(searched: [String])
    case toolsMissing(version: Int, searched: [String])
    case programMissing(name: String, package: String)
    case versionMismatch(cluster: String, installed: [String])
    case userMissing(name: String)
    case unusableDirectory(path: String, reason: String)
    case locationLost(path: String, rememberedIn: String)
    case toolFailed(tool: String, status: Int32, output: String)
    case notAnswering(socket: String, log: String)
    case inUse

    package var description: String {
        switch self {
        case .binariesMissing(let searched):
            "no PostgreSQL server found in \(searched.joined(separator: ", ")); run `apt-get install postgresql` "
                + "or set database.url to a running server"
        case .toolsMissing(let version, let searched):
            "no pg_dump, pg_restore and psql of PostgreSQL \(version) or newer found in \(searched.joined(separator: ", ")); "
                + "run `apt-get install postgresql-client-\(version)`"
        case .programMissing(let name, let package):
            "no \(name) found in /usr/bin; run `apt-get install \(package)`"
        case .versionMismatch(let cluster, let installed):
            "the data directory belongs to PostgreSQL \(cluster), installed is \(installed.joined(separator: ", ")); "
                + "run `apt-get install postgresql-\(cluster)`"
        case .userMissing(let name):
            "there is no user \(name) to run the server as (it refuses root); run `apt-get install postgresql` "
                + "or start cascade as an ordinary user"
        case .unusableDirectory(let path, let reason):
            "\(path) cannot hold the database: \(reason); choose another data directory"
        case .locationLost(let path, let rememberedIn):
            "the database was in \(path), which is gone; restore it, or remove \(rememberedIn) to start empty"
        case .toolFailed(let tool, let status, let output):
            "\(tool) ended with status \(status): \(output); correct this and start again"
        case .notAnswering(let socket, let log):
            "the private Postgres runs but does not answer at \(socket); stop it and look into \(log)"
        case .inUse: "another cascade process uses the private Postgres; end it first or stop with force"
        }
    }
}
