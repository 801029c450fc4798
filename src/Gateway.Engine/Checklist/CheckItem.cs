namespace Gateway.Engine;

/// <summary>How an item of the checklist stands.</summary>
public enum CheckResult
{
    Pass,
    Warn,
    Fail,
    Unknown,
}

/// <summary>One item: the device's id (null: the house), the rule, one sentence, one remedy (empty where it passes).</summary>
public sealed record CheckItem(string? Device, string Rule, string Title, CheckResult Result, string Text, string Remedy);

/// <summary>What the checklist looks at beyond the house; null: not known.</summary>
public sealed record CheckFacts
{
    /// <summary>BlueZ's version, such as <c>5.72</c>.</summary>
    public string? BluezVersion { get; init; }

    /// <summary>Known faults of that version, a sentence each; null: not looked up.</summary>
    public IReadOnlyList<string>? BluezFaults { get; init; }

    /// <summary>Whether speakers with idle power-off are kept awake, by speaker id.</summary>
    public IReadOnlyDictionary<string, bool> KeepAwake { get; init; } = new Dictionary<string, bool>();

    /// <summary>Negotiated codecs by speaker id.</summary>
    public IReadOnlyDictionary<string, string> Codecs { get; init; } = new Dictionary<string, string>();

    /// <summary>Drop-outs in the last hour, by device id; the evidence for advice on the Wi-Fi band (G3).</summary>
    public IReadOnlyDictionary<string, int> Dropouts { get; init; } = new Dictionary<string, int>();

    /// <summary>The measured spread of the group that plays, in milliseconds, and its class.</summary>
    public double? SpreadMs { get; init; }
    public SyncClass? Class { get; init; }
    public bool? Calibrated { get; init; }
    public double? DriftPpm { get; init; }
}
