import CascadeCore
import CascadePostgres

extension Release {
    /// What tells a release from a training that has not made one.
    static let built: SQL = "manifest_checksum IS NOT NULL"

    static let columns = """
        release_id, state, created_at, activated_at, retrieval_model_id, ranker_model_id, path, manifest_checksum, \
        config, metrics, ef_search, windows, shadow_share
        """

    /// Reads a row of a query for `columns`.
    init(_ row: Row) throws {
        let state: String = try row.decode("state")
        guard let state = ReleaseState(rawValue: state) else {
            throw StorageError.corruptValue(reason: "\"\(state)\" is no state of a release")
        }
        self.init(
            id: try row.decode("release_id"), state: state,
            createdAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)),
            activatedAt: try row.decode("activated_at", as: PostgresTimestamp?.self).map(Timestamp.init),
            retrievalModelID: try row.decode("retrieval_model_id"), rankerModelID: try row.decode("ranker_model_id"),
            path: try row.decode("path"), manifestChecksum: try row.decode("manifest_checksum"),
            configJSON: try row.decode("config"), metricsJSON: try row.decode("metrics"),
            efSearch: try row.decode("ef_search"),
            windows: try row.decode("windows", as: String?.self).map { try WindowedCounters(json: $0) },
            shadowShare: try row.decode("shadow_share", as: Float?.self).map(Double.init))
    }

    /// Inserts the release, or makes it of the training that was announced under its name. Touches no row where there is a release
    /// of the name.
    var insert: SQL {
        get throws {
            let text = try windows?.json
            let windows: SQL = text.map { "\(json: $0)" } ?? "NULL"
            return """
                INSERT INTO releases (release_id, state, created_at, retrieval_model_id, ranker_model_id, path,
                    manifest_checksum, config, metrics, ef_search, windows)
                VALUES (\(id), 'ready', \(createdAt.sql), \(retrievalModelID), \(rankerModelID), \(path),
                    \(manifestChecksum), \(json: configJSON), \(json: metricsJSON), \(efSearch), \(windows))
                ON CONFLICT (release_id) DO UPDATE SET (state, created_at, retrieval_model_id, ranker_model_id, path,
                    manifest_checksum, config, metrics, ef_search, windows, failure)
                    = (excluded.state, excluded.created_at, excluded.retrieval_model_id, excluded.ranker_model_id,
                        excluded.path, excluded.manifest_checksum, excluded.config, excluded.metrics, excluded.ef_search,
                        excluded.windows, NULL)
                    WHERE releases.manifest_checksum IS NULL
                """
        }
    }
}

extension ModelVersion {
    static let columns = """
        model_id, kind, created_at, config, seed, metrics, data_from, data_until, parent_id, checksum, code_version, warm_from
        """

    /// Reads a row of a query for `columns`.
    init(_ row: Row) throws {
        let kind: String = try row.decode("kind")
        guard let kind = ModelKind(rawValue: kind) else {
            throw StorageError.corruptValue(reason: "\"\(kind)\" is no kind of model")
        }
        self.init(
            id: try row.decode("model_id"), kind: kind,
            createdAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)),
            configJSON: try row.decode("config"), seed: UInt64(bitPattern: try row.decode("seed", as: Int64.self)),
            metricsJSON: try row.decode("metrics"),
            dataPeriod: Period(
                from: try row.decode("data_from", as: PostgresTimestamp?.self).map(Timestamp.init),
                until: try row.decode("data_until", as: PostgresTimestamp?.self).map(Timestamp.init)),
            parentID: try row.decode("parent_id"), checksum: try row.decode("checksum"),
            codeVersion: try row.decode("code_version"), warmFrom: try row.decode("warm_from"))
    }

    /// Inserts the version; one of the same identifier and checksum stays as it is. Touches no row when the checksum
    /// of the one that is there differs.
    var insert: SQL {
        """
        INSERT INTO model_versions AS old (model_id, kind, created_at, config, seed, metrics, data_from, data_until,
            parent_id, checksum, code_version, warm_from)
        VALUES (\(id), \(kind.rawValue), \(createdAt.sql), \(json: configJSON), \(Int64(bitPattern: seed)),
            \(json: metricsJSON), \(dataPeriod.from?.sql), \(dataPeriod.until?.sql), \(parentID), \(checksum), \(codeVersion), \(warmFrom))
        ON CONFLICT (model_id) DO UPDATE SET checksum = old.checksum WHERE old.checksum = excluded.checksum
        """
    }
}
