extension OpenAPIDocument {
    /// Jobs, and what is served.
    static let administrationPaths = """
        "/v1/releases/{release_id}/activate":{\(common)
         "post":{"operationId":"activateRelease","summary":"Serve a release once it was found whole; there is no body.",
          \(parameter("ReleaseID", "IdempotencyKey")),"responses":{\(ok("Release")),\(problem)}}},
        "/v1/releases/rollback":{\(common)
         "post":{"operationId":"rollbackRelease","summary":"Serve the release that was active before; there is no body.",
          \(parameter("IdempotencyKey")),"responses":{\(ok("Release")),\(problem)}}},
        "/v1/jobs":{\(common)
         "get":{"operationId":"listJobs","summary":"The jobs, newest first.",\(page(nil, jobState)),
          "responses":{\(ok("JobList")),\(problem)}},
         "post":{"operationId":"postJob","summary":"Queue a job for a worker.",
          \(parameter("IdempotencyKey")),\(body("JobRequest")),
          "responses":{"202":{"description":"Job","headers":{"Location":{"schema":{"type":"string"}}},
           \(content("Job"))},\(problem)}}},
        "/v1/jobs/{job_id}":{\(common)
         "get":{"operationId":"getJob","summary":"One job, with lines of its log where they are asked for.",
          "parameters":[{"$ref":"#/components/parameters/JobID"},
           {"name":"log_limit","in":"query","schema":{"type":"integer","minimum":0,"maximum":1000,"default":0}},
           {"name":"log_after","in":"query","schema":{"type":"integer","minimum":0,"maximum":9223372036854775807,"default":0},
            "description":"The number of the last line that was read."}],
          "responses":{\(ok("Job")),\(problem)}}},
        "/v1/jobs/{job_id}/cancel":{\(common)
         "post":{"operationId":"cancelJob","summary":"Give a job up, also one that runs; there is no body.",
          \(parameter("JobID", "IdempotencyKey")),"responses":{\(ok("Job")),\(problem)}}}
        """

    private static let jobState =
        #"{"name":"state","in":"query","schema":{"enum":["queued","running","succeeded","failed","cancelled"]}}"#

    private static let time = ##"{"$ref":"#/components/schemas/Time"}"##
    private static let text = #"{"type":"string","minLength":1,"maxLength":4096,"pattern":"^[^\\u0000]*$"}"#
    private static let period = #""from":\#(time),"until":\#(time)"#

    /// What a job of one kind is asked for by.
    private static func job(_ kind: String, _ params: String, required: String...) -> String {
        let names = required.map { "\"\($0)\"" }.joined(separator: ",")
        return """
            {"type":"object","additionalProperties":false,"required":["kind"\(required.isEmpty ? "" : #","params""#)],"properties":{
              "kind":{"const":"\(kind)"},
              "params":{"type":"object","additionalProperties":false,"required":[\(names)],"properties":{\(params)}},
              "max_attempts":{"type":["integer","null"],"minimum":1,"maximum":100,"default":3}}}
            """
    }

    static let administrationSchemas = """
        "JobRequest":{"description":"What `cascade jobs add KIND name=value` takes.","oneOf":[
          \(job("import", #""dataset":\#(text),"path":\#(text)"#,
            required: "dataset", "path")),
          \(job("train", period + #","evaluate_until":\#(time),"seed":{"type":"integer","minimum":0}"#
            + #","warm":{"type":"boolean"},"activate":{"type":"boolean"}"#)),
          \(job("index_rebuild", #""activate":{"type":"boolean"}"#)),
          \(job("evaluate", period + #","release":\#(text),"signal":\#(text),"baselines":\#(text)"#))]},
        "Job":{"type":"object","required":["job_id","kind","params","state"],"properties":{
          "job_id":{"type":"string"},"kind":{"enum":["import","train","index_rebuild","evaluate"]},
          "params":{"type":"object","additionalProperties":{"type":"string"}},
          "state":{"enum":["queued","running","succeeded","failed","cancelled"]},
          "schedule_id":{"type":["string","null"]},"created_at":{"$ref":"#/components/schemas/Time"},
          "due_at":{"$ref":"#/components/schemas/Time"},"started_at":{"type":["string","null"],"format":"date-time"},
          "finished_at":{"type":["string","null"],"format":"date-time"},"attempts":{"type":"integer"},
          "max_attempts":{"type":"integer"},"worker":{"type":["string","null"]},"cancel_requested":{"type":"boolean"},
          "progress":{"type":["string","null"]},"error":{"type":["string","null"]},
          "log":{"type":"array","description":"Only with log_limit.","items":{"$ref":"#/components/schemas/JobLine"}}}},
        "JobLine":{"type":"object","properties":{"number":{"type":"integer"},"attempt":{"type":"integer"},
          "at":{"$ref":"#/components/schemas/Time"},"text":{"type":"string"}}},
        "JobList":{"type":"object","required":["data","next_cursor"],"properties":{
          "data":{"type":"array","items":{"$ref":"#/components/schemas/Job"}},
          "next_cursor":{"type":["string","null"]}}},
        "Statistics":{"type":"object","required":["at","database","rows","releases","jobs","counters"],
         "description":"Members that do not apply are left out. Ages and lags are seconds, sizes bytes.","properties":{
          "at":{"$ref":"#/components/schemas/Time"},
          "database":{"type":"object","properties":{"version":{"type":"string"},"bytes":{"type":"integer"},
           "connections":{"type":"integer"},"maximum_connections":{"type":"integer"}}},
          "rows":{"$ref":"#/components/schemas/RowStatistics"},
          "active_release":{"$ref":"#/components/schemas/ReleaseStatistics"},
          "releases":{"type":"object","description":"By state.","additionalProperties":{"type":"object","properties":{
           "count":{"type":"integer"},"bytes":{"type":"integer"}}}},
          "jobs":{"$ref":"#/components/schemas/JobStatistics"},
          "counters":{"type":"object","properties":{"series":{"type":"integer"},"not_folded":{"type":"integer"},
           "folded_until":{"type":"string","format":"date-time"},"lag_seconds":{"type":"number"}}}}},
        "RowStatistics":{"type":"object","properties":{"users":{"type":"integer"},"items":{"type":"integer"},
          "hidden_items":{"type":"integer"},"impressions":{"type":"integer"},"events":{"type":"integer"},
          "estimated":{"type":"array","items":{"type":"string"},"description":"What of these is an estimate."},
          "newest_feedback_at":{"$ref":"#/components/schemas/Time"},
          "newest_feedback_age_seconds":{"type":"number"}}},
        "ReleaseStatistics":{"type":"object","properties":{"id":{"type":"string"},
          "created_at":{"$ref":"#/components/schemas/Time"},"age_seconds":{"type":"number"},
          "activated_at":{"$ref":"#/components/schemas/Time"},"data_until":{"$ref":"#/components/schemas/Time"},
          "feedback_ahead_seconds":{"type":"number"},"items":{"type":"integer"},"catalog_items":{"type":"integer"}}},
        "JobStatistics":{"type":"object","properties":{
          "states":{"type":"object","additionalProperties":{"type":"integer"}},
          "oldest_queued_age_seconds":{"type":"number"},
          "schedules":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},
           "kind":{"type":"string"},"due_at":{"$ref":"#/components/schemas/Time"},"due_after_rows":{"type":"integer"},
           "waiting":{"type":"boolean"}}}},
          "workers":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},
           "job":{"type":"string"},"kind":{"type":"string"},"lease_until":{"$ref":"#/components/schemas/Time"},
           "lapsed":{"type":"boolean"}}}}}}
        """
}
