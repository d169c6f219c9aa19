/// All checks of `cascade doctor`, in the order in which they are made and printed.
enum DoctorChecks {
    static let all: [any DoctorCheck] = [
        ConfigurationCheck(), DataDirectoryCheck(), DiskSpaceCheck(), UnfinishedFoldersCheck(),
        ServerCheck(), DurabilityCheck(), PrivilegesCheck(), ConnectionsCheck(), ClockCheck(),
        TransactionsCheck(), PreparedTransactionsCheck(), MigrationsCheck(), IndexesCheck(),
        CatalogCheck(), HiddenItemsCheck(), FeedbackCheck(), FeedbackItemsCheck(), FeedbackUsersCheck(),
        FeedbackTimesCheck(), FeedbackAnswersCheck(),
        ActiveReleaseCheck(), RankerCheck(), ReleaseFoldersCheck(), FreshnessCheck(), IndexDeltaCheck(),
        CountersCheck(), JobLeasesCheck(), QueuedJobsCheck(), FailedJobsCheck(), SchedulesCheck(),
    ]
}
