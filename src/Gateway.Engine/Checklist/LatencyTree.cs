namespace Gateway.Engine;

/// <summary>Trouble-shooting of latency as a decision tree: spread high, calibrated, drifting, dropping out, radio crowded.</summary>
internal static class LatencyTree
{
    // The drift loop corrects 500 ppm at most without being heard (design, promises): beyond it a clock runs away.
    private const double SteadyPpm = 500;

    public static CheckItem Decide(CheckFacts facts)
    {
        if (facts.SpreadMs is not { } spread || facts.Class is not { } measured) return Item(CheckResult.Unknown, "The spread is not measured.", "Calibrate the group.");
        if (measured <= SyncClass.Roomwide) return Item(CheckResult.Pass, $"The spread of {spread:0.#} ms is fine.", "");
        if (facts.Calibrated != true) return Item(CheckResult.Fail, "The spread is high, and the group is not calibrated.", "Calibrate the group.");
        if (facts.DriftPpm is { } drift && Math.Abs(drift) > SteadyPpm) return Item(CheckResult.Fail, $"A speaker's clock is {drift:0} ppm off, more than can be corrected unheard.", "Reconnect that speaker; if it stays, leave it out.");
        return facts.Dropouts.Values.Sum() > 0
            ? Item(CheckResult.Fail, "Speakers drop out, and come back with another latency.", "The radio is crowded: bring adapter and speakers nearer, move Wi-Fi to 5 GHz, spread speakers over adapters.")
            : Item(CheckResult.Fail, "Calibrated, steady, and still apart.", "Calibrate again; a speaker may have reconnected since.");
    }

    private static CheckItem Item(CheckResult result, string text, string remedy) => new(null, "G4", "Latency", result, text, remedy);
}
