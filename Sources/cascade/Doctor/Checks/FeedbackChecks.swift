import CascadeStorage

/// There is something to learn from.
struct FeedbackCheck: DoctorCheck {
    let name = "feedback"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let (impressions, events) = (context.rows.impressions, context.rows.events)
        let text = "\(impressions) impressions, \(events) events"
        if events == 0 {
            return .warn("\(text): nothing tells what is wanted", "import events, or send them to POST /v1/events")
        }
        if impressions == 0 {
            return .warn(
                "\(text): nothing tells what is not wanted, so releases have no ranker",
                "import impressions, or send them to POST /v1/impressions")
        }
        return .ok(text)
    }
}

/// Feedback is of items that the catalog has.
struct FeedbackItemsCheck: DoctorCheck {
    let name = "feedback_items"
    let needs = DoctorNeed.schema
    var most = 0.2

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let logs = FeedbackShares.worst(context.sample) { $0.unknownItems }
        guard let (text, share) = logs else { return .ok("there is no feedback") }
        guard share > most else { return .ok("\(text) are of items that the catalog does not have") }
        return .warn(
            "\(text) are of items that the catalog does not have",
            "import the items too, and compare identifiers: SELECT item_id FROM events EXCEPT SELECT item_id FROM items LIMIT 10"
        )
    }
}

/// Feedback is of users that are known; those that are not have no attributes.
struct FeedbackUsersCheck: DoctorCheck {
    let name = "feedback_users"
    let needs = DoctorNeed.schema
    var most = 0.5

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        // Without any users they are not used at all, which is no mistake.
        if context.rows.users == 0 { return .ok("there are no users, so models go by feedback alone") }
        guard let (text, share) = FeedbackShares.worst(context.sample, { $0.unknownUsers }) else {
            return .ok("there is no feedback")
        }
        guard share > most else { return .ok("\(text) are of users that are not known") }
        return .warn(
            "\(text) are of users that are not known, and so have no attributes",
            "import the users too, and compare identifiers: SELECT user_id FROM events EXCEPT SELECT user_id FROM users LIMIT 10"
        )
    }
}

/// Nothing happened in the future: a wrong unit or a wrong clock would spoil splits by time and windows.
struct FeedbackTimesCheck: DoctorCheck {
    let name = "feedback_times"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let count = context.sample.impressions.future + context.sample.events.future
        if count == 0 { return .ok("none of the newest rows is from the future") }
        return .warn(
            "\(count) of the newest impressions and events are from the future",
            "correct the clock or the time format of who sends them; SELECT * FROM events WHERE occurred_at > now() LIMIT 10"
        )
    }
}

/// What events say that they answer is there.
struct FeedbackAnswersCheck: DoctorCheck {
    let name = "feedback_answers"
    let needs = DoctorNeed.schema
    var most = 0.1

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let sample = context.sample
        guard sample.answers > 0 else { return .ok("no event names what it answers") }
        let share = Double(sample.unanswered) / Double(sample.answers)
        let text =
            "\(sample.unanswered) of \(sample.answers) events name an impression that is not there "
            + "(\(SizeText.percent(share)))"
        guard share > most else { return .ok(text) }
        return .warn(
            text, "send impressions of what is shown to POST /v1/impressions, with the same identifiers and users")
    }
}

/// Shares of the newest rows of the two logs.
enum FeedbackShares {
    /// The larger of the two shares with its text; nil where there are no rows.
    static func worst(
        _ sample: FeedbackSample, _ count: (FeedbackSample.Log) -> Int
    ) -> (text: String, share: Double)? {
        [("impressions", sample.impressions), ("events", sample.events)].filter { $0.1.rows > 0 }
            .map { name, log in
                let share = Double(count(log)) / Double(log.rows)
                return ("\(SizeText.percent(share)) of the newest \(log.rows) \(name)", share)
            }.max { $0.1 < $1.1 }
    }
}
